package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

func TestOwn(t *testing.T) {
	const text = `
[[watch.allow]]
mac = "44-19-B6-00-00-09"
reason = "in the lab"
by = "J. Doe"
until = 2027-06-30

[[watch.flag]]
prefix = "40:2c:76:1/28"
reason = "policy"
by = "J. Doe"
until = "2028-02-29"

[[watch.flag]]
maker = "uniview"
reason = "policy"
by = "J. Doe"
until = "2027-06-30"

[[watch.flag]]
maker = "Axis Communications AB"
reason = "policy"
by = "J. Doe"
until = "2020-06-30" # expired, and no mistake
`
	c, err := Parse("camwarden.toml", []byte(text), t.TempDir(), known)
	if err != nil {
		t.Fatal(err)
	}
	one := lan.MAC{0x44, 0x19, 0xb6, 0, 0, 9}
	want := []Own{
		{Range: lan.MACRange{First: lan.MAC{0x40, 0x2c, 0x76, 0x10}, Last: lan.MAC{0x40, 0x2c, 0x76, 0x1f, 0xff, 0xff}}, Reason: "policy", By: "J. Doe", Until: "2028-02-29"},
		{Maker: "uniview", Reason: "policy", By: "J. Doe", Until: "2027-06-30"},
		{Maker: "Axis Communications AB", Reason: "policy", By: "J. Doe", Until: "2020-06-30"},
		{Allow: true, Range: lan.MACRange{First: one, Last: one}, Reason: "in the lab", By: "J. Doe", Until: "2027-06-30"},
	}
	if diff := cmp.Diff(want, c.Watch.Own); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}

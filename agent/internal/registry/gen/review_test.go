package main

import (
	"os"
	"strings"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/registry"
	"github.com/camwarden/camwarden/configs"
)

// TestEverySpellingIsReviewed keeps a registry with a new spelling of a
// reviewed maker from being released before somebody has looked at it.
func TestEverySpellingIsReviewed(t *testing.T) {
	lookalikes, err := os.ReadFile("../../../../configs/lookalikes.toml")
	if err != nil {
		t.Fatal(err)
	}
	if err := review(registry.Embedded(), configs.Watchlists, lookalikes); err != nil {
		t.Error(err)
	}
}

func TestReviewFails(t *testing.T) {
	text, err := os.ReadFile("../../../../configs/lookalikes.toml")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, old, new, want string }{
		{"somebody is not reviewed", `    "Shanghai Dahua Scale Factory",` + "\n", "", `"Shanghai Dahua Scale Factory" holds "dahua": put it into makers.toml`},
		{"without a reason", `reason = "weighing scales, Shanghai"`, "", `["Shanghai Dahua Scale Factory"] without a reason`},
		{"a word is missing", `"dahua", `, "", `"Zhejiang Dahua Technology Co., Ltd." holds none of the words`},
		{"in both", `"ZTEC Instruments, Inc."`, `"zte corporation"`, `"zte corporation" is in makers.toml and in lookalikes.toml`},
		{"nobody is called so", `"ZTEC Instruments, Inc."`, `"ZTEC", "ZTEC Instruments, Inc."`, `"ZTEC" is not in the registry`},
		{"unknown key", `reason = "weighing`, `because = "weighing`, "there is no such key"},
	}
	for _, test := range tests {
		changed := strings.Replace(string(text), test.old, test.new, 1)
		if changed == string(text) {
			t.Fatalf("%s: the file has no %q", test.name, test.old)
		}
		if err := review(registry.Embedded(), configs.Watchlists, []byte(changed)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
	}
}

func TestWord(t *testing.T) {
	l := lookalikes{Words: []string{"huawei", "zte"}}
	for name, want := range map[string]string{
		"HUAWEI TECHNOLOGIES CO.,LTD": "huawei",
		"Shenzhen Hua-Wei Co.":        "huawei",
		"zte corporation":             "zte",
		"Quartz Technology":           "", // a short word counts only in one piece
		"Axis Communications AB":      "",
	} {
		if got := l.word(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

package registry

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const heading = "prefix,bits,registry,organization,source,source_date\n"

func TestCompile(t *testing.T) {
	file := heading + `0001C8,24,MA-L,THOMAS CONRAD CORP.,ieee-csv,2026-06-25
0001C8,24,MA-L,CONRAD CORP.,ieee-csv,2026-06-25
0050C2001,36,IAB,JMBS Developpements,newer,2026-09-23
40D855001,36,IAB,"Sæbø, Ltd",ieee-csv,2026-06-25
70B3D5000,36,MA-S,Ripple Ltd,ieee-csv,2026-06-25
FFFFFE0,28,MA-M,CONRAD CORP.,ieee-csv,2026-06-25
`
	bin, err := Compile([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Parse(bin)
	if err != nil {
		t.Fatal(err)
	}
	if r.Date() != "2026-09-23" {
		t.Errorf("date %s is not that of the newest row", r.Date())
	}
	got := map[string][]string{}
	for _, p := range r.Prefixes(func(string) bool { return true }) {
		a := r.table().lookup(keyOf(p.First))
		got[p.String()] = append([]string{a.Registry}, a.Organizations...)
	}
	want := map[string][]string{
		"00:01:c8/24":      {"MA-L", "THOMAS CONRAD CORP.", "CONRAD CORP."},
		"00:50:c2:00:1/36": {"IAB", "JMBS Developpements"},
		"40:d8:55:00:1/36": {"IAB", "Sæbø, Ltd"},
		"70:b3:d5:00:0/36": {"MA-S", "Ripple Ltd"},
		"ff:ff:fe:0/28":    {"MA-M", "CONRAD CORP."},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestCompileRefuses(t *testing.T) {
	tests := []struct{ name, file, want string }{
		{"empty", "", "heading"},
		{"other heading", "Registry,Assignment\n", "the heading is"},
		{"no row", heading, "no row"},
		{"short row", heading + "0001C8,24\n", "wrong number of fields"},
		{"a CID", heading + "4AC03F,24,MA-L,X,s,2026-06-25\n", "line 2: 4AC03F: the U/L bit is set"},
		{"the CID registry", heading + "08C03F,24,CID,X,s,2026-06-25\n", `registry "CID"`},
		{"wrong registry", heading + "0050C2001,36,MA-S,X,s,2026-06-25\n", "belongs to IAB"},
		{"wrong length", heading + "0001C80,28,MA-M,X,s,2026-06-25\n0001C8,24,MA-L,X,s,2026-06-25\n", "out of order"},
		{"bits and digits differ", heading + "0001C8,28,MA-M,X,s,2026-06-25\n", "28 bits"},
		{"other length", heading + "0001,16,MA-L,X,s,2026-06-25\n", "16 bits: must be"},
		{"lower case", heading + "0001c8,24,MA-L,X,s,2026-06-25\n", "upper-case"},
		{"no hexadecimal", heading + "0001G8,24,MA-L,X,s,2026-06-25\n", "is no prefix"},
		{"no name", heading + "0001C8,24,MA-L,,s,2026-06-25\n", "is empty"},
		{"no text", heading + "0001C8,24,MA-L,\xff,s,2026-06-25\n", "no text"},
		{"no date", heading + "0001C8,24,MA-L,X,s,June\n", `"June" is no date`},
	}
	for _, test := range tests {
		if _, err := Compile([]byte(test.file)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want an error with %q", test.name, err, test.want)
		}
	}
}

func TestCompileGuardsTheNumberOfNames(t *testing.T) {
	c := compiler{index: map[string]uint16{}, rows: rows{names: make([]string, maxNames)}}
	if _, err := c.nameIndex("one more"); err == nil {
		t.Error("an index wrapped round")
	}
}

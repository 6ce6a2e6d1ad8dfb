package capture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

const gapRows = "1.3.6.1.2.1.1.5.0|4|sw\n1.3.6.1.2.1.17.4.3.1.2.1|2|7\n1.3.6.1.2.1.17.4.3.1.3.1|2|3\n"

// TestGaps: what a file says of its gaps ends the walks that fall into them,
// after the rows, and no others.
func TestGaps(t *testing.T) {
	fdb := smi.MustOID("1.3.6.1.2.1.17.4.3.1")
	tests := []struct {
		name, comment               string
		port, status, table, system string // how walking each ends
	}{
		{"none", "# recorded on a Monday", "", "", "", ""},
		{"a column", "# INCOMPLETE: dot1dTpFdbTable (1.3.6.1.2.1.17.4.3.1.2): cut short: genErr", "when it was recorded: cut short: genErr", "", "when it was recorded: cut short: genErr", ""},
		{"a subtree", "# INCOMPLETE: dot1dTpFdbTable, another (1.3.6.1.2.1.17.4): no answer", "when it was recorded: no answer", "when it was recorded: no answer", "when it was recorded: no answer", ""},
		{"redacted", "# INCOMPLETE: dot1dTpFdbTable (1.3.6.1.2.1.17.4.3.1.3)", "", "it was not read to its end when it was recorded", "it was not read to its end when it was recorded", ""},
		{"not asked for", "# not asked for: dot1dTpFdbTable (1.3.6.1.2.1.17.4.3.1)", "it was not asked for when it was recorded", "it was not asked for when it was recorded", "it was not asked for when it was recorded", ""},
		{"everything", "# INCOMPLETE: everything: no answer", "when it was recorded: no answer", "when it was recorded: no answer", "when it was recorded: no answer", "when it was recorded: no answer"},
		{"in words of somebody else", "#INCOMPLETE: see (10.0.0.2)", "when it was recorded: see (10.0.0.2)", "when it was recorded: see (10.0.0.2)", "when it was recorded: see (10.0.0.2)", "when it was recorded: see (10.0.0.2)"},
		{"an object", "# INCOMPLETE: system (1.3.6.1.2.1.1.5.0): no answer", "", "", "", "when it was recorded: no answer"},
		{"as it was written before", "# INCOMPLETE: dot1dTpFdbTable (1.3.6.1.2.1.17.4.3.1) could not be read to its end (2 objects read): genErr",
			"when it was recorded: could not be read to its end (2 objects read): genErr", "when it was recorded: could not be read to its end (2 objects read): genErr", "when it was recorded: could not be read to its end (2 objects read): genErr", ""},
	}
	for _, test := range tests {
		for _, file := range []string{test.comment + "\n" + gapRows, gapRows + test.comment + "\n", "\ufeff" + test.comment + "\n\n" + gapRows} {
			t.Run(test.name, func(t *testing.T) {
				source := (&Capture{Recording: readText(t, file)}).Source("")
				for root, want := range map[string]string{fdb.String() + ".2": test.port, fdb.String() + ".3": test.status, fdb.String(): test.table, "1.3.6.1.2.1.1": test.system} {
					rows := 0
					err := source.Walk(t.Context(), smi.MustOID(root), func(smi.Varbind) error { rows++; return nil })
					if told(err) != want || rows == 0 {
						t.Errorf("walk %s: %d rows, then %v, want %q", root, rows, err, want)
					}
				}
				got, err := source.Get(t.Context(), smi.MustOID("1.3.6.1.2.1.1.5.0"))
				if told(err) != test.system || len(got) != 1 || got[0].Value.String() != "sw" {
					t.Errorf("get: %v, %v, want %q", got, err, test.system)
				}
			})
		}
	}
}

func told(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// The end of a walk that somebody else wants comes before that of a gap.
func TestGapComesLast(t *testing.T) {
	source := (&Capture{Recording: readText(t, "# INCOMPLETE: everything\n"+gapRows)}).Source("")
	enough := errors.New("enough")
	if err := source.Walk(t.Context(), smi.OID{1, 3}, func(smi.Varbind) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := source.Walk(ctx, smi.OID{1, 3}, func(smi.Varbind) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// What Comment writes is what Read finds.
func TestGapComment(t *testing.T) {
	want := []Gap{
		{Root: smi.MustOID("1.3.6.1.2.1.17.4.3.1.2"), Tables: []lan.Table{lan.Dot1dTpFdbTable}, Reason: "cut short: genErr"},
		{Root: smi.MustOID("1.0.8802.1.1.2.1.3"), Tables: []lan.Table{lan.SystemGroup, lan.LLDPLocPortTable}},
		{Root: smi.MustOID("1.3.6.1.4.1.89.108.1.1"), Tables: []lan.Table{lan.MarvellPsePortTable}, NotAsked: true},
		{Root: smi.MustOID("1.3.6.1.2.1.105.1.1.1"), Tables: []lan.Table{lan.PethPsePortTable}, NotAsked: true},
		{Reason: "no answer (10.0.0.2)"},
		{NotAsked: true},
	}
	var comments []string
	for _, g := range want {
		comments = append(comments, g.Comment())
	}
	var file bytes.Buffer
	if err := Write(&file, nil, comments...); err != nil {
		t.Fatal(err)
	}
	// A view that gave nothing at all is one of gaps alone.
	got, err := Read("sw", &file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got.Gaps()); diff != "" || got.Len() != 0 {
		t.Errorf("%d rows; written -, read +\n%s", got.Len(), diff)
	}
}

// The text of snmpwalk has its comments at the top; further down a # is a part
// of what a device said.
func TestGapsOfSnmpwalk(t *testing.T) {
	text := ".1.3.6.1.2.1.1.1.0 = STRING: \"a\n# INCOMPLETE: everything\nb\"\n"
	if got := readText(t, text); len(got.Gaps()) != 0 {
		t.Errorf("got %v", got.Gaps())
	}
	if got := readText(t, "# INCOMPLETE: everything\n"+text); len(got.Gaps()) != 1 || got.Len() != 1 {
		t.Errorf("got %v", got.Gaps())
	}
}

func TestTooManyGaps(t *testing.T) {
	_, err := Read("sw", strings.NewReader(strings.Repeat("# INCOMPLETE: everything\n", mostGaps+1)+gapRows))
	if want := fmt.Sprintf("read capture sw: line %d: more than %d comments that speak of gaps", mostGaps+1, mostGaps); told(err) != want {
		t.Errorf("got %v", err)
	}
}

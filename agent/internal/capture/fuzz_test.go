package capture

import (
	"bytes"
	"strings"
	"testing"
)

func FuzzSnmprec(f *testing.F) {
	for _, seed := range []string{
		"1.3.6.1.2.1.1.5.0|4|core-1\n1.3.6.1.2.1.1.3.0|67|12\n",
		"1.3|4x|00ff\n1.3|64|10.0.0.1\n1.2|70|18446744073709551615",
		"# INCOMPLETE: ifTable (1.3.6): cut short\n# not asked for: a, b (1.2)\n#INCOMPLETE: (1.3\n1.3|2|1\n",
		"1.3|4:writecache|x\n", "1.3|2|-1\r\n#\n1|5|\n1.4|6|\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) { checkReadable(t, append([]byte("1.1|2|1\n"), file...)) })
}

func FuzzSnmpwalk(f *testing.F) {
	for _, seed := range []string{
		".1.3.6.1.2.1.1.5.0 = STRING: \"a\nb \\\" c\"\n.1.3.6.1.2.1.1.3.0 = Timeticks: (12) 0:00:00.12\n",
		".1.3 = Hex-STRING: 00 01 \n02 03\n.1.4 = BITS: 28 bridge(2)\n", ".1.3 = STRING: a\nb\n.1.4 = \"\"\n",
		".1.3 = Wrong Type (should be INTEGER): Gauge32: 1\n", "iso.3 = OID: iso.3.6\n", "Timeout: \n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) { checkReadable(t, append([]byte(".1.1 = INTEGER: 1\n"), file...)) })
}

// checkReadable reads a file in which the first row is good. What can be read
// must hold that row, be in order, and come back from a file of ours; what
// cannot must say where.
func checkReadable(t *testing.T, file []byte) {
	recording, err := read("fuzzed", bytes.NewReader(file), limits{bytes: 1 << 20, rows: 10_000, line: 1 << 16, errors: 20})
	if err != nil {
		if recording != nil || !strings.Contains(err.Error(), "line ") {
			t.Errorf("got %v and error %q", recording, err)
		}
		return
	}
	first, ok := recording.Next(nil)
	for last := first; ok; {
		var next = last
		if next, ok = recording.Next(last.Name); ok && next.Name.Compare(last.Name) <= 0 {
			t.Fatalf("%s comes after %s", next.Name, last.Name)
		}
		last = next
	}
	if recording.Len() == 0 {
		t.Fatal("the first row is lost")
	}
	checkRoundTrip(t, recording)
	for _, gap := range recording.Gaps() {
		if again, ok := parseGap([]byte("# " + gap.Comment())); !ok || len(again.Root) > 0 && again.Root.Compare(gap.Root) != 0 {
			t.Errorf("%+v becomes %+v", gap, again)
		}
	}
}

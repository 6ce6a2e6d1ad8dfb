package capture

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

func packed(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestReadForms(t *testing.T) {
	tests := []struct{ name, text string }{
		{"snmprec", "1.3.6.1|4|a = b\n"},
		{"snmpwalk", ".1.3.6.1 = STRING: \"a = b\"\n"},
		{"no final newline", "1.3.6.1|4|a = b"},
		{"CRLF", "1.3.6.1|4|a = b\r\n"},
		{"byte order mark", "\ufeff1.3.6.1|4|a = b\n"},
		{"comments and blank lines", "# recorded\n\n \n1.3.6.1|4|a = b\n# end\n"},
		{"gzip", packed(t, "1.3.6.1|4|a = b\n")},
		{"gzip in two members", packed(t, "1.3.6.1|4|a ") + packed(t, "= b\n")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			recording, err := Read("sw1", iotest.OneByteReader(strings.NewReader(test.text)))
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := recording.Get(smi.OID{1, 3, 6, 1}); recording.Len() != 1 || got.String() != "a = b" {
				t.Errorf("got %d rows and %q, want 1 and %q", recording.Len(), got, "a = b")
			}
		})
	}
	t.Run("bars in a walk", func(t *testing.T) {
		recording := readText(t, ".1.3.6.1 = STRING: \"a|b|c\"\n")
		if got, _ := recording.Get(smi.OID{1, 3, 6, 1}); got.String() != "a|b|c" {
			t.Errorf("got %q", got)
		}
	})
}

func TestReadRefuses(t *testing.T) {
	small := limits{bytes: 100, rows: 3, line: 40, errors: 2}
	row := "1.3.6.%d|2|1\n"
	tests := []struct {
		name string
		in   io.Reader
		want string
	}{
		{"nothing", strings.NewReader(""), "there is no row in it"},
		{"comments alone", strings.NewReader("# a\n\n"), "there is no row in it"},
		{"another text", strings.NewReader("hello\n1.3|2|1\n"), "line 1: expected oid|tag|value or the text of snmpwalk -On"},
		{"UTF-16", strings.NewReader("\xff\xfe.\x001\x00"), "line 1: the text is UTF-16"},
		{"long line", strings.NewReader("1.3.6.1|2|1\n1.3.6.2|4|" + strings.Repeat("a", 50)), "line 2: longer than 40 bytes"},
		{"long file", strings.NewReader(strings.Repeat("#\n", 51)), "longer than 100 bytes"},
		{"long packed file", strings.NewReader(packed(t, strings.Repeat("#\n", 5000))), "longer than 100 bytes"},
		{"many rows", strings.NewReader(fmt.Sprintf(strings.Repeat(row, 4), 1, 2, 3, 4)), "line 4: more than 3 rows"},
		{"truncated gzip", strings.NewReader(packed(t, "1.3.6.1|2|1\n")[:20]), "unexpected EOF"},
		{"no gzip", strings.NewReader("\x1f\x8bhello hello"), "unpack: "},
		{"broken file", iotest.ErrReader(errors.New("disk error")), "disk error"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			recording, err := read("sw1", test.in, small)
			if recording != nil || err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, error %q, want an error with %q", recording, err, test.want)
			}
		})
	}
	t.Run("at the limits", func(t *testing.T) {
		text := fmt.Sprintf(strings.Repeat(row, 3), 1, 2, 3)
		text += strings.Repeat("#\n", (100-len(text))/2)
		if _, err := read("sw1", strings.NewReader(text), small); err != nil {
			t.Error(err)
		}
	})
}

// All bad lines of a file are told at once, up to a limit, and none of them
// hides what is wrong with the end of the file.
func TestReadCollectsErrors(t *testing.T) {
	_, err := Read("sw1", strings.NewReader("1.3.6.1|2|1\n"+strings.Repeat("1.3|2|x\n", 25)))
	if err == nil {
		t.Fatal("no error")
	}
	lines := strings.Split(err.Error(), "\n")
	first, last := "read capture sw1: line 2: ", "read capture sw1: 5 more such lines"
	if len(lines) != 21 || !strings.HasPrefix(lines[0], first) || lines[20] != last {
		t.Errorf("got %d lines, first %q, last %q; want 21, %q and %q", len(lines), lines[0], lines[len(lines)-1], first, last)
	}

	_, err = Read("sw1", strings.NewReader("1.3|2|x\n"+strings.Repeat("a", 2<<20)))
	if err == nil || !strings.Contains(err.Error(), "line 1: ") || !strings.Contains(err.Error(), "line 2: longer") {
		t.Errorf("got %q, want an error of both lines", err)
	}
}

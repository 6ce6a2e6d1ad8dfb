package capture

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

func TestWrite(t *testing.T) {
	rows := []smi.Varbind{
		{Name: smi.OID{1, 9}, Value: text("Gi0/1 | up")},
		{Name: smi.OID{1, 10}, Value: text(" led by a space")},
		{Name: smi.OID{1, 11}, Value: text("\x1b[31m")},
		{Name: smi.OID{1, 2}, Value: number(smi.Integer, -1)},
		{Name: smi.OID{1, 2}, Value: number(smi.Integer, 5)},
		{Name: smi.OID{1, 3}, Value: smi.Value{}},
		{Name: smi.OID{1, 4}, Value: smi.Value{Kind: smi.ObjectIdentifier, OID: smi.OID{1, 3}}},
		{Name: smi.OID{1, 5}, Value: smi.Value{Kind: smi.IPAddress, Bytes: []byte{10, 0, 0, 1}}},
		{Name: smi.OID{1, 6}, Value: number(smi.Counter32, 1)},
		{Name: smi.OID{1, 6, 1}, Value: number(smi.Gauge32, 2)},
		{Name: smi.OID{1, 6, 2}, Value: number(smi.TimeTicks, 3)},
		{Name: smi.OID{1, 6, 3}, Value: smi.Value{Kind: smi.Opaque, Bytes: []byte("f")}},
		{Name: smi.OID{1, 6, 4}, Value: smi.Value{Kind: smi.Counter64, Num: 1 << 63}},
		{Name: smi.OID{1, 7}, Value: text("")},
	}
	const want = `1.2|2|-1
1.3|5|
1.4|6|1.3
1.5|64|10.0.0.1
1.6|65|1
1.6.1|66|2
1.6.2|67|3
1.6.3|68x|66
1.6.4|70|9223372036854775808
1.7|4|
1.9|4|Gi0/1 | up
1.10|4x|206c65642062792061207370616365
1.11|4x|1b5b33316d
`
	var got bytes.Buffer
	if err := Write(&got, rows); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
	checkRoundTrip(t, New(rows))
}

// checkRoundTrip writes a recording and holds what is read back against it.
func checkRoundTrip(t *testing.T, r *Recording) {
	t.Helper()
	rows := slices.DeleteFunc(slices.Collect(r.All()), func(row smi.Varbind) bool { return Secret(row.Name) })
	if len(rows) == 0 {
		return
	}
	var file bytes.Buffer
	if err := Write(&file, rows); err != nil {
		t.Fatal(err)
	}
	again, err := Read("again", &file)
	if err != nil {
		t.Fatal(err)
	}
	same := cmp.Comparer(func(a, b []byte) bool { return bytes.Equal(a, b) })
	if diff := cmp.Diff(rows, slices.Collect(again.All()), same); diff != "" {
		t.Errorf("difference (-written +read):\n%s", diff)
	}
}

// What may hold a secret is not written, and comments stand at the top, each
// in its line whatever it holds.
func TestWriteSecretsAndComments(t *testing.T) {
	rows := []smi.Varbind{
		{Name: smi.MustOID("1.3.6.1.2.1.47.1.2.1.1.3.1"), Value: text("kept")},
		{Name: smi.MustOID("1.3.6.1.2.1.47.1.2.1.1.4.1"), Value: text("private")},
		{Name: smi.MustOID("1.3.6.1.6.3.18.1.1.1.2.1"), Value: text("private")},
	}
	var got bytes.Buffer
	if err := Write(&got, rows, "INCOMPLETE: a\n1.3|4|b", "two"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("# INCOMPLETE: a 1.3|4|b\n# two\n1.3.6.1.2.1.47.1.2.1.1.3.1|4|kept\n", got.String()); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
	if recording, err := Read("commented", &got); err != nil || recording.Len() != 1 {
		t.Errorf("read again: %v", err)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestWriteErrors(t *testing.T) {
	err := Write(fullDisk{}, numbered(1))
	if err == nil || err.Error() != "write capture: no space left" {
		t.Errorf("got %v", err)
	}
	for want, value := range map[string]smi.Value{
		"write capture: 1.3: endOfMibView is no value":             {Kind: smi.EndOfMibView},
		"write capture: 1.3: an IpAddress of 3 octets is no value": {Kind: smi.IPAddress, Bytes: []byte{10, 0, 0}},
	} {
		err := Write(&bytes.Buffer{}, []smi.Varbind{{Name: smi.OID{1, 3}, Value: value}})
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

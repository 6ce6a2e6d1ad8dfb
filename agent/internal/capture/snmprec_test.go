package capture

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

// readText reads a text that must be readable.
func readText(t *testing.T, text string) *Recording {
	t.Helper()
	recording, err := Read("sw1", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return recording
}

func TestSnmprecValues(t *testing.T) {
	tests := []struct {
		row  string
		want smi.Value
	}{
		{"2|-5", smi.Value{Kind: smi.Integer, Num: ^uint64(4)}},
		{"2|-2147483648", smi.Value{Kind: smi.Integer, Num: 0xffffffff80000000}},
		{"4|a|b | ", smi.Value{Kind: smi.OctetString, Bytes: []byte("a|b | ")}},
		{"4|", smi.Value{Kind: smi.OctetString}},
		{"4x|00ffA0", smi.Value{Kind: smi.OctetString, Bytes: []byte{0, 255, 160}}},
		{"5|", smi.Value{}},
		{"6|1.3.6.4294967295", smi.Value{Kind: smi.ObjectIdentifier, OID: smi.OID{1, 3, 6, 4294967295}}},
		{"6|.1.3", smi.Value{Kind: smi.ObjectIdentifier, OID: smi.OID{1, 3}}},
		{"6|", smi.Value{Kind: smi.ObjectIdentifier}},
		{"64|10.0.0.255", smi.Value{Kind: smi.IPAddress, Bytes: []byte{10, 0, 0, 255}}},
		{"64x|0a0000ff", smi.Value{Kind: smi.IPAddress, Bytes: []byte{10, 0, 0, 255}}},
		{"65|4294967295", smi.Value{Kind: smi.Counter32, Num: 4294967295}},
		{"66|7 ", smi.Value{Kind: smi.Gauge32, Num: 7}},
		{"67|43303292", smi.Value{Kind: smi.TimeTicks, Num: 43303292}},
		{"68|text", smi.Value{Kind: smi.Opaque, Bytes: []byte("text")}},
		{"68x|9f78", smi.Value{Kind: smi.Opaque, Bytes: []byte{0x9f, 0x78}}},
		{"70|18446744073709551615", smi.Value{Kind: smi.Counter64, Num: 18446744073709551615}},
	}
	for _, test := range tests {
		t.Run(test.row, func(t *testing.T) {
			got, ok := readText(t, "1.3.6.1|"+test.row+"\n").Get(smi.OID{1, 3, 6, 1})
			if diff := cmp.Diff(test.want, got); !ok || diff != "" {
				t.Errorf("found %t, difference (-want +got):\n%s", ok, diff)
			}
		})
	}
}

func TestSnmprecErrors(t *testing.T) {
	tests := []struct{ row, want string }{
		{"1.3.6.1", "expected oid|tag|value"},
		{"1.3.6.1|2", "expected oid|tag|value"},
		{"1.3..6|2|1", "object identifier"},
		{"1.3.|2|1", "object identifier"},
		{"|2|1", "object identifier"},
		{"1.3.4294967296|2|1", "object identifier"},
		{"1" + strings.Repeat(".1", 128) + "|2|1", "at most 128"},
		{"1.3|4:writecache|x", "variation module"},
		{"1.3|2x|01", "expected one of the tags"},
		{"1.3|3|x", "expected one of the tags"},
		{"1.3||x", "expected one of the tags"},
		{"1.3|2|2147483648", "INTEGER from -2147483648 to 2147483647"},
		{"1.3|2|up(1)", "INTEGER"},
		{"1.3|65|-1", "Counter32 from 0 to 4294967295"},
		{"1.3|66|4294967296", "Gauge32"},
		{"1.3|70|18446744073709551616", "Counter64"},
		{"1.3|4x|0", "hexadecimal"},
		{"1.3|4x|0g", "hexadecimal"},
		{"1.3|64|10.0.0", "IPv4"},
		{"1.3|64|::1", "IPv4"},
		{"1.3|64x|0a0000", "four octets"},
		{"1.3|6|1.x", "object identifier"},
		{"1.3|5|0", "nothing after the tag 5"},
		{"1.3|4|" + strings.Repeat("a", 65536), "at most 65535 octets"},
	}
	for _, test := range tests {
		t.Run(excerpt([]byte(test.row)), func(t *testing.T) {
			_, err := Read("sw1", strings.NewReader("1.2|2|1\n"+test.row+"\n"))
			if err == nil || !strings.HasPrefix(err.Error(), "read capture sw1: line 2: ") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %q, want one of line 2 with %q", err, test.want)
			}
		})
	}
}

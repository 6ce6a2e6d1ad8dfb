package capture

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

func text(s string) smi.Value { return smi.Value{Kind: smi.OctetString, Bytes: []byte(s)} }

func number(kind smi.Kind, n int64) smi.Value { return smi.Value{Kind: kind, Num: uint64(n)} }

func TestSnmpwalkValues(t *testing.T) {
	tests := []struct {
		name, value string
		want        smi.Value
	}{
		{"quoted", `STRING: "core-1"`, text("core-1")},
		{"empty", `""`, smi.Value{Kind: smi.OctetString}},
		{"escapes", `STRING: "a \"b\" \\ c"`, text(`a "b" \ c`)},
		{"other backslash", `STRING: "C:\x"`, text(`C:\x`)},
		{"several lines", "STRING: \"IOS\r\nversion = 12 \n\n# not a comment\nend\"", text("IOS\nversion = 12 \n\n# not a comment\nend")},
		{"row inside a quotation", "STRING: \"a\n.1.3.6.9 = INTEGER: 1\n\"", text("a\n.1.3.6.9 = INTEGER: 1\n")},
		{"display hint", "STRING: eth0", text("eth0")},
		{"display hint, several lines", "STRING: IOS\nversion 12", text("IOS\nversion 12")},
		{"address with a display hint", "STRING: 0:1b:21:3:4:5", text("0:1b:21:3:4:5")},
		{"nothing", "STRING: ", smi.Value{Kind: smi.OctetString}},
		{"octets", "Hex-STRING: 00 1B 21 03 04 05 ", text("\x00\x1b\x21\x03\x04\x05")},
		{"octets over lines", "Hex-STRING: 00 01 \n02 ff\n03", text("\x00\x01\x02\xff\x03")},
		{"number", "INTEGER: 6", number(smi.Integer, 6)},
		{"negative", "INTEGER: -6", number(smi.Integer, -6)},
		{"enumerated", "INTEGER: up(1)", number(smi.Integer, 1)},
		{"units", "INTEGER: 10 seconds (SI)", number(smi.Integer, 10)},
		{"decimal point of a display hint", "INTEGER: 12.34", number(smi.Integer, 1234)},
		{"counter", "Counter32: 4294967295", number(smi.Counter32, 4294967295)},
		{"long counter", "Counter64: 18446744073709551615", smi.Value{Kind: smi.Counter64, Num: 1<<64 - 1}},
		{"gauge", "Gauge32: 1000 Mbps", number(smi.Gauge32, 1000)},
		{"time ticks", "Timeticks: (43303292) 5 days, 0:17:12.92", number(smi.TimeTicks, 43303292)},
		{"wrong type", "Wrong Type (should be Gauge32 or Unsigned32): INTEGER: 4", number(smi.Integer, 4)},
		{"IP address", "IpAddress: 10.0.0.1", smi.Value{Kind: smi.IPAddress, Bytes: []byte{10, 0, 0, 1}}},
		{"network address", "Network Address: 0A:00:00:01", smi.Value{Kind: smi.IPAddress, Bytes: []byte{10, 0, 0, 1}}},
		{"identifier", "OID: .1.3.6.1.4.1.9", smi.Value{Kind: smi.ObjectIdentifier, OID: smi.OID{1, 3, 6, 1, 4, 1, 9}}},
		{"identifier from iso", "OID: iso.3.6", smi.Value{Kind: smi.ObjectIdentifier, OID: smi.OID{1, 3, 6}}},
		{"no identifier", "OID: .0.0", smi.Value{Kind: smi.ObjectIdentifier, OID: smi.OID{0, 0}}},
		{"bits by name", "BITS: 28 00 bridge(2) router(4) ", text("\x28\x00")},
		{"bits by number", "BITS: 28 00 2 4 ", text("\x28\x00")},
		{"no bits", "BITS: 00 ", text("\x00")},
		{"opaque", "Opaque: Float: 0.120000", smi.Value{Kind: smi.Opaque, Bytes: []byte("Float: 0.120000")}},
		{"null", "NULL", smi.Value{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			recording := readText(t, ".1.3.6.1 = "+test.value+"\n\n# next\n.1.3.6.2 = INTEGER: 7\n")
			want := []smi.Varbind{
				{Name: smi.OID{1, 3, 6, 1}, Value: test.want},
				{Name: smi.OID{1, 3, 6, 2}, Value: number(smi.Integer, 7)},
			}
			if diff := cmp.Diff(want, slices.Collect(recording.All())); diff != "" {
				t.Errorf("difference (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSnmpwalkSkipsWhatIsNotThere(t *testing.T) {
	recording := readText(t, `iso.3.6.1 = STRING: eth0
.1.3.6.2 = No Such Object available on this agent at this OID
.1.3.6.3 = No Such Instance currently exists at this OID
.1.3.6.4 = No more variables left in this MIB View (It is past the end of the MIB tree)
.1.3.6.1 = STRING: again
End of MIB
`)
	if got, _ := recording.Get(smi.OID{1, 3, 6, 1}); recording.Len() != 1 || got.String() != "eth0" {
		t.Errorf("got %d rows, the first %q", recording.Len(), got)
	}
}

func TestSnmpwalkErrors(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"names", "SNMPv2-MIB::sysName.0 = STRING: a", "line 1: \"SNMPv2-MIB::sysName.0\" is a name in place of numbers: record with snmpwalk -On"},
		{"named value", ".1.3 = OID: SNMPv2-SMI::enterprises.9", "line 1: \"SNMPv2-SMI::enterprises.9\" is a name"},
		{"stray line", ".1.3 = INTEGER: 1\nhello\n", "line 2: expected .1.3.6… = TYPE: value"},
		{"timeout", ".1.3 = STRING: a\nTimeout: No Response from 10.0.0.2\n", "line 2: the recording broke off"},
		{"loop", ".1.3 = STRING: a\nError: OID not increasing: .1.3\n >= .1.3\n", "line 2: the recording broke off"},
		{"open quotation", ".1.3 = INTEGER: 1\n.1.4 = STRING: \"a\n\nb", "line 2: expected a closing quotation mark"},
		{"lost quotation mark", ".1.3 = STRING: \"a\n.1.4 = STRING: \"b\"", "line 1: expected nothing after the closing quotation mark"},
		{"endless quotation", ".1.3 = STRING: \"" + strings.Repeat("a\n", 40000), "line 1: expected a closing"},
		{"bad octets", ".1.3 = Hex-STRING: 0 1B", "line 1: expected octets in hexadecimal"},
		{"bad octets further on", ".1.3 = Hex-STRING: 00 \n1B what", "line 1: expected octets in hexadecimal"},
		{"no type", ".1.3 = 5", "line 1: expected a type"},
		{"unknown type", ".1.3 = Blob: 5", "line 1: expected a type that snmpwalk prints"},
		{"bad number", ".1.3 = INTEGER: up", "line 1: expected an INTEGER"},
		{"bad address", ".1.3 = IpAddress: 10.0.0", "line 1: expected an IPv4 address"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			recording, err := Read("sw1", strings.NewReader(test.text))
			if recording != nil || err == nil || !strings.Contains(err.Error(), "read capture sw1: "+test.want) {
				t.Errorf("got %v, error %q, want an error with %q", recording, err, test.want)
			}
		})
	}
}

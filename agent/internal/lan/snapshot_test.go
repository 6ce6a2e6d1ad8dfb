package lan

import (
	"net/netip"
	"slices"
	"testing"
)

func TestParseLLDPCapabilities(t *testing.T) {
	tests := []struct {
		name   string
		octets []byte
		want   LLDPCapabilities
	}{
		{"none", nil, 0},
		{"other(0) alone", []byte{0x80}, 0},
		{"repeater(1)", []byte{0x40}, LLDPRepeater},
		{"a switch", []byte{0x20, 0}, LLDPBridge},
		{"a router that bridges", []byte{0x28, 0}, LLDPBridge | LLDPRouter},
		{"an access point", []byte{0x10}, LLDPAccessPoint},
		{"a telephone that bridges", []byte{0x24}, LLDPBridge | LLDPTelephone},
		{"a modem", []byte{0x02}, LLDPDocsis},
		{"a station", []byte{0x01}, LLDPStation},
		{"bits of the second octet", []byte{0x00, 0xff}, 0},
		{"TP-Link JetStream writes words", []byte("Bridge Router "), LLDPBridge | LLDPRouter},
		{"the bits as they are printed", []byte("28 00 2 4"), LLDPBridge | LLDPRouter},
		{"the bits as they are printed, in one octet", []byte("20 2"), LLDPBridge},
	}
	for _, test := range tests {
		if got := ParseLLDPCapabilities(test.octets); got != test.want {
			t.Errorf("%s: got %b, want %b", test.name, got, test.want)
		}
	}
	if both := LLDPBridge | LLDPRouter; !both.Has(LLDPRouter|LLDPStation) || both.Has(LLDPStation) {
		t.Error("Has tells something else than whether any is there")
	}
}

// What a finding names as evidence is the object that was read.
func TestObjects(t *testing.T) {
	mac := MAC{0x14, 0xa7, 0x8b, 0xb6, 0xd3, 0x41}
	tests := []struct {
		name  string
		entry interface {
			Object() string
			Value() string
		}
		object, value string
	}{
		{"dot1dTpFdbPort", &FDBEntry{Table: Dot1dTpFdbTable, MAC: mac, Port: 16, FDBID: 20}, "1.3.6.1.2.1.17.4.3.1.2.20.167.139.182.211.65", "16"},
		{"dot1qTpFdbPort", &FDBEntry{Table: Dot1qTpFdbTable, MAC: mac, Port: 16, FDBID: 20}, "1.3.6.1.2.1.17.7.1.2.2.1.2.20.20.167.139.182.211.65", "16"},
		{"dot1qTpFdbPort by another index", &FDBEntry{Table: Dot1qTpFdbTable, MAC: mac, Port: 16, FDBID: 20, Index: "7"}, "1.3.6.1.2.1.17.7.1.2.2.1.2.7", "16"},
		{"ipNetToMediaPhysAddress", &ARPEntry{Table: IPNetToMediaTable, MAC: mac, Index: "5.10.0.0.9"}, "1.3.6.1.2.1.4.22.1.2.5.10.0.0.9", "14:a7:8b:b6:d3:41"},
		{"ipNetToPhysicalPhysAddress", &ARPEntry{Table: IPNetToPhysicalTable, MAC: mac, Index: "5.1.4.10.0.0.9"}, "1.3.6.1.2.1.4.35.1.4.5.1.4.10.0.0.9", "14:a7:8b:b6:d3:41"},
		{"atPhysAddress", &ARPEntry{Table: ATTable, MAC: mac, Index: "5.1.10.0.0.9"}, "1.3.6.1.2.1.3.1.1.2.5.1.10.0.0.9", "14:a7:8b:b6:d3:41"},
		{"this host's neighbours", &ARPEntry{Table: Neighbours, MAC: mac, IP: netip.MustParseAddr("10.0.0.9")}, "10.0.0.9", "14:a7:8b:b6:d3:41"},
		{"lldpRemChassisId", &LLDPNeighbor{Index: "0.16.1", Chassis: LLDPID{Text: "sw00"}}, "1.0.8802.1.1.2.1.4.1.1.5.0.16.1", "sw00"},
		{"lldpV2RemChassisId", &LLDPNeighbor{Table: LLDPV2RemTable, Index: "0.17.1.1", Chassis: LLDPID{Text: "fw"}}, "1.3.111.2.802.1.1.13.1.4.1.1.6.0.17.1.1", "fw"},
		{"cdpCacheDeviceId", &LLDPNeighbor{Table: CDPCacheTable, Index: "14.2", Chassis: LLDPID{Text: "sw"}}, "1.3.6.1.4.1.9.9.23.1.2.1.1.6.14.2", "sw"},
		{"mtxrNeighborMacAddress", &LLDPNeighbor{Table: MtxrNeighborTable, Index: "8", Chassis: LLDPID{Text: "ap"}}, "1.3.6.1.4.1.14988.1.1.11.1.1.3.8", "ap"},
		{"TP-Link's chassis id", &LLDPNeighbor{Table: LLDPNeighborInfoTable, Index: "49167.1", Chassis: LLDPID{Text: "ap"}}, "1.3.6.1.4.1.11863.6.35.1.2.2.1.4.49167.1", "ap"},
		{"hwDynFdbPort", &FDBEntry{Table: HwDynFdbTable, MAC: mac, Port: 11, Index: "20.167.139.182.211.65.211.1.48"}, "1.3.6.1.4.1.2011.5.25.42.2.1.3.1.4.20.167.139.182.211.65.211.1.48", "11"},
		{"slMacAddressDisposition", &FDBEntry{Table: SlMacAddressTable, MAC: mac, Port: 1001, Index: "1001.11.20.167.139.182.211.65"}, "1.3.6.1.4.1.6486.800.1.2.1.8.1.1.1.1.3.1001.11.20.167.139.182.211.65", "1001"},
		{"mtxrWlRtabAddr", &FDBEntry{Table: MtxrWlRtabTable, MAC: mac, Port: 2, Index: "20.167.139.182.211.65.2"}, "1.3.6.1.4.1.14988.1.1.1.2.1.1.20.167.139.182.211.65.2", "14:a7:8b:b6:d3:41"},
		{"dot1dBaseBridgeAddress", &OwnAddress{mac}, "1.3.6.1.2.1.17.1.1.0", "14:a7:8b:b6:d3:41"},
	}
	for _, test := range tests {
		if o, v := test.entry.Object(), test.entry.Value(); o != test.object || v != test.value {
			t.Errorf("%s: got %s and %s, want %s and %s", test.name, o, v, test.object, test.value)
		}
	}
}

func TestNames(t *testing.T) {
	s := Snapshot{Source: "10.0.0.5", Interfaces: []Interface{{Index: 1, Name: "Gi0/1", Descr: "GigabitEthernet0/1"}, {Index: 2, Descr: "port 2"}, {Index: 3}}}
	for index, want := range map[IfIndex]string{1: "Gi0/1", 2: "port 2", 3: "ifIndex 3"} {
		if i := s.Interface(index); i == nil || i.Label() != want {
			t.Errorf("interface %d: got %+v, want the label %q", index, i, want)
		}
	}
	if got := s.Interface(4); got != nil {
		t.Errorf("got %+v for an interface that is not there", got)
	}
	if got := s.Name(); got != "10.0.0.5" {
		t.Errorf("without a sysName it is called %q", got)
	}
	if s.System.Name = "sw03"; s.Name() != "sw03" {
		t.Errorf("with a sysName it is called %q", s.Name())
	}
}

// TestNeighborQuotes: each text that a neighbour sends is quoted with the
// object that held it.
func TestNeighborQuotes(t *testing.T) {
	tests := []struct {
		neighbor     LLDPNeighbor
		texts        []Quote
		capabilities string
	}{
		{LLDPNeighbor{Index: "0.16.1"}, nil, "1.0.8802.1.1.2.1.4.1.1.12.0.16.1"},
		{LLDPNeighbor{SysDescr: "IPC", Index: "0.16.1"}, []Quote{{LLDPRemTable, "1.0.8802.1.1.2.1.4.1.1.10.0.16.1", "IPC"}}, "1.0.8802.1.1.2.1.4.1.1.12.0.16.1"},
		{LLDPNeighbor{MED: LLDPMED{Model: "IPC", Index: "9.16.1"}, SysDescr: "Linux", Index: "0.16.1"},
			[]Quote{{LLDPXMedRemInventoryTable, "1.0.8802.1.1.2.1.5.4795.1.3.3.1.6.9.16.1", "IPC"}, {LLDPRemTable, "1.0.8802.1.1.2.1.4.1.1.10.0.16.1", "Linux"}}, "1.0.8802.1.1.2.1.4.1.1.12.0.16.1"},
		{LLDPNeighbor{Table: LLDPV2RemTable, SysDescr: "IPC", Index: "0.17.1.1"}, []Quote{{LLDPV2RemTable, "1.3.111.2.802.1.1.13.1.4.1.1.11.0.17.1.1", "IPC"}}, "1.3.111.2.802.1.1.13.1.4.1.1.13.0.17.1.1"},
		{LLDPNeighbor{Table: CDPCacheTable, SysDescr: "10.6", Platform: "AXIS P1448-LE", Index: "14.2"},
			[]Quote{{CDPCacheTable, "1.3.6.1.4.1.9.9.23.1.2.1.1.5.14.2", "10.6"}, {CDPCacheTable, "1.3.6.1.4.1.9.9.23.1.2.1.1.8.14.2", "AXIS P1448-LE"}}, "1.3.6.1.4.1.9.9.23.1.2.1.1.9.14.2"},
	}
	for _, test := range tests {
		if got := test.neighbor.Texts(); !slices.Equal(got, test.texts) {
			t.Errorf("%s: got %v, want %v", test.neighbor.Source(), got, test.texts)
		}
		if got := test.neighbor.Capabilities(); got != test.capabilities {
			t.Errorf("%s: got %s, want %s", test.neighbor.Source(), got, test.capabilities)
		}
	}
	for table, want := range map[Table]string{"": "LLDP", LLDPRemTable: "LLDP", LLDPV2RemTable: "LLDP", LLDPNeighborInfoTable: "LLDP", CDPCacheTable: "CDP", MtxrNeighborTable: "MNDP"} {
		if n := (LLDPNeighbor{Table: table}); n.Protocol() != want {
			t.Errorf("%q speaks %s, want %s", table, n.Protocol(), want)
		}
	}
	med := LLDPMED{Manufacturer: "Dahua", Model: "IPC-HFW2431S", Index: "0.16.1"}
	if q := med.ManufacturerQuote(); q != (Quote{LLDPXMedRemInventoryTable, "1.0.8802.1.1.2.1.5.4795.1.3.3.1.5.0.16.1", "Dahua"}) {
		t.Errorf("got %v", q)
	}
	if q := med.ModelQuote(); q != (Quote{LLDPXMedRemInventoryTable, "1.0.8802.1.1.2.1.5.4795.1.3.3.1.6.0.16.1", "IPC-HFW2431S"}) {
		t.Errorf("got %v", q)
	}
}

// TestNote: a remark stands with the last reading of its table, beside what
// stands there already.
func TestNote(t *testing.T) {
	s := Snapshot{Readings: []Reading{{Table: LLDPRemTable, Reason: "first"}, {Table: LLDPRemTable}, {Table: IfTable, Reason: "cut short"}}}
	s.Note(LLDPRemTable, "odd")
	s.Note(IfTable, "odd")
	s.Note(CDPCacheTable, "not read")
	var got []string
	for _, r := range s.Readings {
		got = append(got, r.Reason)
	}
	if want := []string{"first", "odd", "cut short; odd"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

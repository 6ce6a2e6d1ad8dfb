package lan

import (
	"net/netip"
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
		{"this host's neighbours", &ARPEntry{Table: Neighbours, MAC: mac, IP: netip.MustParseAddr("10.0.0.9")}, "10.0.0.9", "14:a7:8b:b6:d3:41"},
		{"lldpRemChassisId", &LLDPNeighbor{Index: "0.16.1", Chassis: LLDPID{Text: "sw00"}}, "1.0.8802.1.1.2.1.4.1.1.5.0.16.1", "sw00"},
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

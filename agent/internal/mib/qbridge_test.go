package mib

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

func TestVLANCurrent(t *testing.T) {
	tests := []struct {
		name  string
		cells []cell
		want  map[lan.FDBID][]lan.VLAN
		told  string
	}{
		{"TimeMark and VLAN", []cell{{0, "0.10", integer(1)}, {0, "0.20", integer(2)}},
			map[lan.FDBID][]lan.VLAN{1: {10}, 2: {20}}, ""},
		{"a TimeMark that moves", []cell{{0, "4711.10", integer(1)}, {0, "4811.10", integer(1)}},
			map[lan.FDBID][]lan.VLAN{1: {10}}, ""},
		{"FortiSwitch leaves the TimeMark out", []cell{{0, "10", integer(1)}}, map[lan.FDBID][]lan.VLAN{1: {10}}, ""},
		{"FortiSwitch says 0 for all", []cell{{0, "0.10", integer(0)}, {0, "0.20", integer(0)}}, nil, ""},
		{"several VLANs learn together", []cell{{0, "0.10", integer(1)}, {0, "0.20", integer(1)}},
			map[lan.FDBID][]lan.VLAN{1: {10, 20}}, ""},
		{"no VLANs", []cell{{0, "0.0", integer(1)}, {0, "0.4095", integer(2)}, {0, "0.65546", integer(3)}}, nil, ""},
		{"text for a number, as FortiSwitch had it", []cell{{0, "0.10", octets("1")}}, nil, ""},
		{"an index too long", []cell{{0, "0.10.1", integer(1)}}, nil, "1 row cannot be read: the index is no VLAN"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var s lan.Snapshot
			if told := read(t, newVLANCurrent(), &s, test.cells...); told != test.told {
				t.Errorf("it says %q, want %q", told, test.told)
			}
			if diff := cmp.Diff(test.want, s.VLANs); diff != "" {
				t.Errorf("difference (-want +got):\n%s", diff)
			}
		})
	}
}

func TestVLANStatic(t *testing.T) {
	var s lan.Snapshot
	told := read(t, newVLANStatic(), &s, cell{0, "1", octets("default")}, cell{0, "20", octets("cameras\x00")},
		cell{0, "30", octets("")}, cell{0, "5000", octets("x")}, cell{0, "1.2", octets("y")})
	if want := "2 rows cannot be read: the index is no VLAN"; told != want {
		t.Errorf("it says %q, want %q", told, want)
	}
	if diff := cmp.Diff(map[lan.VLAN]string{1: "default", 20: "cameras", 30: ""}, s.VLANNames); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
}

package locate_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
)

// joined is how the switches of a site hang together, in short.
func joined(snapshots ...lan.Snapshot) []string {
	var links []string
	for _, l := range locate.Locate(snapshots, nil).Links {
		links = append(links, fmt.Sprintf("%s %s – %s %s", l.A.Switch, l.A.Port, l.B.Switch, l.B.Port))
	}
	return links
}

func TestLinks(t *testing.T) {
	core := bridge("core", base(own(1)), fdb(1, own(2), own(4), mac(1)), fdb(2, own(3)))
	tests := []struct {
		name      string
		snapshots []lan.Snapshot
		want      []string
	}{
		{"one switch", []lan.Snapshot{core}, nil},
		{"a chain: the far one hangs on the middle one", []lan.Snapshot{core,
			bridge("mid", base(own(2)), fdb(9, own(1), own(3)), fdb(3, own(4), mac(1))),
			bridge("far", base(own(4)), fdb(7, own(1), own(2), own(3)), fdb(1, mac(1))),
			bridge("other", base(own(3)), fdb(8, own(1), own(2), own(4), mac(1)))},
			[]string{"core p1 – mid p9", "core p2 – other p8", "far p7 – mid p3"}},
		{"only one of two tells", []lan.Snapshot{core, bridge("mid", base(own(2)))}, []string{"core p1 – mid "}},
		{"a switch that was not read is between", []lan.Snapshot{
			bridge("a", base(own(1)), fdb(1, own(2), own(9)), hears(1, own(9), "unread", lan.LLDPBridge)),
			bridge("b", base(own(2)), fdb(5, own(1), own(9)), hears(5, own(9), "unread", lan.LLDPBridge))},
			[]string{"a p1 – unread ", "b p5 – unread "}},
		{"nothing joins them", []lan.Snapshot{bridge("a", base(own(1))), bridge("b", base(own(2)))}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, joined(test.snapshots...)); diff != "" {
				t.Error(diff)
			}
			backwards := slices.Clone(test.snapshots)
			slices.Reverse(backwards)
			if diff := cmp.Diff(joined(test.snapshots...), joined(backwards...)); diff != "" {
				t.Errorf("in another order: %s", diff)
			}
		})
	}
}

package locate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// TestLeadsTo: sw1 sees mac(1) on p24. What is said of the switches behind
// that port is true of each of them.
func TestLeadsTo(t *testing.T) {
	announced := hears(24, own(2), "sw2", lan.LLDPBridge)
	sw1 := func(rows ...row) lan.Snapshot { return bridge("sw1", append(rows, base(own(1)), fdb(24, mac(1)))...) }
	other := func(n int, rows ...row) lan.Snapshot {
		return bridge(fmt.Sprint("sw", n), append(rows, base(own(n)), fdb(3, mac(10+n)))...)
	}
	cut := table(lan.Dot1qTpFdbTable, lan.Partial)
	learntBehind := fdb(24, own(2), own(3))
	tests := []struct {
		name, behind, why string
		site              []lan.Snapshot
	}{
		{"one that was read", "sw2", "this port leads to sw2, which does not list it",
			[]lan.Snapshot{sw1(announced), other(2)}},
		{"one that was cut short", "sw2", "this port leads to sw2, whose forwarding table was not read to its end",
			[]lan.Snapshot{sw1(announced), other(2, cut)}},
		{"one without a forwarding table", "sw2", "this port leads to sw2, whose forwarding table could not be read",
			[]lan.Snapshot{sw1(announced), bridge("sw2", unread, base(own(2)))}},
		{"several, and none of them announces itself", "sw2 and sw3", "this port leads to sw2 and sw3, which do not list it",
			[]lan.Snapshot{sw1(learntBehind), other(2), other(3)}},
		{"several, the next of which announces itself", "sw2", "this port leads to sw2, which does not list it",
			[]lan.Snapshot{sw1(announced, learntBehind), other(2), other(3)}},
		{"one farther on was cut short", "sw2", "this port leads to sw2, which does not list it, and to sw3, whose forwarding table was not read to its end",
			[]lan.Snapshot{sw1(announced, learntBehind), other(2), other(3, cut)}},
		{"two farther on were cut short", "sw2", "this port leads to sw2, which does not list it, and to sw3 and sw4, whose forwarding tables were not read to their end",
			[]lan.Snapshot{sw1(announced, learntBehind, fdb(24, own(4))), other(2), other(3, cut), other(4, cut)}},
		{"a spare link, on whose other end the entry is older", "sw2", "this port leads to sw2, which sees it elsewhere",
			[]lan.Snapshot{sw1(announced, hears(23, own(2), "sw2", lan.LLDPBridge), fdb(23, own(2))),
				other(2, fdb(23, own(1), mac(1)), hears(23, own(1), "sw1", lan.LLDPBridge), hears(24, own(1), "sw1", lan.LLDPBridge))}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := station(t, mac(1), test.site...).Place
			if p.Behind != test.behind || p.Why != test.why {
				t.Errorf("behind %s: %s\nwant   %s: %s", p.Behind, p.Why, test.behind, test.why)
			}
		})
	}
}

// TestLeadsToMany: a sentence stays one, however many switches are behind a
// port.
func TestLeadsToMany(t *testing.T) {
	site := []lan.Snapshot{bridge("core", base(own(0)), fdb(24, mac(1)))}
	for i := range 20 {
		fdb(24, own(i+1))(&site[0])
		site = append(site, bridge(fmt.Sprintf("sw%02d", i), base(own(i+1))))
	}
	p := station(t, mac(1), site...).Place
	if want := "sw00, sw01, sw02, sw03, sw04, sw05, sw06, sw07 and 12 more"; p.Behind != want || !strings.Contains(p.Why, want) {
		t.Errorf("behind %s: %s", p.Behind, p.Why)
	}
}

package locate_test

import (
	"testing"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
)

// feeds is a port that delivers so much.
func feeds(port lan.IfIndex, milliwatts uint32) row {
	return func(s *lan.Snapshot) {
		s.PoE = append(s.PoE, lan.PoEPort{Group: 1, Port: 9, IfIndex: port, Delivering: true, Milliwatts: milliwatts})
	}
}

// TestPoE: what a port delivers is told with the place of a station on it, and
// nowhere else.
func TestPoE(t *testing.T) {
	uplink := hears(3, own(9), "closet", lan.LLDPBridge)
	tests := map[string]struct {
		station locate.Station
		want    uint32
	}{
		"alone on the port":                   {station(t, mac(1), bridge("sw1", fdb(3, mac(1)), feeds(3, 2500))), 2500},
		"one of several":                      {station(t, mac(1), bridge("sw1", fdb(3, mac(1), mac(2)), feeds(3, 2500))), 2500},
		"on another port":                     {station(t, mac(1), bridge("sw1", fdb(4, mac(1)), feeds(3, 2500))), 0},
		"behind a switch that the port feeds": {station(t, mac(1), bridge("sw1", fdb(3, mac(1)), uplink, feeds(3, 2500))), 0},
		"two ports claim to be this one":      {station(t, mac(1), bridge("sw1", fdb(3, mac(1)), feeds(3, 2500), feeds(3, 100))), 0},
		"nobody knows which port it is":       {station(t, mac(1), bridge("sw1", unmapped(3, mac(1)), feeds(0, 2500))), 0},
	}
	for name, test := range tests {
		got := uint32(0)
		if poe := test.station.Place.PoE; poe != nil {
			got = poe.Milliwatts
		}
		if got != test.want {
			t.Errorf("%s, %s: %d mW, want %d", name, describe(test.station.Place), got, test.want)
		}
	}
}

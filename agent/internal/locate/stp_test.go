package locate_test

import (
	"testing"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// TestSpareLink: two switches with two links between them. Which one carries
// frames the spanning tree tells, so that a station that both know by the
// link alone is placed.
func TestSpareLink(t *testing.T) {
	blocking := func(port lan.IfIndex) row {
		return func(s *lan.Snapshot) { s.Interfaces[port-1].STP = lan.STPBlocking }
	}
	far := []row{base(own(1)), hears(23, own(2), "sw2", lan.LLDPBridge), hears(24, own(2), "sw2", lan.LLDPBridge), fdb(24, mac(1))}
	near := []row{base(own(2)), hears(23, own(1), "sw1", lan.LLDPBridge), hears(24, own(1), "sw1", lan.LLDPBridge), fdb(3, mac(1))}
	got := places(bridge("sw1", append(far, blocking(23))...), bridge("sw2", append(near, blocking(23))...))[mac(1)]
	if got != "edge sw2 p3 (1)" {
		t.Errorf("with the spare link blocked: %s", got)
	}
}

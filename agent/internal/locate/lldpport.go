package locate

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// lldpPortNames says what a device calls the ports that its LLDP agent knows
// by a number, where no interface is known for the number.
type lldpPortNames struct {
	ports map[uint32]lan.LLDPLocalPort // by lldpLocPortNum
	shift uint32                       // from lldpRemLocalPortNum to lldpLocPortNum
	sure  bool                         // that the numbers are these ports
}

// lldpPortNames finds out how a device counts. lldpRemLocalPortNum ought to be
// a lldpLocPortNum, but Microsens counts the one from 0 and the other from 1.
// It gives itself away by a lldpRemIndex of 0, which the MIB does not allow.
// Then only that way of counting is believed by which every number is a port,
// and every neighbour that was read hears this device call the port the same.
func (s *site) lldpPortNames(d *device) lldpPortNames {
	var heard []*lan.LLDPNeighbor
	shifts := []uint32{0}
	for i := range d.LLDP {
		n := &d.LLDP[i]
		if key, ok := heardOn(n); !ok || !key.heard.known || silent(n) {
			continue
		}
		heard = append(heard, n)
		if len(shifts) == 1 && strings.HasSuffix(n.Index, ".0") {
			shifts = append(shifts, 1)
		}
	}
	var fit []lldpPortNames
	for _, shift := range shifts {
		if s.countsFrom(d, heard, shift) {
			fit = append(fit, lldpPortNames{ports: d.LLDPLocal.Ports, shift: shift, sure: true})
		}
	}
	if len(fit) != 1 {
		return lldpPortNames{}
	}
	return fit[0]
}

// countsFrom tells whether nothing speaks against a way of counting.
func (s *site) countsFrom(d *device, heard []*lan.LLDPNeighbor, shift uint32) bool {
	for _, n := range heard {
		local, exists := d.LLDPLocal.Ports[n.LocalPort+shift]
		if !exists {
			return false
		}
		if other := s.neighbor(d, n); other != nil {
			if called := other.hears[d]; called != "" && called != local.ID.Text {
				return false
			}
		}
	}
	return true
}

// label is what stands on a port.
func (names lldpPortNames) label(p *port) string {
	switch {
	case p.iface != nil:
		return p.iface.Label()
	case p.resolved():
		return "ifIndex " + p.key.ifIndex.String()
	case !p.key.heard.known:
		return "bridge port " + p.key.bridge.String()
	}
	if names.sure {
		local := names.ports[p.key.heard.num+names.shift]
		name := cmp.Or(local.ID.Text, local.Descr)
		if local.ID.Subtype == lan.LLDPMAC {
			name = cmp.Or(local.Descr, local.ID.Text)
		}
		if name != "" {
			return name
		}
	}
	return "LLDP port " + strconv.FormatUint(uint64(p.key.heard.num), 10)
}

package locate

import (
	"cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// A speaker is one device that announces itself on a port, in however many
// rows and protocols.
type speaker struct {
	first    *lan.LLDPNeighbor
	mac      lan.MAC // zero where it tells none
	enabled  lan.LLDPCapabilities
	device   *device // the read switch that it is; nil where it is none
	adjacent bool    // no bridge is between
}

// name is what people call the speaker.
func (sp *speaker) name() string {
	return cmp.Or(sp.first.SysName, sp.first.SysDescr, sp.first.Chassis.Text, "an unnamed device")
}

// endpoint tells a device that is no switch, though it may have a port for
// another behind it.
func (sp *speaker) endpoint() bool {
	return sp.enabled.Has(lan.LLDPTelephone|lan.LLDPAccessPoint) || sp.enabled == lan.LLDPStation
}

// hear notes who announces itself on which port of a device.
func (s *site) hear(d *device) {
	for i := range d.LLDP {
		n := &d.LLDP[i]
		key, ok := heardOn(n)
		if !ok || silent(n) {
			continue
		}
		other := s.neighbor(d, n)
		d.port(key).hear(n, s.neighborMAC(d, n), other)
		if other != nil && other != d && linkLocal(n) {
			d.heard = append(d.heard, heard{at: d.port(key), other: other, far: other.farPort(n.Port)})
		}
		if name, before := d.hears[other]; before && name != n.Port.Text {
			d.hears[other] = ""
		} else if other != nil {
			d.hears[other] = n.Port.Text
		}
	}
	for _, p := range d.ports {
		p.unread = p.unreadSwitch()
	}
}

// hear adds a row to the speaker that it is of, known by its address, or by
// its name where not every row tells the address.
func (p *port) hear(n *lan.LLDPNeighbor, mac lan.MAC, d *device) {
	if p.byMAC == nil {
		p.byMAC, p.byName = make(map[lan.MAC]*speaker), make(map[string]*speaker)
	}
	sp := p.byMAC[mac]
	if namesake := p.byName[n.SysName]; sp == nil && namesake != nil && (mac.IsZero() || namesake.mac.IsZero()) {
		sp = namesake
	}
	if sp == nil {
		sp = &speaker{first: n}
		p.speakers = append(p.speakers, sp)
	}
	sp.mac = cmp.Or(sp.mac, mac)
	sp.enabled |= n.Enabled
	sp.device = cmp.Or(sp.device, d)
	sp.adjacent = sp.adjacent || linkLocal(n)
	for _, known := range []lan.MAC{mac, n.Port.MAC} {
		if known.IsStation() {
			p.byMAC[known] = sp
		}
	}
	if n.SysName != "" {
		p.byName[n.SysName] = sp
	}
}

// unreadSwitch returns the speaker on the port that is a switch or router
// which was not read. Phones and access points forward too, but what hangs
// behind them belongs to this port. A neighbour that does not say what it is
// (Eltex announces other(0)) forwards if other stations are learnt on its
// port; where several share the port, something unmanaged joins them.
func (p *port) unreadSwitch() *speaker {
	for _, sp := range p.speakers {
		if sp.device == nil && sp.enabled.Has(lan.LLDPBridge|lan.LLDPRouter) && !sp.endpoint() {
			return sp
		}
	}
	if len(p.speakers) != 1 {
		return nil
	}
	if sp := p.speakers[0]; sp.device == nil && !sp.endpoint() && p.others(sp) {
		return sp
	}
	return nil
}

// others tells whether stations are learnt on the port besides the speaker.
func (p *port) others(sp *speaker) bool {
	its := 0
	for mac, known := range p.byMAC {
		if known == sp && p.device.sees(mac, p) {
			its++
		}
	}
	return p.stations > its
}

// between names another device that announces itself on the port and was not
// read.
func (p *port) between(st *Station) string {
	self := p.byMAC[st.MAC]
	for _, sp := range p.speakers {
		if sp != self && sp.device == nil {
			return sp.name()
		}
	}
	return ""
}

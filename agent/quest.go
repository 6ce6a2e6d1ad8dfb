package main

import (
	"context"
	"encoding/hex"
	"errors"
	"net/netip"
	"slices"
	"time"

	"github.com/camwarden/camwarden/agent/internal/config"
	"github.com/camwarden/camwarden/agent/internal/discover"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/memory"
	"github.com/camwarden/camwarden/agent/internal/mib"
	"github.com/camwarden/camwarden/agent/internal/poll"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmp"
)

// A quest is the question whether a device is a switch.
type quest struct {
	tries []try

	// What came of it.
	at       config.Address
	by       snmp.Credential
	why      string             // it was asked there
	identity *discover.Identity // nil: none was let in
}

// A try is an address, who has named it, and what may be offered there.
type try struct {
	at          config.Address
	whys        []string
	credentials []snmp.Credential
}

// quests are whom to ask now.
func (d *discovery) quests(read []lan.Snapshot, now time.Time) []*quest {
	var quests []*quest
	counted := make(map[config.Address]bool) // an address may be that of several candidates
	add := func(c discover.Candidate, gateway bool) {
		q := d.quest(c, gateway)
		if len(q.tries) == 0 && len(d.barred) < maxAsked {
			d.barred = append(d.barred, c.Places[0].Addr.String())
		}
		q.tries = slices.DeleteFunc(q.tries, func(t try) bool {
			switch {
			case d.known.of(t.at.String()).AskedLately(now):
				return true
			case counted[t.at]:
				return false
			case d.asked == maxAsked:
				return true
			}
			counted[t.at] = true
			d.asked++
			return false
		})
		if len(q.tries) > 0 {
			quests = append(quests, q)
		}
	}
	if d.rounds == 1 && d.gateways != nil {
		for _, c := range d.gatewayCandidates() {
			add(c, true)
		}
	}
	if d.follow {
		heard := d.limits.Listen(read, d.identities())
		for _, text := range heard.Crowded {
			d.known.warn("a port names more switches than any leads to, so none of them is asked", "port", text)
		}
		for _, c := range heard.Candidates {
			add(c, false)
		}
	}
	return quests
}

func (d *discovery) identities() []discover.Identity {
	list := make([]discover.Identity, len(d.met))
	for i, id := range d.met {
		list[i] = *id
	}
	return list
}

// gatewayCandidates are the default gateways, as far as they may be asked and
// are not read anyway.
func (d *discovery) gatewayCandidates() []discover.Candidate {
	gateways, err := d.gateways()
	if err != nil {
		d.known.warn("the default gateway is not asked whether it is a switch", "error", err)
	}
	var candidates []discover.Candidate
	for _, addr := range gateways {
		read := slices.ContainsFunc(d.met, func(id *discover.Identity) bool { return slices.Contains(id.Addresses, addr) })
		if !read && d.limits.Allows(addr) {
			candidates = append(candidates, discover.Candidate{Places: []*discover.Place{{Addr: addr, Whys: []string{gatewayReason}}}})
		}
	}
	return candidates
}

// quest says what may be offered to a candidate.
func (d *discovery) quest(c discover.Candidate, gateway bool) *quest {
	q := &quest{}
	for _, p := range c.Places {
		t := try{at: config.Address{Host: p.Addr.String(), Port: defaultSNMPPort}, whys: p.Whys}
		secured := d.known.of(t.at.String()).ReadByV3 || d.known.secured(p.Chassis)
		for _, credential := range d.credentials {
			if d.mayOffer(credential, p.Addr, secured, gateway) {
				t.credentials = append(t.credentials, credential)
			}
		}
		if len(t.credentials) > 0 {
			q.tries = append(q.tries, t)
		}
	}
	return q
}

// mayOffer keeps what can be read on the way from whoever announces himself as
// a switch. A community goes only where it goes already: into the subnet of a
// switch that is configured with it, where whoever is after it could take that
// switch's address; and to the gateway that this host's own configuration
// names. It never goes to a device that was read by version 3 before.
func (d *discovery) mayOffer(c snmp.Credential, addr netip.Addr, secured, gateway bool) bool {
	switch {
	case c.Version == snmp.V3 && c.Auth != "":
		return true
	case secured && c.Version != snmp.V3:
		return false
	default:
		return gateway || slices.ContainsFunc(d.places[c.Name], func(place netip.Addr) bool { return subnetOf(place).Contains(addr) })
	}
}

// subnetOf is the subnet that an address is taken to lie in: how long its
// prefix is, nobody tells.
func subnetOf(addr netip.Addr) netip.Prefix {
	bits := 24
	if addr.Is6() {
		bits = 64
	}
	subnet, err := addr.Unmap().WithZone("").Prefix(bits)
	if err != nil {
		return netip.Prefix{} // contains nothing
	}
	return subnet
}

// ask tries each address with each of the credentials until one is let in.
func (q *quest) ask(ctx context.Context, d *discovery) {
	for _, t := range q.tries {
		if ctx.Err() != nil {
			return
		}
		why, may := d.known.mayAsk(t.at.String(), t.whys, time.Now())
		if !may {
			continue
		}
		for _, c := range t.credentials {
			d.known.info("discovery asks whether this is a switch", "address", t.at, "credentials", c.Name, "version", c.Version, "why", why)
			identity, err := d.meet(ctx, t.at, c)
			if err == nil {
				q.at, q.by, q.why, q.identity = t.at, c, why, identity
				return
			}
			d.known.info("discovery was not let in", "address", t.at, "credentials", c.Name, "reason", err)
			if errors.Is(err, snmp.ErrRefused) {
				break // there is no agent, so nothing else is shown to it
			}
		}
	}
}

var snmpEngineID = smi.MustOID("1.3.6.1.6.3.10.2.1.1.0") // SNMP-FRAMEWORK-MIB, RFC 3411

// meet asks a device who it is.
func (d *discovery) meet(ctx context.Context, at config.Address, by snmp.Credential) (*discover.Identity, error) {
	source, err := reach{config.Switch{Address: at}, []snmp.Credential{by}, d.known}.open(ctx, d.options)
	if err != nil {
		return nil, err
	}
	defer source.Close() // it is only read from
	s := lan.Snapshot{From: time.Now()}
	answers, err := source.Get(ctx, append(mib.Scalars(), snmpEngineID)...)
	if err != nil {
		return nil, err
	}
	mib.ReadScalars(&s, answers)
	id := discover.IdentityOf(&s)
	id.Addresses = []netip.Addr{netip.MustParseAddr(at.Host)}
	if engine, ok := answers[len(answers)-1].Value.Octets(); ok {
		id.Engine = hex.EncodeToString(engine)
	}
	return &id, nil
}

// isNew tells whether a device that has answered is none of those that are
// read already, by another of its addresses.
func (d *discovery) isNew(q *quest) bool {
	for name, id := range d.byName {
		if id.Same(*q.identity) {
			d.known.info("discovery has met a switch that is read already", "address", q.at, "name", q.identity.Name, "the same as", name)
			id.Addresses = append(id.Addresses, q.identity.Addresses...)
			return false
		}
	}
	switch {
	case q.by.Version != snmp.V3 && d.known.secured(q.identity.Own):
		d.known.warn("a device calls itself the switch that was read by version 3 before, and knows only the community: it is not read",
			"address", q.at, "name", q.identity.Name, "credentials", q.by.Name)
		return false
	case d.found >= maxFound:
		d.known.warn("discovery has found as many switches as it reads at most; camwarden setup -adopt adds them to the configuration", "address", q.at, "found", d.found)
		return false
	}
	return true
}

// take notes a switch as found.
func (d *discovery) take(q *quest, now time.Time) poll.Device {
	d.known.info("discovery has found a switch", "address", q.at, "name", q.identity.Name, "credentials", q.by.Name, "version", q.by.Version, "why", q.why)
	var found memory.Switch
	d.known.change(q.at.String(), func(s *memory.Switch) {
		s.Found, s.FoundAt, s.Name, s.Engine = q.why, now.UTC().Truncate(time.Second), q.identity.Name, q.identity.Engine
		if len(q.identity.Own) > 0 {
			s.Chassis = q.identity.Own[0]
		}
		found = *s
	})
	d.known.moved(q.at.String())
	device := d.device(q.at, q.by, found)
	*d.byName[device.Name] = *q.identity
	return device
}

// moved forgets that the switch of an address was found at any other.
func (r *recall) moved(to string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for address, s := range r.switches {
		if address != to && s.Found != "" && s.Chassis.IsStation() && s.Chassis == r.switches[to].Chassis {
			s.Found = ""
			r.switches[address] = s
		}
	}
}

// mayAsk notes that discovery asks at an address, unless it has lately, or has
// asked enough. It asks for the first of the reasons for which not enough were
// asked: whoever names the address of another must not use up what that one's
// own port is granted.
func (r *recall) mayAsk(address string, whys []string, now time.Time) (why string, may bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	all, askedFor := 0, make(map[string]int)
	for _, s := range r.switches {
		if s.AskedLately(now) {
			all++
			askedFor[s.AskedFor]++
		}
	}
	s := r.switches[address]
	room := slices.IndexFunc(whys, func(why string) bool { return askedFor[why] < maxAskedOfOne })
	if s.AskedLately(now) || all >= maxAskedADay || room < 0 {
		return "", false
	}
	if r.switches == nil {
		r.switches = make(map[string]memory.Switch)
	}
	s.AskedAt, s.AskedFor = now.UTC(), whys[room]
	r.switches[address] = s
	return whys[room], true
}

// secured tells whether a device with one of these addresses of its own was
// read by version 3 before, wherever it was asked.
func (r *recall) secured(own []lan.MAC) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.switches {
		if s.ReadByV3 && s.Chassis.IsStation() && slices.Contains(own, s.Chassis) {
			return true
		}
	}
	return false
}

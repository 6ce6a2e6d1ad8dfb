package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/camwarden/camwarden/agent/internal/config"
	"github.com/camwarden/camwarden/agent/internal/discover"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/memory"
	"github.com/camwarden/camwarden/agent/internal/mib"
	"github.com/camwarden/camwarden/agent/internal/neigh"
	"github.com/camwarden/camwarden/agent/internal/poll"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmp"
)

// A discovery finds switches that the configuration does not name, during one
// observation: it asks the default gateways, and what the switches that were
// read name as their neighbours, whether they are switches too. What it sends
// to whom, and what that may cost, stands in docs/discovery.md.
type discovery struct {
	limits      discover.Limits
	gateways    func() ([]netip.Addr, error) // nil: these are not asked
	follow      bool                         // neighbours are asked
	credentials []snmp.Credential            // the newest version first
	places      map[string][]netip.Addr      // by the name of credentials: the addresses of switches that are configured with them
	known       *recall
	options     snmp.Options // that no user chooses

	began  time.Time
	rounds int
	asked  int                  // addresses
	barred []string             // addresses at which nothing may be offered
	found  int                  // switches, those of earlier observations among them
	named  map[string]string    // the address and port of a device that is read, by its name
	met    []*discover.Identity // of every device that is read
	byName map[string]*discover.Identity
}

// Bounds of discovery. One port may be anybody's: what is named there must
// use up neither the day of this host nor that of the network.
const (
	maxFound         = 256             // switches
	maxHops          = 8               // from a configured switch, or from this host
	maxAsked         = 64              // addresses in one observation
	maxAskedADay     = 1024            // addresses
	maxAskedOfOne    = 16              // addresses a day that one port has named
	maxAskedAtOnce   = 8               // addresses
	maxDiscovery     = 5 * time.Minute // from when the first switches are read: after that nobody is asked any more
	forgetFoundAfter = 7 * 24 * time.Hour
)

// gatewayReason says why a gateway is asked.
const gatewayReason = "default gateway of this host"

// newDiscovery prepares what the configuration asks for: nil where that is
// nothing.
func newDiscovery(c *config.Config, known *recall) *discovery {
	if !c.Discover.Enabled() {
		return nil
	}
	d := &discovery{limits: discover.Limits{Within: c.Discover.Within}, follow: c.Discover.FollowLLDP,
		credentials: credentials(c.Discover.Credentials), places: make(map[string][]netip.Addr), known: known,
		named: make(map[string]string), byName: make(map[string]*discover.Identity)}
	if c.Discover.FromGateway {
		d.gateways = neigh.Gateways
	}
	var err error
	if d.limits.Host, err = hostPrefixes(); err != nil {
		known.warn("nobody is asked whether it is a switch, for this host's own addresses are not known", "error", err)
		return nil
	}
	for _, s := range c.Switches {
		d.know(deviceName(s.Address), s.Address, known.of(s.Address.String()))
		addr, err := netip.ParseAddr(s.Address.Host)
		for _, credential := range s.Credentials {
			if err == nil && !s.Off {
				d.places[credential.Name] = append(d.places[credential.Name], addr)
			}
		}
	}
	return d
}

// know takes in a device that is going to be read, and what is remembered of
// it.
func (d *discovery) know(name string, at config.Address, before memory.Switch) {
	id := &discover.Identity{Name: before.Name, Engine: before.Engine}
	if addr, err := netip.ParseAddr(at.Host); err == nil {
		id.Addresses = []netip.Addr{addr}
	}
	if before.Chassis.IsStation() {
		id.Own = []lan.MAC{before.Chassis}
	}
	d.named[name], d.byName[name] = at.String(), id
	d.met = append(d.met, id)
}

// remembered are the switches that were found before, as far as they may be
// asked still.
func (d *discovery) remembered(now time.Time) []poll.Device {
	var devices []poll.Device
	for _, f := range d.foundBefore(now) {
		if f.not == "" {
			devices = append(devices, d.device(f.at, f.by, f.Switch))
		}
	}
	return devices
}

// A foundSwitch is one that was found before.
type foundSwitch struct {
	memory.Switch
	address string // as it is remembered
	at      config.Address
	by      snmp.Credential
	not     string // why it is not read any more; empty: it is
}

// foundBefore are all that were found before, by address.
func (d *discovery) foundBefore(now time.Time) []foundSwitch {
	var list []foundSwitch
	trusted := d.found
	switches := d.known.all()
	for _, address := range slices.Sorted(maps.Keys(switches)) {
		f := foundSwitch{Switch: switches[address], address: address}
		if f.Found == "" {
			continue
		}
		f.not = d.distrust(&f, switches, now)
		switch {
		case f.not != "":
		case trusted >= maxFound:
			f.not = fmt.Sprintf("%d others were found already", maxFound)
		default:
			trusted++
		}
		list = append(list, f)
	}
	return list
}

// distrust says why a switch that was found is not to be asked any more; empty
// where it is, and then it knows where and with what. One that has not answered
// for long has to be found anew.
func (d *discovery) distrust(f *foundSwitch, switches map[string]memory.Switch, now time.Time) string {
	var err error
	if f.at, err = config.ParseAddress(f.address); err != nil {
		return "this is no address"
	}
	addr, err := netip.ParseAddr(f.at.Host)
	credential := slices.IndexFunc(d.credentials, func(c snmp.Credential) bool { return c.Name == f.Credentials })
	switch {
	case err != nil:
		return "this is no IP address"
	case d.isConfigured(f.at, f.Switch, switches):
		return configuredAlready
	case !d.stillAsks(f.Found):
		return "discovery does not ask in the way that found it any more"
	case !d.limits.Allows(addr):
		return "discovery may not go to this address: see discover.within"
	case now.Sub(f.ReachedAt) > forgetFoundAfter:
		return "it was not reached for a week"
	case credential < 0:
		return fmt.Sprintf("no credentials of the name %q are marked discover = true", f.Credentials)
	}
	f.by = d.credentials[credential]
	return ""
}

// configuredAlready is the one reason to leave out a switch that is good news.
const configuredAlready = "it is configured already, by this address or by another"

// stillAsks tells whether a switch that was found in this way would be today.
func (d *discovery) stillAsks(why string) bool {
	if why == gatewayReason {
		return d.gateways != nil
	}
	return d.follow
}

// isConfigured tells whether a switch that was found stands in the
// configuration by now, by this address or by another.
func (d *discovery) isConfigured(at config.Address, found memory.Switch, switches map[string]memory.Switch) bool {
	for _, address := range d.named {
		other := switches[address]
		if address == at.String() || other.Found == "" && found.Chassis.IsStation() && other.Chassis == found.Chassis {
			return true
		}
	}
	return false
}

// device is a switch that was found, as something to be read: only ever with
// the credentials that it was found with.
func (d *discovery) device(at config.Address, by snmp.Credential, s memory.Switch) poll.Device {
	d.found++
	device := reach{config.Switch{Address: at}, []snmp.Credential{by}, d.known}.device()
	device.Found = s.Found
	d.know(device.Name, at, s)
	return device
}

// further is handed the devices that were read last, and returns those that
// were found by them. (It is a parameter of poll.Explore.)
func (d *discovery) further(ctx context.Context, read []lan.Snapshot) []poll.Device {
	now := time.Now()
	if d.rounds++; d.rounds == 1 {
		d.began = now
	}
	for i := range read {
		d.guard("learn who "+read[i].Source+" is", func() { d.learn(&read[i]) })
	}
	ctx, cancel := context.WithDeadline(ctx, d.began.Add(maxDiscovery))
	defer cancel()
	d.barred = nil
	var quests []*quest
	d.guard("go through the neighbours of the switches that were read last", func() { quests = d.quests(read, now) })
	if len(d.barred) > 0 {
		d.known.info("discovery has nothing to offer here: "+barredCure, "addresses", strings.Join(d.barred, " "))
	}
	if len(quests) > 0 && (d.rounds > maxHops || ctx.Err() != nil) {
		d.known.warn("discovery ends before all were asked", "hops", d.rounds, "after", now.Sub(d.began), "not asked", len(quests))
		return nil
	}
	var group errgroup.Group
	group.SetLimit(maxAskedAtOnce)
	for _, q := range quests {
		group.Go(func() error {
			d.guard("ask "+q.tries[0].at.String()+" whether it is a switch", func() { q.ask(ctx, d) })
			return nil
		})
	}
	_ = group.Wait() // what goes wrong with one is logged, and is all the same to the others
	var devices []poll.Device
	for _, q := range quests {
		d.guard("take "+q.tries[0].at.String()+" for a switch", func() {
			if q.identity != nil && d.isNew(q) {
				devices = append(devices, d.take(q, now))
			}
		})
	}
	return devices
}

// guard does something with what a device says. It must not be able to end the
// service: whatever a decoder did not expect costs what was being done alone.
func (d *discovery) guard(doing string, do func()) {
	defer func() {
		if r := recover(); r != nil {
			d.known.warn("discovery leaves something out, for the program has a fault", "doing", doing, "fault", r)
		}
	}()
	do()
}

const barredCure = "name one switch of each of these subnets under [[switch]], with the credentials that it shares with them, or mark credentials of version 3 with discover = true"

// learn takes in what a device that was read says of itself.
func (d *discovery) learn(s *lan.Snapshot) {
	id := d.byName[s.Source]
	switch {
	case id == nil:
		return
	case s.Err != "" && s.Found != "": // it may have another address by now, at which it is to be found
		*id = discover.Identity{Addresses: id.Addresses}
		return
	case s.Err != "":
		return
	}
	told := discover.IdentityOf(s)
	told.Addresses, told.Engine = id.Addresses, id.Engine
	*id = told
	d.known.change(d.named[s.Source], func(m *memory.Switch) {
		m.Name, m.Found = told.Name, s.Found
		if len(told.Own) > 0 {
			m.Chassis = told.Own[0]
		}
	})
}

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

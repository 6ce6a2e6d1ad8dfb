package main

import (
	"context"
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
	"github.com/camwarden/camwarden/agent/internal/neigh"
	"github.com/camwarden/camwarden/agent/internal/poll"
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

package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/camwarden/camwarden/agent/internal/config"
	"github.com/camwarden/camwarden/agent/internal/detect"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
	"github.com/camwarden/camwarden/agent/internal/neigh"
	"github.com/camwarden/camwarden/agent/internal/poll"
	"github.com/camwarden/camwarden/agent/internal/report"
	"github.com/camwarden/camwarden/agent/internal/snmp"
)

// An observer makes observations of one site: devices and this host are read,
// the tables are joined, the stations are judged, and a report says it all.
type observer struct {
	devices   []poll.Device
	discovery *discovery                       // nil: no other devices are looked for
	host      bool                             // read this host's own neighbour table as well
	landmarks func() (gateways, own []lan.MAC) // what all switches are likely to know, as this host tells
	full      bool                             // read every row, do not seek

	// Of a service that observes again and again; nil for one observation.
	history *history
	every   time.Duration // how often everything is read
	rules   detect.Rules
	asks    *asker            // nil: no station is asked anything
	beat    func()            // is called as long as the observation gets on
	files   []report.DataFile // newer editions, and what became of them
	site    report.Site

	seen func(mac string) bool // whether a station was seen at all, once observed
}

// A beatingSource beats before and after each reading. One device is read for
// poll.MaxTime at most, whatever it does.
type beatingSource struct {
	poll.Source
	beat func()
}

func (b beatingSource) Read(ctx context.Context, cursors ...*snmp.Cursor) error {
	b.beat()
	defer b.beat()
	return b.Source.Read(ctx, cursors...)
}

// beating is how a device is reached by an observation that beats.
func (o *observer) beating(open func(context.Context) (poll.Source, error)) func(context.Context) (poll.Source, error) {
	if o.beat == nil {
		return open
	}
	return func(ctx context.Context) (poll.Source, error) {
		o.beat()
		source, err := open(ctx)
		if err != nil {
			return nil, err
		}
		return beatingSource{source, o.beat}, nil
	}
}

// lighten gives back the program's pages where many devices are observed, for the
// next step takes others, and sets how much garbage there may be meanwhile.
func lighten(devices, percent int) {
	const many = 100
	if devices >= many {
		collect(percent)
		_ = unload() // an error costs memory alone, and the service tells it after each observation
	}
}

// observe makes one observation. done is called after each device, and may be
// nil.
func (o *observer) observe(ctx context.Context, done func(lan.Snapshot)) (*report.Report, error) {
	from := time.Now()
	o.rules.At = from
	o.rules.Asking, o.rules.Answers = o.asks != nil, o.asks.answers(from)
	sought := o.rules.Sought()
	var landmarks []lan.MAC
	if o.host {
		gateways, own := o.landmarks()
		landmarks = slices.Concat(o.history.remembered(gateways), own)
	}
	full := o.full
	if o.history != nil {
		full = o.history.due(from, o.every)
	}
	prepare := func(devices []poll.Device) []poll.Device {
		devices = slices.Clone(devices)
		for i := range devices {
			devices[i].Full, devices[i].Landmarks = full, landmarks
			devices[i].Open = o.beating(devices[i].Open)
			if o.history != nil {
				past := o.history.of(devices[i].Name)
				devices[i].Past, devices[i].Full = past, full || from.Sub(past.Walked()) >= o.every
			}
		}
		return devices
	}
	further := func(read []lan.Snapshot) []poll.Device {
		if o.beat != nil {
			o.beat()
		}
		lighten(len(read), gcPercentOfLarge) // next they are asked where they see each other
		if o.discovery == nil {
			return nil
		}
		return prepare(o.discovery.further(ctx, read))
	}
	lighten(len(o.devices), gcPercent)
	snapshots := poll.Explore(ctx, prepare(o.devices), further, sought, done)
	lighten(len(snapshots), gcPercentOfLarge) // what reading had allocated is room for what comes now
	if o.host {
		snapshots = append(snapshots, neigh.Read())
	}
	if o.history != nil {
		o.history.count(snapshots, from, o.every)
	}
	located := locate.Locate(snapshots, o.rules.Concerned())
	judgement := detect.Judge(located, o.rules)
	if o.asks != nil {
		located, judgement = o.ask(ctx, snapshots, located, judgement)
	}
	o.seen = seenIn(located)
	r := report.Build(snapshots, judgement, o.rules)
	r.Join(located.Links)
	r.Asked = o.asks.summary()
	r.Data.Files = o.files
	r.Observed = report.NewSpan(from, time.Now())
	if o.history != nil && ctx.Err() == nil {
		o.history.complete(r, full, from)
	}
	id, err := report.NewID(time.Now())
	if err != nil {
		return nil, fmt.Errorf("make a report: %w", err)
	}
	r.ID, r.Site, r.Agent = id, o.site, thisAgent()
	return r, nil
}

// seenIn tells whether a station is among those of a site.
func seenIn(site locate.Site) func(mac string) bool {
	stations := make(map[lan.MAC]bool, len(site.Stations))
	for i := range site.Stations {
		stations[site.Stations[i].MAC] = true
	}
	others := site.Others
	return func(text string) bool {
		mac, err := lan.ParseMAC(text)
		_, other := slices.BinarySearchFunc(others, mac, lan.MAC.Compare)
		return err == nil && (other || stations[mac])
	}
}

func thisAgent() report.Agent {
	hostname, _ := os.Hostname() // a machine without a name has an empty one
	bootID, uptime := boot()
	return report.Agent{Version: version, Hostname: lan.CleanString(hostname), OS: runtime.GOOS, Arch: runtime.GOARCH,
		BootID: bootID, UptimeS: int64(uptime.Seconds())}
}

// rules prepares the rules: of the lists the named ones are watched.
func (e editions) rules(watch config.Watch, site detect.Site) (detect.Rules, error) {
	rules := detect.Rules{Registry: e.registry, Catalog: e.catalog, Site: site}
	for _, id := range slices.Compact(slices.Sorted(slices.Values(watch.Lists))) {
		list, ok := e.catalog.List(id)
		if !ok {
			return detect.Rules{}, usageError("there is no list %q; 'camwarden version' names them all", id)
		}
		rules.Lists = append(rules.Lists, list)
	}
	for _, o := range watch.Own {
		rules.Own = append(rules.Own, detect.Own(o))
	}
	return rules, nil
}

// newObserver prepares the observations that a configuration asks for, by the
// editions that the program was built with.
func newObserver(c *config.Config, known *recall) (*observer, error) {
	e, err := embeddedEditions()
	if err != nil {
		return nil, err
	}
	return e.observer(c, known)
}

// observer prepares the observations that a configuration asks for.
func (e editions) observer(c *config.Config, known *recall) (*observer, error) {
	site := detect.Site{CoreVLANs: c.Site.CoreVLANs, CorePrefixes: c.Site.CorePrefixes,
		Sensitive: c.Site.Sensitive != nil && *c.Site.Sensitive}
	o := &observer{host: true, landmarks: neigh.Landmarks, files: e.files, site: report.Site{ID: c.Site.ID, Name: c.Site.Name, Sensitive: c.Site.Sensitive}}
	for _, s := range c.Switches {
		if s.Off {
			continue
		}
		if s.Role == config.Core {
			site.CoreSwitches = append(site.CoreSwitches, deviceName(s.Address))
		}
		o.devices = append(o.devices, reach{s, credentials(s.Credentials), known}.device())
	}
	if o.discovery = newDiscovery(c, known); o.discovery != nil {
		o.devices = append(o.devices, o.discovery.remembered(time.Now())...)
	}
	var err error
	o.rules, err = e.rules(c.Watch, site)
	if c.Confirm.Enabled && err == nil {
		var host []netip.Prefix
		if host, err = hostPrefixes(); err != nil {
			return nil, fmt.Errorf("ask stations what they are: this host's own addresses are not known: %w", err)
		}
		o.asks = newAsker(c.Confirm, host)
	}
	return o, err
}

// hostPrefixes are the addresses of this host, each with the length of its
// network's prefix.
func hostPrefixes() ([]netip.Prefix, error) {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return nil, err
	}
	var prefixes []netip.Prefix
	for _, a := range addresses {
		if own, err := netip.ParsePrefix(a.String()); err == nil {
			prefixes = append(prefixes, own)
		}
	}
	return prefixes, nil
}

// deviceName is how reports call a switch: its address, and its port only
// where that is not the usual one.
func deviceName(a config.Address) string {
	if a.Port == defaultSNMPPort {
		return a.Host
	}
	return a.String()
}

const defaultSNMPPort = 161

var snmpVersions = map[config.Version]snmp.Version{config.V1: snmp.V1, config.V2c: snmp.V2c, config.V3: snmp.V3}

func credentials(from []*config.Credential) []snmp.Credential {
	var list []snmp.Credential
	for _, c := range from {
		list = append(list, snmp.Credential{Name: c.Name, Version: snmpVersions[c.Version], Community: c.Community.Reveal(),
			User: c.User, Auth: snmp.Auth(c.Auth), AuthPassphrase: c.AuthPassphrase.Reveal(),
			Priv: snmp.Priv(c.Priv), PrivPassphrase: c.PrivPassphrase.Reveal()})
	}
	return list
}

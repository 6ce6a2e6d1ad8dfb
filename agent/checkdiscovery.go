package main

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/camwarden/camwarden/agent/internal/config"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/memory"
	"github.com/camwarden/camwarden/agent/internal/snmp"
)

// discovery says what discovery is allowed to do: where, with what, and whom
// it would ask now; nothing where it is off. It asks nobody.
func (c *checker) discovery(cfg *config.Config, read []lan.Snapshot, known *recall) []checked {
	d := newDiscovery(cfg, known)
	if d == nil {
		return nil
	}
	now := time.Now()
	lines := []checked{{mark: isGood, cells: []string{"discovery", d.way() + "; never outside " + joined(cfg.Discover.Within)}}}
	for _, by := range d.credentials {
		lines = append(lines, checked{mark: isGood, cells: []string{"  credentials " + by.Name, by.Version.String() + ": " + d.offeredTo(by)}})
	}
	for _, device := range d.remembered(now) {
		lines = append(lines, c.foundLine(device.Name, known.of(d.named[device.Name])))
	}
	for i := range read {
		d.learn(&read[i])
	}
	d.rounds = 1
	for _, q := range d.quests(read, now) {
		for _, t := range q.tries {
			lines = append(lines, c.questLine(t))
		}
	}
	if len(d.barred) > 0 {
		lines = append(lines, checked{mark: isOff, cells: []string{"  nothing to offer", strings.Join(d.barred, ", ")}, notes: []string{barredCure}})
	}
	return lines
}

// way says by what switches are found.
func (d *discovery) way() string {
	var ways []string
	if d.gateways != nil {
		gateways, err := d.gateways()
		switch {
		case err != nil:
			ways = append(ways, "from the default gateway, which is not known: "+err.Error())
		case len(gateways) == 0:
			ways = append(ways, "from the default gateway, of which this host has none")
		default:
			ways = append(ways, "from the default gateway "+joined(gateways))
		}
	}
	if d.follow {
		ways = append(ways, "by LLDP and CDP neighbours")
	}
	return strings.Join(ways, ", and ")
}

// offeredTo says to whom credentials are offered.
func (d *discovery) offeredTo(by snmp.Credential) string {
	if by.Version == snmp.V3 && by.Auth != "" {
		return "offered to every candidate"
	}
	var subnets []netip.Prefix
	for _, place := range d.places[by.Name] {
		if subnet := subnetOf(place); subnet.IsValid() && !slices.Contains(subnets, subnet) {
			subnets = append(subnets, subnet)
		}
	}
	where := "nowhere, for no [[switch]] with an IP address names these credentials"
	if len(subnets) > 0 {
		where = "only in " + joined(subnets) + ", where a [[switch]] names them too"
	}
	if d.gateways != nil {
		where += "; and to the default gateway"
	}
	return "in clear text, and so offered " + where
}

// foundLine is a switch that was found before.
func (c *checker) foundLine(name string, s memory.Switch) checked {
	line := checked{mark: isGood, cells: []string{"  found " + name,
		fmt.Sprintf("read by %s with %s; camwarden setup -adopt adds it to the configuration", s.Version, s.Credentials)}}
	if s.Name != "" {
		line.cells[0] += " (" + c.disguise.name("name", s.Name) + ")"
	}
	if c.disguise == nil { // it names other switches and their ports
		line.notes = []string{s.Found}
	}
	return line
}

// questLine is an address that the next observation would ask.
func (c *checker) questLine(t try) checked {
	names := make([]string, len(t.credentials))
	for i, by := range t.credentials {
		names[i] = by.Name
	}
	line := checked{mark: isGood, cells: []string{"  candidate " + deviceName(t.at), "would be asked with " + strings.Join(names, ", then ")}}
	if c.disguise == nil {
		line.notes = t.whys
	}
	return line
}

// joined lists things for people.
func joined[T fmt.Stringer](list []T) string {
	texts := make([]string, len(list))
	for i, one := range list {
		texts[i] = one.String()
	}
	return strings.Join(texts, ", ")
}

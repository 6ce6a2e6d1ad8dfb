package config

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/order"
)

// notYet says what to write in place of a value that the format knows and
// this version cannot serve; empty for all others. A value of nil is any.
func notYet(section, key string, value any) string {
	for _, n := range []struct {
		section, key string
		value        any
		cure         string
	}{
		{"report", "inventory", true, "this version counts stations that are not flagged and does not list them: write false"},
		{"watch", "update_url", nil, "this version does not fetch lists: remove the line, newer lists come with newer versions of camwarden"},
	} {
		if n.section == section && n.key == key && (n.value == nil || n.value == value) {
			return n.cure
		}
	}
	return ""
}

const maxSiteID = 64

func (r *reader) site(root *table, needed bool) Site {
	t := root.table("site")
	s := Site{ID: t.text("id"), Name: t.text("name")}
	if sensitive, ok := t.flag("sensitive"); ok {
		s.Sensitive = &sensitive
	}
	s.CoreVLANs = list(t, "core_vlans", "[10, 20]", parseVLAN)
	s.CorePrefixes = list(t, "core_prefixes", `["10.1.0.0/24"]`, ofText(parsePrefix))
	t.rest()

	switch {
	case needed && !t.has("id"):
		t.missing("id", `write id = "…" under [site], so that the endpoint can tell the sites apart`)
	case len(s.ID) > maxSiteID || strings.Trim(s.ID, letters+digits+"-_.") != "":
		t.bad("id", "write at most %d letters, digits, - _ and . such as \"LON-0042\"", maxSiteID)
	}
	if s.Name != lan.CleanString(s.Name) {
		t.bad("name", "write at most %d bytes in one line, without control characters or spaces around them", lan.MaxText)
	}
	return s
}

const (
	minEvery  = time.Minute
	maxEvery  = 24 * time.Hour
	maxOthers = 7 * 24 * time.Hour
)

// schedule reads the intervals. A default that the file does not name gives
// way to a longer interval that it does.
func (r *reader) schedule(root *table, s *Schedule) {
	t := root.table("schedule")
	interval(t, "every", &s.Every, minEvery, maxEvery)
	s.FullEvery, s.ReportEvery = max(s.FullEvery, s.Every), max(s.ReportEvery, s.Every)
	interval(t, "full_every", &s.FullEvery, s.Every, maxOthers)
	interval(t, "report_every", &s.ReportEvery, s.Every, maxOthers)
	t.rest()
}

// interval reads a duration within bounds, and keeps what is there without one.
func interval(t *table, key string, d *time.Duration, least, most time.Duration) {
	given, ok := parsed(t, key, parseDuration)
	switch {
	case !ok:
	case given < least || given > most:
		t.bad(key, "write a duration from %s to %s", brief(least), brief(most))
	default:
		*d = given
	}
}

func (r *reader) discover(root *table, all map[string]*Credential) Discover {
	t := root.table("discover")
	var d Discover
	d.FromGateway, _ = t.flag("from_gateway")
	d.FollowLLDP, _ = t.flag("follow_lldp")
	d.Within = list(t, "within", `["10.0.0.0/16"]`, ofText(parsePrefix))
	t.rest()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if all[name].Discover {
			d.Credentials = append(d.Credentials, all[name])
		}
	}
	order.By(d.Credentials, func(a, b *Credential) int { return cmp.Compare(b.Version, a.Version) })
	if !d.Enabled() {
		return d
	}
	switch {
	case !t.has("within"):
		t.missing("within", `write within = ["10.0.0.0/16"], the prefixes that discovery must never leave`)
	case t.isEmpty("within"):
		t.bad("within", `name at least one prefix that discovery must never leave, such as "10.0.0.0/16"`)
	}
	if len(d.Credentials) == 0 {
		key := "follow_lldp"
		if d.FromGateway {
			key = "from_gateway"
		}
		t.bad(key, "no credentials may be offered to a switch that is found: write discover = true under a [credentials.NAME], best one of version \"3\"")
	}
	return d
}

func (r *reader) watch(root *table, w *Watch) {
	t := root.table("watch")
	if lists := list(t, "lists", `["us-ndaa-889"]`, ofText(r.listID)); len(lists) > 0 {
		w.Lists = lists
	}
	if t.isEmpty("lists") {
		t.bad("lists", "name at least one list, or remove the line to have the standard ones")
	}
	w.UpdateURL, _ = parsed(t, "update_url", parseURL)
	w.Own = r.own(t)
	t.rest()
}

// listID checks the id of a watch list.
func (r *reader) listID(id string) (string, error) {
	known := r.options.Lists
	if len(known) == 0 || slices.Contains(known, id) {
		return id, nil
	}
	if near := closest(id, known); near != "" {
		return "", fmt.Errorf("there is no such list: did you mean %q?", near)
	}
	return "", fmt.Errorf("there is no such list: write one of %s", strings.Join(known, ", "))
}

func (r *reader) confirm(root *table, all map[string]*Credential, switches []Switch) Confirm {
	t := root.table("confirm")
	var c Confirm
	c.Enabled, _ = t.flag("enabled")
	c.Multicast, _ = t.flag("multicast")
	c.Subnets = list(t, "subnets", `["10.20.0.0/24"]`, ofText(parsePrefix))
	known := credentialNamed(all)
	c.Credentials = list(t, "credentials", `["cameras"]`, ofText(func(name string) (*Credential, error) {
		credential, err := known(name)
		if err != nil {
			return nil, err
		}
		if why := ofSwitch(credential, all, switches); why != "" {
			return nil, errors.New(why + ": name others, so that no station is ever offered those of a switch")
		}
		return credential, nil
	}))
	t.rest()
	if c.Enabled && !t.has("subnets") {
		t.missing("subnets", `write subnets = ["10.20.0.0/24"], where stations may be asked`)
	}
	return c
}

// ofSwitch says why credentials are, or give away, those that a switch uses or
// may be offered; empty where they do not. It repeats no secret.
func ofSwitch(c *Credential, all map[string]*Credential, switches []Switch) string {
	for _, name := range slices.Sorted(maps.Keys(all)) {
		other := all[name]
		used := slices.ContainsFunc(switches, func(s Switch) bool { return slices.Contains(s.Credentials, other) })
		switch {
		case other == c && other.Discover:
			return "these credentials are marked discover = true"
		case other == c && used:
			return "a switch uses these credentials"
		case other != c && (other.Discover || used) && c.shares(other):
			return fmt.Sprintf("these credentials hold a secret of [credentials.%s] too, which a switch uses or may be offered", name)
		}
	}
	return ""
}

func (r *reader) report(root *table) Report {
	t := root.table("report")
	inventory, _ := t.flag("inventory")
	t.rest()
	return Report{Inventory: inventory}
}

package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// An Own is an entry of the operator's own list: stations that are flagged
// besides those of the public lists, or whose finding is known and allowed.
type Own struct {
	Allow  bool
	Range  lan.MACRange // by prefix or single address; zero: by maker
	Maker  string       // a key of a reviewed maker, or an organisation as registered
	Reason string
	By     string // who has decided it
	Until  string // the last day on which it counts: 2027-06-30
}

// own reads [[watch.flag]] and [[watch.allow]].
func (r *reader) own(watch *table) []Own {
	var all []Own
	lines := make(map[string]int)
	for _, kind := range []string{"flag", "allow"} {
		for _, t := range watch.tables(kind) {
			o := Own{Allow: kind == "allow"}
			which := r.stations(t, &o)
			o.Reason, o.By = r.oneLine(t, "reason"), r.oneLine(t, "by")
			o.Until = day(t, "until")
			t.rest()
			for _, needed := range [][2]string{
				{"reason", `write reason = "…": it stands in every report, as evidence`},
				{"by", `write by = "…", the name of who has decided this`},
				{"until", `write until = "2027-06-30", the last day on which this counts`},
			} {
				if !t.has(needed[0]) {
					t.missing(needed[0], "%s", needed[1])
				}
			}
			if which == "" {
				continue
			}
			about := cmp.Or(o.Maker, o.Range.String())
			if line := lines[about]; line > 0 {
				t.bad(which, "remove one of the two: the entry of line %d is about the same stations", line)
			}
			lines[about] = t.place.at(which).number()
			all = append(all, o)
		}
	}
	return all
}

// stations reads which stations an entry is about, and returns the key that
// says so; empty where none does.
func (r *reader) stations(t *table, o *Own) string {
	var ok bool
	var given []string
	for _, key := range []string{"mac", "prefix", "maker"} {
		t.reader.know(t.section, key)
		if t.has(key) {
			given = append(given, key)
		}
	}
	switch {
	case len(given) == 0:
		t.missing("mac", `write which stations: mac = "44:19:b6:00:00:09", prefix = "44:19:b6" or maker = "hikvision"`)
		return ""
	case len(given) > 1:
		t.bad(given[1], "keep only one of mac, prefix and maker: write a second entry for the other")
		return ""
	}
	switch given[0] {
	case "mac":
		o.Range, ok = parsed(t, "mac", parseStation)
	case "prefix":
		o.Range, ok = parsed(t, "prefix", lan.ParseMACPrefix)
	default:
		o.Maker, ok = parsed(t, "maker", r.maker)
	}
	if !ok {
		return ""
	}
	return given[0]
}

// parseStation reads the address of one station.
func parseStation(s string) (lan.MACRange, error) {
	mac, err := lan.ParseMAC(s)
	switch {
	case err != nil:
		return lan.MACRange{}, errors.New("write six octets, such as 44:19:b6:00:00:09")
	case !mac.IsStation():
		return lan.MACRange{}, errors.New("write the address of a station: this is zero, multicast or broadcast")
	}
	return lan.MACRange{First: mac, Last: mac}, nil
}

// maker checks the key of a maker or the name of an organisation.
func (r *reader) maker(name string) (string, error) {
	known := r.options.Makers
	switch {
	case len(known) == 0 || slices.Contains(known, name):
		return name, nil
	case r.options.Registered != nil && r.options.Registered(name):
		return name, nil
	}
	if near := closest(name, known); near != "" {
		return "", fmt.Errorf("there is no such maker: did you mean %q?", near)
	}
	return "", fmt.Errorf("there is no such maker: write one of %s, or an organisation exactly as camwarden lookup MAC shows it", strings.Join(known, ", "))
}

// oneLine reads a text that goes into reports.
func (r *reader) oneLine(t *table, key string) string {
	s := t.text(key)
	if s != lan.CleanString(s) {
		t.bad(key, "write at most %d bytes in one line, without control characters or spaces around them", lan.MaxText)
	}
	return s
}

// day reads a date, with or without quotes.
func day(t *table, key string) string {
	const cure = `write a day, such as "2027-06-30"`
	switch v, given := t.value(key); v := v.(type) {
	case time.Time:
		return v.Format(time.DateOnly)
	case string:
		if _, err := time.Parse(time.DateOnly, v); err != nil {
			t.bad(key, cure)
			return ""
		}
		return v
	default:
		if given {
			t.bad(key, cure)
		}
		return ""
	}
}

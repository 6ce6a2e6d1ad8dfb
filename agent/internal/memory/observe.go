package memory

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/report"
)

// A station is gone when it was missing from this many complete observations
// of the very tables that had shown it, over at least this long.
const (
	goneMisses = 3
	goneAfter  = time.Hour
)

// A station that goes to and fro between ports, as one with two ways to the
// network does, is said to have moved once in this time; where it is then
// counts.
const settled = time.Hour

// A level above possible is lowered by one when the station was not seen for
// this long.
const fresh = 7 * 24 * time.Hour

// Known are the stations that an earlier observation has shown.
func (m *Memory) Known() map[lan.MAC]bool {
	known := make(map[lan.MAC]bool, len(m.Stations))
	for text := range m.Stations {
		if mac, err := lan.ParseMAC(text); err == nil {
			known[mac] = true
		}
	}
	return known
}

// Release forgets what is no longer a matter of presence: stations that are
// seen as ever and flagged no more, because a list or the registry has
// changed, and those that only sources have shown which are asked no more.
// seen tells whether the observation has seen a station at all.
func (m *Memory) Release(r *report.Report, seen func(mac string) bool) {
	flagged := make(map[string]bool, len(r.Findings))
	for _, f := range r.Findings {
		flagged[f.MAC] = true
	}
	asked := make(map[string]bool, len(r.Coverage))
	for _, c := range r.Coverage {
		asked[c.Source] = true
	}
	maps.DeleteFunc(m.Stations, func(mac string, s *Station) bool {
		unasked := len(s.ShownBy) > 0 && !slices.ContainsFunc(s.ShownBy, func(t Table) bool { return asked[t.Source] })
		return !flagged[mac] && !s.Gone && (seen(mac) || unasked)
	})
}

// Observe takes in a report: it fills in since when each finding is known,
// adds the stations that are missing for now, and says what changed. A table
// that was not read completely makes nothing disappear.
func (m *Memory) Observe(r *report.Report, now time.Time) {
	now = now.UTC().Truncate(time.Second)
	if m.Stations == nil {
		m.Stations = make(map[string]*Station)
	}
	complete := completeTables(r)
	found := make(map[string]bool, len(r.Findings))
	for i := range r.Findings {
		f := &r.Findings[i]
		found[f.MAC] = true
		if change, changed := m.saw(f, now); changed {
			r.Changes = append(r.Changes, report.Change{Op: change, MAC: f.MAC})
		}
	}
	for _, mac := range slices.Sorted(maps.Keys(m.Stations)) {
		station := m.Stations[mac]
		if found[mac] || station.Gone {
			continue
		}
		m.missed(station, complete, r.Agent, now)
		if station.Gone {
			r.Changes = append(r.Changes, report.Change{Op: report.Gone, MAC: mac})
			continue
		}
		r.Findings = append(r.Findings, station.absent(now))
	}
	m.forget(now)
	if m.Since.IsZero() {
		m.Since, m.First = now, len(m.Stations)
	}
	r.Progress = m.progress()
}

// progress is what became of the stations of the first observation, and what
// came later.
func (m *Memory) progress() *report.Progress {
	p := &report.Progress{Since: m.Since, First: m.First}
	for _, s := range m.Stations {
		switch later := s.FirstSeen.After(m.Since); {
		case later && !s.Gone:
			p.New++
		case later:
		case s.Gone:
			p.Gone++
		case !s.MovedAt.IsZero():
			p.Moved++
		}
	}
	return p
}

func (m *Memory) saw(f *report.Finding, now time.Time) (report.ChangeOp, bool) {
	station, known := m.Stations[f.MAC]
	if !known {
		station = &Station{FirstSeen: now}
		m.Stations[f.MAC] = station
	}
	before, wasGone, movedAt := station.Attached, station.Gone, station.MovedAt
	if now.Before(station.FirstSeen) { // the clock was set back
		station.FirstSeen = now
	}
	f.FirstSeen, f.LastSeen = station.FirstSeen, now
	*station = Station{FirstSeen: station.FirstSeen, LastSeen: now, Finding: *f, Attached: before, MovedAt: movedAt, ShownBy: shownBy(f)}
	after, sure := attached(f.Location)
	moved := known && !wasGone && sure && before != (Port{}) && before != after
	if since := now.Sub(movedAt); moved && since >= 0 && since < settled {
		return "", false
	}
	if sure {
		station.Attached = after
	}
	if moved {
		station.MovedAt = now
	}
	switch {
	case !known:
		return report.Appeared, true
	case wasGone:
		return report.Back, true
	case moved:
		return report.Moved, true
	default:
		return "", false
	}
}

// absent is the finding of a station that was not seen this time.
func (s *Station) absent(now time.Time) report.Finding {
	f := s.Finding
	lower, sure := map[string]string{"confirmed": "probable", "probable": "possible"}[f.Level]
	if !sure || now.Sub(s.LastSeen) < fresh {
		return f
	}
	f.Evidence = append(slices.Clip(f.Evidence), report.Evidence{Claim: "level", Mechanism: "mac-block", Rule: "lowered-not-seen",
		Text: fmt.Sprintf("%s in place of %s: it was last seen on %s", lower, f.Level, s.LastSeen.Format(time.DateOnly))})
	f.Level = lower
	return f
}

// attached tells the port of a place that is told for sure.
func attached(l report.Location) (Port, bool) {
	sure := l.Certainty == "edge" || l.Certainty == "port" || l.Certainty == "shared"
	return Port{Switch: l.Address, Port: l.Port}, sure
}

// shownBy lists the tables that showed the station's address. What else they
// tell, such as what its port feeds it, does not show that it is there.
func shownBy(f *report.Finding) []Table {
	var tables []Table
	for _, e := range f.Evidence {
		if e.Claim != "maker" || e.Mechanism != "mac-block" || e.Table == "" {
			continue
		}
		if t := (Table{Source: e.Source, Table: e.Table}); !slices.Contains(tables, t) {
			tables = append(tables, t)
		}
	}
	return tables
}

// completeTables tells which tables were read to their end in every context. A
// context without rows is a VLAN without stations, as long as another context
// has some: a view that leaves the table out would leave it out everywhere.
func completeTables(r *report.Report) map[Table]bool {
	complete := make(map[Table]bool)
	for _, c := range r.Coverage {
		cut := make(map[Table]bool)
		for _, t := range c.Tables {
			key := Table{Source: c.Source, Table: t.Table}
			switch {
			case proves(t):
				complete[key] = !cut[key]
			case t.Status != "absent" || t.Context == "":
				cut[key], complete[key] = true, false
			}
		}
	}
	return complete
}

// proves tells whether a table that does not show a station says that it is not
// there. One that was sought in does only where a walk has shown that seeks
// leap over nothing.
func proves(t report.Table) bool {
	return t.Status == "complete" && (t.Method != "seek" || t.Verified)
}

// since is the time from the last miss: by the host's uptime where that has
// gone on, since a clock that is set makes an hour of a minute.
func (s *Station) since(agent report.Agent, now time.Time) time.Duration {
	if agent.BootID != "" && agent.BootID == s.MissedBoot {
		return time.Duration(agent.UptimeS-s.MissedUptime) * time.Second
	}
	return max(now.Sub(s.MissedAt), 0)
}

// missed counts an observation without the station, if it proves anything.
func (m *Memory) missed(s *Station, complete map[Table]bool, agent report.Agent, now time.Time) {
	for _, table := range s.ShownBy {
		if !complete[table] {
			return
		}
	}
	if len(s.ShownBy) == 0 {
		return
	}
	s.Finding.Present = false
	if s.Misses++; s.Misses > 1 {
		s.MissedFor += s.since(agent, now)
	}
	s.MissedAt, s.MissedBoot, s.MissedUptime = now, agent.BootID, agent.UptimeS
	s.Gone = s.Misses >= goneMisses && s.MissedFor >= goneAfter
}

// forget keeps the file small: what is gone goes first, then what was not seen
// for the longest time.
func (m *Memory) forget(now time.Time) {
	maps.DeleteFunc(m.Stations, func(_ string, s *Station) bool { return s.Gone && now.Sub(s.LastSeen) > MaxAge })
	if len(m.Stations) <= MaxStations {
		return
	}
	oldest := slices.SortedFunc(maps.Keys(m.Stations), func(a, b string) int {
		s, t := m.Stations[a], m.Stations[b]
		switch {
		case s.Gone && !t.Gone:
			return -1
		case t.Gone && !s.Gone:
			return 1
		default:
			return cmp.Or(s.LastSeen.Compare(t.LastSeen), cmp.Compare(a, b))
		}
	})
	for _, mac := range oldest[:len(m.Stations)-MaxStations] {
		delete(m.Stations, mac)
	}
}

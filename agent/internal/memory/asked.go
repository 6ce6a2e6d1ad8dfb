package memory

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// A station, and what discovery takes for a switch, is asked again after
// AskAgain, and not before, whether it has answered or not. What a station it has answered counts for AnswersKeep after it was
// said: one that is off today has not become something else.
const (
	AskAgain    = 24 * time.Hour
	AnswersKeep = 7 * 24 * time.Hour
	MaxAsked    = 4_000    // stations of which this is remembered
	maxAnswers  = 16 << 20 // octets of all their answers together
)

// An Asked is what is remembered of asking a station.
type Asked struct {
	At      time.Time    `json:"at"`
	Address string       `json:"address"` // by which it was asked
	Answers []lan.Answer `json:"answers,omitempty"`
}

// Inquiries are what is remembered of asking.
type Inquiries struct {
	SegmentAt time.Time         `json:"segment_at,omitzero"` // when the segment was asked last, by multicast
	Stations  map[lan.MAC]Asked `json:"stations,omitempty"`
}

// Due tells whether a station is to be asked: it was not for a day, or has
// another address now. A clock that was set back is no reason to wait.
func (q *Inquiries) Due(mac lan.MAC, address string, now time.Time) bool {
	last, known := q.Stations[mac]
	return !known || last.Address != address || elapsed(last.At, now)
}

// SegmentDue tells whether the segment is to be asked.
func (q *Inquiries) SegmentDue(now time.Time) bool { return elapsed(q.SegmentAt, now) }

func elapsed(at, now time.Time) bool {
	since := now.Sub(at)
	return since < 0 || since >= AskAgain
}

// Answers are all that still count, by station.
func (q *Inquiries) Answers(now time.Time) map[lan.MAC][]lan.Answer {
	answers := make(map[lan.MAC][]lan.Answer)
	for mac, asked := range q.Stations {
		for _, a := range asked.Answers {
			if now.Sub(a.At) < AnswersKeep {
				answers[mac] = append(answers[mac], a)
			}
		}
	}
	return answers
}

// Hear takes in what a station has answered: to a question that it has answered
// again the new answer counts.
func (q *Inquiries) Hear(mac lan.MAC, answers []lan.Answer) {
	if len(answers) == 0 {
		return
	}
	asked := q.Stations[mac]
	kept := slices.DeleteFunc(slices.Clone(asked.Answers), func(old lan.Answer) bool {
		return slices.ContainsFunc(answers, func(a lan.Answer) bool { return a.Question == old.Question })
	})
	asked.Answers = append(kept, answers...)
	q.put(mac, asked)
}

// Ask notes that a station was asked.
func (q *Inquiries) Ask(mac lan.MAC, address string, now time.Time) {
	asked := q.Stations[mac]
	asked.At, asked.Address = now.UTC().Truncate(time.Second), address
	q.put(mac, asked)
}

func (q *Inquiries) put(mac lan.MAC, asked Asked) {
	if q.Stations == nil {
		q.Stations = make(map[lan.MAC]Asked)
	}
	q.Stations[mac] = asked
}

// Clone is a copy that changes by itself.
func (q *Inquiries) Clone() *Inquiries {
	return &Inquiries{SegmentAt: q.SegmentAt, Stations: maps.Clone(q.Stations)}
}

// Prune forgets what counts no more, and of too many stations, or too much that
// they have said, those that were asked longest ago.
func (q *Inquiries) Prune(now time.Time) {
	for mac, asked := range q.Stations {
		asked.Answers = slices.DeleteFunc(slices.Clone(asked.Answers), func(a lan.Answer) bool { return now.Sub(a.At) >= AnswersKeep })
		q.Stations[mac] = asked
		if len(asked.Answers) == 0 && elapsed(asked.At, now) {
			delete(q.Stations, mac)
		}
	}
	latest := slices.SortedFunc(maps.Keys(q.Stations), func(a, b lan.MAC) int {
		return cmp.Or(q.Stations[b].At.Compare(q.Stations[a].At), a.Compare(b))
	})
	octets := 0
	for i, mac := range latest {
		if octets += size(q.Stations[mac].Answers); i >= MaxAsked || octets > maxAnswers {
			delete(q.Stations, mac)
		}
	}
}

// size is about how long answers are in the file, where every octet of a text
// may take two.
func size(answers []lan.Answer) int {
	octets := 0
	for _, a := range answers {
		octets += 100
		for _, s := range a.Said {
			octets += 30 + len(s.Field) + 2*len(s.Value)
		}
	}
	return octets
}

package main

import (
	"hash/fnv"
	"time"
)

// A schedule says when the next observation is due. Agents of a fleet that
// start at the same moment must not report at the same moment: each has its
// phase within the interval, from a hash of its site and itself, since a site
// may have several.
type schedule struct {
	every time.Duration
	phase time.Duration // from 0 to every
}

func newSchedule(every time.Duration, site, agent string) schedule {
	h := fnv.New64a()
	h.Write([]byte(site + "\x00" + agent))
	return schedule{every: every, phase: time.Duration(h.Sum64() % uint64(every))}
}

// jitterShare is the part of the interval by which an observation may come
// later than its phase says, so that a fleet does not beat in step.
const jitterShare = 20

// next is the first moment of the agent's phase after now, plus jitter: a
// number from 0 to 1 that says how much of it.
func (s schedule) next(now time.Time, jitter float64) time.Time {
	wait := s.phase - time.Duration(now.UnixNano())%s.every
	for wait > s.every { // a clock before 1970
		wait -= s.every
	}
	if wait <= 0 {
		wait += s.every
	}
	return now.Add(wait + time.Duration(jitter*float64(s.every)/jitterShare))
}

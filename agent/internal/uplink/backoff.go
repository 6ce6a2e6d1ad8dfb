package uplink

import "time"

// A Backoff is the schedule of the long retries. Zero fields have the defaults
// named.
type Backoff struct {
	First, Max             time.Duration // 30 s, doubling to 1 h
	ConfigFirst, ConfigMax time.Duration // 15 min, doubling to 6 h; for what settings have to cure
}

// Next returns how long to wait after so many failures in a row, of which the
// last was of the class given and came with retryAfter (zero: without). random
// is from 0 up to 1. The wait is spread by half to either side, so that sites
// which failed together do not come back together, and is never shorter than
// retryAfter, from which they are spread too. Zero failures need no wait.
func (b Backoff) Next(failures int, class Class, retryAfter time.Duration, random float64) time.Duration {
	if failures <= 0 {
		return 0
	}
	wait, limit := orDefault(b.First, 30*time.Second), orDefault(b.Max, time.Hour)
	if class == Config {
		wait, limit = orDefault(b.ConfigFirst, 15*time.Minute), orDefault(b.ConfigMax, 6*time.Hour)
	}
	for ; failures > 1 && wait < limit; failures-- {
		wait *= 2
	}
	wait = equalJitter(min(wait, limit), random)
	if wait < retryAfter {
		return retryAfter + time.Duration(random*float64(retryAfter)/2)
	}
	return wait
}

// equalJitter spreads wait from a half to one and a half of it.
func equalJitter(wait time.Duration, random float64) time.Duration {
	return wait/2 + time.Duration(random*float64(wait))
}

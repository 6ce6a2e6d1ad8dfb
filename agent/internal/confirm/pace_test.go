package confirm

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestPace: whoever sends, alone or several at once, no second has more than
// five packets; and the time that this takes is not more than it has to be.
func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(paceSpan)
		var mu sync.Mutex
		var sent []time.Time
		began := time.Now()
		var wait sync.WaitGroup
		for worker := range 8 {
			wait.Go(func() {
				for range 10 {
					done, err := p.exclusive(t.Context())
					if err != nil {
						t.Error(err)
						return
					}
					n := 1 + worker%mostPackets
					if err := p.take(t.Context(), n); err != nil {
						t.Error(err)
					}
					mu.Lock()
					for range n {
						sent = append(sent, time.Now())
					}
					mu.Unlock()
					done()
				}
			})
		}
		wait.Wait()
		for first := range sent {
			n := 0
			for _, at := range sent[first:] {
				if at.Sub(sent[first]) < paceSpan {
					n++
				}
			}
			if n > mostPackets {
				t.Fatalf("%d packets within %v", n, paceSpan)
			}
		}
		if least, took := paceSpan*time.Duration(len(sent)/mostPackets-1), time.Since(began); took > 2*least {
			t.Errorf("%d packets took %v", len(sent), took)
		}
	})
}

// TestPaceCounts: what the system has sent later counts, what was not sent does
// not; and the end of a context ends the wait.
func TestPaceCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(paceSpan)
		wait := func(n int) time.Duration {
			began := time.Now()
			if err := p.take(t.Context(), n); err != nil {
				t.Fatal(err)
			}
			return time.Since(began)
		}
		if got := wait(mostPackets); got != 0 {
			t.Errorf("the first waited %v", got)
		}
		p.unsent(mostPackets - 1)
		if got := wait(mostPackets - 1); got != 0 {
			t.Errorf("what was not sent kept others for %v", got)
		}
		time.Sleep(paceSpan)
		p.gone(2)
		if got := wait(mostPackets - 2); got != 0 {
			t.Errorf("waited %v beside two", got)
		}
		if got := wait(1); got != paceSpan {
			t.Errorf("waited %v, want %v", got, paceSpan)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if err := p.take(ctx, mostPackets); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

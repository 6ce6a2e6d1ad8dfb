package snmp

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestPace(t *testing.T) {
	for _, test := range []struct {
		name      string
		perSecond int
		sends     int // for each wait
		want      time.Duration
	}{
		{"without limit", 0, 1, 0},
		{"one at a time", 50, 1, 19 * 20 * time.Millisecond},
		{"two for each wait", 50, 2, 19 * 40 * time.Millisecond},
		{"one a second", 1, 1, 19 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPace(test.perSecond)
				start := time.Now()
				for range 20 {
					if err := p.wait(t.Context()); err != nil {
						t.Fatal(err)
					}
					for range test.sends {
						p.sent()
					}
				}
				if took := time.Since(start); took != test.want {
					t.Errorf("took %v, want %v", took, test.want)
				}
			})
		})
	}
}

// Time that went by without requests is no credit for a burst.
func TestPaceAfterAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(10)
		p.sent()
		time.Sleep(time.Hour)
		start := time.Now()
		for range 3 {
			if err := p.wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			p.sent()
		}
		if took := time.Since(start); took != 200*time.Millisecond {
			t.Errorf("three requests after a pause took %v", took)
		}
	})
}

func TestPaceEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		enough := errors.New("enough")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, enough)
		defer cancel()
		p := newPace(1)
		p.sent()
		p.sent()
		start := time.Now()
		if err := p.wait(ctx); !errors.Is(err, enough) || time.Since(start) != time.Second {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
	})
}

package snmp

import (
	"context"
	"slices"
	"time"
)

// fly sends the requests that next gives, several at a time, and calls land
// of each when it is answered or given up, until next gives none and none is
// on its way. It returns the context's error when that ends it.
//
// An attempt always lasts its whole time, whatever comes in place of an
// answer: a switch that is just starting refuses by ICMP, and garbage may
// come before the answer.
func (s *Session) fly(ctx context.Context, next func() *flight) error {
	defer func() { s.air = nil }()
	defer s.line.until(ctx)()
	for {
		if err := context.Cause(ctx); err != nil {
			for _, f := range s.air {
				f.land(answer{}, err)
			}
			return err
		}
		if err := s.launch(ctx, next); err != nil {
			continue // the context has ended
		}
		if len(s.air) == 0 {
			return nil
		}
		if a := s.line.receive(s.due()); a != nil {
			s.arrived(a)
			continue
		}
		s.expire(time.Now())
	}
}

// launch sends what may be sent by now: what is sent again, and what is new.
// Where nothing is on its way it waits until something may be.
func (s *Session) launch(ctx context.Context, next func() *flight) error {
	if len(s.air) == 0 {
		if err := s.pace.wait(ctx); err != nil {
			return err
		}
	}
	for _, f := range s.air {
		if !f.airborne && s.pace.ready() {
			s.send(ctx, f)
		}
	}
	for len(s.air) < s.width() && s.pace.ready() {
		f := next()
		if f == nil {
			break
		}
		s.air = append(s.air, f)
		s.send(ctx, f)
	}
	for _, f := range s.air {
		f.company = f.company || len(s.air) > 1
	}
	return nil
}

// send makes one attempt.
func (s *Session) send(ctx context.Context, f *flight) {
	now := time.Now()
	if f.attempt == 0 {
		f.began = now
	}
	timeout := s.attemptTime(f.attempt)
	f.attempt++
	f.sent, f.due, f.airborne, f.refused = now, now.Add(timeout), true, false
	s.requests++
	s.pace.sent()
	id, err := s.line.send(ctx, &f.request, timeout)
	if f.ids == nil {
		f.ids = f.first[:0]
	}
	f.ids = append(f.ids, id)
	if err != nil {
		f.failed(err)
	}
}

func (f *flight) failed(err error) {
	f.last = err
	f.refused = f.refused || isRefusal(err)
}

// attemptTime gives later attempts more time: a busy switch answers late
// rather than never.
func (s *Session) attemptTime(attempt int) time.Duration {
	return s.opts.Timeout * time.Duration(2+attempt) / 2
}

// due is when something has to be done next.
func (s *Session) due() time.Time {
	var due time.Time
	for _, f := range s.air {
		at := f.due
		if !f.airborne {
			at = s.pace.next
		}
		if due.IsZero() || at.Before(due) {
			due = at
		}
	}
	if len(s.air) < s.width() && s.pace.next.Before(due) && !s.pace.ready() {
		due = s.pace.next // a new one may go then
	}
	return due
}

// arrived takes in what came.
func (s *Session) arrived(a *arrival) {
	for range a.requests {
		s.requests++
		s.pace.sent()
	}
	for i, f := range s.air {
		if a.id != 0 && !f.has(a.id) {
			continue
		}
		switch {
		case a.err == nil:
			s.answeredAt = time.Now()
			s.window.answered(s.answeredAt.Sub(f.sent))
			s.lossy = s.lossy || f.attempt > 1
			s.remove(i)
			f.land(a.answer, nil)
			return
		case isFinal(a.err):
			s.remove(i)
			f.land(answer{}, a.err)
			return
		default:
			f.failed(a.err)
		}
	}
}

func (f *flight) has(id uint32) bool {
	for _, own := range f.ids {
		if own == id {
			return true
		}
	}
	return false
}

func (s *Session) remove(i int) { s.air = slices.Delete(s.air, i, i+1) }

// expire ends the attempts whose time is over.
func (s *Session) expire(now time.Time) {
	for i := 0; i < len(s.air); {
		f := s.air[i]
		if !f.airborne || now.Before(f.due) {
			i++
			continue
		}
		s.window.lost()
		err := f.over()
		if err == nil {
			i++ // launch sends it again
			continue
		}
		s.remove(i)
		f.land(answer{}, err)
	}
}

// ask sends one request and waits for what becomes of it.
func (s *Session) ask(ctx context.Context, r request, attempts int) (a answer, err error) {
	f := &flight{request: r, attempts: attempts, land: func(b answer, e error) { a, err = b.kept(), e }}
	failed := s.fly(ctx, func() *flight {
		next := f
		f = nil
		return next
	})
	if err == nil {
		err = failed
	}
	return a, err
}

// Package confirm asks stations what they are: opt-in, read-only questions to
// stations that are flagged or suspected, inside the subnets that the operator
// has named, one question at a time for each station, and so slowly that no
// more than five packets leave in a second. Every packet is logged. It knows
// one question of each protocol, and none that would log in or change
// anything; docs/asking.md shows the packets.
//
// An answer counts only when it comes from the station's own address, is
// whole, answers the very question, and where it tells a hardware address
// tells the station's. Whatever else comes is evidence of nothing.
package confirm

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/snmp"
)

// Options say who may be asked, and how.
type Options struct {
	Subnets     []netip.Prefix    // nobody outside of these is asked
	Host        []netip.Prefix    // the addresses of this host, each with the length of its network's prefix
	Multicast   bool              // ask the segment as well, from an interface inside the subnets
	Credentials []snmp.Credential // for SNMP; none: it is not asked
	Phrases     []string          // a page is searched for these
	Time        time.Duration     // after which no further station is begun, and Grace later all ends; zero: without limit
	Log         *slog.Logger
	Alive       func() // is called before the first packet, and after each station; may be nil

	// Owner tells to which station the tables bind an address: the zero one where
	// they bind it to several, and not bound where to none. Homeless tells whether
	// they have seen a station, and bind no address inside the subnets to it. Both
	// are for answers of the segment.
	Owner    func(netip.Addr) (owner lan.MAC, bound bool)
	Homeless func(lan.MAC) bool

	// In place of the usual ones, in tests.
	ports          map[lan.Question]uint16
	span, patience time.Duration
	grace          time.Duration
}

// Grace is how long the stations that were begun in time may take after it.
const Grace = time.Minute

var errTime = errors.New("the time for asking is over")

// A Station is one to ask.
type Station struct {
	MAC     lan.MAC
	Address netip.Addr
	Why     string // it is asked
}

// A Result is what came of asking.
type Result struct {
	Answers map[lan.MAC][]lan.Answer // each question of a station once
	Asked   []lan.MAC                // the stations that a question was put to, in order
	Segment bool                     // whether the segment was asked
	Packets int                      // that were sent; not those of the system itself, which acknowledges what comes
}

// May tells whether an address may be asked: it is inside the subnets, and that
// of one station. By the first and the last one of any of these networks, or of
// this host's, all of it is meant, also where it lies within a larger one.
func (o *Options) May(address netip.Addr) bool {
	if !address.IsValid() || address.Zone() != "" || address.IsMulticast() || address.IsUnspecified() {
		return false
	}
	contains := func(p netip.Prefix) bool { return p.Contains(address) }
	broadcasts := func(p netip.Prefix) bool { return lan.Broadcasts(p, address) }
	return slices.ContainsFunc(o.Subnets, contains) && !slices.ContainsFunc(o.Subnets, broadcasts) && !slices.ContainsFunc(o.Host, broadcasts)
}

// workers is how many stations are asked at the same time. Most of the time is
// spent waiting for those that do not answer.
const workers = 8

// Ask asks the stations, the segment first. It ends early, with what was
// answered until then, when the context does, or the time is over.
func Ask(ctx context.Context, o Options, stations []Station) (Result, error) {
	result := Result{Answers: make(map[lan.MAC][]lan.Answer)}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	setDefault(&o.span, paceSpan)
	setDefault(&o.patience, patience)
	setDefault(&o.grace, Grace)
	if o.Alive == nil {
		o.Alive = func() {}
	}
	began := time.Now()
	if o.Time > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadlineCause(ctx, began.Add(o.Time+o.grace), errTime)
		defer cancel()
	}
	a := &asking{Options: o, pace: newPace(o.span), result: &result, begun: make(map[netip.Addr]bool)}
	for _, station := range stations {
		if !o.May(station.Address) {
			return result, fmt.Errorf("ask %v: it is not inside the subnets", station.Address)
		}
	}
	var err error
	if a.mail, err = openMailbox(); err != nil {
		return result, fmt.Errorf("ask stations: %w", err)
	}
	o.Alive()
	if o.Multicast {
		result.Segment = true
		if err := guard(func() error { return a.segment(ctx) }); err != nil {
			o.Log.Warn("the segment could not be asked", "error", err)
		}
	}
	var group errgroup.Group
	group.SetLimit(workers)
	for _, station := range stations {
		group.Go(func() error {
			if ctx.Err() == nil && (o.Time == 0 || time.Since(began) < o.Time) {
				a.station(ctx, station)
				o.Alive()
			}
			return nil
		})
	}
	err = group.Wait()
	// What still comes meets an open socket: to a closed one the system would
	// answer by itself, packet for packet.
	_ = a.pace.sleep(ctx, o.patience) // ends early with the context
	for _, station := range stations {
		if a.begun[station.Address] {
			result.Asked = append(result.Asked, station.MAC)
		}
	}
	slices.SortFunc(result.Asked, lan.MAC.Compare)
	return result, errors.Join(err, a.mail.close())
}

// patience is how long an answer is waited for, and late ones are thrown away.
const patience = 2 * time.Second

func setDefault(value *time.Duration, or time.Duration) {
	if *value == 0 {
		*value = or
	}
}

// An asking is one round of questions.
type asking struct {
	Options
	pace *pace
	mail *mailbox

	mu     sync.Mutex
	result *Result
	begun  map[netip.Addr]bool // to which a packet has left
}

// station puts every question to a station, one after the other.
func (a *asking) station(ctx context.Context, st Station) {
	a.Log.Info("asks a station", "station", st.MAC, "address", st.Address, "because", st.Why)
	for _, q := range questions {
		if q.name == lan.StationSNMP && len(a.Credentials) == 0 {
			continue
		}
		var said []lan.Said
		to := netip.AddrPortFrom(st.Address, a.port(q))
		err := guard(func() (err error) {
			said, err = a.put(ctx, st, q, to)
			return err
		})
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			a.Log.Info("no answer", "station", st.MAC, "question", q.name, "to", to, "reason", lan.CleanString(err.Error()))
			continue
		}
		a.heard(st.MAC, lan.Answer{Question: q.name, From: to.String(), At: time.Now().UTC().Truncate(time.Second), Said: said})
	}
}

// put puts one question to a station.
func (a *asking) put(ctx context.Context, st Station, q *question, to netip.AddrPort) ([]lan.Said, error) {
	switch {
	case q.search != nil:
		return a.search(ctx, st, q, to)
	case q.banner != nil:
		return a.banner(ctx, st, q, to)
	case q.name == lan.TLS:
		return a.certificate(ctx, st, to)
	default:
		return a.objects(ctx, st, to)
	}
}

// guard does something with what others send. A station must not be able to end
// the service: whatever a reader did not expect costs this question alone.
func guard(do func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the program has a fault: %v", r)
		}
	}()
	return do()
}

func (a *asking) port(q *question) uint16 {
	if port, ok := a.ports[q.name]; ok {
		return port
	}
	return q.port
}

// answered tells whether a station has answered a question already.
func (a *asking) answered(mac lan.MAC, name lan.Question) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.ContainsFunc(a.result.Answers[mac], func(other lan.Answer) bool { return other.Question == name })
}

// heard keeps an answer. That of a station which was asked by itself takes the
// place of one to multicast: it comes from the very address.
func (a *asking) heard(mac lan.MAC, answer lan.Answer) {
	a.Log.Info("answered", "station", mac, "question", answer.Question, "from", answer.From, "said", fmt.Sprint(answer.Said))
	a.mu.Lock()
	defer a.mu.Unlock()
	others := slices.DeleteFunc(a.result.Answers[mac], func(other lan.Answer) bool { return other.Question == answer.Question })
	a.result.Answers[mac] = append(others, answer)
}

// sends logs and counts a packet that is about to leave.
func (a *asking) sends(what string, q lan.Question, to netip.AddrPort, octets int) {
	a.mu.Lock()
	a.result.Packets++
	a.begun[to.Addr()] = true
	a.mu.Unlock()
	a.Log.Info("sends", "what", what, "question", q, "to", to, "octets", octets)
}

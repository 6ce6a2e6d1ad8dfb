package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"slices"
	"time"

	"github.com/camwarden/camwarden/agent/internal/config"
	"github.com/camwarden/camwarden/agent/internal/confirm"
	"github.com/camwarden/camwarden/agent/internal/detect"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
	"github.com/camwarden/camwarden/agent/internal/memory"
	"github.com/camwarden/camwarden/agent/internal/report"
)

// An asker asks the stations of an observation what they are, and keeps what
// they have answered for the next. A nil one asks nobody.
type asker struct {
	options   confirm.Options
	inquiries *memory.Inquiries
	asked     report.Asked
}

// newAsker prepares the asking by a host that has these addresses, each with
// the length of its network's prefix.
func newAsker(c config.Confirm, host []netip.Prefix) *asker {
	return &asker{inquiries: new(memory.Inquiries), options: confirm.Options{Subnets: c.Subnets, Host: host, Multicast: c.Multicast,
		Credentials: credentials(c.Credentials), Phrases: detect.Phrases()}}
}

// askingTime bounds how long asking keeps an observation of the service: who is
// not begun by then is asked at the next, and confirm.Grace later all ends.
const askingTime = 5 * time.Minute

// recall has the asker go on where the service was. The service hears of it by
// alive.
func (a *asker) recall(m *memory.Memory, log *slog.Logger, alive func()) {
	if a != nil {
		a.options.Log, a.options.Time, a.options.Alive, a.inquiries = log, askingTime, alive, m.Asked.Clone()
	}
}

// remember keeps what was asked and answered.
func (a *asker) remember(m *memory.Memory) {
	if a != nil {
		m.Asked = *a.inquiries
	}
}

// logTo logs to a writer.
func (a *asker) logTo(to io.Writer) {
	if a != nil {
		a.options.Log = slog.New(slog.NewTextHandler(to, nil))
	}
}

func (a *asker) summary() *report.Asked {
	if a == nil {
		return nil
	}
	return &a.asked
}

// answers are those that still count.
func (a *asker) answers(now time.Time) map[lan.MAC][]lan.Answer {
	if a == nil {
		return nil
	}
	return a.inquiries.Answers(now)
}

// ask asks the stations that are flagged or suspected by what was read, as far
// as they are due, and judges anew by what they answer.
func (o *observer) ask(ctx context.Context, snapshots []lan.Snapshot, located locate.Site, judgement detect.Judgement) (locate.Site, detect.Judgement) {
	a, now := o.asks, time.Now()
	owners := ownersOf(snapshots)
	due := a.due(judgement, owners, now)
	options := a.options
	options.Multicast = options.Multicast && a.inquiries.SegmentDue(now)
	options.Owner = owners.claimed
	seen, housed := seenIn(located), a.housed(snapshots)
	options.Homeless = func(mac lan.MAC) bool { return seen(mac.String()) && !housed[mac] }
	if len(due) > 0 || options.Multicast {
		result, err := confirm.Ask(ctx, options, due)
		if err != nil {
			options.Log.Error("ask stations", "error", err)
		}
		a.take(due, result, now)
	}
	o.rules.Answers = a.answers(now)
	a.asked.Answered = len(o.rules.Answers)
	if unplaced(located, o.rules.Answers) {
		located = locate.Locate(snapshots, o.rules.Concerned())
	}
	return located, detect.Judge(located, o.rules)
}

// unplaced tells whether somebody has answered whose place was not looked for.
func unplaced(located locate.Site, answers map[lan.MAC][]lan.Answer) bool {
	answered := func(mac lan.MAC) bool { return len(answers[mac]) > 0 }
	return slices.ContainsFunc(located.Others, answered) ||
		slices.ContainsFunc(located.Stations, func(st locate.Station) bool { return st.Place.Certainty == "" && answered(st.MAC) })
}

// take keeps what came of asking.
func (a *asker) take(due []confirm.Station, result confirm.Result, now time.Time) {
	for mac, answers := range result.Answers {
		a.inquiries.Hear(mac, answers)
	}
	for _, st := range due {
		if _, asked := slices.BinarySearchFunc(result.Asked, st.MAC, lan.MAC.Compare); asked {
			a.inquiries.Ask(st.MAC, st.Address.String(), now)
		}
	}
	if result.Segment {
		a.inquiries.SegmentAt = now.UTC().Truncate(time.Second)
	}
	a.inquiries.Prune(now)
	a.asked = report.Asked{Stations: len(result.Asked), Waiting: len(due) - len(result.Asked), Segment: result.Segment, Packets: result.Packets}
}

// due are the stations to ask: those that are findings, and those that are
// suspected, each by one address. A switch that was read is known well enough.
func (a *asker) due(judgement detect.Judgement, owners owners, now time.Time) []confirm.Station {
	var list []confirm.Station
	add := func(st *locate.Station, why string) {
		address := a.address(st, owners)
		if address.IsValid() && st.Self == "" && a.inquiries.Due(st.MAC, address.String(), now) {
			list = append(list, confirm.Station{MAC: st.MAC, Address: address, Why: why})
		}
	}
	for i := range judgement.Findings {
		f := &judgement.Findings[i]
		add(f.Station, "it is flagged: "+f.Lists[0].ID)
	}
	for _, s := range judgement.Suspects {
		add(s.Station, "it is suspected: "+s.Why)
	}
	return list
}

// manyAddresses is how many addresses a station may have in the subnets. One
// with more answers for others, as a router does.
const manyAddresses = 4

// address is by which a station may be asked: the first of IPv4, or else of
// IPv6, that the tables bind to nobody else. It is invalid where there is none.
func (a *asker) address(st *locate.Station, owners owners) netip.Addr {
	var may []netip.Addr
	for _, ip := range st.IPs {
		if a.options.May(ip.Unmap()) {
			may = append(may, ip.Unmap())
		}
	}
	if len(may) > manyAddresses {
		return netip.Addr{}
	}
	for _, ip := range may {
		if owner, bound := owners.of(ip); bound && owner == st.MAC {
			return ip
		}
	}
	return netip.Addr{}
}

// owners tells to which station the tables bind an address; the zero address
// where they bind it to several.
type owners map[netip.Addr]lan.MAC

func ownersOf(snapshots []lan.Snapshot) owners {
	bound := make(owners)
	for i := range snapshots {
		for _, e := range snapshots[i].ARP {
			ip := e.IP.Unmap().WithZone("")
			if !ip.IsValid() || !e.MAC.IsStation() {
				continue
			}
			if other, known := bound[ip]; known && other != e.MAC {
				bound[ip] = lan.MAC{}
			} else if !known {
				bound[ip] = e.MAC
			}
		}
	}
	return bound
}

// of tells whose an address is.
func (o owners) of(ip netip.Addr) (lan.MAC, bool) {
	mac := o[ip]
	return mac, mac.IsStation()
}

// claimed tells whose an address is, as of does, and whether it is anybody's at
// all.
func (o owners) claimed(ip netip.Addr) (lan.MAC, bool) {
	mac, bound := o[ip]
	return mac, bound
}

// housed are the stations to which the tables bind an address that may be
// asked, be it bound to others as well.
func (a *asker) housed(snapshots []lan.Snapshot) map[lan.MAC]bool {
	housed := make(map[lan.MAC]bool)
	for i := range snapshots {
		for _, e := range snapshots[i].ARP {
			if a.options.May(e.IP.Unmap().WithZone("")) {
				housed[e.MAC] = true
			}
		}
	}
	return housed
}

// checkAsking says that stations are asked, where they are: whoever answers for
// the network should know. It names no address.
func checkAsking(c *config.Config) []checked {
	if c == nil || !c.Confirm.Enabled {
		return nil
	}
	text := fmt.Sprintf("flagged and suspected ones in %s are asked what they are, once a day; docs/asking.md shows each packet", count(len(c.Confirm.Subnets), "subnet"))
	if c.Confirm.Multicast {
		text += "; so is the segment, by multicast"
	}
	return []checked{{mark: isGood, cells: []string{"stations", text}}}
}

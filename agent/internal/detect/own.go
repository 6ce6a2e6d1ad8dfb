package detect

import (
	"fmt"
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/registry"
	"github.com/camwarden/camwarden/agent/internal/watchlist"
)

// OwnList is the id under which the operator's own entries flag.
const OwnList = "own"

// An Own is an entry of the operator's own list.
type Own struct {
	Allow  bool
	Range  lan.MACRange // zero: by maker
	Maker  string       // the key of a maker, or an organisation as registered
	Reason string
	By     string // who has decided it
	Until  string // the last day on which it counts: 2027-06-30
}

// About says which stations the entry is about.
func (o *Own) About() string {
	if o.Maker != "" {
		return o.Maker
	}
	return o.Range.String()
}

// Expired tells whether the entry counts no more.
func (o *Own) Expired(at time.Time) bool { return at.UTC().Format(time.DateOnly) > o.Until }

// narrower tells whether an entry is about fewer stations than another; of two
// alike, the one that flags counts.
func (o *Own) narrower(than *Own) bool {
	switch {
	case than == nil:
		return true
	case o.Maker != "" || than.Maker != "":
		return than.Maker != "" && (o.Maker == "" || !o.Allow)
	}
	// Two blocks that share an address lie one in the other.
	return o.Range == than.Range && !o.Allow || o.Range != than.Range && than.Range.Contains(o.Range.First) && than.Range.Contains(o.Range.Last)
}

func (o *Own) evidence() Evidence {
	e := Evidence{Claim: OverrideClaim, Mechanism: HumanLabel, Source: "configuration", Object: "watch.flag", Value: o.About(), Rule: "operator-flag"}
	does := "flags"
	if o.Allow {
		does, e.Object, e.Rule = "allows", "watch.allow", "operator-allow"
	}
	e.Text = fmt.Sprintf("%s %s %s until %s: %s", o.By, does, o.About(), o.Until, o.Reason)
	return e
}

// ownIndex finds the entries about a station.
type ownIndex struct {
	single map[lan.MAC][]*Own
	blocks []*Own
	makers map[string][]*Own
}

// index leaves out what has expired.
func (r Rules) index() ownIndex {
	x := ownIndex{single: make(map[lan.MAC][]*Own), makers: make(map[string][]*Own)}
	for i := range r.Own {
		switch o := &r.Own[i]; {
		case o.Expired(r.At):
		case o.Maker != "":
			x.makers[o.Maker] = append(x.makers[o.Maker], o)
		case o.Range.First == o.Range.Last:
			x.single[o.Range.First] = append(x.single[o.Range.First], o)
		default:
			x.blocks = append(x.blocks, o)
		}
	}
	return x
}

// of returns the entry about a station that counts; nil where there is none.
func (x *ownIndex) of(mac lan.MAC, a registry.Assignment, key string) *Own {
	var best *Own
	take := func(entries []*Own) {
		for _, o := range entries {
			if o.narrower(best) {
				best = o
			}
		}
	}
	take(x.single[mac])
	for _, o := range x.blocks {
		if o.Range.Contains(mac) && o.narrower(best) {
			best = o
		}
	}
	if len(x.makers) > 0 {
		take(x.makers[key])
		for _, name := range a.Organizations {
			take(x.makers[name])
		}
	}
	return best
}

// flaggedBy names the maker of a station that only the operator's own list
// flags: as registered, and with the block; where the address is in no block,
// nobody knows it.
func (j *judge) flaggedBy(o *Own, a registry.Assignment) madeBy {
	m := madeBy{Maker: Maker{Key: "unknown", Name: "unknown maker", Prefix: o.Range.String()}}
	if a.Standing == registry.Assigned {
		name := a.Organizations[0]
		m.Maker = Maker{Key: "other", Name: name, Organization: name, Prefix: a.Prefix.String(), Registry: a.Registry}
		m.bits, m.registered = a.Prefix.Bits, true
		if maker, organization, reviewed := j.Catalog.Maker(name); reviewed {
			m.Key, m.Name, m.brand, m.role, m.block = maker.Key, maker.Name, organization.Brand, organization.Role, maker.Key
		}
	}
	return m
}

// match is what the operator's own list says.
func (o *Own) match() ListMatch {
	return ListMatch{ID: OwnList, Relation: watchlist.Named, Note: fmt.Sprintf("flagged by %s until %s: %s", o.By, o.Until, o.Reason)}
}

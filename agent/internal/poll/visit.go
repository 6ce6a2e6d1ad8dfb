package poll

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/mib"
)

// A visit is one device being read: first what it has of its own, and then,
// when all devices have said who they are, where it sees the others.
type visit struct {
	device   Device
	slots    chan struct{} // of those that are read at the same time
	sought   []interval
	most     int // rows up to which a forwarding table is walked
	comb     int // and up to which it is combed, rather than sought in by leaps
	snapshot lan.Snapshot
	finished bool

	source Source
	reader *reader
	limit  time.Duration
	spent  time.Duration // of it; time in which the device waits for its turn is not its own
	over   error         // why there is no more
}

// secondTime is what a device has at least to say where it sees the others: it
// may be asked late, for some other device has taken long.
const secondTime = 30 * time.Second

// read reads the device, and tells whether nothing is left to be asked.
func (v *visit) read(ctx context.Context) bool {
	s, d := &v.snapshot, v.device
	*s = lan.Snapshot{Source: d.Name, Kind: lan.SwitchSource, Found: d.Found, From: time.Now()}
	v.limit = cmp.Or(d.Limit, MaxTime)
	v.over = fmt.Errorf("the device has been read for %v, and %s", v.limit, OutOfTime)
	failed := v.guard(ctx, 0, func(ctx context.Context) bool {
		var err error
		if v.source, err = d.Open(ctx); err != nil {
			s.Err = err.Error()
		}
		return err != nil
	})
	if failed {
		return true
	}
	return v.inTurn(func() bool {
		return v.guard(ctx, 0, func(ctx context.Context) bool {
			v.reader = &reader{snapshot: s, source: v.source, skip: d.Skip, sought: v.sought,
				full: d.Full || len(v.sought) == 0, most: v.most, comb: v.comb, recorded: d.Recorded, past: d.Past}
			v.reader.read(ctx, mib.Decoders)
			if d.Past != nil && v.reader.newcomers() {
				v.reader.again(ctx)
			}
			if !v.reader.seeks() {
				return v.finish(ctx)
			}
			v.reader.decode(func(t *table) bool { return t.seek != nil })
			return false
		})
	})
}

// sight seeks the addresses of other devices, and reads what is left.
func (v *visit) sight(ctx context.Context, further []interval) bool {
	return v.inTurn(func() bool {
		return v.guard(ctx, secondTime, func(ctx context.Context) bool {
			v.reader.sight(ctx, further)
			return v.finish(ctx)
		})
	})
}

// inTurn does something when not too many others are read.
func (v *visit) inTurn(do func() bool) bool {
	v.slots <- struct{}{}
	defer func() { <-v.slots }()
	return do()
}

// finish makes sense of what was read, and reads the device's contexts.
func (v *visit) finish(ctx context.Context) bool {
	s := &v.snapshot
	v.reader.finish(ctx)
	nameDefaultVLAN(s)
	v.reader.contexts(ctx)
	hiddenVLANs(s)
	if !anythingRead(s) {
		s.Err = "it answered, but no table could be read"
	}
	return true
}

// guard does something with the device in the time that is left to it, and in
// some at least. A device must not be able to end the service: whatever a
// decoder did not expect costs this device's reading alone.
func (v *visit) guard(ctx context.Context, least time.Duration, do func(context.Context) bool) (finished bool) {
	start := time.Now()
	defer func() {
		if r := recover(); r != nil {
			v.snapshot.Err = fmt.Sprintf("read %s: %v", v.device.Name, r)
			finished = true
		}
		if finished && v.source != nil {
			_ = v.source.Close() // it is only read from
		}
		if finished {
			v.source, v.reader = nil, nil // of a large site there are many
		}
		v.snapshot.To = time.Now()
		v.spent += v.snapshot.To.Sub(start)
	}()
	ctx, cancel := context.WithTimeoutCause(ctx, max(v.limit-v.spent, least), v.over)
	defer cancel()
	return do(ctx)
}

// ownAtMost is how many addresses of its own are sought of one device: it shows
// itself to others by its base address, or by that of the interface by which
// it is managed.
const ownAtMost = 6

// A claimed address is one that a device calls its own.
type claimed struct {
	mac    uint64
	by     int // the device's place; landmark for those of no device
	sought bool
}

const landmark = -1

// furtherAddresses are what is sought besides what is sought anyway, in order:
// the addresses by which the read devices show themselves, and the landmarks.
func furtherAddresses(visits []*visit, sought []interval) []interval {
	var all []claimed
	add := func(mac lan.MAC, by int, sought bool) {
		if mac.IsStation() {
			all = append(all, claimed{numberOf(mac), by, sought})
		}
	}
	for n, v := range visits {
		own := []lan.MAC{v.snapshot.BaseMAC, v.snapshot.LLDPLocal.Chassis.MAC}
		for _, i := range v.snapshot.Interfaces {
			if len(own) < ownAtMost && !slices.Contains(own, i.MAC) {
				own = append(own, i.MAC)
			}
			add(i.MAC, n, false)
		}
		for _, mac := range own {
			add(mac, n, true)
		}
		for _, mac := range v.device.Landmarks {
			add(mac, landmark, true)
		}
	}
	slices.SortFunc(all, func(a, b claimed) int { return cmp.Compare(a.mac, b.mac) })
	var further []interval
	for len(all) > 0 {
		n, wanted, owned := 0, false, all[0].by != landmark
		for ; n < len(all) && all[n].mac == all[0].mac; n++ {
			wanted, owned = wanted || all[n].sought, owned && all[n].by == all[0].by
		}
		if at := (position{mac: all[0].mac}); wanted && !within(sought, at.mac) {
			further = append(further, interval{first: at, last: at, owned: owned})
		}
		all = all[n:]
	}
	return further
}

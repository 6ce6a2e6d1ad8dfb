package main

import (
	"slices"
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
	"github.com/camwarden/camwarden/agent/internal/poll"
	"github.com/camwarden/camwarden/agent/internal/report"
)

// A history is what one observation leaves to the next: what still holds of
// each device, and what was counted when everything was read last.
type history struct {
	devices  map[string]*poll.Past      // by the name of the device
	counts   map[string]*lan.PortCounts // likewise
	walked   time.Time                  // when everything was read last
	totals   *totals                    // of that time
	gateways []lan.MAC                  // the newest first
}

// totals are what only a walk of everything counts.
type totals struct {
	stations      *int
	vendorOnly    []report.VendorOnly
	notAssessable report.NotAssessable
}

func newHistory() *history {
	return &history{devices: make(map[string]*poll.Past), counts: make(map[string]*lan.PortCounts)}
}

// mostGateways is how many gateways are remembered.
const mostGateways = 16

// remembered are the gateways that are known now, and then those that were
// before: one that was not spoken to of late is still one. No history is nil.
func (h *history) remembered(gateways []lan.MAC) []lan.MAC {
	if h == nil {
		return gateways
	}
	for _, mac := range h.gateways {
		if !slices.Contains(gateways, mac) {
			gateways = append(gateways, mac)
		}
	}
	h.gateways = gateways[:min(len(gateways), mostGateways)]
	return h.gateways
}

// due tells whether everything is to be read again.
func (h *history) due(now time.Time, every time.Duration) bool {
	since := now.Sub(h.walked)
	return h.walked.IsZero() || since < 0 || since >= every
}

// of is the past of a device.
func (h *history) of(name string) *poll.Past {
	past := h.devices[name]
	if past == nil {
		past = &poll.Past{}
		h.devices[name] = past
	}
	return past
}

// count counts what the snapshots show, and says of those that show only some
// stations what was counted before.
func (h *history) count(snapshots []lan.Snapshot, now time.Time, every time.Duration) {
	for i := range snapshots {
		s := &snapshots[i]
		if counts := locate.Count(s); counts != nil {
			h.counts[s.Source] = counts
		} else if before := h.counts[s.Source]; s.Sought() && before != nil && now.Sub(before.At) <= every {
			s.Counted = before
		}
	}
}

// complete fills in what only a walk of everything counts.
func (h *history) complete(r *report.Report, full bool, now time.Time) {
	if full {
		h.walked = now
	}
	switch {
	case r.StationsSeen != nil:
		h.totals = &totals{r.StationsSeen, r.VendorOnly, r.NotAssessable}
	case h.totals != nil && !r.Unread():
		r.StationsSeen, r.VendorOnly, r.NotAssessable = h.totals.stations, h.totals.vendorOnly, h.totals.notAssessable
	}
}

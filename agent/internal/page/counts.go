package page

import "github.com/camwarden/camwarden/agent/internal/report"

// counts is what was counted and is no finding.
func (w *writer) counts(r *report.Report) {
	seen := "not counted yet: no table has been walked to its end"
	if r.StationsSeen != nil {
		seen = number(*r.StationsSeen)
	}
	w.line(`<h3>Counted, and no findings</h3>
<dl class="facts">
<dt>Stations seen</dt><dd>{}</dd>`, seen)

	n := r.NotAssessable
	w.line(`<dt>Not assessable</dt><dd>{} locally administered, {} virtual, {} in no assigned block, {} in a private one, {} in an unknown part of a divided one; {} addresses that no station has. Who made these is not known.</dd>`,
		number(n.LocallyAdministered), number(n.Virtual), number(n.Unassigned), number(n.Private), number(n.SubAssigned), number(n.Multicast))

	w.put(`<dt>Vendor only</dt><dd>`)
	for i, v := range r.VendorOnly {
		if i > 0 {
			w.put(`, `)
		}
		w.put(`{} {}`, v.Maker, number(v.Stations))
	}
	if len(r.VendorOnly) > 0 {
		w.put(`. These makers are flagged and make many things; nothing says that these are cameras.`)
	} else {
		w.put(`None.`)
	}
	w.line(`</dd>
</dl>`)
}

package page

import "github.com/camwarden/camwarden/agent/internal/report"

// A gap is a source, or a table of one, that was not read to its end.
type gap struct {
	Source report.Coverage
	Table  report.Table // zero when nothing of the source could be read
}

// gaps lists what was not read. An absent table is none: the device has said
// that there is nothing in it.
func gaps(r *report.Report) []gap {
	var list []gap
	for _, c := range r.Coverage {
		if c.Status == "failed" {
			list = append(list, gap{Source: c})
			continue
		}
		for _, t := range c.Tables {
			if t.Status != "complete" && t.Status != "absent" {
				list = append(list, gap{Source: c, Table: t})
			}
		}
	}
	return list
}

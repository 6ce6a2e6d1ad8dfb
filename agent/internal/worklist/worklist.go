// Package worklist makes of a report what a technician takes along: at which
// port of which switch to do what, so that the flagged stations are gone.
package worklist

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/order"
	"github.com/camwarden/camwarden/agent/internal/report"
)

// A Job is what is to be done at one port.
type Job struct {
	Switch  string // or the host whose address table shows the stations, or "several switches"
	Address string // how that switch was asked
	Port    string // or the host's interface; empty where no port was chosen
	Alias   string // what the administrator calls the port
	Task    string // what to do

	Stations []*report.Finding
}

// Jobs groups the findings by switch and port, in the order in which people
// go: sw2 before sw10, Gi0/2 before Gi0/10.
func Jobs(r *report.Report) []Job {
	var jobs []Job
	index := make(map[[3]string]int)
	for i := range r.Findings {
		f := &r.Findings[i]
		job := place(f)
		key := [3]string{job.Switch, job.Address, job.Port}
		at, known := index[key]
		if !known || job.Port == "" {
			at = len(jobs)
			index[key] = at
			jobs = append(jobs, job)
		}
		jobs[at].Stations = append(jobs[at].Stations, f)
	}
	for i := range jobs {
		jobs[i].Task = task(&jobs[i])
	}
	order.By(jobs, func(a, b Job) int {
		return cmp.Or(cmp.Compare(rank(&a), rank(&b)), Natural(a.Switch, b.Switch), cmp.Compare(a.Address, b.Address), Natural(a.Port, b.Port))
	})
	return jobs
}

// rank puts first what can be unplugged at once, and last what must be sought.
func rank(j *Job) int {
	switch j.Stations[0].Location.Certainty {
	case "edge", "port", "shared", "uplink":
		return 0
	case "seen":
		return 1
	default:
		return 2
	}
}

func place(f *report.Finding) Job {
	l := &f.Location
	switch {
	case l.Port != "":
		return Job{Switch: l.Switch, Address: l.Address, Port: l.Port, Alias: l.Alias}
	case l.Host != "":
		return Job{Switch: l.Host, Port: l.Interface}
	default:
		return Job{Switch: "several switches"}
	}
}

// task says what to do, as far as the place of the stations is known.
func task(j *Job) string {
	f := j.Stations[0]
	l := &f.Location
	text := ""
	switch l.Certainty {
	case "edge":
		text = "Unplug."
	case "port":
		text = "Look what else is on the port, which has not been counted. Then unplug."
	case "shared":
		text = "Find " + those(j) + " by the address on the label. Unplug there."
		if l.StationsOnPort != nil {
			text = fmt.Sprintf("Find %s among the %d stations behind this port, by the address on the label. Unplug there.", those(j), *l.StationsOnPort)
		}
	case "uplink":
		text = "Follow the cable to " + cmp.Or(l.Behind, "the next switch") + ". Find " + those(j) + " there."
	case "seen":
		text = "No switch shows " + those(j) + ": look behind " + cmp.Or(l.Host, "the device that knows the address") + ", at its own ports."
	case "double", "ambiguous":
		text = "Look at each of these ports: " + ports(l) + "."
	default:
		text = "Find " + those(j) + "."
	}
	if slices.ContainsFunc(j.Stations, func(f *report.Finding) bool { return f.Class == "recorder" }) {
		text += " What hangs on the recorder's own ports goes with it."
	}
	if !slices.ContainsFunc(j.Stations, func(f *report.Finding) bool { return f.Present }) {
		text = "Not seen this time: see whether it is still there. " + text
	}
	return text
}

func those(j *Job) string {
	if len(j.Stations) == 1 {
		return "it"
	}
	return fmt.Sprintf("these %d", len(j.Stations))
}

// maxPorts is how many ports a sentence names.
const maxPorts = 6

func ports(l *report.Location) string {
	var list []string
	for _, a := range l.Alternatives {
		if text := strings.TrimSpace(a.Switch + " " + a.Port); !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	if n := len(list) - maxPorts; n > 0 {
		list = append(list[:maxPorts], fmt.Sprintf("%d more", n))
	}
	return cmp.Or(strings.Join(list, ", "), "none is known")
}

// Natural compares names as people order them: numbers in them by their value.
func Natural(a, b string) int {
	x, y := a, b
	for x != "" && y != "" {
		p, q := digits(x), digits(y)
		if p == 0 || q == 0 {
			if x[0] != y[0] {
				return cmp.Compare(x[0], y[0])
			}
			x, y = x[1:], y[1:]
			continue
		}
		m, n := strings.TrimLeft(x[:p], "0"), strings.TrimLeft(y[:q], "0")
		if c := cmp.Or(cmp.Compare(len(m), len(n)), cmp.Compare(m, n)); c != 0 {
			return c
		}
		x, y = x[p:], y[q:]
	}
	return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(a, b))
}

// digits tells how many digits a text begins with.
func digits(text string) int {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return n
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/camwarden/camwarden/agent/internal/poll"
	"github.com/camwarden/camwarden/agent/internal/report"
)

// runStatus says what the service did last, from its state folder alone.
func runStatus(_ context.Context, args []string, std stdio) error {
	var state string
	var asJSON bool
	flags := flag.NewFlagSet("status", flag.ContinueOnError)
	flags.StringVar(&state, "state", defaultState(), "read the state folder `DIR`")
	flags.BoolVar(&asJSON, "json", false, "print it as JSON")
	if err := parseFlags(flags, args, std, false); err != nil {
		return err
	}
	status, err := readStatus(state)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("status: no service has run with the state folder %s: start it ('camwarden run', or the system's service manager), or name another with -state", state)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("status: read the state folder %s: %w: %s", state, err, asService)
	case err != nil:
		return fmt.Errorf("status: %w: start the service anew, which writes it again", err)
	}
	lines := status.lines(time.Now())
	c := checker{out: std.out, colour: colours(std.out)}
	for i := range lines {
		if lines[i].mark == isBad {
			c.bad++
		}
	}
	if asJSON {
		encoder := json.NewEncoder(std.out)
		encoder.SetIndent("", "  ")
		err := encoder.Encode(struct {
			OK  bool     `json:"ok"`
			Bad []string `json:"bad"`
			serviceStatus
		}{c.bad == 0, badTexts(lines), status})
		if c.bad > 0 {
			return errors.Join(exit{code: exitFailed}, err)
		}
		return err
	}
	c.bad = 0
	if err := c.show(lines); err != nil {
		return err
	}
	return c.verdict()
}

// badTexts are the lines that are bad, as one text each.
func badTexts(lines []checked) []string {
	list := []string{}
	for _, line := range lines {
		if line.mark == isBad {
			list = append(list, strings.Join(append([]string{strings.Join(line.cells, ": ")}, line.notes...), "; "))
		}
	}
	return list
}

// lines says line by line how the service stands.
func (s *serviceStatus) lines(now time.Time) []checked {
	lines := []checked{s.service(now), s.observation(now)}
	if s.Observed != nil {
		lines = append(lines, s.coverage()...)
		lines = append(lines, s.found()...)
	}
	lines = append(lines, s.next(now), s.delivered(now), s.waiting(now))
	if p := s.Progress; p != nil && p.First > 0 {
		lines = append(lines, checked{mark: isGood, cells: []string{"removal",
			fmt.Sprintf("%d found at first, on %s: %d gone, %d moved; %d new since", p.First, p.Since.Format(time.DateOnly), p.Gone, p.Moved, p.New)}})
	}
	if s.Observed != nil {
		lines = append(lines, s.editions()...)
	}
	return lines
}

func (s *serviceStatus) service(now time.Time) checked {
	line := checked{mark: isGood, cells: []string{"service", fmt.Sprintf("camwarden %s, started %s, configuration %s", s.Version, since(s.Started, now), s.Config)}}
	switch {
	case s.Stopped != nil:
		line.mark = isBad
		line.notes = []string{"it was stopped " + since(*s.Stopped, now), "start it again with the system's service manager, or with camwarden run"}
	case s.Problem != "":
		line.mark = isBad
		line.notes = append(strings.Split(s.Problem, "\n"), "mend that: the service reads it again each minute; camwarden check -config "+s.Config+" says more")
	}
	return line
}

func (s *serviceStatus) observation(now time.Time) checked {
	o := s.Observed
	if o == nil {
		return checked{mark: isOff, cells: []string{"observation", "none yet"}}
	}
	whole := 0
	for _, c := range o.Coverage {
		if c.Status == "complete" {
			whole++
		}
	}
	return checked{mark: isGood, cells: []string{"observation", fmt.Sprintf("%s: %s flagged, %d of %s read completely",
		since(o.To, now), count(o.Findings, "station"), whole, count(len(o.Coverage), "source"))}}
}

// coverage tells of what was not read completely.
func (s *serviceStatus) coverage() []checked {
	var lines []checked
	for _, c := range s.Observed.Coverage {
		if c.Status == "complete" {
			continue
		}
		how := " was read in part"
		if c.Status == "failed" {
			how = " was not read"
		}
		line := checked{mark: isBad, cells: []string{"  " + c.Source, strings.TrimSpace(c.Name + how)}}
		if c.Reason != "" {
			line.notes = []string{c.Reason}
		}
		line.notes = append(line.notes, "camwarden check -config "+s.Config+" says of each table why, and the cure")
		lines = append(lines, line)
	}
	return lines
}

// found tells of the switches that no configuration names.
func (s *serviceStatus) found() []checked {
	var lines []checked
	for _, c := range s.Observed.Coverage {
		if c.Found != "" {
			lines = append(lines, checked{mark: isGood, cells: []string{"found", strings.TrimSpace(c.Source + " " + c.Name)}, notes: []string{c.Found}})
		}
	}
	if len(lines) > 0 {
		last := &lines[len(lines)-1]
		last.notes = append(last.notes, "camwarden setup -adopt -config "+s.Config+" -state "+s.State+" writes what was found into the configuration")
	}
	return lines
}

// grace is how late an observation may be: as long again as the interval, and
// time for the slowest device.
func (s *serviceStatus) grace() time.Duration {
	return max(time.Duration(s.EveryS)*time.Second, poll.MaxTime+time.Minute)
}

func (s *serviceStatus) next(now time.Time) checked {
	line := checked{mark: isGood, cells: []string{"next", ""}}
	switch late := now.Sub(s.Next); {
	case s.Stopped != nil:
		line.mark, line.cells[1] = isOff, "none while the service is stopped"
	case late > s.grace():
		line.mark, line.cells[1] = isBad, "was due "+since(s.Next, now)
		line.notes = []string{"the service does not run any more, or hangs: look into its log, and start it again"}
	case late > 0:
		line.cells[1] = "is under way, or about to begin"
	default:
		line.cells[1] = "in " + long(-late)
	}
	return line
}

func (s *serviceStatus) delivered(now time.Time) checked {
	d := &s.Delivery
	line := checked{mark: isGood, cells: []string{"delivery", "nothing was delivered yet"}}
	if d.Accepted.IsZero() {
		line.mark = isOff
	} else {
		line.cells[1] = fmt.Sprintf("the endpoint took %s %s", count(d.Reports, "report"), since(d.Accepted, now))
	}
	if d.Error != "" {
		line.mark = isBad
		line.notes = []string{fmt.Sprintf("it failed %s, %s in a row: %s", since(d.Failed, now), count(d.Failures, "time"), d.Error),
			"what waits is kept and tried again at " + d.Retry.Format("15:04:05 UTC") + "; camwarden check -config " + s.Config + " says what is wrong with the endpoint"}
	}
	return line
}

func (s *serviceStatus) waiting(now time.Time) checked {
	line := checked{mark: isGood, cells: []string{"spool", "empty"}}
	if s.Spool.Depth > 0 {
		line.cells[1] = fmt.Sprintf("%s waiting, the oldest for %s", count(s.Spool.Depth, "report"), long(time.Duration(s.Spool.OldestS)*time.Second+max(now.Sub(s.Written), 0)))
	}
	if s.Spool.State != "ok" {
		line.mark = isBad
		line.notes = append(line.notes, "it is "+s.Spool.State+": reports are kept in memory only; see that the disk has room and that the state folder can be written")
	}
	if d := s.Spool.Dropped; d.Count > 0 {
		line.mark = isBad
		line.notes = append(line.notes, fmt.Sprintf("%s lost for want of room (numbers %d to %d): %s", count(int(d.Count), "report"), d.FirstSeq, d.LastSeq, d.Reason))
	}
	return line
}

// editions says what was judged by, and what became of newer editions that
// were put beside the configuration.
func (s *serviceStatus) editions() []checked {
	var lines []checked
	for _, file := range s.Observed.Files {
		line := checked{mark: isGood, cells: []string{"edition", file.File}, notes: []string{file.Text}}
		if !file.Used {
			line.mark = isBad
			line.notes = append(line.notes, "the edition before it is used")
		}
		lines = append(lines, line)
	}
	for i := range s.Observed.Lists {
		lines = append(lines, listLine(&s.Observed.Lists[i]))
	}
	return lines
}

func listLine(list *report.Watchlist) checked {
	line := checked{mark: isGood, cells: []string{"list", fmt.Sprintf("%s, version %d as of %s", list.ID, list.Version, list.AsOf)}}
	if list.Stale {
		line.mark = isBad
		line.notes = []string{"it has expired, and is used all the same; put a newer edition into the folder " + listsFolder + " beside the configuration"}
	}
	return line
}

// since says how long ago something was, and when.
func since(t, now time.Time) string {
	if t.IsZero() {
		return "at an unknown time"
	}
	return long(now.Sub(t)) + " ago (" + t.UTC().Format("2006-01-02 15:04 UTC") + ")"
}

// long says how long something takes, in the unit that people would use.
func long(d time.Duration) string {
	switch d = max(d, 0); {
	case d < 90*time.Second:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 90*time.Minute:
		return fmt.Sprintf("%d min", int(d.Minutes()+.5))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()+.5))
	default:
		return fmt.Sprintf("%d days", int(d.Hours()/24+.5))
	}
}

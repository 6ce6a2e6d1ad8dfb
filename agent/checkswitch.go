package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/config"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/memory"
	"github.com/camwarden/camwarden/agent/internal/poll"
	"github.com/camwarden/camwarden/agent/internal/snmp"
)

// switches reads every switch as an observation does, and shows each table.
func (c *checker) switches(ctx context.Context, cfg *config.Config, progress io.Writer) error {
	remembered, _ := memory.Peek(memoryPath(c.state)) // what is wrong with it, the state folder's line says
	known := newRecall(remembered, nil)
	var devices []poll.Device
	for _, s := range cfg.Switches {
		if !s.Off && !c.offline {
			devices = append(devices, reach{s, credentials(s.Credentials), known}.device())
		}
	}
	if c.redact {
		progress = io.Discard // it names them
	}
	tell := newProgress(progress, len(devices))
	read := poll.All(ctx, devices, nil, tell.device)
	tell.done()
	snapshots := read
	for _, s := range cfg.Switches {
		block := []checked{{mark: isOff, cells: []string{"switch " + deviceName(s.Address), "is not asked (off = true)"}}}
		switch {
		case s.Off:
		case c.offline:
			block[0].cells[1] = "is not asked (-offline)"
		default:
			block = c.device(s, &snapshots[0], known.of(s.Address.String()))
			snapshots = snapshots[1:]
		}
		for _, part := range [][]checked{block[:1], block[1:]} { // the heading has no columns
			if err := c.show(part); err != nil {
				return err
			}
		}
	}
	return c.show(c.discovery(cfg, read, known))
}

// device says how one switch was read: a heading, and a line for each table.
func (c *checker) device(s config.Switch, read *lan.Snapshot, by memory.Switch) []checked {
	heading := checked{mark: isGood, cells: []string{"switch " + read.Source}}
	if read.System.Name != "" {
		heading.cells[0] += " (" + c.disguise.name("name", read.System.Name) + ")"
	}
	if read.Err != "" {
		heading.mark, heading.notes = isBad, []string{read.Err}
		if strings.Contains(read.Err, snmp.ErrRefused.Error()) {
			heading.notes = append(heading.notes, "turn its SNMP agent on; where that has another port, write address = \"HOST:PORT\"")
		}
	} else {
		heading.cells[0] += fmt.Sprintf(": %s with %s, %s at once, %s in %s", by.Version, by.Credentials,
			count(max(by.Repetitions, 1), "row"), count(read.Requests, "request"), brief(read.To.Sub(read.From)))
	}
	if read.Err == "" && by.ReadByV3 && by.Version != snmp.V3.String() {
		heading.notes = append(heading.notes, "it was read by version 3 before; allow_downgrade = true lets it be read by less")
	}
	block := []checked{heading}
	for _, r := range read.Readings {
		block = append(block, c.table(r, s))
	}
	if read.Err == "" {
		tellMissingFDB(block[1:], read.Readings)
	}
	return block
}

// table says how one table was read.
func (c *checker) table(r lan.Reading, s config.Switch) checked {
	name := "  " + string(r.Table)
	if r.Context != "" {
		shown := c.disguise.name("context", r.Context)
		name += "@" + shown
		r.Reason = strings.NewReplacer("context "+r.Context, "context "+shown, "@"+r.Context, "@"+shown).Replace(r.Reason)
	}
	if strings.HasPrefix(r.Reason, poll.SwitchedOff) {
		return checked{mark: isOff, cells: []string{name, r.Reason}}
	}
	line := checked{mark: isGood, cells: []string{name, string(r.Method), string(r.Status),
		column(6, count(r.Rows, "row")), column(4, count(r.Requests, "request")), column(4, brief(r.Elapsed))}}
	if r.Reason != "" {
		line.notes = []string{r.Reason}
	}
	if r.Status == lan.Partial || r.Status == lan.Failed {
		line.mark = isBad
		if cure := tableCure(r.Reason, s); cure != "" {
			line.notes = append(line.notes, cure)
		}
	}
	return line
}

// column aligns amounts by their unit, for numbers of so many digits.
func column(digits int, amount string) string {
	number, unit, _ := strings.Cut(amount, " ")
	return fmt.Sprintf("%*s %s", digits, number, unit)
}

// tableCure says what to do about a table that was not read to its end; empty
// where the reason says it.
func tableCure(reason string, s config.Switch) string {
	leaveOut := `leave it out with skip_tables if it stays so`
	for _, known := range []struct{ words, cure string }{
		{poll.OutOfTime, outOfTimeCure(s.RequestsPerSecond)},
		{poll.Silent, "see what the switch was busy with, and run this again; a low requests_per_second, such as 20, is easier on it"},
		{"open context ", ""},
		{poll.GivenUp, "see what is said of those"},
		{poll.HiddenVLANs, "see what is said of their contexts; where there are none, grant these credentials the view 1.3.6.1.4.1.9.9.46 (CISCO-VTP-MIB) and 1.3.6.1.2.1.47 (ENTITY-MIB)"},
		{"cannot be read:", "the switch writes this table in a way of its own: record it with camwarden capture -redact and send that to the makers of camwarden"},
		{snmp.ErrTooManyRows.Error(), "its SNMP agent gives rows without end, or more than any site has: update its firmware; " + leaveOut},
		{snmp.ErrNoAnswer.Error(), "the switch answers other questions but not this one: set a low requests_per_second, such as 20, and update its firmware; " + leaveOut},
		{snmp.ErrCut.Error(), "its SNMP agent gave up in the middle of the table: run this again, and update its firmware; " + leaveOut},
	} {
		if strings.Contains(reason, known.words) {
			return known.cure
		}
	}
	return "run this again; if it stays so, record the switch with camwarden capture -redact and send that to the makers of camwarden"
}

// forwardingTables are those that tell at which port a station is.
var forwardingTables = []lan.Table{lan.Dot1dTpFdbTable, lan.Dot1qTpFdbTable, lan.HwDynFdbTable, lan.SlMacAddressTable}

// tellMissingFDB marks the forwarding table of a switch that shows none: what
// hangs there could not be found. lines are those of the readings.
func tellMissingFDB(lines []checked, readings []lan.Reading) {
	first := -1
	for i, r := range readings {
		if !slices.Contains(forwardingTables, r.Table) {
			continue
		}
		if r.Status != lan.Absent {
			return // there is one, or its own line says why not
		}
		if first < 0 || r.Table == lan.Dot1dTpFdbTable && r.Context == "" {
			first = i
		}
	}
	if first < 0 {
		return
	}
	lines[first].mark = isBad
	lines[first].notes = append(lines[first].notes,
		"it shows no forwarding table, so no station can be found at its ports: grant these credentials the view 1.3.6.1.2.1.17 (BRIDGE-MIB, Q-BRIDGE-MIB)",
		"a device that forwards nothing, such as a router: leave dot1dTpFdbTable out with skip_tables")
}

func outOfTimeCure(perSecond int) string {
	if perSecond > 0 {
		return fmt.Sprintf("raise requests_per_second, which is %d, or leave out tables with skip_tables", perSecond)
	}
	return "leave out tables with skip_tables"
}

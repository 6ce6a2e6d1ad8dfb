package capture

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// A Gap is something that a recording does not hold, though the device may. A
// file says so in comments, one for each:
//
//	# INCOMPLETE: TABLE, TABLE… (OID): REASON
//	# not asked for: TABLE, TABLE… (OID)
//
// OID is what was walked in vain: a subtree, one of its columns, or an object.
// The tables are those that are read from its subtree, and the reason may be
// missing. Such a comment without tables and OID speaks of everything, so that
// what is not understood is never taken for complete.
type Gap struct {
	Root     smi.OID // empty for everything
	Tables   []lan.Table
	NotAsked bool   // it was left out on purpose
	Reason   string // why it breaks off
}

const (
	incompleteMark = "INCOMPLETE"
	notAskedMark   = "not asked for"
)

// Comment is the gap as Write takes it.
func (g Gap) Comment() string {
	text := incompleteMark
	if g.NotAsked {
		text = notAskedMark
	}
	if len(g.Root) == 0 {
		text += ": everything"
	} else {
		names := make([]string, len(g.Tables))
		for i, table := range g.Tables {
			names[i] = string(table)
		}
		text = fmt.Sprintf("%s: %s (%s)", text, strings.Join(names, ", "), g.Root)
	}
	if g.Reason != "" {
		text += ": " + g.Reason
	}
	return text
}

var (
	anyGap   = regexp.MustCompile(`^# ?(` + incompleteMark + `|` + notAskedMark + `):(?: everything)?[ :]*(.*)$`)
	namedGap = regexp.MustCompile(`^([[:alnum:]:-]+(?:, [[:alnum:]:-]+)*) \(([012](?:\.[0-9]+)+)\)[ :]*(.*)$`)
)

// parseGap reads a line of a file; false when it speaks of no gap.
func parseGap(line []byte) (Gap, bool) {
	parts := anyGap.FindStringSubmatch(lan.CleanText(line))
	if parts == nil {
		return Gap{}, false
	}
	g := Gap{NotAsked: parts[1] == notAskedMark, Reason: parts[2]}
	named := namedGap.FindStringSubmatch(parts[2])
	if named == nil {
		return g, true
	}
	root, err := smi.ParseOID(named[2])
	if err != nil {
		return g, true
	}
	g.Root, g.Reason = root, named[3]
	for name := range strings.SplitSeq(named[1], ", ") {
		g.Tables = append(g.Tables, lan.Table(name))
	}
	return g, true
}

// err is what a walk of the gap ends with.
func (g Gap) err() error {
	switch {
	case g.NotAsked:
		return errors.New("it was not asked for when it was recorded")
	case g.Reason == "":
		return errors.New("it was not read to its end when it was recorded")
	default:
		return fmt.Errorf("when it was recorded: %s", g.Reason)
	}
}

// gap is the error of the first gap that something in the subtree of root, or
// around it, falls into; nil where there is none.
func (r *Recording) gap(root smi.OID) error {
	for _, g := range r.gaps {
		if root.HasPrefix(g.Root) || g.Root.HasPrefix(root) {
			return g.err()
		}
	}
	return nil
}

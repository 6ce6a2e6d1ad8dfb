package capture

import (
	"strings"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// Rows returns the rows of a recording with everything replaced, in the order
// of the new names. Rows of which nobody can say what they tell are left out,
// and counted: those of tables that are unknown here, of columns without
// meaning for this program, and with an index in a form that nobody knows.
func (r *Redactor) Rows(recording *Recording) (rows []smi.Varbind, left int) {
	f := redaction{Redactor: r, recording: recording, interfaces: make(map[string]bool),
		hosts: make(map[string]bool), tails: make(map[string]bool)}
	f.learn()
	for pass := range passes {
		for row := range recording.All() {
			if f.contentOf(row.Name).pass() != pass {
				continue
			}
			if replaced, ok := f.row(row); ok {
				rows = append(rows, replaced)
			}
		}
	}
	sorted := newRecording(rows)
	return sorted.rows, recording.Len() - sorted.Len()
}

// A redaction is the redaction of one recording.
type redaction struct {
	*Redactor
	recording  *Recording
	interfaces map[string]bool // what its interfaces are called
	hosts      map[string]bool // what devices are called, in small letters
	lengths    []int           // of hosts, the longest first
	tails      map[string]bool // last six digits of its stations' addresses
}

// mac replaces an address and remembers that it occurs.
func (f *redaction) mac(mac lan.MAC) lan.MAC {
	replaced := f.MAC(mac)
	if replaced != mac {
		f.tails[strings.ReplaceAll(mac.String()[9:], ":", "")] = true
	}
	return replaced
}

// learn finds what interfaces and devices are called.
func (f *redaction) learn() {
	for row := range f.recording.All() {
		octets, _ := row.Value.Octets()
		switch f.contentOf(row.Name) {
		case interfaceContent:
			f.interfaces[string(octets)] = len(octets) > 0
		case hostContent, deviceIDContent:
			name, _, _ := strings.Cut(string(octets), "(")
			f.addHost(name)
		}
	}
	f.sortHosts()
}

func (f *redaction) contentOf(name smi.OID) content {
	t := tableOf(name)
	if t == nil {
		return unknownContent
	}
	return t.columns[name[len(t.root)]]
}

// passes is how often the rows are gone through: addresses first, so that all
// are known when they are looked for in texts.
const passes = 3

func (c content) pass() int {
	switch c {
	case chassisIDContent, portIDContent:
		return 1
	case textContent, interfaceContent, portContent:
		return 2
	default:
		return 0
	}
}

// row redacts one row; false leaves it out.
func (f *redaction) row(row smi.Varbind) (smi.Varbind, bool) {
	t := tableOf(row.Name)
	if t == nil {
		return smi.Varbind{}, false
	}
	column, index := row.Name[len(t.root)], row.Name[len(t.root)+1:]
	replaced, ok := t.index(f, index)
	if !ok {
		return smi.Varbind{}, false
	}
	value, ok := f.value(row.Value, t.columns[column], func() int64 { return f.number(t.root.Append(column-1), index) })
	if !ok {
		return smi.Varbind{}, false
	}
	return smi.Varbind{Name: t.root.Append(column).Append(replaced...), Value: value}, true
}

// number is the value of another column of the same row; 0 where it has none.
func (f *redaction) number(column, index smi.OID) int64 {
	value, _ := f.recording.Get(column.Append(index...))
	n, _ := value.Int()
	return n
}

package poll

import (
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmp"
)

// A census is how many rows each database of dot1qTpFdbTable has by
// dot1qFdbDynamicCount. It is a hint: some devices say 0 where there are rows.
type census struct {
	rows  map[uint32]int
	total int
	taken bool // all of it
}

var dot1qFdbDynamicCount = smi.MustOID("1.3.6.1.2.1.17.7.1.2.1.1.2")

// cursor reads the counts, and goes on with what then is returns.
func (c *census) cursor(tally *int, then func() []*snmp.Cursor) *snmp.Cursor {
	c.rows = make(map[uint32]int)
	width := len(dot1qFdbDynamicCount)
	return &snmp.Cursor{Root: dot1qFdbDynamicCount, Tally: tally,
		Row: func(vb smi.Varbind) error {
			if n, ok := vb.Value.Int(); ok && n >= 0 && len(vb.Name) > width {
				n = min(n, maxRows)
				c.rows[vb.Name[len(vb.Name)-1]] = int(n)
				c.total = min(c.total+int(n), maxRows)
			}
			return nil
		},
		Done: func(error) []*snmp.Cursor {
			c.taken = true
			return then()
		}}
}

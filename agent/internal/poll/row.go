package poll

import (
	"math"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// A fdbRow is a row that was wanted.
type fdbRow struct {
	mac  uint64
	id   uint32
	port lan.BridgePort
}

func newRow(at position, port smi.Value) fdbRow {
	n, _ := port.Int() // what is no number is no port
	return fdbRow{at.mac, at.id, lan.BridgePort(min(max(n, 0), math.MaxUint32))}
}

func (r fdbRow) position() position { return position{r.id, r.mac} }

func (r fdbRow) compare(other fdbRow) int { return r.position().compare(other.position()) }

// A statusRow is the status of a row.
type statusRow struct {
	position
	status lan.FDBStatus
}

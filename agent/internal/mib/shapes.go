package mib

import (
	"fmt"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// noteShapes says which tables have indexes of another shape than their MIB
// gives them.
func noteShapes(s *lan.Snapshot) {
	shapes := map[lan.Table]int{}
	for _, e := range s.FDB {
		if e.Index != "" && (e.Table == lan.Dot1dTpFdbTable || e.Table == lan.Dot1qTpFdbTable) {
			shapes[e.Table]++
		}
	}
	for _, table := range []lan.Table{lan.Dot1dTpFdbTable, lan.Dot1qTpFdbTable} {
		if n := shapes[table]; n > 0 {
			s.Note(table, fmt.Sprintf("rows indexed otherwise than its MIB says: %d", n))
		}
	}
	parts := 3 // TimeMark, local port, number
	unplaced := 0
	for _, n := range s.LLDP {
		if n.Source() != lan.LLDPRemTable {
			continue
		}
		if got := strings.Count(n.Index, ".") + 1; got != parts && parts == 3 {
			parts = got
			s.Note(lan.LLDPRemTable, fmt.Sprintf("parts of its index, which should be 3: %d", got))
		}
		if n.IfIndex == 0 {
			unplaced++
		}
	}
	if unplaced > 0 {
		s.Note(lan.LLDPRemTable, fmt.Sprintf("neighbours whose port it does not tell: %d", unplaced))
	}
}

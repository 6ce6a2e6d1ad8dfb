package capture

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// Write writes rows as a .snmprec file: sorted by name and, where a name is
// repeated, the first row alone. Rows that Secret speaks of are left out. The
// exceptions of RFC 3416 are no values and give an error. The comments stand
// at the top, a line for each.
func Write(w io.Writer, rows []smi.Varbind, comments ...string) error {
	out := bufio.NewWriter(w)
	var line []byte
	for _, comment := range comments {
		if _, err := fmt.Fprintf(out, "# %s\n", lan.CleanString(comment)); err != nil {
			return fmt.Errorf("write capture: %w", err)
		}
	}
	for row := range New(rows).All() {
		if Secret(row.Name) {
			continue
		}
		tag, value, err := snmprecValue(row.Value)
		if err != nil {
			return fmt.Errorf("write capture: %s: %w", row.Name, err)
		}
		line = fmt.Appendf(line[:0], "%s|%s|%s\n", row.Name, tag, value)
		if _, err := out.Write(line); err != nil {
			return fmt.Errorf("write capture: %w", err)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write capture: %w", err)
	}
	return nil
}

func snmprecValue(v smi.Value) (tag, text string, err error) {
	switch v.Kind {
	case smi.Null:
		return "5", "", nil
	case smi.Integer:
		return "2", strconv.FormatInt(int64(v.Num), 10), nil
	case smi.OctetString:
		if isPlain(v.Bytes) {
			return "4", string(v.Bytes), nil
		}
		return "4x", hex.EncodeToString(v.Bytes), nil
	case smi.ObjectIdentifier:
		return "6", v.OID.String(), nil
	case smi.IPAddress:
		if len(v.Bytes) != 4 {
			return "", "", fmt.Errorf("an IpAddress of %d octets is no value", len(v.Bytes))
		}
		return "64", v.String(), nil
	case smi.Counter32:
		return "65", strconv.FormatUint(v.Num, 10), nil
	case smi.Gauge32:
		return "66", strconv.FormatUint(v.Num, 10), nil
	case smi.TimeTicks:
		return "67", strconv.FormatUint(v.Num, 10), nil
	case smi.Opaque:
		return "68x", hex.EncodeToString(v.Bytes), nil
	case smi.Counter64:
		return "70", strconv.FormatUint(v.Num, 10), nil
	default:
		return "", "", fmt.Errorf("%s is no value", v.Kind)
	}
}

// isPlain tells whether octets are text that stays what it is in any editor:
// printable ASCII without a space at either end.
func isPlain(octets []byte) bool {
	for _, c := range octets {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return len(octets) == 0 || octets[0] != ' ' && octets[len(octets)-1] != ' '
}

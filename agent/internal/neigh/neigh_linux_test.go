package neigh

import (
	"encoding/binary"
	"net/netip"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// message builds a struct ndmsg with its attributes, as the kernel sends it.
func message(family byte, ifIndex uint32, state uint16, attributes ...[]byte) []byte {
	m := make([]byte, ndmsgLen)
	m[0] = family
	binary.NativeEndian.PutUint32(m[4:], ifIndex)
	binary.NativeEndian.PutUint16(m[8:], state)
	for _, a := range attributes {
		m = append(m, a...)
		for len(m)%4 != 0 {
			m = append(m, 0)
		}
	}
	return m
}

func attribute(kind uint16, value ...byte) []byte {
	a := binary.NativeEndian.AppendUint16(nil, uint16(4+len(value)))
	return append(binary.NativeEndian.AppendUint16(a, kind), value...)
}

func TestParseNeighbour(t *testing.T) {
	ip := attribute(ndaDst, 10, 20, 0, 9)
	mac := attribute(ndaLladdr, 0x44, 0x19, 0xb6, 0, 0, 9)
	const reachable = 0x02
	tests := []struct {
		name     string
		data     []byte
		isIP, ok bool
	}{
		{"reachable", message(syscall.AF_INET, 3, reachable, ip, mac), true, true},
		{"failed", message(syscall.AF_INET, 3, nudFailed, ip, mac), true, false},
		{"incomplete", message(syscall.AF_INET, 3, nudIncomplete, ip), true, false},
		{"multicast, no ARP", message(syscall.AF_INET, 3, nudNoARP, ip, mac), true, false},
		{"no address", message(syscall.AF_INET, 3, reachable, ip), true, false},
		{"loopback's zero address", message(syscall.AF_INET, 1, reachable, ip, attribute(ndaLladdr, 0, 0, 0, 0, 0, 0)), true, false},
		{"InfiniBand address", message(syscall.AF_INET, 3, reachable, ip, attribute(ndaLladdr, make([]byte, 20)...)), true, false},
		{"bridge entry", message(syscall.AF_BRIDGE, 3, reachable, mac), false, false},
		{"cut short", message(syscall.AF_INET, 3, reachable)[:8], false, false},
		{"attribute longer than the message", message(syscall.AF_INET, 3, reachable, ip, []byte{200, 0, 2, 0}), true, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			entry, isIP, ok := parseNeighbour(tt.data)
			if isIP != tt.isIP || ok != tt.ok {
				t.Fatalf("isIP %v, ok %v; want %v, %v", isIP, ok, tt.isIP, tt.ok)
			}
			want := lan.ARPEntry{IfIndex: 3, IP: netip.MustParseAddr("10.20.0.9"),
				MAC: lan.MAC{0x44, 0x19, 0xb6, 0, 0, 9}, Table: lan.Neighbours}
			if ok && entry != want {
				t.Errorf("got %+v, want %+v", entry, want)
			}
		})
	}
}

func FuzzParseNeighbour(f *testing.F) {
	f.Add(message(syscall.AF_INET, 3, 2, attribute(ndaDst, 10, 0, 0, 1), attribute(ndaLladdr, 2, 0, 0, 0, 0, 1)))
	f.Fuzz(func(t *testing.T, data []byte) {
		if entry, _, ok := parseNeighbour(data); ok && !entry.MAC.IsStation() {
			t.Errorf("an entry without a station: %+v", entry)
		}
	})
}

// TestReadAgreesWithIPNeigh holds the table against iproute2's.
func TestReadAgreesWithIPNeigh(t *testing.T) {
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("iproute2 is not installed")
	}
	out, err := exec.Command("ip", "neigh", "show").Output()
	if err != nil {
		t.Skip("ip neigh: ", err)
	}
	s := Read()
	if s.Err != "" {
		t.Fatal(s.Err)
	}
	got := make(map[string]bool)
	for _, e := range s.ARP {
		got[e.IP.String()+" "+e.MAC.String()] = true
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if i := strings.Index(line, "lladdr "); i > 0 && !strings.Contains(line, "FAILED") && !strings.Contains(line, "NOARP") {
			mac := strings.Fields(line[i:])[1]
			if !got[fields[0]+" "+mac] {
				t.Errorf("missing: %s", line)
			}
		}
	}
}

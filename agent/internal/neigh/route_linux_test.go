package neigh

import (
	"encoding/binary"
	"net/netip"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// routeMessage builds a struct rtmsg with its attributes, as the kernel sends
// it.
func routeMessage(destinationLength, table, kind byte, attributes ...[]byte) []byte {
	m := make([]byte, syscall.SizeofRtMsg)
	m[0], m[1], m[4], m[7] = syscall.AF_INET, destinationLength, table, kind
	return append(m, padded(attributes...)...)
}

func padded(attributes ...[]byte) []byte {
	var m []byte
	for _, a := range attributes {
		m = append(m, a...)
		for len(m)%4 != 0 {
			m = append(m, 0)
		}
	}
	return m
}

func nextHop(attributes ...[]byte) []byte {
	inner := padded(attributes...)
	hop := binary.NativeEndian.AppendUint16(nil, uint16(syscall.SizeofRtNexthop+len(inner)))
	return append(append(hop, make([]byte, syscall.SizeofRtNexthop-2)...), inner...)
}

func TestParseRoute(t *testing.T) {
	const main, unicast = syscall.RT_TABLE_MAIN, syscall.RTN_UNICAST
	one, two := attribute(syscall.RTA_GATEWAY, 10, 0, 0, 1), attribute(syscall.RTA_GATEWAY, 10, 0, 0, 2)
	metric := attribute(syscall.RTA_PRIORITY, binary.NativeEndian.AppendUint32(nil, 100)...)
	via := attribute(rtaVia, append([]byte{syscall.AF_INET6, 0}, netip.MustParseAddr("2001:db8::1").AsSlice()...)...)
	for _, test := range []struct {
		name string
		data []byte
		want string
	}{
		{"default", routeMessage(0, main, unicast, one, metric), "10.0.0.1"},
		{"to a subnet", routeMessage(24, main, unicast, one), ""},
		{"in another table", routeMessage(0, syscall.RT_TABLE_LOCAL, unicast, one), ""},
		{"unreachable", routeMessage(0, main, syscall.RTN_UNREACHABLE, one), ""},
		{"by an interface alone", routeMessage(0, main, unicast, metric), ""},
		{"over several", routeMessage(0, main, unicast, metric, attribute(syscall.RTA_MULTIPATH, append(nextHop(one), nextHop(two)...)...)), "10.0.0.1 10.0.0.2"},
		{"over IPv6", routeMessage(0, main, unicast, via), "2001:db8::1"},
		{"cut short", routeMessage(0, main, unicast, one)[:8], ""},
		{"an attribute longer than the message", routeMessage(0, main, unicast, []byte{200, 0, 5, 0}), ""},
		{"a next hop longer than the message", routeMessage(0, main, unicast, attribute(syscall.RTA_MULTIPATH, 200, 0, 0, 0, 0, 0, 0, 0)), ""},
		{"an address of five octets", routeMessage(0, main, unicast, attribute(syscall.RTA_GATEWAY, 10, 0, 0, 1, 1)), ""},
	} {
		var got []string
		for _, r := range parseRoute(test.data) {
			got = append(got, r.gateway.String())
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s: got %v, want %q", test.name, got, test.want)
		}
	}
	if r := parseRoute(routeMessage(0, main, unicast, one, metric)); r[0].metric != 100 {
		t.Errorf("metric %d", r[0].metric)
	}
}

func FuzzParseRoute(f *testing.F) {
	f.Add(routeMessage(0, syscall.RT_TABLE_MAIN, syscall.RTN_UNICAST, attribute(syscall.RTA_GATEWAY, 10, 0, 0, 1), attribute(syscall.RTA_MULTIPATH, nextHop(attribute(syscall.RTA_GATEWAY, 10, 0, 0, 2))...)))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, r := range parseRoute(data) {
			if !r.gateway.IsValid() {
				t.Errorf("no gateway in %v", r)
			}
		}
	})
}

// TestGatewaysAgreeWithIPRoute holds the gateways against iproute2's.
func TestGatewaysAgreeWithIPRoute(t *testing.T) {
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("iproute2 is not installed")
	}
	out, err := exec.Command("ip", "-4", "route", "show", "default").Output()
	if err != nil {
		t.Skip("ip route: ", err)
	}
	gateways, err := Gateways()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		_, rest, ok := strings.Cut(line, " via ")
		if !ok {
			continue
		}
		if via := netip.MustParseAddr(strings.Fields(rest)[0]); !slices.Contains(gateways, via) {
			t.Errorf("%v is missing among %v", via, gateways)
		}
	}
}

package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// A discoverySite is twelve switches of Debian's snmpd and lldpd, a namespace
// each, as a tree of bridges. Over the dotted lines LLDP alone is heard, so
// that neighbours go round in a circle and frames do not.
//
//	agent ── sw01 ┬ sw02 ┬ sw05 ── sw12*
//	          ┊   │      ├ sw06 ┄┄┄ sw04
//	          ┊   │      ├ sw11*
//	          ┊   │      └ camera
//	          ┊   ├ sw03 ── sw07 ── sw08 ── sw09 ┄ (sw01)
//	          ┊   ├ sw04
//	          ┊   └ sw10*
//
// Those with a star have addresses outside of what discovery may ask. sw01 is
// the agent's default gateway, and sw06 announces two addresses.
type discoverySite struct{ *site }

const (
	siteWithin    = "10.30.0.0/16"
	sitePass      = "canary-passphrase-of-the-site"
	siteCommunity = "canary-community-of-the-site"
	siteCameraIP  = "10.30.0.50"
)

var (
	siteLinks = [][2]int{{1, 2}, {1, 3}, {1, 4}, {1, 10}, {2, 5}, {2, 6}, {2, 11}, {3, 7}, {7, 8}, {8, 9}, {5, 12}}
	siteHeard = [][2]int{{9, 1}, {6, 4}} // LLDP alone
)

func switchName(n int) string { return fmt.Sprintf("sw%02d", n) }

// switchAddress is inside for sw01 to sw09, outside for the others.
func switchAddress(n int) string {
	if n > 9 {
		return fmt.Sprintf("10.99.0.%d", n)
	}
	return fmt.Sprintf("10.30.0.%d", n)
}

func newDiscoverySite(t *testing.T) discoverySite {
	s := discoverySite{openSite(t, "cw")}
	names := []string{"agent", "camera"}
	for n := 1; n <= 12; n++ {
		names = append(names, switchName(n))
	}
	for _, name := range names {
		s.run("ip", "netns", "add", s.prefix+name)
		t.Cleanup(func() { s.run("ip", "netns", "del", s.prefix+name) })
		s.in(name, "ip", "link", "set", "lo", "up")
		s.in(name, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1")
	}
	for n := 1; n <= 12; n++ {
		name := switchName(n)
		s.in(name, "ip", "link", "add", "br0", "address", fmt.Sprintf("02:00:5e:30:00:%02x", n), "type", "bridge", "ageing_time", "30000")
		s.in(name, "ip", "addr", "add", switchAddress(n)+"/16", "dev", "br0")
		s.in(name, "ip", "link", "set", "br0", "up")
	}
	s.in("sw06", "ip", "addr", "add", "10.30.1.6/16", "dev", "br0")
	for _, link := range siteLinks {
		s.link(link[0], link[1], "ge", true)
	}
	for _, link := range siteHeard {
		s.link(link[0], link[1], "mg", false)
	}
	s.station("sw01", "agent", "10.30.0.100")
	s.station("sw02", "camera", siteCameraIP)
	s.in("agent", "ip", "route", "add", "default", "via", switchAddress(1))
	return s
}

// link joins two switches, by ports that are named after the other.
func (s discoverySite) link(a, b int, kind string, bridged bool) {
	portA, portB := fmt.Sprintf("%s%d", kind, b), fmt.Sprintf("%s%d", kind, a)
	s.in(switchName(a), "ip", "link", "add", portA, "type", "veth", "peer", "name", portB, "netns", s.prefix+switchName(b))
	for name, port := range map[string]string{switchName(a): portA, switchName(b): portB} {
		if bridged {
			s.in(name, "ip", "link", "set", port, "master", "br0")
		}
		s.in(name, "ip", "link", "set", port, "up")
	}
}

func (s discoverySite) station(at, name, ip string) {
	s.in(at, "ip", "link", "add", "to-"+name, "type", "veth", "peer", "name", "eth0", "netns", s.prefix+name)
	s.in(at, "ip", "link", "set", "to-"+name, "master", "br0", "up")
	s.in(name, "ip", "addr", "add", ip+"/16", "dev", "eth0")
	s.in(name, "ip", "link", "set", "eth0", "up")
}

// startDaemons makes each bridge a managed switch. The camera announces itself
// as what it is, and answers SNMP too, should anybody ask.
func (s discoverySite) startDaemons() {
	for n := 1; n <= 12; n++ {
		address := switchAddress(n)
		if n == 6 {
			address += ",10.30.1.6"
		}
		s.startManaged(switchName(n), address, "ge*,mg*,to-camera", "ge*")
	}
	s.startManaged("camera", siteCameraIP, "eth0", "eth0")
}

func (s discoverySite) startManaged(name, addresses, ports, chassis string) {
	agentx := filepath.Join(s.folder, name+".agentx")
	state := filepath.Join(s.folder, name)
	if err := os.Mkdir(state, 0o700); err != nil {
		s.t.Fatal(err)
	}
	snmpd := s.write(name+".conf", strings.Join([]string{
		"agentAddress udp:161",
		"createUser camwarden SHA-256 " + sitePass + " AES " + sitePass, "rouser camwarden priv",
		"rocommunity " + siteCommunity,
		"sysName " + name, "sysDescr Example managed switch",
		"dontLogTCPWrappersConnects yes", "master agentx", "agentxsocket " + agentx, ""}, "\n"))
	s.start(name, "env", "SNMP_PERSISTENT_DIR="+state, "snmpd", "-f", "-Lo", "-m", "", "-C", "-c", snmpd,
		"-p", filepath.Join(s.folder, name+".pid"), "-I", "-systemstats")
	s.eventually("snmpd of "+name+" listens", func() bool { _, err := os.Stat(agentx); return err == nil })
	s.startLLDP(name, ports, name, "Example managed switch", "-x", "-X", agentx, "-C", chassis, "-m", addresses)
}

// A tap counts what passes the interfaces of a namespace.
type tap struct {
	mu        sync.Mutex
	lldp      int                // frames
	asked     map[netip.Addr]int // UDP datagrams to port 161, by destination
	community int                // of these, how many hold the community
	dropped   uint32             // frames that were not counted
}

// tap captures in a namespace until the returned function is called.
func (s discoverySite) tap(namespace string) (*tap, func()) {
	s.t.Helper()
	t := &tap{asked: make(map[netip.Addr]int)}
	opened, stop, done := make(chan error), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine, in the other namespace
		fd, err := packetSocket("/var/run/netns/" + s.prefix + namespace)
		opened <- err
		if err != nil {
			return
		}
		defer unix.Close(fd)
		frame := make([]byte, 65536)
		for {
			n, _, err := unix.Recvfrom(fd, frame, 0)
			switch {
			case err == nil:
				t.count(frame[:n])
			case errors.Is(err, unix.EAGAIN):
				select {
				case <-stop:
					if statistics, err := unix.GetsockoptTpacketStats(fd, unix.SOL_PACKET, unix.PACKET_STATISTICS); err == nil {
						t.dropped = statistics.Drops
					}
					return
				default:
				}
			}
		}
	}()
	if err := <-opened; err != nil {
		s.t.Fatalf("capture in %s: %v", namespace, err)
	}
	return t, sync.OnceFunc(func() { close(stop); <-done })
}

// packetSocket opens a socket on all interfaces of a namespace.
func packetSocket(namespace string) (int, error) {
	in, err := os.Open(namespace)
	if err != nil {
		return -1, err
	}
	defer in.Close()
	if err := unix.Setns(int(in.Fd()), unix.CLONE_NEWNET); err != nil {
		return -1, err
	}
	everything := binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, unix.ETH_P_ALL))
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, int(everything))
	if err != nil {
		return -1, err
	}
	err = errors.Join(unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 32<<20),
		unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Usec: 100_000}))
	if err != nil {
		return -1, errors.Join(err, unix.Close(fd))
	}
	return fd, nil
}

func (t *tap) count(frame []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(frame) < 14 {
		return
	}
	switch binary.BigEndian.Uint16(frame[12:]) {
	case 0x88cc:
		t.lldp++
	case 0x0800:
		packet := frame[14:]
		if len(packet) < 28 || packet[9] != unix.IPPROTO_UDP {
			return
		}
		header := int(packet[0]&15) * 4
		if len(packet) < header+8 || binary.BigEndian.Uint16(packet[header+2:]) != 161 {
			return
		}
		t.asked[netip.AddrFrom4([4]byte(packet[16:20]))]++
		if bytes.Contains(packet, []byte(siteCommunity)) {
			t.community++
		}
	}
}

// TestSiteDiscovery begins at this host's default gateway and nowhere else:
// nine switches are found by what they announce, each once, and nothing is
// sent to the three that are outside, nor to the camera.
func TestSiteDiscovery(t *testing.T) {
	needSite(t, "ip", "snmpd", "lldpd", "env")
	s := newDiscoverySite(t)
	program := camwarden(t)
	s.startDaemons()
	forbidden := []string{"sw10", "sw11", "sw12", "camera"}
	taps := make(map[string]*tap)
	var stops []func()
	for _, name := range append([]string{"agent"}, forbidden...) {
		here, stop := s.tap(name)
		taps[name] = here
		stops = append(stops, stop)
		t.Cleanup(stop)
	}
	s.write("passphrase", sitePass)
	s.write("community", siteCommunity)
	for _, name := range []string{"passphrase", "community"} {
		if err := os.Chmod(filepath.Join(s.folder, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	configuration := s.write("camwarden.toml", fmt.Sprintf(`
[site]
id = "LON-0042"
[discover]
from_gateway = true
follow_lldp = true
within = [%q]
[credentials.site-v3]
version = "3"
user = "camwarden"
auth = "sha256"
auth_passphrase_file = "passphrase"
priv = "aes"
priv_passphrase_file = "passphrase"
discover = true
[credentials.old-v2]
version = "2c"
community_file = "community"
discover = true
`, siteWithin))
	state := filepath.Join(s.folder, "state")
	scan := func() map[string]string {
		r := parseReport(t, s.in("agent", "sh", "-c", fmt.Sprintf("%s scan -config %s -state %s -json 2>>%s", program, configuration, state, filepath.Join(s.folder, "log"))))
		found := make(map[string]string)
		for _, c := range r.Coverage {
			if c.Kind == "switch" {
				found[c.Name] += c.Source + ": " + c.Found
			}
		}
		return found
	}
	var found map[string]string
	s.eventually("all announce themselves", func() bool { found = scan(); return len(found) >= 9 })
	time.Sleep(time.Second) // another round of announcements: nobody else comes
	found = scan()
	for _, stop := range stops {
		stop()
	}

	var names, want []string
	for n := 1; n <= 9; n++ {
		want = append(want, switchName(n))
	}
	names = slices.Sorted(maps.Keys(found))
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("found (-want +got):\n%s", diff)
	}
	for name, how := range found {
		if strings.Count(how, ": ") != 1 {
			t.Errorf("%s was read more than once: %s", name, how)
		}
	}
	if got := found["sw01"]; got != "10.30.0.1: "+gatewayReason {
		t.Errorf("sw01 is %q", got)
	}
	if got := found["sw07"]; got != "10.30.0.7: LLDP neighbour of sw03 port ge7" {
		t.Errorf("sw07 is %q", got)
	}
	agent := taps["agent"]
	sent, outside := 0, 0
	for n := 1; n <= 12; n++ {
		addr := netip.MustParseAddr(switchAddress(n))
		if asked := agent.asked[addr] > 0; asked != (n <= 9) {
			t.Errorf("%v was asked %d times", addr, agent.asked[addr])
		}
		if n <= 9 {
			sent += agent.asked[addr]
		} else {
			outside += agent.asked[addr]
		}
		delete(agent.asked, addr)
	}
	delete(agent.asked, netip.MustParseAddr("10.30.1.6")) // sw06 by its other address
	if len(agent.asked) > 0 {
		t.Errorf("others were asked: %v", agent.asked)
	}
	for _, name := range forbidden {
		if here := taps[name]; len(here.asked) > 0 || here.lldp == 0 {
			t.Errorf("in %s were seen %v questions and %d announcements", name, here.asked, here.lldp)
		}
	}
	for name, here := range taps {
		if here.dropped > 0 || here.community > 0 {
			t.Errorf("in %s %d frames were not counted, and %d had the community in clear text", name, here.dropped, here.community)
		}
	}
	log, err := os.ReadFile(filepath.Join(s.folder, "log"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(log, []byte(`address=10.30.0.7:161 credentials=site-v3 version=v3 why="LLDP neighbour of sw03 port ge7"`)) || bytes.Contains(log, []byte("canary")) {
		t.Errorf("the log says:\n%s", log)
	}
	t.Logf("found from the gateway: %d of 12 switches, with %d datagrams to the nine inside and %d to the three outside\n%s",
		len(found), sent, outside, strings.Join(slices.Sorted(maps.Values(found)), "\n"))
}

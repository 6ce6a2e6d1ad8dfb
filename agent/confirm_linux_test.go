package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/camwarden/camwarden/agent/internal/confirm/emulate"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/memory"
)

// An emulated station hangs on the site's bridge and has a namespace of its
// own.
type emulated struct {
	name, ip, mac string
	station       func(lan.MAC) emulate.Station
	asked         bool
	// What is to be found; no level: it is no finding.
	level, class, maker, rule string
	channels                  int
}

// emulatedStations are what the program has to do with, and what it has to make
// of each.
func emulatedStations() []emulated {
	hik := func(model string, channels int) func(lan.MAC) emulate.Station {
		return func(mac lan.MAC) emulate.Station { return emulate.Hikvision(mac, model, "N/A", 0, channels) }
	}
	dahua := func(class, model, vendor string, local, remote int) func(lan.MAC) emulate.Station {
		return func(mac lan.MAC) emulate.Station { return emulate.Dahua(mac, class, model, vendor, local, remote) }
	}
	only := func(question lan.Question, reply emulate.Reply) func(lan.MAC) emulate.Station {
		return func(lan.MAC) emulate.Station {
			return emulate.Station{Replies: map[lan.Question]emulate.Reply{question: reply}}
		}
	}
	// spoilt makes other answers of all right ones of a camera of both makers.
	spoilt := func(spoil func(right [][]byte) [][]byte) func(lan.MAC) emulate.Station {
		return func(mac lan.MAC) emulate.Station {
			st := emulate.Hikvision(mac, "DS-2CD2385G1-I", "N/A", 0, 1)
			st.Certificate = nil
			st.Replies[lan.DHDiscover] = emulate.DHDiscover(mac, "IPC", "IPC-HFW2431S", "Dahua", 1, 0)
			for question, reply := range st.Replies {
				st.Replies[question] = func(asked []byte) [][]byte { return spoil(reply(asked)) }
			}
			return st
		}
	}
	printer := only(lan.WSDiscovery, emulate.WSDiscovery(emulate.Printer))
	none := func(lan.MAC) emulate.Station { return emulate.Station{} }
	stranger := lan.MAC{0x44, 0x19, 0xb6, 9, 9, 9}
	return []emulated{
		{"hikvision camera", "10.20.0.11", "44:19:b6:00:00:11", hik("DS-2CD2385G1-I", 1), true, "confirmed", "camera", "hikvision", "confirmed-maker-and-field", 0},
		{"hikvision recorder", "10.20.0.12", "44:19:b6:00:00:12", hik("DS-7608NI-K2/8P", 8), true, "confirmed", "recorder", "hikvision", "confirmed-maker-and-field", 8},
		{"dahua camera", "10.20.0.13", "14:a7:8b:00:00:13", dahua("IPC", "IPC-HFW2431S-S-S2", "Dahua", 1, 0), true, "confirmed", "camera", "dahua", "confirmed-maker-and-field", 0},
		{"dahua recorder", "10.20.0.14", "14:a7:8b:00:00:14", dahua("NVR", "DHI-NVR4108HS-8P-4KS2", "Dahua", 0, 8), true, "confirmed", "recorder", "dahua", "confirmed-maker-and-field", 8},
		{"door station", "10.20.0.15", "14:a7:8b:00:00:15", dahua("VTO", "VTO2000A", "General", 1, 0), true, "confirmed", "door", "dahua", "confirmed-maker-and-field", 0},
		{"lorex", "10.20.0.16", "00:1f:54:a9:2e:16", dahua("IPC", "W461ASC", "Lorex", 1, 0), true, "suspected-rebadge", "camera", "dahua", "rebadge-platform", 0},
		{"bcs", "10.20.0.17", "38:c4:e8:03:b3:17", dahua("IPC", "BCS-TIP3401IR-E-V", "General", 1, 0), true, "suspected-rebadge", "camera", "dahua", "rebadge-platform", 0},
		{"lorex by its banner alone", "10.20.0.18", "00:1f:54:a9:2e:18", only(lan.RTSP, emulate.Unauthorised("RTSP/1.0", "Rtsp Server/3.0", "Login to ND011902012345")), true,
			"suspected-rebadge", "unknown", "dahua", "rebadge-platform", 0},
		{"an honest lorex", "10.20.0.19", "00:1f:54:a9:2e:19", only(lan.HTTP, emulate.Page("Apache", "<title>Gateway</title>")), true, "", "", "", "", 0},
		{"face terminal", "10.20.0.20", "b4:4c:3b:f4:e3:20", func(mac lan.MAC) emulate.Station {
			return emulate.Station{Replies: map[lan.Question]emulate.Reply{lan.DHDiscover: emulate.DHDiscover(mac, "", "SS 3530 MF FACE W", "Intelbras", 0, 0)}}
		}, true, "possible", "unknown", "dahua", "possible-block", 0},
		{"camera by its banner alone", "10.20.0.21", "44:19:b6:00:00:21", only(lan.RTSP, emulate.Unauthorised("RTSP/1.0", "", "IP Camera(C2461)")), true,
			"probable", "camera", "hikvision", "probable-block-and-sign", 0},
		{"honest axis", "10.20.0.22", "ac:cc:8e:00:00:22", emulate.Axis, false, "", "", "", "", 0},
		{"honest axis, flagged by the operator", "10.20.0.23", "ac:cc:8e:00:00:23", emulate.Axis, true, "possible", "camera", "other", "possible-class", 0},
		{"printer", "10.20.0.24", "3c:d9:2b:00:00:24", printer, false, "", "", "", "", 0},
		{"printer, flagged by the operator", "10.20.0.25", "3c:d9:2b:00:00:25", printer, true, "possible", "unknown", "other", "possible-operator", 0},
		{"one maker's block, the other's platform", "10.20.0.26", "44:19:b6:00:00:26", dahua("IPC", "IPC-HFW2431S-S-S2", "Dahua", 1, 0), true,
			"conflict", "camera", "dahua", "conflict-block-platform", 0},
		{"both platforms at once", "10.20.0.27", "00:1f:54:a9:2e:27", spoilt(func(right [][]byte) [][]byte { return right }), true, "conflict", "camera", "hikvision", "conflict-two-platforms", 0},
		{"with another's address", "10.20.0.28", "44:19:b6:00:00:28", only(lan.SADP, emulate.SADP(stranger, "DS-2CD2385G1-I", "N/A", 0, 1)), true,
			"possible", "unknown", "hikvision", "possible-block", 0},
		{"64 KB", "10.20.0.29", "44:19:b6:00:00:29", spoilt(func(right [][]byte) [][]byte {
			return [][]byte{append(right[0], bytes.Repeat([]byte{' '}, 65_000-len(right[0]))...)}
		}), true,
			"probable", "camera", "hikvision", "probable-block-and-sign", 0}, // its banners' heads are whole
		{"30-fold", "10.20.0.30", "44:19:b6:00:00:30", only(lan.SADP, func(q []byte) [][]byte {
			return slices.Repeat(emulate.SADP(lan.MAC{0x44, 0x19, 0xb6, 0, 0, 0x30}, "DS-2CD2385G1-I", "N/A", 0, 1)(q), 30)
		}), true, "confirmed", "camera", "hikvision", "confirmed-maker-and-field", 0},
		{"cut", "10.20.0.31", "44:19:b6:00:00:31", spoilt(func(right [][]byte) [][]byte {
			var cuts [][]byte
			for cut := 0; cut < 60; cut++ {
				cuts = append(cuts, right[0][:cut])
			}
			return cuts
		}), true, "possible", "unknown", "hikvision", "possible-block", 0},
		{"silent", "10.20.0.32", "44:19:b6:00:00:32", spoilt(func([][]byte) [][]byte { return nil }), true, "possible", "unknown", "hikvision", "possible-block", 0},
		{"closed", "10.20.0.33", "44:19:b6:00:00:33", none, true, "possible", "unknown", "hikvision", "possible-block", 0},
		{"outside of the subnets", "10.30.0.34", "44:19:b6:00:00:34", hik("DS-2CD2385G1-I", 1), false, "possible", "unknown", "hikvision", "possible-block", 0},
	}
}

// An emulatedSite is a bridge with the agent and the stations on it.
type emulatedSite struct {
	*site
	stations []emulated
	running  []*emulate.Running
}

func newEmulatedSite(t *testing.T, stations []emulated) *emulatedSite {
	s := &emulatedSite{site: openSite(t, "cwc"), stations: stations}
	namespace := func(name string) {
		s.run("ip", "netns", "add", s.prefix+name)
		t.Cleanup(func() { s.run("ip", "netns", "del", s.prefix+name) })
		s.in(name, "ip", "link", "set", "lo", "up")
		s.in(name, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1")
	}
	namespace("switch")
	s.in("switch", "ip", "link", "add", "br0", "type", "bridge")
	s.in("switch", "ip", "link", "set", "br0", "up")
	namespace("agent")
	s.attach("agent", "ge0", "02:00:5e:10:00:99", "10.20.0.9", "agent")
	s.in("agent", "ip", "addr", "add", "10.30.0.9/24", "dev", "eth0")
	s.in("agent", "ip", "link", "add", "far0", "type", "veth", "peer", "name", "far1") // where multicast must not go
	s.in("agent", "ip", "addr", "add", "10.40.0.9/24", "dev", "far0")
	s.in("agent", "ip", "link", "set", "far0", "up")
	s.in("agent", "ip", "link", "set", "far1", "up")
	for i, e := range stations {
		name := fmt.Sprintf("st%d", i)
		namespace(name)
		s.attach(name, fmt.Sprintf("ge%d", i+1), e.mac, e.ip, e.name)
		s.in(name, "ip", "route", "add", "default", "dev", "eth0")
		s.inside(name, func() error {
			mac, err := lan.ParseMAC(e.mac)
			if err != nil {
				return err
			}
			eth0, err := net.InterfaceByName("eth0")
			if err != nil {
				return err
			}
			running, err := e.station(mac).Start(netip.MustParseAddr(e.ip), nil, eth0)
			s.running = append(s.running, running)
			return err
		})
	}
	t.Cleanup(func() {
		for _, r := range s.running {
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	for _, e := range stations {
		s.in("agent", "ping", "-c1", "-W2", e.ip)
	}
	return s
}

// inside does something in a namespace: sockets that it opens stay there.
func (s *site) inside(namespace string, do func() error) {
	s.t.Helper()
	failed := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocks: the thread ends with the goroutine
		file, err := os.Open(filepath.Join("/run/netns", s.prefix+namespace))
		if err == nil {
			err = unix.Setns(int(file.Fd()), unix.CLONE_NEWNET)
			_ = file.Close() // only read from
		}
		if err == nil {
			err = do()
		}
		failed <- err
	}()
	if err := <-failed; err != nil {
		s.t.Fatalf("in %s: %v", namespace, err)
	}
}

// A frame is one that has left the agent.
type frame struct {
	at      time.Time
	arp     bool
	proto   byte // of IP
	flags   byte // of TCP
	ttl     byte
	from    uint16 // port
	to      netip.AddrPort
	payload []byte
}

// capture collects the frames that leave the agent's interfaces, until the
// returned function is called.
func (s *emulatedSite) capture() (stop func() []frame) {
	s.t.Helper()
	var fd int
	s.inside("agent", func() error {
		var err error
		if fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, int(binary.NativeEndian.Uint16([]byte{0, unix.ETH_P_ALL}))); err != nil {
			return err
		}
		return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
	})
	var frames []frame
	var wait sync.WaitGroup
	over := make(chan struct{})
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Usec: 100_000}); err != nil {
		s.t.Fatal(err)
	}
	wait.Go(func() {
		buffer, control := make([]byte, 1<<17), make([]byte, 256)
		for {
			n, oobn, _, from, err := unix.Recvmsg(fd, buffer, control, 0)
			if err != nil {
				select {
				case <-over:
					return
				default:
					continue
				}
			}
			if link, ok := from.(*unix.SockaddrLinklayer); ok && link.Pkttype == unix.PACKET_OUTGOING && link.Ifindex != 1 {
				frames = append(frames, parseFrame(buffer[:n], sentAt(control[:oobn])))
			}
		}
	})
	return func() []frame {
		close(over)
		wait.Wait()
		_ = unix.Close(fd) // only read from
		return frames
	}
}

// sentAt is the kernel's time of a frame.
func sentAt(control []byte) time.Time {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil || len(messages) == 0 || len(messages[0].Data) < 16 {
		return time.Now()
	}
	return time.Unix(int64(binary.NativeEndian.Uint64(messages[0].Data)), int64(binary.NativeEndian.Uint64(messages[0].Data[8:])))
}

func parseFrame(octets []byte, at time.Time) frame {
	f := frame{at: at, arp: binary.BigEndian.Uint16(octets[12:]) == 0x0806}
	ip := octets[14:]
	if f.arp || len(ip) < 20 || ip[0]>>4 != 4 {
		return f
	}
	f.proto, f.ttl = ip[9], ip[8]
	to := netip.AddrFrom4([4]byte(ip[16:20]))
	total := min(int(binary.BigEndian.Uint16(ip[2:])), len(ip))
	segment := ip[int(ip[0]&15)*4 : total]
	port, header := uint16(0), len(segment)
	switch f.proto {
	case unix.IPPROTO_UDP:
		f.from = binary.BigEndian.Uint16(segment)
		port, header = binary.BigEndian.Uint16(segment[2:]), 8
	case unix.IPPROTO_TCP:
		f.from = binary.BigEndian.Uint16(segment)
		port, header, f.flags = binary.BigEndian.Uint16(segment[2:]), int(segment[12]>>4)*4, segment[13]
	}
	f.to, f.payload = netip.AddrPortFrom(to, port), slices.Clone(segment[header:])
	return f
}

// busiest are the most frames that left within any second.
func busiest(frames []frame) []frame {
	var most []frame
	for first := range frames {
		last := first
		for last < len(frames) && frames[last].at.Sub(frames[first].at) < time.Second {
			last++
		}
		if last-first > len(most) {
			most = frames[first:last]
		}
	}
	return most
}

const confirmConfig = `
[confirm]
subnets = ["10.20.0.0/24"]
multicast = %v

[[watch.flag]]
mac = "ac:cc:8e:00:00:23"
reason = "test"
by = "test"
until = "2099-12-31"

[[watch.flag]]
mac = "3c:d9:2b:00:00:25"
reason = "test"
by = "test"
until = "2099-12-31"
`

// scan asks the site, and returns the report as text and the log.
func (s *emulatedSite) scan(multicast bool) (report, log string) {
	s.t.Helper()
	config := s.write("camwarden.toml", fmt.Sprintf(confirmConfig, multicast))
	ctx, stop := context.WithTimeout(s.t.Context(), 10*time.Minute)
	defer stop()
	run := exec.CommandContext(ctx, "ip", "netns", "exec", s.prefix+"agent", camwarden(s.t), "scan", "-config", config, "-state", s.folder, "-confirm", "-json")
	var out, said bytes.Buffer
	run.Stdout, run.Stderr = &out, &said
	if err := run.Run(); err != nil {
		s.t.Fatalf("scan: %v\n%s", err, said.String())
	}
	return out.String(), said.String()
}

// TestSiteConfirm: emulated stations are asked over a network of the test's own.
// Each becomes what it is, nobody else is asked, and no second has more than
// five packets; both are counted from a capture.
func TestSiteConfirm(t *testing.T) {
	needSite(t, "ip", "ping")
	s := newEmulatedSite(t, emulatedStations())
	stop := s.capture()
	text, log := s.scan(false)
	frames := stop()
	r := parseReport(t, text)
	found := make(map[string]int)
	for i, f := range r.Findings {
		found[f.MAC] = i
	}
	asked := 0
	for i, e := range s.stations {
		at, is := found[e.mac]
		switch {
		case !is && e.level != "":
			t.Errorf("%s is not found", e.name)
		case is && e.level == "":
			t.Errorf("%s is found: %+v", e.name, r.Findings[at])
		case is:
			f := r.Findings[at]
			got := emulated{level: f.Level, class: f.Class, maker: f.Maker.Key, rule: f.LevelRule, channels: f.Channels}
			if got.level != e.level || got.class != e.class || got.maker != e.maker || got.rule != e.rule || got.channels != e.channels {
				t.Errorf("%s is %s %s of %s by %s with %d channels, want %s %s of %s by %s with %d", e.name,
					got.level, got.class, got.maker, got.rule, got.channels, e.level, e.class, e.maker, e.rule, e.channels)
			}
		}
		if questions := len(s.running[i].Received()); !e.asked && questions > 0 {
			t.Errorf("%s was asked %d times", e.name, questions)
		}
		if e.asked {
			asked++
		}
	}
	if r.Asked == nil || r.Asked.Stations != asked {
		t.Errorf("the report says that %+v were asked, want %d", r.Asked, asked)
	}
	s.checkFrames(frames, false)
	if n := strings.Count(log, "msg=sends"); n < asked*6 {
		t.Errorf("%d packets in the log", n)
	}
	if strings.Contains(log, "panic") {
		t.Error(log)
	}
	if t.Failed() {
		t.Log(log)
	}
}

// checkFrames holds what has left the agent against who may be asked what, and
// how often.
func (s *emulatedSite) checkFrames(frames []frame, multicast bool) {
	t := s.t
	t.Helper()
	may := make(map[netip.Addr]bool)
	for _, e := range s.stations {
		may[netip.MustParseAddr(e.ip)] = e.asked
	}
	var packets []frame
	arp, elsewhere := 0, 0
	for _, f := range frames {
		switch {
		case f.arp:
			arp++
			continue
		case multicast && f.to.Addr().IsMulticast():
			if f.ttl != 1 {
				t.Errorf("a packet to %v has TTL %d", f.to, f.ttl)
			}
		case !may[f.to.Addr()]:
			elsewhere++
			t.Errorf("a packet of protocol %d to %v: %q", f.proto, f.to, f.payload)
		}
		packets = append(packets, f)
		for question, port := range emulate.Ports {
			if f.from == port {
				t.Errorf("a packet to %v left from the port of %s", f.to, question)
			}
		}
		if len(f.payload) > 0 && f.proto != unix.IPPROTO_ICMP && f.to.Port() != 0 {
			s.checkPayload(f)
		}
	}
	if len(packets) == 0 {
		t.Fatal("nothing was captured")
	}
	most := busiest(packets)
	if len(most) > 5 {
		t.Errorf("%d packets within a second", len(most))
		for _, f := range most {
			t.Logf("%v to %v, protocol %d, flags %02x, %d octets", f.at.Sub(most[0].at), f.to, f.proto, f.flags, len(f.payload))
		}
	}
	span := packets[len(packets)-1].at.Sub(packets[0].at)
	t.Logf("%d packets in %v (and %d ARP frames), %d at most within a second, %d to whom nobody may ask", len(packets), span.Round(time.Second), arp, len(most), elsewhere)
}

// checkPayload holds a packet against those that docs/asking.md shows.
func (s *emulatedSite) checkPayload(f frame) {
	s.t.Helper()
	dumps, err := emulate.ReadDumps("../docs/asking.md")
	if err != nil {
		s.t.Fatal(err)
	}
	for question, dump := range dumps {
		if emulate.Ports[question] == f.to.Port() && dump.Fits(f.payload, f.to.Addr().String()) {
			return
		}
	}
	s.t.Errorf("docs/asking.md does not show what was sent to %v: %x (%q)", f.to, f.payload, f.payload)
}

// TestSiteMulticast: the segment is asked from the interface inside the subnets
// alone, with TTL 1. Who answers there and was no suspect becomes a finding by
// what it answers; who is outside of the subnets does not.
func TestSiteMulticast(t *testing.T) {
	needSite(t, "ip", "ping")
	toGroup := func(st emulate.Station) emulate.Station {
		st.ToGroup = true
		return st
	}
	hik := func(mac lan.MAC) emulate.Station {
		return toGroup(emulate.Hikvision(mac, "DS-2CD2385G1-I", "N/A", 0, 1))
	}
	s := newEmulatedSite(t, []emulated{
		{"hikvision camera", "10.20.0.11", "44:19:b6:00:00:11", hik, true, "confirmed", "camera", "hikvision", "confirmed-maker-and-field", 0},
		{"rebadge that nobody suspects", "10.20.0.12", "3c:d9:2b:00:00:12", hik, false, "suspected-rebadge", "camera", "hikvision", "rebadge-platform", 0},
		{"honest axis", "10.20.0.22", "ac:cc:8e:00:00:22", emulate.Axis, false, "", "", "", "", 0},
		{"outside of the subnets", "10.30.0.34", "44:19:b6:00:00:34", hik, false, "possible", "unknown", "hikvision", "possible-block", 0},
	})
	stop := s.capture()
	text, log := s.scan(true)
	frames := stop()
	r := parseReport(t, text)
	for _, e := range s.stations {
		if e.level == "" {
			if strings.Contains(text, `"mac": "`+e.mac) {
				t.Errorf("%s is found", e.name)
			}
			continue
		}
		f := findingOf(t, r, e.mac)
		if f.Level != e.level || f.Class != e.class || f.Maker.Key != e.maker || f.LevelRule != e.rule {
			t.Errorf("%s is %s %s of %s by %s", e.name, f.Level, f.Class, f.Maker.Key, f.LevelRule)
		}
	}
	if r.Asked == nil || !r.Asked.Segment || r.Asked.Stations != 1 {
		t.Errorf("asked %+v", r.Asked)
	}
	multicast, alone := 0, 0
	for _, f := range frames {
		if f.proto == unix.IPPROTO_UDP && f.to == netip.MustParseAddrPort("10.20.0.11:37020") {
			alone++
		}
		if f.proto == unix.IPPROTO_UDP && f.to.Addr().IsMulticast() {
			multicast++
		}
	}
	if multicast != 3 {
		t.Errorf("%d searches went to groups, want 3", multicast)
	}
	if alone != 1 {
		t.Errorf("the camera, which has answered to the group, was asked %d times by itself, want 1", alone)
	}
	s.checkFrames(frames, true)
	if t.Failed() {
		t.Log(log)
	}
}

// TestSiteRunConfirm: the service asks a station once, not at each observation,
// and remembers what it has answered; each packet is in its log.
func TestSiteRunConfirm(t *testing.T) {
	needSite(t, "ip", "ping")
	s := newEmulatedSite(t, []emulated{
		{"hikvision recorder", "10.20.0.12", "44:19:b6:00:00:12", func(mac lan.MAC) emulate.Station {
			return emulate.Hikvision(mac, "DS-7608NI-K2/8P", "N/A", 0, 8)
		}, true, "confirmed", "recorder", "hikvision", "confirmed-maker-and-field", 8},
	})
	config := s.write("run.toml", `
[site]
id = "A"
[endpoint]
url = "http://127.0.0.1:9/"
[schedule]
every = "1m"
[confirm]
enabled = true
subnets = ["10.20.0.0/24"]
`)
	observations := func(n int) string {
		run := exec.CommandContext(t.Context(), "ip", "netns", "exec", s.prefix+"agent", camwarden(t), "run", "-config", config, "-state", s.folder)
		run.Cancel = func() error { return run.Process.Signal(os.Interrupt) }
		run.WaitDelay = 10 * time.Second
		var log lockedBuffer
		run.Stderr = &log
		if err := run.Start(); err != nil {
			t.Fatal(err)
		}
		s.eventually("the service observes", func() bool { return strings.Count(log.String(), "msg=observed") >= n })
		if err := run.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		_ = run.Wait() // it was told to end
		return log.String()
	}
	first := observations(1)
	if n := strings.Count(first, "msg=sends"); n != 12 {
		t.Errorf("%d packets in the log, want 12\n%s", n, first)
	}
	asked := len(s.running[0].Received())
	second := observations(1)
	if strings.Contains(second, "msg=sends") || len(s.running[0].Received()) != asked {
		t.Errorf("it was asked again:\n%s", second)
	}
	m, err := memory.Peek(memoryPath(s.folder))
	if err != nil {
		t.Fatal(err)
	}
	f := m.Stations["44:19:b6:00:00:12"].Finding
	if f.Level != "confirmed" || f.Class != "recorder" || f.Channels != 8 {
		t.Errorf("after a start without asking it is %s %s with %d channels", f.Level, f.Class, f.Channels)
	}
}

type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(text []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(text)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

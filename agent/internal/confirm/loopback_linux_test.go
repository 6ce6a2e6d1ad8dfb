package confirm

import (
	"bytes"
	"context"
	"crypto/x509/pkix"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/confirm/emulate"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmp"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

// testPorts need no privilege.
var testPorts = map[lan.Question]uint16{lan.SADP: 37020, lan.DHDiscover: 37810, lan.WSDiscovery: 13702, lan.RTSP: 10554, lan.HTTP: 10080,
	lan.TLS: 10443, lan.StationSNMP: 10161}

// loopback is an address of this host that no other test uses.
func loopback(n int) netip.Addr {
	pid := os.Getpid()
	return netip.AddrFrom4([4]byte{127, byte(64 + pid>>8%64), byte(pid), byte(n)})
}

func quick(log *bytes.Buffer) Options {
	return Options{Subnets: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, ports: testPorts, span: time.Millisecond, patience: 300 * time.Millisecond,
		Phrases: []string{"/doc/page/login.asp"}, Log: slog.New(slog.NewTextHandler(log, nil))}
}

// askOne asks one emulated station, and returns what it has answered by
// question.
func askOne(t *testing.T, n int, mac lan.MAC, st emulate.Station, change func(*Options)) (map[lan.Question]lan.Answer, *emulate.Running, Result) {
	t.Helper()
	running := start(t, loopback(n), st)
	var log bytes.Buffer
	options := quick(&log)
	if change != nil {
		change(&options)
	}
	result, err := Ask(t.Context(), options, []Station{{MAC: mac, Address: loopback(n), Why: "test"}})
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[lan.Question]lan.Answer)
	for _, a := range result.Answers[mac] {
		got[a.Question] = a
	}
	return got, running, result
}

var camera = lan.MAC{0x44, 0x19, 0xb6, 0, 0, 1}

// TestAsk: a station is asked each question once, and its answers are read.
func TestAsk(t *testing.T) {
	got, running, result := askOne(t, 1, camera, emulate.Hikvision(camera, "DS-2CD2385G1-I", "N/A", 0, 1), nil)
	want := map[lan.Question]map[string]string{
		lan.SADP:        {"DeviceDescription": "DS-2CD2385G1-I", "MAC": camera.String(), "DigitalChannelNum": "1", "OEMInfo": "N/A", "DeviceSN": ""},
		lan.WSDiscovery: {"Types": emulate.Transmitter, "hardware": "DS-2CD2385G1-I", "name": "HIKVISION DS-2CD2385G1-I"},
		lan.RTSP:        {"status": "RTSP/1.0 401 Unauthorized", "realm": "IP Camera(C2461)"},
		lan.HTTP:        {"Server": "App-webs/", "page": "/doc/page/login.asp"},
		lan.TLS:         {"subject": "CN=www.hikvision.com,OU=DVRNVR,O=HIKVISION,L=HangZhou,ST=ZheJiang,C=CN"},
	}
	for question, fields := range want {
		answer := got[question]
		for field, value := range fields {
			if answer.Value(field) != value {
				t.Errorf("%s %s is %q, want %q", question, field, answer.Value(field), value)
			}
		}
	}
	if len(got) != len(want) {
		t.Errorf("answers to %d questions, want %d: %v", len(got), len(want), got)
	}
	asked := make(map[lan.Question]int)
	for _, r := range running.Received() {
		asked[r.Question]++
	}
	for question := range want {
		if asked[question] != 1 {
			t.Errorf("%s was asked %d times", question, asked[question])
		}
	}
	if !slices.Equal(result.Asked, []lan.MAC{camera}) || result.Packets != 15-3 {
		t.Errorf("asked %v with %d packets", result.Asked, result.Packets)
	}
}

// TestAskObjects: the makers' objects are asked for only with credentials, and
// a hardware address that is another's discredits them.
func TestAskObjects(t *testing.T) {
	rows := func(mac lan.MAC) []smi.Varbind {
		text := func(s string) smi.Value { return smi.Value{Kind: smi.OctetString, Bytes: []byte(s)} }
		return []smi.Varbind{
			{Name: smi.MustOID("1.3.6.1.2.1.1.3.0"), Value: smi.Value{Kind: smi.TimeTicks, Num: 100}},
			{Name: smi.MustOID(lan.HikDeviceType), Value: text("DS-2CD2185FWD-I")},
			{Name: smi.MustOID(lan.HikMACAddr), Value: text(mac.String())},
			{Name: smi.MustOID(lan.HikEntityType), Value: smi.Value{Kind: smi.Integer, Num: 3}},
		}
	}
	for n, test := range []struct {
		mac  lan.MAC
		want bool
	}{{camera, true}, {lan.MAC{0x44, 0x19, 0xb6, 0, 0, 2}, false}} {
		at := netip.AddrPortFrom(loopback(2+n), testPorts[lan.StationSNMP])
		agent, err := snmpagent.Start(at.String(), snmpagent.Options{Communities: map[string]*capture.Recording{"cameras": capture.New(rows(test.mac))}})
		if err != nil {
			t.Fatal(err)
		}
		silent, _, _ := askOne(t, 2+n, camera, emulate.Station{}, nil)
		if _, asked := silent[lan.StationSNMP]; asked || agent.Requests() > 0 {
			t.Errorf("without credentials it was sent %d requests", agent.Requests())
		}
		got, _, _ := askOne(t, 2+n, camera, emulate.Station{}, func(o *Options) {
			o.Credentials = []snmp.Credential{{Name: "cameras", Version: snmp.V2c, Community: "cameras"}}
		})
		answer, answered := got[lan.StationSNMP]
		if answered != test.want || test.want && (answer.Value(lan.HikDeviceType) != "DS-2CD2185FWD-I" || answer.Value(lan.HikEntityType) != "3") {
			t.Errorf("of %v it answered %v", test.mac, answer)
		}
		if agent.RequestsOf(snmpagent.GetRequest) != agent.Requests() {
			t.Error("something else than GET was sent")
		}
		if err := agent.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestLiars: what is not the station's own whole answer to the very question is
// evidence of nothing.
func TestLiars(t *testing.T) {
	other := lan.MAC{0x44, 0x19, 0xb6, 0, 0, 0}
	hik := func(mac lan.MAC) emulate.Reply { return emulate.SADP(mac, "DS-2CD2385G1-I", "N/A", 0, 1) }
	dahua := func(mac lan.MAC) emulate.Reply { return emulate.DHDiscover(mac, "IPC", "IPC-HFW2431S", "Dahua", 1, 0) }
	same := func(reply emulate.Reply) func(lan.MAC) emulate.Reply {
		return func(lan.MAC) emulate.Reply { return reply }
	}
	// changing makes other datagrams of the right one.
	changing := func(reply func(lan.MAC) emulate.Reply, change func(right []byte) [][]byte) func(lan.MAC) emulate.Reply {
		return func(mac lan.MAC) emulate.Reply {
			return func(question []byte) [][]byte { return change(reply(mac)(question)[0]) }
		}
	}
	with := func(old, new string) func([]byte) [][]byte {
		return func(right []byte) [][]byte { return [][]byte{bytes.Replace(right, []byte(old), []byte(new), 1)} }
	}
	times30 := func(right []byte) [][]byte { return slices.Repeat([][]byte{right}, 30) }
	padded := func(right []byte) [][]byte { return [][]byte{append(right, bytes.Repeat([]byte(" "), 60<<10)...)} }
	bare := func(right []byte) [][]byte { return [][]byte{right[32:]} }
	late := func(right []byte) [][]byte { return [][]byte{[]byte("hello"), right} }
	old := emulate.WSDiscovery(emulate.Transmitter)([]byte("E8ECFE09-90E4-44C0-842B-703F46B58C81"))
	long := strings.Repeat("x", 64<<10)
	tests := []struct {
		name     string
		question lan.Question
		reply    func(lan.MAC) emulate.Reply
		counts   bool
	}{
		{"SADP", lan.SADP, hik, true},
		{"SADP with the address of another", lan.SADP, same(hik(other)), false},
		{"SADP to another question", lan.SADP, changing(hik, with("<Uuid>", "<Uuid>1")), false},
		{"SADP of another type", lan.SADP, changing(hik, with("inquiry", "update")), false},
		{"SADP without an address", lan.SADP, changing(hik, with("<MAC>", "<MACS>")), false},
		{"SADP of 60 KB", lan.SADP, changing(hik, padded), false},
		{"SADP 30 times", lan.SADP, changing(hik, times30), true},
		{"SADP after something else", lan.SADP, changing(hik, late), true},
		{"the question itself", lan.SADP, same(func(question []byte) [][]byte { return [][]byte{question} }), false},
		{"DHDiscover", lan.DHDiscover, dahua, true},
		{"DHDiscover with the address of another", lan.DHDiscover, same(dahua(other)), false},
		{"DHDiscover without a header", lan.DHDiscover, changing(dahua, bare), false},
		{"DHDiscover of another method", lan.DHDiscover, changing(dahua, with("client.notifyDevInfo", "client.notifyDevInf0")), false},
		{"DHDiscover that is longer than it says", lan.DHDiscover, changing(dahua, with("Vendor", "Vendors")), false},
		{"DHDiscover 30 times", lan.DHDiscover, changing(dahua, times30), true},
		{"WS-Discovery", lan.WSDiscovery, same(emulate.WSDiscovery(emulate.Transmitter)), true},
		{"WS-Discovery of a printer", lan.WSDiscovery, same(emulate.WSDiscovery(emulate.Printer)), false},
		{"WS-Discovery with the address of another", lan.WSDiscovery, same(emulate.WSDiscovery(emulate.Transmitter, emulate.Scope("MAC", other.String()))), false},
		{"WS-Discovery to another question", lan.WSDiscovery, same(func([]byte) [][]byte { return old }), false},
		{"RTSP", lan.RTSP, same(emulate.Unauthorised("RTSP/1.0", "", "IP Camera(C2461)")), true},
		{"RTSP that is HTTP", lan.RTSP, same(emulate.Unauthorised("HTTP/1.1", "", "IP Camera(C2461)")), false},
		{"RTSP to another question", lan.RTSP, same(emulate.Stream("RTSP/1.0 200 OK\r\nCSeq: 2\r\nServer: Dahua Rtsp Server\r\n\r\n")), false},
		{"HTTP of 64 KB", lan.HTTP, same(emulate.Page("App-webs/", long)), true},
		{"HTTP with a head of 64 KB", lan.HTTP, same(emulate.Stream("HTTP/1.1 200 OK\r\nServer: " + long + "\r\n\r\n")), false},
		{"HTTP that never ends its head", lan.HTTP, same(emulate.Stream("HTTP/1.1 200 OK\r\nServer: App-webs/\r\n")), false},
		{"silence", lan.SADP, same(func([]byte) [][]byte { return nil }), false},
		{"silence of a server", lan.HTTP, same(func([]byte) [][]byte { return nil }), false},
	}
	var stations []Station
	for n, test := range tests {
		st := Station{MAC: lan.MAC{0x44, 0x19, 0xb6, 0, 0, byte(1 + n)}, Address: loopback(10 + n)}
		start(t, st.Address, emulate.Station{Replies: map[lan.Question]emulate.Reply{test.question: test.reply(st.MAC)}})
		stations = append(stations, st)
	}
	var log bytes.Buffer
	result, err := Ask(t.Context(), quick(&log), stations)
	if err != nil {
		t.Fatal(err)
	}
	for n, test := range tests {
		got := result.Answers[stations[n].MAC]
		if counts := len(got) == 1 && got[0].Question == test.question; counts != test.counts || len(got) > 1 {
			t.Errorf("%s counts: %v, want %v: %v", test.name, counts, test.counts, got)
		}
		for _, a := range got {
			for _, said := range a.Said {
				if len(said.Value) > lan.MaxText {
					t.Errorf("%s: %s has %d octets", test.name, said.Field, len(said.Value))
				}
			}
		}
	}
}

func start(t *testing.T, address netip.Addr, st emulate.Station) *emulate.Running {
	t.Helper()
	running, err := st.Start(address, testPorts, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := running.Close(); err != nil {
			t.Error(err)
		}
	})
	return running
}

// TestElsewhere: an answer from another address than was asked does not count,
// however good it is.
func TestElsewhere(t *testing.T) {
	liar, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(loopback(100), testPorts[lan.SADP])))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := liar.Close(); err != nil {
			t.Error(err)
		}
	}()
	var sent atomic.Int64
	var asked atomic.Pointer[emulate.Running]
	asked.Store(start(t, loopback(101), emulate.Station{Replies: map[lan.Question]emulate.Reply{lan.SADP: func(question []byte) [][]byte {
		received := asked.Load().Received()
		answer := emulate.SADP(camera, "DS-2CD2385G1-I", "N/A", 0, 1)(question)[0]
		n, err := liar.WriteToUDPAddrPort(answer, received[len(received)-1].From)
		if err != nil {
			t.Error(err)
		}
		sent.Add(int64(n))
		return nil
	}}}))
	var log bytes.Buffer
	result, err := Ask(t.Context(), quick(&log), []Station{{MAC: camera, Address: loopback(101)}})
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Answers) > 0 || sent.Load() == 0 {
		t.Errorf("answers %v to %d octets from elsewhere", result.Answers, sent.Load())
	}
}

// TestOutside: nobody outside of the subnets is asked, nor a broadcast address,
// be it that of a network within another, or of this host's.
func TestOutside(t *testing.T) {
	var o Options
	for _, text := range []string{"10.20.0.0/24", "2001:db8::/64", "10.9.9.9/32", "10.30.0.0/16", "10.30.7.0/24", "10.30.8.8/31"} {
		o.Subnets = append(o.Subnets, netip.MustParsePrefix(text))
	}
	o.Host = []netip.Prefix{netip.MustParsePrefix("10.30.9.3/26"), netip.MustParsePrefix("2001:db8::3/64")}
	for text, may := range map[string]bool{"10.20.0.1": true, "10.20.0.254": true, "10.20.0.0": false, "10.20.0.255": false, "10.20.1.1": false,
		"239.255.255.250": false, "2001:db8::1": true, "2001:db8:1::1": false, "fe80::1%eth0": false, "10.9.9.9": true, "0.0.0.0": false,
		"10.30.255.255": false, "10.30.0.0": false, "10.30.6.255": true, "10.30.7.255": false, "10.30.7.0": false, "10.30.7.1": true, "10.30.8.8": true,
		"10.30.9.0": false, "10.30.9.3": true, "10.30.9.63": false, "10.30.9.64": true, "2001:db8::": true} {
		if got := o.May(netip.MustParseAddr(text)); got != may {
			t.Errorf("%s may be asked: %v", text, got)
		}
	}
	if o.May(netip.Addr{}) {
		t.Error("no address at all may be asked")
	}
	_, err := Ask(t.Context(), o, []Station{{MAC: camera, Address: netip.MustParseAddr("10.20.1.1")}})
	if err == nil || !strings.Contains(err.Error(), "not inside the subnets") {
		t.Errorf("got %v", err)
	}
}

// TestInterrupted: asking ends with the context, and soon; who was sent a packet
// by then counts as asked, and nobody else.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var log bytes.Buffer
	options := quick(&log)
	options.patience, options.span = time.Minute, time.Minute
	var stations []Station
	for n := range 20 {
		stations = append(stations, Station{MAC: lan.MAC{2, byte(n)}, Address: loopback(110 + n)})
	}
	time.AfterFunc(100*time.Millisecond, cancel)
	began := time.Now()
	result, err := Ask(ctx, options, stations)
	if took := time.Since(began); took > 10*time.Second || result.Packets == 0 || len(result.Asked) != result.Packets || result.Packets > mostPackets {
		t.Errorf("took %v, asked %v with %d packets, %v", took, result.Asked, result.Packets, err)
	}
}

// TestHardEnd: asking ends when its time is over, whatever the stations do; until
// then whoever waits hears of it.
func TestHardEnd(t *testing.T) {
	var log bytes.Buffer
	var alive atomic.Int64
	options := quick(&log)
	options.patience, options.span, options.Alive = time.Minute, time.Millisecond, func() { alive.Add(1) }
	options.Time, options.grace = 200*time.Millisecond, 300*time.Millisecond
	var stations []Station
	for n := range 20 {
		stations = append(stations, Station{MAC: lan.MAC{2, byte(n)}, Address: loopback(172 + n)})
	}
	began := time.Now()
	result, err := Ask(t.Context(), options, stations)
	if took := time.Since(began); err != nil || took < options.Time || took > 10*time.Second {
		t.Errorf("took %v: %v", took, err)
	}
	if begun := int64(len(result.Asked)); begun == 0 || begun > workers || alive.Load() < 1+begun {
		t.Errorf("%d stations were begun, and whoever waits has heard %d times", begun, alive.Load())
	}
}

// TestLogged: every packet that the program sends itself is in the log.
func TestLogged(t *testing.T) {
	start(t, loopback(140), emulate.Hikvision(camera, "DS-2CD2385G1-I", "N/A", 0, 1))
	var log bytes.Buffer
	if _, err := Ask(t.Context(), quick(&log), []Station{{MAC: camera, Address: loopback(140), Why: "it is flagged"}}); err != nil {
		t.Fatal(err)
	}
	for _, q := range questions {
		to := fmt.Sprintf("to=%v:%d", loopback(140), testPorts[q.name])
		datagrams := strings.Count(log.String(), "what=datagram question="+string(q.name)+" "+to)
		requests := strings.Count(log.String(), "what=request question="+string(q.name)+" "+to)
		closes := strings.Count(log.String(), "what=close question="+string(q.name)+" "+to)
		switch {
		case q.name == lan.StationSNMP && datagrams+requests == 0:
		case q.search != nil && datagrams == 1 && requests == 0:
		case q.search == nil && datagrams == 0 && requests == 1 && closes == 1:
		default:
			t.Errorf("%s: %d datagrams, %d requests, %d closes in the log:\n%s", q.name, datagrams, requests, closes, log.String())
		}
	}
}

// TestLongCertificate: one that does not fit the window is read in pieces, and
// one that does not end is not.
func TestLongCertificate(t *testing.T) {
	for n, test := range []struct {
		octets int
		read   bool
	}{{100, true}, {2500, true}, {20_000, false}} {
		name := &pkix.Name{CommonName: "camera", OrganizationalUnit: []string{strings.Repeat("x", test.octets)}}
		got, _, _ := askOne(t, 160+n, camera, emulate.Station{Certificate: name}, nil)
		answer, read := got[lan.TLS]
		if read != test.read || read && !strings.HasPrefix(answer.Value(lan.FieldSubject), "CN=camera,OU=xxx") {
			t.Errorf("of %d octets: %v", test.octets, answer)
		}
	}
}

// TestFault: a fault of the program in reading an answer costs this question
// alone, over UDP as over TCP.
func TestFault(t *testing.T) {
	usual := questions
	defer func() { questions = usual }()
	questions = slices.Clone(usual)
	for i, q := range usual {
		faulty := *q
		switch q.name {
		case lan.SADP:
			faulty.search = &search{ask: q.search.ask, read: func([]byte, string) ([]lan.Said, lan.MAC, error) { panic("a fault in SADP") }}
		case lan.RTSP:
			faulty.banner = &banner{ask: q.banner.ask, read: func([]byte, []string) ([]lan.Said, error) { panic("a fault in RTSP") }}
		}
		questions[i] = &faulty
	}
	var log bytes.Buffer
	got, _, result := askOne(t, 170, camera, emulate.Hikvision(camera, "DS-2CD2385G1-I", "N/A", 0, 1), func(o *Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	for question, answered := range map[lan.Question]bool{lan.SADP: false, lan.WSDiscovery: true, lan.RTSP: false, lan.HTTP: true, lan.TLS: true} {
		if _, is := got[question]; is != answered {
			t.Errorf("%s is answered: %v", question, is)
		}
		if fault := strings.Contains(log.String(), "a fault in "+string(question)); fault == answered {
			t.Errorf("of %s the log has a fault: %v\n%s", question, fault, log.String())
		}
	}
	if !slices.Equal(result.Asked, []lan.MAC{camera}) {
		t.Errorf("asked %v", result.Asked)
	}
}

package confirm

import (
	"bytes"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"

	"golang.org/x/sys/cpu"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/confirm/emulate"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmp"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

const askingDoc = "../../../docs/asking.md"

// TestAskingDoc holds the packets that docs/asking.md shows against those that
// are sent. What differs between several rounds may be anything.
func TestAskingDoc(t *testing.T) {
	sent := make(map[lan.Question][][]byte)
	running := start(t, loopback(150), emulate.Hikvision(camera, "DS-2CD2385G1-I", "N/A", 0, 1))
	dahua := start(t, loopback(151), emulate.Dahua(camera, "IPC", "IPC-HFW2431S", "Dahua", 1, 0))
	relay := startRelay(t, netip.AddrPortFrom(loopback(150), testPorts[lan.StationSNMP]))
	for range rounds {
		options := quick(new(bytes.Buffer))
		options.Credentials = []snmp.Credential{{Name: "cameras", Version: snmp.V2c, Community: "cameras"}}
		stations := []Station{{MAC: camera, Address: loopback(150)}, {MAC: lan.MAC{2}, Address: loopback(151)}}
		if _, err := Ask(t.Context(), options, stations); err != nil {
			t.Fatal(err)
		}
	}
	for n, received := range [][]emulate.Received{running.Received(), dahua.Received()} {
		for _, r := range received {
			// The ports of the test are not the protocols' own, and so named.
			host := netip.AddrPortFrom(loopback(150+n), testPorts[r.Question]).String()
			sent[r.Question] = append(sent[r.Question], bytes.ReplaceAll(r.Octets, []byte(host), []byte(emulate.DumpHost)))
		}
	}
	for i, octets := range relay.seen() {
		name := lan.Question("SNMP probe")
		if i%2 == 1 {
			name = lan.StationSNMP
		}
		sent[name] = append(sent[name], octets)
	}
	dumps, err := emulate.ReadDumps(askingDoc)
	if err != nil {
		t.Fatal(err)
	}
	if !(cpu.X86.HasAES && cpu.X86.HasPCLMULQDQ || cpu.ARM64.HasAES && cpu.ARM64.HasPMULL) {
		t.Log("*** not held: the TLS packet, whose ciphers crypto/tls puts into another order on a processor without AES")
		dumps[lan.TLS], sent[lan.TLS] = nil, nil
	}
	for question, packets := range sent {
		if packets == nil {
			continue
		}
		packets = alike(packets)
		vary := func(i int) bool {
			return slices.ContainsFunc(packets, func(p []byte) bool { return p[i] != packets[0][i] })
		}
		fits, free := len(packets) > rounds/2, 0
		for _, p := range packets {
			fits = fits && dumps[question].Fits(p, emulate.DumpHost)
		}
		for i, octet := range dumps[question] {
			if octet < 0 && fits && !vary(i) {
				free++ // the same each time, by chance
			}
		}
		if !fits || free > 3 {
			t.Errorf("%d packets of %s, of which %d octets could be shown; %s should show\n%s", len(packets), question, free, askingDoc, emulate.Print(packets[0], vary))
		}
	}
	if len(sent) != len(questions)+1 || len(dumps) != len(sent) {
		t.Errorf("%d kinds of packet were sent, %s shows %d", len(sent), askingDoc, len(dumps))
	}
}

// rounds are enough for all to differ that differs.
const rounds = 6

// alike are the packets of the usual length: a number of SNMP may have an octet
// less.
func alike(packets [][]byte) [][]byte {
	lengths := make(map[int]int)
	usual := 0
	for _, p := range packets {
		if lengths[len(p)]++; lengths[len(p)] > lengths[usual] {
			usual = len(p)
		}
	}
	return slices.DeleteFunc(packets, func(p []byte) bool { return len(p) != usual })
}

// A relay stands before an SNMP agent and notes what it is sent.
type relay struct {
	conn, agent *net.UDPConn

	mu       sync.Mutex
	received [][]byte
}

func startRelay(t *testing.T, at netip.AddrPort) *relay {
	t.Helper()
	agent, err := snmpagent.Start("127.0.0.1:0", snmpagent.Options{Communities: map[string]*capture.Recording{"cameras": capture.New([]smi.Varbind{
		{Name: smi.MustOID("1.3.6.1.2.1.1.3.0"), Value: smi.Value{Kind: smi.TimeTicks, Num: 100}},
		{Name: smi.MustOID(lan.HikEntityType), Value: smi.Value{Kind: smi.Integer, Num: 3}},
	})}})
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{}
	if r.agent, err = net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(agent.Addr())); err != nil {
		t.Fatal(err)
	}
	if r.conn, err = net.ListenUDP("udp", net.UDPAddrFromAddrPort(at)); err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	wait.Go(r.work)
	t.Cleanup(func() {
		for _, c := range []interface{ Close() error }{r.conn, r.agent, agent} {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		}
		wait.Wait()
	})
	return r
}

func (r *relay) work() {
	buffer := make([]byte, 64<<10)
	for {
		n, from, err := r.conn.ReadFromUDPAddrPort(buffer)
		if err != nil {
			return
		}
		r.mu.Lock()
		r.received = append(r.received, bytes.Clone(buffer[:n]))
		r.mu.Unlock()
		if _, err = r.agent.Write(buffer[:n]); err == nil {
			n, err = r.agent.Read(buffer)
		}
		if err == nil {
			_, err = r.conn.WriteToUDPAddrPort(buffer[:n], from)
		}
		if err != nil {
			return
		}
	}
}

func (r *relay) seen() [][]byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([][]byte(nil), r.received...)
}

//go:build unix

package snmp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"

	"github.com/camwarden/camwarden/agent/internal/ber"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

// A proxy stands between clients and an agent, and may change what the agent
// says. It calls change for one answer at a time, with the request that the
// client sent last.
type proxy struct {
	address string
	mu      sync.Mutex
	change  func(request, answer []byte) [][]byte
}

func (p *proxy) set(change func(request, answer []byte) [][]byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.change = change
}

func startProxy(t *testing.T, agent string) *proxy {
	t.Helper()
	front, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{address: front.LocalAddr().String()}
	var tasks sync.WaitGroup
	backs := make(map[string]net.Conn)
	t.Cleanup(func() {
		front.Close()
		p.mu.Lock()
		for _, back := range backs {
			back.Close()
		}
		p.mu.Unlock()
		tasks.Wait()
	})
	requests := make(map[string][]byte)
	forth := func(client net.Addr, datagram []byte) error {
		p.mu.Lock()
		defer p.mu.Unlock()
		requests[client.String()] = datagram
		back := backs[client.String()]
		if back == nil {
			if back, err = net.Dial("udp", agent); err != nil {
				return err
			}
			backs[client.String()] = back
			tasks.Go(func() {
				buffer := make([]byte, 1<<16)
				for {
					n, err := back.Read(buffer)
					if err != nil {
						return
					}
					p.mu.Lock()
					answers := [][]byte{slices.Clone(buffer[:n])}
					if p.change != nil {
						answers = p.change(requests[client.String()], answers[0])
					}
					p.mu.Unlock()
					for _, answer := range answers {
						_, _ = front.WriteTo(answer, client) // it may be gone
					}
				}
			})
		}
		_, err := back.Write(datagram)
		return err
	}
	tasks.Go(func() {
		buffer := make([]byte, 1<<16)
		for {
			n, client, err := front.ReadFrom(buffer)
			if err != nil {
				return
			}
			if err := forth(client, slices.Clone(buffer[:n])); err != nil {
				return
			}
		}
	})
	return p
}

// A usmMessage is a message of version 3 without signature and seal (RFC
// 3412, RFC 3414).
type usmMessage struct {
	id           uint32
	flags        byte
	engine, user string
	context      string // engine of the context
	pdu          byte
	requestID    uint32
	varbinds     []smi.Varbind
}

const reportPDU, responsePDU = 0xa8, 0xa2

func wholeNumber(n uint32) []byte {
	return element(0x02, binary.BigEndian.AppendUint32([]byte{0}, n)...)
}

func (m usmMessage) encode() []byte {
	inner := snmpagent.Message{Type: snmpagent.GetResponse, Varbinds: m.varbinds}
	list := element(0x30, varbindsOf(inner)...)
	pdu := element(m.pdu, slices.Concat(wholeNumber(m.requestID), element(0x02, 0), element(0x02, 0), list)...)
	scoped := element(0x30, slices.Concat(element(0x04, []byte(m.context)...), element(0x04), pdu)...)
	usm := element(0x30, slices.Concat(element(0x04, []byte(m.engine)...), wholeNumber(1), wholeNumber(100),
		element(0x04, []byte(m.user)...), element(0x04), element(0x04))...)
	head := element(0x30, slices.Concat(wholeNumber(m.id), wholeNumber(65507), element(0x04, m.flags), element(0x02, 3))...)
	return element(0x30, slices.Concat(element(0x02, 3), head, element(0x04, usm...), scoped)...)
}

// idsOf are the message id and, where it is not sealed, the request id of a
// request, as anybody on the way can read them.
func idsOf(request []byte) (message, requestID uint32) {
	body, _, err := ber.Expect(request, ber.Sequence)
	if err == nil {
		_, body, err = readInt(body)
	}
	var head, scoped []byte
	if err == nil {
		head, body, err = ber.Expect(body, ber.Sequence)
	}
	if err != nil {
		return 0, 0
	}
	n, _, _ := readInt(head)
	if _, body, err = ber.Expect(body, ber.Octets); err != nil {
		return uint32(n), 0
	}
	if scoped, _, err = ber.Expect(body, ber.Sequence); err != nil {
		return uint32(n), 0 // sealed
	}
	for range 2 {
		if _, scoped, err = ber.Expect(scoped, ber.Octets); err != nil {
			return uint32(n), 0
		}
	}
	_, pdu, _, _ := ber.ReadTLV(scoped)
	id, _, _ := readInt(pdu)
	return uint32(n), uint32(id)
}

// reports are the objects that a report is about (RFC 3414, RFC 3412, RFC
// 3413), and one that is none.
var reports = map[string]smi.OID{
	"unsupportedSecLevels": smi.MustOID("1.3.6.1.6.3.15.1.1.1.0"),
	"notInTimeWindows":     smi.MustOID("1.3.6.1.6.3.15.1.1.2.0"),
	"unknownUserNames":     smi.MustOID("1.3.6.1.6.3.15.1.1.3.0"),
	"unknownEngineIDs":     smi.MustOID("1.3.6.1.6.3.15.1.1.4.0"),
	"wrongDigests":         smi.MustOID("1.3.6.1.6.3.15.1.1.5.0"),
	"decryptionErrors":     smi.MustOID("1.3.6.1.6.3.15.1.1.6.0"),
	"unknownSecModels":     smi.MustOID("1.3.6.1.6.3.11.2.1.1.0"),
	"invalidMsgs":          smi.MustOID("1.3.6.1.6.3.11.2.1.2.0"),
	"unknownPDUHandlers":   smi.MustOID("1.3.6.1.6.3.11.2.1.3.0"),
	"unknownContexts":      smi.MustOID("1.3.6.1.6.3.12.1.5.0"),
	"unavailableContexts":  smi.MustOID("1.3.6.1.6.3.12.1.4.0"),
	"a row":                row(666).Name,
}

func report(name smi.OID, id uint32, engine string) []byte {
	return usmMessage{id: id, engine: engine, context: engine, pdu: reportPDU,
		varbinds: []smi.Varbind{{Name: name, Value: smi.Value{Kind: smi.Counter32, Num: 7}}}}.encode()
}

const forgedName = "forged"

// forgedAnswer is an answer without signature that shows an object which the
// device does not have.
func forgedAnswer(id, requestID uint32, engine, user string, flags byte) []byte {
	return usmMessage{id: id, requestID: requestID, engine: engine, user: user, context: engine, flags: flags, pdu: responsePDU,
		varbinds: []smi.Varbind{{Name: smi.MustOID("1.3.6.1.2.1.1.5.0"), Value: smi.Value{Kind: smi.OctetString, Bytes: []byte(forgedName)}}}}.encode()
}

// engineOf is the engine that a message names.
func engineOf(datagram []byte) string {
	body, _, _ := ber.Expect(datagram, ber.Sequence)
	_, body, _ = readInt(body)
	_, body, _ = ber.Expect(body, ber.Sequence)
	usm, _, _ := ber.Expect(body, ber.Octets)
	usm, _, _ = ber.Expect(usm, ber.Sequence)
	engine, _, _ := ber.Expect(usm, ber.Octets)
	return string(engine)
}

// system reads the system group, which a real agent has.
func system(t *testing.T, s *Session) (names []string, err error) {
	t.Helper()
	err = s.Walk(t.Context(), smi.MustOID("1.3.6.1.2.1.1"), func(vb smi.Varbind) error {
		names = append(names, vb.Name.String())
		if text, _ := vb.Value.Octets(); string(text) == forgedName {
			t.Error("a forged answer is taken")
		}
		return nil
	})
	return names, err
}

// TestRealAgentForgeries puts forgeries before, and in the place of, what
// Debian's snmpd answers. None is taken, and no reading is short without an
// error.
func TestRealAgentForgeries(t *testing.T) {
	d := startSnmpd(t, "", "real-agent-1")
	var first []byte
	cred := credentialOf(SHA256, "") // whose requests anybody can read
	forge := map[string]func(request, answer []byte) []byte{
		// GHSA-w96x-5v55-24xx.
		"without user and engine": func(request, _ []byte) []byte { id, _ := idsOf(request); return forgedAnswer(id, 0, "", "", 0) },
		"without user and engine, for the request": func(request, _ []byte) []byte {
			id, requestID := idsOf(request)
			return forgedAnswer(id, requestID, "", "", 0)
		},
		"without signature": func(request, answer []byte) []byte {
			id, requestID := idsOf(request)
			return forgedAnswer(id, requestID, engineOf(answer), cred.User, 0)
		},
		"that says it is signed": func(request, answer []byte) []byte {
			id, requestID := idsOf(request)
			return forgedAnswer(id, requestID, engineOf(answer), cred.User, 1)
		},
		"the first answer again": func(_, answer []byte) []byte {
			if first == nil {
				first = answer
			}
			return first
		},
		"half an answer":   func(_, answer []byte) []byte { return answer[:len(answer)/2] },
		"an answer less 1": func(_, answer []byte) []byte { return answer[:len(answer)-1] },
		"a bit of the content": func(_, answer []byte) []byte {
			answer = slices.Clone(answer)
			answer[len(answer)-1] ^= 1
			return answer
		},
		"an answer of another version": func(_, answer []byte) []byte {
			m := snmpagent.Message{Version: snmpagent.V2c, Type: snmpagent.GetResponse, Varbinds: []smi.Varbind{row(666)}}
			return m.Append(nil)
		},
	}
	for of, object := range reports {
		forge["a report of "+of] = func(request, answer []byte) []byte {
			id, _ := idsOf(request)
			return report(object, id, engineOf(answer))
		}
	}
	calm, err := Open(t.Context(), d.address, []Credential{cred}, quick)
	if err != nil {
		t.Fatal(err)
	}
	defer calm.Close()
	want, err := system(t, calm)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d forgeries, each before and in place of every answer", len(forge))
	for name, forged := range forge {
		for _, instead := range []bool{false, true} {
			t.Run(fmt.Sprint(name, ", instead ", instead), func(t *testing.T) {
				p := startProxy(t, d.address)
				first = nil
				s, err := Open(t.Context(), p.address, []Credential{cred}, Options{Timeout: 300 * time.Millisecond, Repetitions: 2, Attempts: 3})
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				s.opts.Timeout = soon / 2
				p.set(func(request, answer []byte) [][]byte {
					forgery := forged(request, slices.Clone(answer))
					if instead {
						return [][]byte{forgery}
					}
					return [][]byte{forgery, answer}
				})
				before, began := s.Requests(), time.Now()
				got, err := system(t, s)
				if err == nil && !slices.Equal(got, want) {
					t.Errorf("silently short: %d of %d objects", len(got), len(want))
				}
				if instead && err == nil {
					t.Error("read although no answer came")
				}
				if n := s.Requests() - before; n > 120 || time.Since(began) > 5*time.Second {
					t.Errorf("%d requests in %v", n, time.Since(began))
				}
			})
		}
	}
}

// TestRealAgentCutOff cuts each answer off at another octet, once.
func TestRealAgentCutOff(t *testing.T) {
	d := startSnmpd(t, "", "real-agent-1")
	p := startProxy(t, d.address)
	s, err := Open(t.Context(), p.address, []Credential{credentialOf(SHA256, AES256)}, Options{Timeout: 300 * time.Millisecond, Repetitions: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	want, err := system(t, s)
	if err != nil {
		t.Fatal(err)
	}
	s.opts.Timeout = soon
	answers := 0
	p.set(func(_, answer []byte) [][]byte {
		if answers++; answers%2 == 0 {
			return [][]byte{answer}
		}
		return [][]byte{answer[:11*answers%len(answer)]}
	})
	if got, err := system(t, s); err != nil || !slices.Equal(got, want) {
		t.Errorf("%d of %d objects, %v", len(got), len(want), err)
	}
	p.set(nil)
	t.Logf("%d answers, every second cut off", answers)
}

// TestRealAgentOutsideTheTimeWindow has a client that is wrong about how
// often the engine has started, as after a restart of the device.
func TestRealAgentOutsideTheTimeWindow(t *testing.T) {
	d := startSnmpd(t, "", "real-agent-1")
	s, err := Open(t.Context(), d.address, []Credential{credentialOf(SHA256, AES256)}, quick)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, boots := range []uint32{0, 77} {
		usmOf(t, s).AuthoritativeEngineBoots = boots
		if got, err := system(t, s); err != nil || len(got) < 8 {
			t.Errorf("with %d boots: %d objects, %v", boots, len(got), err)
		}
	}
}

// churning answers everything with a report, each time as another engine.
type churning struct {
	mu      sync.Mutex
	engines int
}

func (c *churning) answer(request, _ []byte) [][]byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.engines++
	id, _ := idsOf(request)
	return [][]byte{report(reports["unknownEngineIDs"], id, fmt.Sprintf("\x80\x00\x1f\x88\x04%08d", c.engines))}
}

// startChurning runs an agent that has another engine id in each answer.
func startChurning(t *testing.T) (address string, c *churning) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c = &churning{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buffer := make([]byte, 1<<16)
		for {
			n, client, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			for _, answer := range c.answer(slices.Clone(buffer[:n]), nil) {
				_, _ = conn.WriteTo(answer, client) // it may be gone
			}
		}
	}()
	t.Cleanup(func() { conn.Close(); <-done })
	return conn.LocalAddr().String(), c
}

// cpu is what this process has computed.
func cpu(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// A device that has another engine id in each answer has keys computed for
// every one of them. That is over before it costs a second, whether it is so
// from the beginning or in the middle of a reading.
func TestEngineChurn(t *testing.T) {
	address, c := startChurning(t)
	before := cpu(t)
	s, err := Open(t.Context(), address, []Credential{credentialOf(SHA512, AES256)}, quick)
	if err == nil {
		s.Close()
		t.Fatal("opened")
	}
	if !errors.Is(err, ErrDenied) && !errors.Is(err, ErrNoAnswer) {
		t.Error(err)
	}
	checkChurn(t, c, before)
}

func TestRealAgentThatChurns(t *testing.T) {
	d := startSnmpd(t, "", "real-agent-1")
	p := startProxy(t, d.address)
	s, err := Open(t.Context(), p.address, []Credential{credentialOf(SHA512, AES256)}, quick)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := system(t, s); err != nil {
		t.Fatal(err)
	}
	c := &churning{}
	p.set(c.answer)
	before := cpu(t)
	for i, r := range readColumns(t, s, 40) {
		if r.err == nil {
			t.Errorf("column %d is said to be complete", i)
		}
	}
	checkChurn(t, c, before)
}

func checkChurn(t *testing.T, c *churning, before time.Duration) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	used := cpu(t) - before
	t.Logf("%d engines, %v computed", c.engines, used.Round(time.Millisecond))
	if c.engines == 0 || used > time.Second && !racing {
		t.Errorf("%d engines cost %v", c.engines, used)
	}
}

// usmOf is what a session knows of the engine.
func usmOf(t *testing.T, s *Session) *gosnmp.UsmSecurityParameters {
	t.Helper()
	l := s.line.(*usmLine)
	return l.idle[len(l.idle)-1].gosnmp.SecurityParameters.(*gosnmp.UsmSecurityParameters)
}

// racing tells the race detector, which needs many times the time.
var racing = false

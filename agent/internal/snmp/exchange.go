package snmp

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"

	"github.com/gosnmp/gosnmp"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

// errRefused is an answer of the host, by ICMP, that nothing listens there.
var errRefused = fmt.Errorf("%w: the host says that nothing listens on this UDP port", ErrNoAnswer)

// maxRefusals is how many ICMP refusals in a row end a request. One may be a
// switch that is just starting.
const maxRefusals = 3

// An answer is a response that belongs to its request.
type answer struct {
	varbinds   []smi.Varbind
	status     gosnmp.SNMPError
	errorIndex int // 1-based, 0 when the status is about the whole
}

// exchange sends one request until it is answered properly, attempts times
// at most. repetitions counts only for a GetBulkRequest.
//
// gosnmp's own retries are not used: one ICMP message burns them all within a
// millisecond (its sendOneRequest leaves the receive loop on any error). Here
// an attempt always lasts its whole time.
func (s *Session) exchange(ctx context.Context, pdu gosnmp.PDUType, names []smi.OID, repetitions, attempts int) (answer, error) {
	var last error
	refusals := 0
	renewed := false
	for attempt := range attempts {
		if err := context.Cause(ctx); err != nil {
			return answer{}, err
		}
		if err := s.pace.wait(ctx); err != nil {
			return answer{}, err
		}
		deadline := time.Now().Add(s.attemptTime(attempt))
		s.requests++
		a, err := s.send(ctx, pdu, names, repetitions, time.Until(deadline))
		if err == nil {
			return a, nil
		}
		last = err
		if denied := s.denied(err); denied != nil {
			// A device that was replaced or has failed over has another engine id,
			// which gosnmp cannot learn once it has one: a new client does.
			if renewed {
				return answer{}, denied
			}
			renewed = true
			if err := s.renew(ctx); err != nil {
				return answer{}, err
			}
			continue
		}
		if errors.Is(err, syscall.ECONNREFUSED) {
			if refusals++; refusals == maxRefusals {
				return answer{}, errRefused
			}
		}
		if attempt+1 < attempts {
			if err := sleepUntil(ctx, deadline); err != nil {
				return answer{}, err
			}
		}
	}
	if err := context.Cause(ctx); err != nil {
		return answer{}, err
	}
	return answer{}, noAnswer(attempts, last)
}

// attemptTime gives later attempts more time: a busy switch answers late
// rather than never.
func (s *Session) attemptTime(attempt int) time.Duration {
	return s.opts.Timeout * time.Duration(2+attempt) / 2
}

func noAnswer(attempts int, last error) error {
	if timedOut(last) {
		return fmt.Errorf("%w to %d requests", ErrNoAnswer, attempts)
	}
	return fmt.Errorf("%w to %d requests that could be used: %v", ErrNoAnswer, attempts, last)
}

// timedOut tells gosnmp's timeout, which it has no type for.
func timedOut(err error) bool { return strings.Contains(err.Error(), "timeout") }

func sleepUntil(ctx context.Context, t time.Time) error {
	timer := time.NewTimer(time.Until(t))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// send makes one attempt.
func (s *Session) send(ctx context.Context, pdu gosnmp.PDUType, names []smi.OID, repetitions int, timeout time.Duration) (answer, error) {
	s.socket.begin(ctx)
	s.client.Context = ctx
	s.client.Timeout = timeout
	s.client.Retries = 0
	oids := make([]string, len(names))
	for i, name := range names {
		oids[i] = name.String()
	}
	var packet *gosnmp.SnmpPacket
	var err error
	switch pdu {
	case gosnmp.GetBulkRequest:
		packet, err = s.client.GetBulk(oids, 0, uint32(repetitions))
	case gosnmp.GetNextRequest:
		packet, err = s.client.GetNext(oids)
	default:
		packet, err = s.client.Get(oids)
	}
	switch {
	case err != nil && timedOut(err) && s.socket.ignored != nil:
		return answer{}, s.socket.ignored // says more than that nothing else came
	case err != nil:
		return answer{}, firstLine(err)
	}
	if s.cred.Version == V3 { // the others were checked before gosnmp saw them
		if err := s.check(packet); err != nil {
			return answer{}, err
		}
	}
	return decode(packet)
}

// firstLine keeps gosnmp's stack trace of a recovered panic out of reports.
func firstLine(err error) error {
	line, _, cut := strings.Cut(err.Error(), "Stack:")
	if !cut {
		return err
	}
	return errors.New(strings.TrimSpace(line))
}

// accept refuses a datagram that is no answer. gosnmp would end the attempt
// at it, though the answer may be on its way.
//
// A message of version 3 is signed and sealed, and only gosnmp's receiver has
// the keys: it is let through, and checked when it comes out.
func (s *Session) accept(datagram []byte) error {
	if s.cred.Version == V3 {
		return nil
	}
	p, err := s.client.SnmpDecodePacket(datagram)
	if err != nil {
		return fmt.Errorf("an answer that cannot be read: %w", err)
	}
	return s.check(p)
}

// check refuses what gosnmp lets through: a request-id of 0, another
// community or version, another kind of message, and no varbinds where there
// is no error (for which gosnmp does not even compare the request-id).
func (s *Session) check(p *gosnmp.SnmpPacket) error {
	switch {
	case p.PDUType != gosnmp.GetResponse:
		return fmt.Errorf("an answer of type %v", p.PDUType)
	case p.RequestID == 0:
		return errors.New("an answer with request-id 0")
	case p.Version != s.client.Version:
		return fmt.Errorf("an answer in version %v", p.Version)
	case s.cred.Version != V3 && p.Community != s.client.Community:
		return errors.New("an answer with another community")
	case p.Error == gosnmp.NoError && len(p.Variables) == 0:
		return errors.New("an answer without content")
	}
	return nil
}

func decode(p *gosnmp.SnmpPacket) (answer, error) {
	a := answer{status: p.Error, errorIndex: int(p.ErrorIndex)}
	a.varbinds = make([]smi.Varbind, 0, len(p.Variables))
	for _, variable := range p.Variables {
		name, err := smi.ParseOID(variable.Name)
		if err != nil {
			return answer{}, fmt.Errorf("an answer that cannot be read: %w", err)
		}
		a.varbinds = append(a.varbinds, smi.Varbind{Name: name, Value: decodeValue(variable)})
	}
	return a, nil
}

// decodeValue keeps a value only when it is of the type that its tag
// promises; gosnmp gives nil or another type for some malformed ones. The
// rest becomes Null, which no decoder takes for data.
func decodeValue(v gosnmp.SnmpPDU) smi.Value {
	switch v.Type {
	case gosnmp.NoSuchObject:
		return smi.Value{Kind: smi.NoSuchObject}
	case gosnmp.NoSuchInstance:
		return smi.Value{Kind: smi.NoSuchInstance}
	case gosnmp.EndOfMibView:
		return smi.Value{Kind: smi.EndOfMibView}
	}
	switch value := v.Value.(type) {
	case int:
		if v.Type == gosnmp.Integer {
			return smi.Value{Kind: smi.Integer, Num: uint64(value)}
		}
	case uint:
		return unsigned(v.Type, uint64(value))
	case uint32:
		return unsigned(v.Type, uint64(value))
	case uint64:
		return unsigned(v.Type, value)
	case []byte:
		return octets(v.Type, value)
	case string:
		return identifier(v.Type, value)
	}
	return smi.Value{}
}

func unsigned(tag gosnmp.Asn1BER, n uint64) smi.Value {
	switch tag {
	case gosnmp.Counter32:
		return smi.Value{Kind: smi.Counter32, Num: n}
	case gosnmp.Gauge32, gosnmp.Uinteger32:
		return smi.Value{Kind: smi.Gauge32, Num: n}
	case gosnmp.TimeTicks:
		return smi.Value{Kind: smi.TimeTicks, Num: n}
	case gosnmp.Counter64:
		return smi.Value{Kind: smi.Counter64, Num: n}
	default:
		return smi.Value{}
	}
}

func octets(tag gosnmp.Asn1BER, b []byte) smi.Value {
	switch tag {
	case gosnmp.OctetString, gosnmp.BitString:
		return smi.Value{Kind: smi.OctetString, Bytes: b}
	case gosnmp.Opaque:
		return smi.Value{Kind: smi.Opaque, Bytes: b}
	default:
		return smi.Value{}
	}
}

func identifier(tag gosnmp.Asn1BER, text string) smi.Value {
	switch tag {
	case gosnmp.ObjectIdentifier:
		oid, err := smi.ParseOID(text)
		if err != nil {
			return smi.Value{}
		}
		return smi.Value{Kind: smi.ObjectIdentifier, OID: oid}
	case gosnmp.IPAddress:
		oid, err := smi.ParseOID(text)
		if err != nil || len(oid) != 4 {
			return smi.Value{}
		}
		return smi.Value{Kind: smi.IPAddress, Bytes: []byte{byte(oid[0]), byte(oid[1]), byte(oid[2]), byte(oid[3])}}
	default:
		return smi.Value{}
	}
}

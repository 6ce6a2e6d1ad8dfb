package snmp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/gosnmp/gosnmp"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

// A usmLine speaks version 3 through gosnmp, which signs and seals. gosnmp
// waits for the answer to each message, so every request that is on its way
// has a client of its own.
type usmLine struct {
	host string
	port uint16
	cred Credential
	opts Options

	id       uint32       // of the last attempt
	idle     []*usmClient // that wait for no answer
	arrivals chan usmArrival
	closed   chan struct{}
	ctx      context.Context // ends what waits
}

type usmArrival struct {
	arrival
	by *usmClient
}

// usmRoom is how many requests of version 3 are on their way at most: each
// costs a client with a buffer of 64 KiB, and a search for the engine.
const usmRoom = 4

func dialUSM(host string, port uint16, cred Credential, opts Options) (*usmLine, error) {
	l := &usmLine{host: host, port: port, cred: cred, opts: opts,
		arrivals: make(chan usmArrival, maxWindow), closed: make(chan struct{})}
	c, err := l.client()
	if err != nil {
		return nil, err
	}
	l.idle = append(l.idle, c)
	return l, nil
}

func (*usmLine) room() int { return usmRoom }

func (l *usmLine) close() error {
	close(l.closed)
	var errs []error
	for len(l.arrivals) > 0 {
		l.idle = append(l.idle, (<-l.arrivals).by)
	}
	for _, c := range l.idle {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

func (l *usmLine) send(ctx context.Context, r *request, timeout time.Duration) (uint32, error) {
	l.id++
	c, err := l.client()
	if err != nil {
		return l.id, err
	}
	go l.attempt(ctx, c, l.id, r.kept(), time.Now().Add(timeout))
	return l.id, nil
}

// client returns one that waits for no answer.
func (l *usmLine) client() (*usmClient, error) {
	if n := len(l.idle); n > 0 {
		c := l.idle[n-1]
		l.idle = l.idle[:n-1]
		return c, nil
	}
	c := &usmClient{line: l}
	return c, c.connect()
}

// attempt makes one attempt and reports what became of it.
func (l *usmLine) attempt(ctx context.Context, c *usmClient, id uint32, r request, until time.Time) {
	a := usmArrival{arrival{id: id}, c}
	defer func() {
		// gosnmp recovers only while it sends: nothing that a device answers may
		// end the program.
		if r := recover(); r != nil {
			a.err = fmt.Errorf("an answer that cannot be read: %v", r)
		}
		l.deliver(a)
	}()
	a.answer, a.err = c.attempt(ctx, &r, until)
	a.requests = c.socket.sent - 1
	if isFinal(a.err) && ctx.Err() == nil {
		// A device that was replaced or has failed over has another engine id,
		// which gosnmp cannot learn once it has one: a new client does.
		if err := c.renew(); err != nil {
			a.err = err
		} else {
			a.answer, a.err = c.attempt(ctx, &r, until)
			a.requests += c.socket.sent
		}
	}
}

// deliver hands an arrival over, if anybody waits for it.
func (l *usmLine) deliver(a usmArrival) {
	select {
	case <-l.closed:
		_ = a.by.Close()
		return
	default:
	}
	select {
	case l.arrivals <- a:
	case <-l.closed:
		_ = a.by.Close()
	}
}

func (l *usmLine) until(ctx context.Context) (stop func()) {
	l.ctx = ctx
	return func() {}
}

func (l *usmLine) receive(due time.Time) *arrival {
	timer := time.NewTimer(time.Until(due))
	defer timer.Stop()
	select {
	case a := <-l.arrivals:
		l.idle = append(l.idle, a.by)
		return &a.arrival
	case <-timer.C:
	case <-l.ctx.Done():
	}
	return nil
}

// engineKnown tells whether the device has told its engine id, as it does to
// anybody who asks.
func (l *usmLine) engineKnown() bool {
	for _, c := range l.idle {
		if usm, ok := c.gosnmp.SecurityParameters.(*gosnmp.UsmSecurityParameters); ok && usm.AuthoritativeEngineID != "" {
			return true
		}
	}
	return false
}

// A usmClient is a client of gosnmp with a socket of its own. It serves one
// goroutine at a time.
type usmClient struct {
	line   *usmLine
	gosnmp *gosnmp.GoSNMP
	socket *socket
}

// connect makes a fresh client.
func (c *usmClient) connect() error {
	l := c.line
	client := &gosnmp.GoSNMP{
		Context: context.Background(), // each attempt brings its own
		Target:  l.host, Port: l.port, Transport: "udp",
		Timeout: l.opts.Timeout, MaxOids: gosnmp.MaxOids,
		UseUnconnectedUDPSocket: l.opts.AnyReplyAddress,
	}
	if l.opts.From.IsValid() {
		client.LocalAddr = netip.AddrPortFrom(l.opts.From, 0).String()
	}
	if err := useUSM(client, l.cred); err != nil {
		return err
	}
	if err := client.Connect(); err != nil {
		return err
	}
	c.gosnmp = client
	c.socket = &socket{Conn: client.Conn, sending: l.opts.Sending}
	client.Conn = c.socket
	if !l.opts.AnyReplyAddress {
		return nil
	}
	// gosnmp has set the network to that of LocalAddr.
	to, err := net.ResolveUDPAddr(client.Transport, net.JoinHostPort(l.host, strconv.Itoa(int(l.port))))
	if err != nil {
		return errors.Join(err, client.Close())
	}
	c.socket.to = to
	return nil
}

// renew replaces the client, and with it all that it has learnt of the
// device's engine.
func (c *usmClient) renew() error {
	if err := c.Close(); err != nil {
		return err
	}
	return c.connect()
}

// Close ends the use of the client.
func (c *usmClient) Close() error { return c.gosnmp.Close() }

// attempt sends a request once. gosnmp's own retries are not used: one ICMP
// message burns them all within a millisecond (its sendOneRequest leaves the
// receive loop on any error).
func (c *usmClient) attempt(ctx context.Context, r *request, until time.Time) (answer, error) {
	c.socket.ctx, c.socket.sent = ctx, 0
	c.gosnmp.Context = ctx
	c.gosnmp.Timeout = time.Until(until)
	c.gosnmp.Retries = 0
	oids := make([]string, len(r.names))
	for i, name := range r.names {
		oids[i] = name.String()
	}
	var packet *gosnmp.SnmpPacket
	var err error
	switch r.pdu {
	case gosnmp.GetBulkRequest:
		packet, err = c.gosnmp.GetBulk(oids, 0, uint32(r.repetitions))
	case gosnmp.GetNextRequest:
		packet, err = c.gosnmp.GetNext(oids)
	default:
		packet, err = c.gosnmp.Get(oids)
	}
	if err != nil {
		return answer{}, c.line.explain(err)
	}
	if err := checkPacket(packet); err != nil {
		return answer{}, err
	}
	return decodePacket(packet)
}

// explain turns what gosnmp says into what it means.
func (l *usmLine) explain(err error) error {
	if denied := l.denied(err); denied != nil {
		return denied
	}
	if strings.Contains(err.Error(), "timeout") { // gosnmp has no type for it
		return errAttemptOver
	}
	line, _, cut := strings.Cut(err.Error(), "Stack:")
	if !cut {
		return err
	}
	return errors.New(strings.TrimSpace(line)) // of a panic that it has recovered
}

// checkPacket refuses what gosnmp lets through: a request-id of 0, another
// version, another kind of message, and no varbinds where there is no error
// (for which gosnmp does not even compare the request-id).
func checkPacket(p *gosnmp.SnmpPacket) error {
	switch {
	case p.PDUType != gosnmp.GetResponse:
		return fmt.Errorf("an answer of type %v", p.PDUType)
	case p.RequestID == 0:
		return errors.New("an answer with request-id 0")
	case p.Version != gosnmp.Version3:
		return fmt.Errorf("an answer in version %v", p.Version)
	case p.Error == gosnmp.NoError && len(p.Variables) == 0:
		return errors.New("an answer without content")
	}
	return nil
}

func decodePacket(p *gosnmp.SnmpPacket) (answer, error) {
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

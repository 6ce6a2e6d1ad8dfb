package snmpagent

import (
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// start runs an agent for a test.
func start(t testing.TB, options Options) *Agent {
	t.Helper()
	if options.Communities == nil {
		options.Communities = map[string]*capture.Recording{"public": device()}
	}
	agent, err := Start("127.0.0.1:0", options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := agent.Close(); err != nil {
			t.Error(err)
		}
	})
	return agent
}

// dial returns a socket that talks to an agent alone.
func dial(t testing.TB, agent *Agent) *net.UDPConn {
	t.Helper()
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(agent.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn
}

func send(t testing.TB, conn *net.UDPConn, datagram []byte) {
	t.Helper()
	if _, err := conn.Write(datagram); err != nil {
		t.Fatal(err)
	}
}

func receive(t testing.TB, conn *net.UDPConn) []byte {
	t.Helper()
	buffer := make([]byte, 65536)
	n, err := conn.Read(buffer)
	if err != nil {
		t.Fatal(err)
	}
	return buffer[:n]
}

func request(id int32, community, name string) []byte {
	return (&Message{Version: V2c, Community: community, Type: GetRequest, RequestID: id, Varbinds: names(name)}).Append(nil)
}

// What is no request, or of a community that nobody has, gets no answer: the
// first datagram to come back is the answer to the good request sent last.
func TestAgentIsSilent(t *testing.T) {
	agent := start(t, Options{})
	conn := dial(t, agent)
	response := Message{Version: V2c, Community: "public", Type: GetResponse}
	bad := [][]byte{{0x30}, []byte("hello"), request(1, "private", "1.3.1.1"), request(2, "", "1.3.1.1"), response.Append(nil)}
	for _, datagram := range bad {
		send(t, conn, datagram)
	}
	send(t, conn, request(3, "public", "1.3.1.1"))
	got, err := ParseMessage(receive(t, conn))
	if err != nil || got.RequestID != 3 || told(got) != "0 0: 1.1=11" {
		t.Errorf("got %+v, error %v", got, err)
	}
	if agent.Dropped() != uint64(len(bad)) || agent.Requests() != 1 || agent.RequestsOf(GetRequest) != 1 || agent.RequestsOf(GetBulkRequest) != 0 {
		t.Errorf("dropped %d, answered %d, %d of them GetRequest", agent.Dropped(), agent.Requests(), agent.RequestsOf(GetRequest))
	}
}

func TestIntercept(t *testing.T) {
	agent := start(t, Options{Intercept: func(request Request, response *Response) {
		switch request.RequestID {
		case 1:
			response.Datagrams = [][]byte{}
		case 2:
			response.Status, response.RequestID = GenErr, 22
		case 3:
			response.Datagrams = [][]byte{[]byte("garbage"), response.Append(nil)}
		}
	}})
	conn := dial(t, agent)
	for id := range int32(3) {
		send(t, conn, request(id+1, "public", "1.3.1.1"))
	}
	changed, err := ParseMessage(receive(t, conn))
	if err != nil || changed.RequestID != 22 || changed.Status != GenErr {
		t.Errorf("got %+v, error %v", changed, err)
	}
	if got := receive(t, conn); string(got) != "garbage" {
		t.Errorf("got %q", got)
	}
	if got, err := ParseMessage(receive(t, conn)); err != nil || got.RequestID != 3 {
		t.Errorf("got %+v, error %v", got, err)
	}
}

// Requests wait for their delay side by side.
func TestDelay(t *testing.T) {
	const requests, delay = 20, 50 * time.Millisecond
	agent := start(t, Options{Delay: delay})
	conn := dial(t, agent)
	before := time.Now()
	for id := range int32(requests) {
		send(t, conn, request(id, "public", "1.3.1.1"))
	}
	receive(t, conn)
	if waited := time.Since(before); waited < delay {
		t.Errorf("the first answer came after %v, want %v", waited, delay)
	}
	for range requests - 1 {
		receive(t, conn)
	}
	if waited := time.Since(before); waited > requests*delay/2 {
		t.Errorf("%d answers took %v: they waited for each other", requests, waited)
	}
}

// Close neither hangs on an answer that is still to wait for nor leaves the
// port taken, and may be repeated.
func TestClose(t *testing.T) {
	answered := make(chan struct{})
	agent := start(t, Options{Delay: time.Hour, Intercept: func(Request, *Response) { close(answered) }})
	conn := dial(t, agent)
	send(t, conn, request(1, "public", "1.3.1.1"))
	<-answered
	for range 2 {
		if err := agent.Close(); err != nil {
			t.Fatal(err)
		}
	}
	again, err := Start(agent.Addr().String(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Start(again.Addr().String(), Options{}); err == nil || !strings.HasPrefix(err.Error(), "start SNMP agent on 127.0.0.1:") {
		t.Errorf("a second agent on the port: error %v", err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
	if _, err := Start("nowhere", Options{}); err == nil {
		t.Error("an address without a port: no error")
	}
}

// walkBulk walks everything with GetBulkRequest, as it comes.
func walkBulk(t testing.TB, conn *net.UDPConn) []smi.Varbind {
	var rows []smi.Varbind
	for last := (smi.OID{1, 3}); ; last = rows[len(rows)-1].Name {
		ask := Message{Version: V2c, Community: "public", Type: GetBulkRequest, MaxRepetitions: 100, Varbinds: []smi.Varbind{{Name: last}}}
		send(t, conn, ask.Append(nil))
		got, err := ParseMessage(receive(t, conn))
		if err != nil || len(got.Varbinds) == 0 || got.Status != NoError {
			t.Fatalf("got %s, error %v", told(got), err)
		}
		for _, row := range got.Varbinds {
			if row.Value.Kind == smi.EndOfMibView {
				return rows
			}
			rows = append(rows, row)
		}
	}
}

func TestWalkInFileOrder(t *testing.T) {
	var rows []smi.Varbind
	for _, arc := range []uint32{10, 30, 20, 50, 40} {
		rows = append(rows, smi.Varbind{Name: smi.OID{1, 3, arc}, Value: smi.Value{Kind: smi.Integer}})
	}
	agent := start(t, Options{Communities: map[string]*capture.Recording{"public": capture.New(rows).InFileOrder()}})
	if diff := cmp.Diff(rows, walkBulk(t, dial(t, agent))); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
}

func largeTable(rows uint32) *capture.Recording {
	var table []smi.Varbind
	for n := range rows {
		name := smi.MustOID("1.3.6.1.2.1.17.7.1.2.2.1.2.20").Append(0x44, 0x19, 0xb6, n>>16, n>>8&255, n&255)
		table = append(table, smi.Varbind{Name: name, Value: smi.Value{Kind: smi.Integer, Num: uint64(n % 48)}})
	}
	return capture.New(table)
}

func BenchmarkWalk(b *testing.B) {
	table := largeTable(100_000)
	agent := start(b, Options{Communities: map[string]*capture.Recording{"public": table}})
	conn := dial(b, agent)
	want := slices.Collect(table.All())
	for b.Loop() {
		if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
			b.Fatal(err)
		}
		if got := walkBulk(b, conn); len(got) != len(want) {
			b.Fatalf("got %d rows, want %d", len(got), len(want))
		}
	}
	b.ReportMetric(float64(len(want)*b.N)/b.Elapsed().Seconds(), "rows/s")
}

// Requests that are on their way together are one round, and those that wait
// for an answer one more.
func TestRounds(t *testing.T) {
	agent := start(t, Options{Delay: 50 * time.Millisecond})
	conn := dial(t, agent)
	for range 3 {
		for id := range int32(4) {
			send(t, conn, request(id, "public", "1.3.1.1"))
		}
		for range 4 {
			receive(t, conn)
		}
	}
	if got := agent.Rounds().Take(); got != 3 {
		t.Errorf("%d rounds, want 3", got)
	}
	if got := agent.Rounds().Take(); got != 0 {
		t.Errorf("%d rounds after they were taken", got)
	}
}

package snmp

import (
	"math"
	"runtime"
	"slices"
	"sync/atomic"

	"github.com/gosnmp/gosnmp"

	"github.com/camwarden/camwarden/agent/internal/ber"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// Messages of version 1 and 2c (RFC 1157, RFC 1901, RFC 3416, section 3).
// gosnmp turns each name into text and back, which for a forwarding table of 100,000 rows
// is most of the work; here a name is arcs from the wire to the decoder.

// appendRequest writes a message to dst. What counts the repetitions stands
// where other requests have their error index, 0.
func appendRequest(dst []byte, version gosnmp.SnmpVersion, community string, id uint32, r *request) []byte {
	varbinds := 0
	for _, name := range r.names {
		varbinds += ber.SizeTLV(ber.SizeTLV(ber.SizeOID(name)) + 2)
	}
	pdu := sizeInteger(id) + sizeInteger(0) + sizeInteger(uint32(r.repetitions)) + ber.SizeTLV(varbinds)
	dst = ber.AppendHead(dst, ber.Sequence, sizeInteger(uint32(version))+ber.SizeTLV(len(community))+ber.SizeTLV(pdu))
	dst = appendInteger(dst, uint32(version))
	dst = append(ber.AppendHead(dst, ber.Octets, len(community)), community...)
	dst = ber.AppendHead(dst, byte(r.pdu), pdu)
	dst = appendInteger(dst, id)
	dst = appendInteger(dst, 0)
	dst = appendInteger(dst, uint32(r.repetitions))
	dst = ber.AppendHead(dst, ber.Sequence, varbinds)
	for _, name := range r.names {
		size := ber.SizeOID(name)
		dst = ber.AppendHead(dst, ber.Sequence, ber.SizeTLV(size)+2)
		dst = ber.AppendOID(ber.AppendHead(dst, ber.OID, size), name)
		dst = append(dst, ber.Null, 0)
	}
	return dst
}

func appendInteger(dst []byte, n uint32) []byte {
	return ber.AppendUint(ber.AppendHead(dst, ber.Integer, ber.SizeUint(uint64(n))), uint64(n))
}

func sizeInteger(n uint32) int { return ber.SizeTLV(ber.SizeUint(uint64(n))) }

// A message is what a datagram of version 1 or 2c holds.
type message struct {
	version   gosnmp.SnmpVersion
	community []byte // part of the datagram
	pdu       gosnmp.PDUType
	id        uint32
	answer
}

// A desk is where messages are read. What a message has names is good until
// the next is read there; the values are copies of their own.
type desk struct {
	varbinds []smi.Varbind
	arcs     []uint32 // of all names
	owns     bool     // there are, or were, values with octets
	in       []byte   // where datagrams arrive; nil before the first
}

// usualDatagram is the longest answer that is expected: what is asked for
// fits an Ethernet frame, but for long texts. A longer one costs an attempt.
const usualDatagram, longestDatagram = 8 << 10, 64 << 10

// usualVarbinds is more than such an answer has, but for one that is made up of
// next to nothing.
const usualVarbinds = 1000

// roomFor is how large the room for a datagram is. Windows does not give the
// beginning of one that is too long, so there it is large in any case.
func roomFor(long bool) int {
	if long || runtime.GOOS == "windows" {
		return longestDatagram
	}
	return usualDatagram
}

// desks are those that nobody uses. Most sessions that wait have none, so there
// are not many. They are kept while any line is open: sync.Pool would forget
// them at each collection, of which there are many while much is read.
var (
	desks     = make(chan *desk, 8)
	deskUsers atomic.Int32
)

// aDesk is one that nobody uses.
func aDesk() *desk {
	select {
	case d := <-desks:
		return d
	default:
		return new(desk)
	}
}

// free leaves the desk to other sessions, without the octets of values.
func (d *desk) free() {
	if len(d.in) > roomFor(false) || cap(d.varbinds) > usualVarbinds || cap(d.arcs) > 2*usualDatagram {
		return // hardly anybody needs so much
	}
	if d.owns {
		clear(d.varbinds[:cap(d.varbinds)])
		d.owns = false
	}
	select {
	case desks <- d:
	default:
	}
}

// forgetDesks gives up those that nobody uses.
func forgetDesks() {
	for range cap(desks) {
		select {
		case <-desks:
		default:
			return
		}
	}
}

// parse reads a datagram.
func (d *desk) parse(datagram []byte) (message, error) {
	var m message
	body, _, err := ber.Expect(datagram, ber.Sequence)
	if err != nil {
		return m, err
	}
	version, body, err := readInt(body)
	if err != nil {
		return m, err
	}
	if m.community, body, err = ber.Expect(body, ber.Octets); err != nil {
		return m, err
	}
	tag, pdu, _, err := ber.ReadTLV(body)
	if err != nil {
		return m, err
	}
	m.version, m.pdu = gosnmp.SnmpVersion(version), gosnmp.PDUType(tag)
	if m.pdu != gosnmp.GetResponse {
		return m, nil // whatever it is, it is no answer
	}
	var fields [3]int64
	for i := range fields {
		if fields[i], pdu, err = readInt(pdu); err != nil {
			return m, err
		}
	}
	m.id, m.status, m.errorIndex = uint32(fields[0]), gosnmp.SNMPError(fields[1]), int(fields[2])
	list, _, err := ber.Expect(pdu, ber.Sequence)
	if err != nil {
		return m, err
	}
	m.varbinds, err = d.parseVarbinds(list)
	return m, err
}

// parseVarbinds reads a list of varbinds.
func (d *desk) parseVarbinds(list []byte) ([]smi.Varbind, error) {
	// A name has one arc more than octets at most, and there are four more octets
	// to a varbind at least: the arcs stay where they are.
	all := slices.Grow(d.arcs[:0], len(list))
	d.arcs, d.varbinds = all, d.varbinds[:0]
	octets := 0 // of values
	for len(list) > 0 {
		varbind, rest, err := ber.Expect(list, ber.Sequence)
		if err != nil {
			return nil, err
		}
		name, varbind, err := ber.Expect(varbind, ber.OID)
		if err != nil {
			return nil, err
		}
		start := len(all)
		if all, err = ber.AppendArcs(all, name); err != nil {
			return nil, err
		}
		tag, content, _, err := ber.ReadTLV(varbind)
		if err != nil {
			return nil, err
		}
		n := len(d.varbinds)
		d.varbinds = slices.Grow(d.varbinds, 1)[:n+1]
		vb := &d.varbinds[n]
		vb.Name = all[start:len(all):len(all)]
		readValue(&vb.Value, tag, content)
		octets += len(vb.Value.Bytes)
		list = rest
	}
	d.own(octets)
	return d.varbinds, nil
}

// own has the values hold copies of what they have of the datagram.
func (d *desk) own(octets int) {
	if octets == 0 {
		return
	}
	d.owns = true
	room := make([]byte, 0, octets)
	for i := range d.varbinds {
		if v := &d.varbinds[i].Value; len(v.Bytes) > 0 {
			start := len(room)
			room = append(room, v.Bytes...)
			v.Bytes = room[start:len(room):len(room)]
		}
	}
}

const tagUinteger = 0x47 // Uinteger32, of RFC 1442

// noOctets are those of an empty text.
var noOctets = []byte{}

// readValue keeps a value only when it is what its tag promises. The rest
// becomes Null, which no decoder takes for data. It writes over an older value,
// and no pointer where there was none: while memory is collected that is dear.
func readValue(v *smi.Value, tag byte, content []byte) {
	v.Kind, v.Num = smi.Null, 0
	if v.Bytes != nil {
		v.Bytes = nil
	}
	if v.OID != nil {
		v.OID = nil
	}
	kind, _ := ber.Kind(tag)
	if tag == tagUinteger {
		kind = smi.Gauge32
	}
	switch kind {
	case smi.Integer:
		if n, err := ber.ParseInt(content); err == nil {
			v.Kind, v.Num = kind, uint64(n)
		}
	case smi.Counter32, smi.Gauge32, smi.TimeTicks:
		if n, err := ber.ParseUint(content, math.MaxUint32); err == nil {
			v.Kind, v.Num = kind, n
		}
	case smi.Counter64:
		if n, err := ber.ParseUint(content, math.MaxUint64); err == nil {
			v.Kind, v.Num = kind, n
		}
	case smi.OctetString, smi.Opaque:
		if len(content) == 0 {
			content = noOctets // none of the datagram
		}
		v.Kind, v.Bytes = kind, content
	case smi.IPAddress:
		if len(content) == 4 {
			v.Kind, v.Bytes = kind, content
		}
	case smi.ObjectIdentifier:
		if oid, err := ber.AppendArcs(nil, content); err == nil {
			v.Kind, v.OID = kind, oid
		}
	case smi.NoSuchObject, smi.NoSuchInstance, smi.EndOfMibView:
		v.Kind = kind
	}
}

func readInt(b []byte) (n int64, rest []byte, err error) {
	content, rest, err := ber.Expect(b, ber.Integer)
	if err != nil {
		return 0, nil, err
	}
	n, err = ber.ParseInt(content)
	return n, rest, err
}

package snmpagent

import "github.com/camwarden/camwarden/agent/internal/capture"

// A responder answers one datagram after the other. What it returns is good
// until the next: so it needs no memory for each.
type responder struct {
	parser
	answerer
}

// respond returns the request that a datagram is, and its answer; nil where
// it is none, or of an unknown community.
func (r *responder) respond(communities map[string]*capture.Recording, datagram []byte, limit int) (request, answer *Message) {
	if err := r.parse(datagram); err != nil {
		return nil, nil
	}
	recording := communities[r.Community]
	if recording == nil || r.Type == GetResponse {
		return nil, nil
	}
	return &r.Message, r.answer(recording, &r.Message, limit)
}

// A Device answers the datagrams to one device, one after the other, for who
// has a socket of its own.
type Device struct {
	Communities map[string]*capture.Recording
	responder
}

// Answer appends to dst the answer to a datagram; nothing where there is none.
func (d *Device) Answer(dst, datagram []byte) []byte {
	_, answer := d.respond(d.Communities, datagram, DefaultMaxMessage)
	if answer == nil {
		return dst
	}
	return answer.appendSized(dst, d.size)
}

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
func (r *responder) respond(views map[string]*view, datagram []byte, limit int) (request, answer *Message) {
	if err := r.parse(datagram); err != nil {
		return nil, nil
	}
	view := views[r.Community]
	if view == nil || r.Type == GetResponse {
		return nil, nil
	}
	return &r.Message, r.answer(view, &r.Message, limit)
}

// appendAnswer appends the last answer.
func (r *responder) appendAnswer(dst []byte) []byte {
	return append(r.response.appendHead(dst, len(r.varbinds)), r.varbinds...)
}

// A Device answers the datagrams to one device, one after the other, for who
// has a socket of its own.
type Device struct {
	views map[string]*view
	responder
}

// NewDevice makes a device that answers as Options.Communities has it.
func NewDevice(communities map[string]*capture.Recording) *Device {
	return &Device{views: views(communities)}
}

// Answer appends to dst the answer to a datagram; nothing where there is none.
func (d *Device) Answer(dst, datagram []byte) []byte {
	if _, answer := d.respond(d.views, datagram, DefaultMaxMessage); answer == nil {
		return dst
	}
	return d.appendAnswer(dst)
}

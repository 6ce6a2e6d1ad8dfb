package snmpagent

import (
	"math"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

// An answerer answers one request after the other. The answer, and all that
// goes with it, is good until the next.
type answerer struct {
	view     *view
	request  *Message
	response Message
	varbinds []byte // of the response, encoded
	readable bool   // response has its varbinds as well
	room     int    // for varbinds, in octets
	single   []byte // one of them, or what comes before them
	columns  []column
}

// A column is where one of the names of a GetBulkRequest has come to.
type column struct {
	place int
	last  smi.OID // at the end of the view
}

// answer returns the response to a request, of at most limit octets (RFC 3416,
// section 4.2; for version 1 RFC 1157, section 4.1, and RFC 3584, section
// 4.2.2). a.varbinds are its varbinds; the response itself has them if it is to
// be readable.
func (a *answerer) answer(view *view, request *Message, limit int) *Message {
	a.view, a.request, a.varbinds = view, request, a.varbinds[:0]
	a.response = Message{Version: request.Version, Community: request.Community, Type: GetResponse, RequestID: request.RequestID,
		Varbinds: a.response.Varbinds[:0]}
	a.room = limit - a.headSize(limit)
	for a.room+1+a.headSize(a.room+1) <= limit { // lengths that are less take fewer octets
		a.room++
	}
	switch request.Type {
	case GetBulkRequest:
		a.bulk()
	case GetRequest, GetNextRequest:
		a.each()
	default:
		status := NotWritable
		if request.Version == V1 {
			status = ReadOnly
		}
		a.refuse(status, 1)
	}
	return &a.response
}

// headSize is that of the response with varbinds of a number of octets.
func (a *answerer) headSize(varbinds int) int {
	a.single = a.response.appendHead(a.single[:0], varbinds)
	return len(a.single)
}

// refuse answers with an error and, as RFC 3416 has it, the request's varbinds.
func (a *answerer) refuse(status ErrorStatus, index int) {
	a.fail(status)
	a.response.Index, a.room = int32(index), math.MaxInt
	for i := range a.request.Varbinds {
		a.add(&a.request.Varbinds[i])
	}
}

// fail answers with an error and without varbinds.
func (a *answerer) fail(status ErrorStatus) {
	a.response.Status, a.response.Varbinds, a.varbinds = status, a.response.Varbinds[:0], a.varbinds[:0]
}

// add adds a varbind to the response, and returns whether it fits.
func (a *answerer) add(varbind *smi.Varbind) bool {
	a.single = appendVarbind(a.single[:0], varbind)
	return a.addEncoded(a.single, varbind)
}

func (a *answerer) addEncoded(octets []byte, varbind *smi.Varbind) bool {
	if len(a.varbinds)+len(octets) > a.room {
		return false
	}
	a.varbinds = append(a.varbinds, octets...)
	if a.readable {
		a.response.Varbinds = append(a.response.Varbinds, *varbind)
	}
	return true
}

// each answers GetRequest and GetNextRequest: one object for each name.
func (a *answerer) each() {
	fits := true
	for i := range a.request.Varbinds {
		found := smi.Varbind{Name: a.request.Varbinds[i].Name}
		if a.request.Type == GetNextRequest {
			a.next(&found)
		} else {
			a.get(&found)
		}
		if a.request.Version == V1 && (found.Value.Exception() || found.Value.Kind == smi.Counter64) {
			a.refuse(NoSuchName, i+1)
			return
		}
		fits = a.add(&found) && fits
	}
	if !fits {
		a.fail(TooBig)
	}
}

// get fills in the object of a name, or that there is no such instance: a
// recording does not tell whether the device would know the object.
func (a *answerer) get(varbind *smi.Varbind) {
	value, ok := a.view.Get(varbind.Name)
	if !ok {
		value.Kind = smi.NoSuchInstance
	}
	varbind.Value = value
}

// next replaces a name by the object after it. Version 1 has no Counter64 and
// passes over it.
func (a *answerer) next(varbind *smi.Varbind) {
	for place := a.view.After(varbind.Name); place < a.view.Len(); place++ {
		found := a.view.At(place)
		if a.request.Version != V1 || found.Value.Kind != smi.Counter64 {
			*varbind = *found
			return
		}
	}
	varbind.Value.Kind = smi.EndOfMibView
}

// bulk answers GetBulkRequest with as many varbinds as fit. Where not one
// fits it says tooBig, as net-snmp does, for a client would take an empty
// answer for the end.
func (a *answerer) bulk() {
	a.columns = a.columns[:0]
	for i := range a.request.Varbinds {
		name := a.request.Varbinds[i].Name
		a.columns = append(a.columns, column{a.view.After(name), name})
	}
	single := min(max(int(a.request.NonRepeaters), 0), len(a.columns))
	if !a.fill(a.columns[:single], 1) || !a.fill(a.columns[single:], max(int(a.request.MaxRepetitions), 0)) {
		if len(a.varbinds) == 0 {
			a.fail(TooBig)
		}
	}
}

// fill adds repetitions of a varbind of each column, until all have come to
// their end, and returns whether everything did fit.
func (a *answerer) fill(columns []column, repetitions int) bool {
	end := a.view.Len()
	for ended := false; repetitions > 0 && !ended; repetitions-- {
		ended = true
		for i := range columns {
			c := &columns[i]
			if c.place == end {
				if !a.add(&smi.Varbind{Name: c.last, Value: smi.Value{Kind: smi.EndOfMibView}}) {
					return false
				}
				continue
			}
			row := a.view.At(c.place)
			if !a.addEncoded(a.view.encoded(c.place), row) {
				return false
			}
			if c.place++; c.place == end {
				c.last = row.Name
			}
			ended = false
		}
	}
	return true
}

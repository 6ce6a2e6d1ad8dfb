package snmpagent

import (
	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// An answerer answers one request after the other. The answer, and all that
// goes with it, is good until the next.
type answerer struct {
	recording *capture.Recording
	request   *Message
	response  Message
	limit     int // of the response, in octets
	size      int // of its varbinds so far
	columns   []column
}

// A column is where one of the names of a GetBulkRequest has come to.
type column struct {
	place capture.Place
	last  smi.OID
}

// answer returns the response to a request, of at most limit octets (RFC 3416,
// section 4.2; for version 1 RFC 1157, section 4.1, and RFC 3584, section
// 4.2.2).
func (a *answerer) answer(recording *capture.Recording, request *Message, limit int) *Message {
	a.recording, a.request, a.limit, a.size = recording, request, limit, 0
	a.response = Message{Version: request.Version, Community: request.Community, Type: GetResponse, RequestID: request.RequestID,
		Varbinds: a.response.Varbinds[:0]}
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

// refuse answers with an error and, as RFC 3416 has it, the request's varbinds.
func (a *answerer) refuse(status ErrorStatus, index int) {
	a.response.Status, a.response.Index = status, int32(index)
	a.response.Varbinds, a.size = append(a.response.Varbinds[:0], a.request.Varbinds...), 0
	for i := range a.response.Varbinds {
		a.size += sizeVarbind(&a.response.Varbinds[i])
	}
}

func (a *answerer) tooBig() {
	a.response.Status, a.response.Varbinds, a.size = TooBig, a.response.Varbinds[:0], 0
}

// each answers GetRequest and GetNextRequest: one object for each name.
func (a *answerer) each() {
	for i := range a.request.Varbinds {
		name := a.request.Varbinds[i].Name
		var found smi.Varbind
		if a.request.Type == GetNextRequest {
			next := column{a.recording.After(name), name}
			found = next.next(a.request.Version)
		} else {
			found = a.get(name)
		}
		if a.request.Version == V1 && (found.Value.Exception() || found.Value.Kind == smi.Counter64) {
			a.refuse(NoSuchName, i+1)
			return
		}
		a.size += sizeVarbind(&found)
		a.response.Varbinds = append(a.response.Varbinds, found)
	}
	if a.response.size(a.size) > a.limit {
		a.tooBig()
	}
}

// get returns an object, or that there is no such instance: a recording does
// not tell whether the device would know the object.
func (a *answerer) get(name smi.OID) smi.Varbind {
	value, ok := a.recording.Get(name)
	if !ok {
		value.Kind = smi.NoSuchInstance
	}
	return smi.Varbind{Name: name, Value: value}
}

// next returns the next object of a column. Version 1 has no Counter64 and
// passes over it.
func (c *column) next(version Version) smi.Varbind {
	found, ok := c.place.Next()
	for ok && version == V1 && found.Value.Kind == smi.Counter64 {
		found, ok = c.place.Next()
	}
	if !ok {
		return smi.Varbind{Name: c.last, Value: smi.Value{Kind: smi.EndOfMibView}}
	}
	c.last = found.Name
	return found
}

// bulk answers GetBulkRequest with as many varbinds as fit. Where not one
// fits it says tooBig, as net-snmp does, for a client would take an empty
// answer for the end.
func (a *answerer) bulk() {
	a.columns = a.columns[:0]
	for i := range a.request.Varbinds {
		name := a.request.Varbinds[i].Name
		a.columns = append(a.columns, column{a.recording.After(name), name})
	}
	single := min(max(int(a.request.NonRepeaters), 0), len(a.columns))
	if !a.fill(a.columns[:single], 1) || !a.fill(a.columns[single:], max(int(a.request.MaxRepetitions), 0)) {
		if len(a.response.Varbinds) == 0 {
			a.tooBig()
		}
	}
}

// fill adds repetitions of a varbind of each column, until all have come to
// their end, and returns whether everything did fit.
func (a *answerer) fill(columns []column, repetitions int) bool {
	for ended := false; repetitions > 0 && !ended; repetitions-- {
		ended = true
		for i := range columns {
			found := columns[i].next(a.request.Version)
			size := sizeVarbind(&found)
			if a.response.size(a.size+size) > a.limit {
				return false
			}
			a.size += size
			a.response.Varbinds = append(a.response.Varbinds, found)
			ended = ended && found.Value.Kind == smi.EndOfMibView
		}
	}
	return true
}

package snmpagent

import (
	"slices"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// answer returns the response to a request, of at most limit octets (RFC 3416,
// section 4.2; for version 1 RFC 1157, section 4.1, and RFC 3584, section
// 4.2.2).
func answer(recording *capture.Recording, request *Message, limit int) Message {
	response := Message{Version: request.Version, Community: request.Community, Type: GetResponse, RequestID: request.RequestID}
	switch request.Type {
	case GetBulkRequest:
		bulk(recording, request, &response, limit)
	case GetRequest, GetNextRequest:
		each(recording, request, &response, limit)
	default:
		status := NotWritable
		if request.Version == V1 {
			status = ReadOnly
		}
		refuse(request, &response, status, 1)
	}
	return response
}

// refuse answers with an error and, as RFC 3416 has it, the request's varbinds.
func refuse(request, response *Message, status ErrorStatus, index int) {
	response.Status, response.Index, response.Varbinds = status, int32(index), request.Varbinds
}

// each answers GetRequest and GetNextRequest: one object for each name.
func each(recording *capture.Recording, request, response *Message, limit int) {
	size := 0
	for i, asked := range request.Varbinds {
		found := get(recording, asked.Name)
		if request.Type == GetNextRequest {
			found = next(recording, request.Version, asked.Name)
		}
		if request.Version == V1 && (found.Value.Exception() || found.Value.Kind == smi.Counter64) {
			refuse(request, response, NoSuchName, i+1)
			return
		}
		size += len(appendVarbind(nil, found))
		response.Varbinds = append(response.Varbinds, found)
	}
	if response.size(size) > limit {
		tooBig(response)
	}
}

func tooBig(response *Message) {
	response.Status, response.Varbinds = TooBig, nil
}

// get returns an object, or that there is no such instance: a recording does
// not tell whether the device would know the object.
func get(recording *capture.Recording, name smi.OID) smi.Varbind {
	value, ok := recording.Get(name)
	if !ok {
		value.Kind = smi.NoSuchInstance
	}
	return smi.Varbind{Name: name, Value: value}
}

// next returns the object after name. Version 1 has no Counter64 and passes
// over it.
func next(recording *capture.Recording, version Version, name smi.OID) smi.Varbind {
	found, ok := recording.Next(name)
	for ok && version == V1 && found.Value.Kind == smi.Counter64 {
		found, ok = recording.Next(found.Name)
	}
	if !ok {
		return smi.Varbind{Name: name, Value: smi.Value{Kind: smi.EndOfMibView}}
	}
	return found
}

// bulk answers GetBulkRequest with as many varbinds as fit. Where not one
// fits it says tooBig, as net-snmp does, for a client would take an empty
// answer for the end.
func bulk(recording *capture.Recording, request, response *Message, limit int) {
	size := 0
	add := func(name smi.OID) (smi.Varbind, bool) {
		found := next(recording, request.Version, name)
		more := len(appendVarbind(nil, found))
		if response.size(size+more) > limit {
			return found, false
		}
		size += more
		response.Varbinds = append(response.Varbinds, found)
		return found, true
	}

	single := min(max(int(request.NonRepeaters), 0), len(request.Varbinds))
	repetitions := max(int(request.MaxRepetitions), 0)
	fits := true
	for _, asked := range request.Varbinds[:single] {
		if _, fits = add(asked.Name); !fits {
			break
		}
	}
	if fits {
		fits = fill(request.Varbinds[single:], repetitions, add)
	}
	if !fits && len(response.Varbinds) == 0 {
		tooBig(response)
	}
}

// fill adds repetitions of a varbind after each of those asked for, until all
// have come to their end, and returns whether everything did fit.
func fill(asked []smi.Varbind, repetitions int, add func(smi.OID) (smi.Varbind, bool)) bool {
	last := slices.Clone(asked)
	for ended := false; repetitions > 0 && !ended; repetitions-- {
		ended = true
		for i := range last {
			var fits bool
			if last[i], fits = add(last[i].Name); !fits {
				return false
			}
			ended = ended && last[i].Value.Kind == smi.EndOfMibView
		}
	}
	return true
}

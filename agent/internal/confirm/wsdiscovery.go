package confirm

import (
	"encoding/xml"
	"fmt"
	"net/url"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// askWSDiscovery is the probe of WS-Discovery for what ONVIF calls a network
// video transmitter.
func askWSDiscovery(id string) []byte {
	return []byte(`<?xml version="1.0" encoding="UTF-8"?>` +
		`<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing"` +
		` xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl">` +
		`<e:Header><w:MessageID>uuid:` + id + `</w:MessageID><w:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To>` +
		`<w:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</w:Action></e:Header>` +
		`<e:Body><d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe></e:Body></e:Envelope>`)
}

// An envelope is the answer to it. Namespaces are not held against anything:
// devices use prefixes as they like.
type envelope struct {
	XMLName   xml.Name `xml:"Envelope"`
	RelatesTo string   `xml:"Header>RelatesTo"`
	Matches   []struct {
		Types  string `xml:"Types"`
		Scopes string `xml:"Scopes"`
	} `xml:"Body>ProbeMatches>ProbeMatch"`
}

const onvifScope = "onvif://www.onvif.org/"

func readWSDiscovery(octets []byte, id string) ([]lan.Said, lan.MAC, error) {
	var e envelope
	if err := unmarshalXML(octets, &e); err != nil {
		return nil, lan.MAC{}, err
	}
	if related := strings.TrimSpace(e.RelatesTo); len(related) < len(id) || !strings.EqualFold(related[len(related)-len(id):], id) {
		return nil, lan.MAC{}, errOther
	}
	var mac lan.MAC
	for _, match := range e.Matches {
		if !isTransmitter(match.Types) {
			continue // such as a printer, which answers whatever is looked for
		}
		said := saying(lan.FieldTypes, match.Types)
		for scope := range strings.FieldsSeq(match.Scopes) {
			path, ok := strings.CutPrefix(scope, onvifScope)
			kind, text, _ := strings.Cut(path, "/")
			value, err := url.PathUnescape(text)
			if !ok || err != nil {
				continue
			}
			switch {
			case strings.EqualFold(kind, lan.FieldMAC):
				if mac, err = lan.ParseMAC(value); err != nil {
					return nil, lan.MAC{}, fmt.Errorf("%w: its MAC: %w", errGarbled, err)
				}
			case kind == lan.FieldName || kind == lan.FieldHardware:
				if !says(said, kind) {
					said = append(said, saying(kind, value)...)
				}
			}
		}
		return said, mac, nil
	}
	return nil, lan.MAC{}, fmt.Errorf("%w: it is no network video transmitter", errOther)
}

// isTransmitter finds the type among qualified names: dn:NetworkVideoTransmitter.
func isTransmitter(types string) bool {
	for name := range strings.FieldsSeq(types) {
		if name[strings.LastIndexByte(name, ':')+1:] == "NetworkVideoTransmitter" {
			return true
		}
	}
	return false
}

func says(said []lan.Said, field string) bool {
	for _, s := range said {
		if s.Field == field {
			return true
		}
	}
	return false
}

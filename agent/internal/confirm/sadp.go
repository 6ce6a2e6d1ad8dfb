package confirm

import (
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// askSADP is the inquiry of Hikvision's search protocol. Its other types change
// a device; there are none here.
func askSADP(id string) []byte {
	return []byte(`<?xml version="1.0" encoding="utf-8"?><Probe><Uuid>` + id + `</Uuid><Types>inquiry</Types></Probe>`)
}

// A probeMatch is the answer to it. The serial number and the addresses are
// nobody's business, and not read.
type probeMatch struct {
	XMLName           xml.Name `xml:"ProbeMatch"`
	UUID              string   `xml:"Uuid"`
	Types             string   `xml:"Types"`
	DeviceDescription string   `xml:"DeviceDescription"`
	MAC               string   `xml:"MAC"`
	SoftwareVersion   string   `xml:"SoftwareVersion"`
	OEMInfo           string   `xml:"OEMInfo"`
	AnalogChannelNum  string   `xml:"AnalogChannelNum"`
	DigitalChannelNum string   `xml:"DigitalChannelNum"`
}

func readSADP(octets []byte, id string) ([]lan.Said, lan.MAC, error) {
	var m probeMatch
	if err := unmarshalXML(octets, &m); err != nil {
		return nil, lan.MAC{}, err
	}
	if !strings.EqualFold(strings.TrimSpace(m.UUID), id) || !strings.HasPrefix(strings.TrimSpace(m.Types), "inquiry") {
		return nil, lan.MAC{}, errOther
	}
	mac, err := lan.ParseMAC(m.MAC)
	if err != nil {
		return nil, lan.MAC{}, fmt.Errorf("%w: its MAC: %w", errGarbled, err)
	}
	return saying("DeviceDescription", m.DeviceDescription, lan.FieldMAC, mac.String(), "SoftwareVersion", m.SoftwareVersion,
		"OEMInfo", m.OEMInfo, "AnalogChannelNum", m.AnalogChannelNum, "DigitalChannelNum", m.DigitalChannelNum), mac, nil
}

// unmarshalXML reads a whole document, with nothing but white space after it.
func unmarshalXML(octets []byte, into any) error {
	text := strings.TrimRight(string(octets), "\x00 \t\r\n") // some firmware sends the end of its string, too
	decoder := xml.NewDecoder(strings.NewReader(text))
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("%w: %w", errGarbled, err)
	}
	if decoder.InputOffset() != int64(len(text)) {
		return fmt.Errorf("%w: something follows it", errGarbled)
	}
	return nil
}

package confirm

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// A message of Dahua's DHIP has a header of 32 octets, with the length of what
// follows in two places.
const (
	dhipHeader  = 32
	dhipMagic   = "\x20\x00\x00\x00DHIP"
	dhipLength  = 16
	dhipLength2 = 24
)

// askDHDiscover is Dahua's search. DHIP has methods that configure; this is the
// only one here. uni asks for an answer to this host alone.
func askDHDiscover(string) []byte {
	body := `{"method":"DHDiscover.search","params":{"mac":"","uni":1}}` + "\n"
	message := make([]byte, dhipHeader, dhipHeader+len(body))
	copy(message, dhipMagic)
	binary.LittleEndian.PutUint32(message[dhipLength:], uint32(len(body)))
	binary.LittleEndian.PutUint32(message[dhipLength2:], uint32(len(body)))
	return append(message, body...)
}

// A deviceNotice is the answer to it, without serial number and addresses.
type deviceNotice struct {
	Method string `json:"method"`
	MAC    string `json:"mac"`
	Params struct {
		DeviceInfo *struct {
			DeviceClass              string
			DeviceType               string
			Vendor                   string
			Version                  string
			VideoInputChannels       int
			RemoteVideoInputChannels int
		} `json:"deviceInfo"`
	} `json:"params"`
}

func readDHDiscover(octets []byte, _ string) ([]lan.Said, lan.MAC, error) {
	if len(octets) < dhipHeader || string(octets[:len(dhipMagic)]) != dhipMagic {
		return nil, lan.MAC{}, errGarbled
	}
	body := octets[dhipHeader:]
	if length := binary.LittleEndian.Uint32(octets[dhipLength:]); uint64(length) != uint64(len(body)) {
		return nil, lan.MAC{}, fmt.Errorf("%w: it has %d octets and says %d", errGarbled, len(body), length)
	}
	var m deviceNotice
	if err := json.Unmarshal(bytes.TrimRight(body, "\x00 \t\r\n"), &m); err != nil {
		return nil, lan.MAC{}, fmt.Errorf("%w: %w", errGarbled, err)
	}
	if m.Method != "client.notifyDevInfo" || m.Params.DeviceInfo == nil {
		return nil, lan.MAC{}, errOther
	}
	mac, err := lan.ParseMAC(m.MAC)
	if err != nil {
		return nil, lan.MAC{}, fmt.Errorf("%w: its mac: %w", errGarbled, err)
	}
	d := m.Params.DeviceInfo
	return saying("DeviceClass", d.DeviceClass, "DeviceType", d.DeviceType, "Vendor", d.Vendor, "Version", d.Version, lan.FieldMAC, mac.String(),
		"VideoInputChannels", strconv.Itoa(d.VideoInputChannels), "RemoteVideoInputChannels", strconv.Itoa(d.RemoteVideoInputChannels)), mac, nil
}

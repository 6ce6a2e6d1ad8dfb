package confirm

import (
	"bytes"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/camwarden/camwarden/agent/internal/confirm/emulate"
	"github.com/camwarden/camwarden/agent/internal/lan"
)

const anID = "E8ECFE09-90E4-44C0-842B-703F46B58C81"

// right are answers as they should be, by question.
func right() map[lan.Question][]byte {
	mac := lan.MAC{0x44, 0x19, 0xb6, 0, 0, 1}
	hikvision, dahua := emulate.Hikvision(mac, "DS-7608NI-K2/8P", "N/A", 0, 8), emulate.Dahua(mac, "NVR", "DHI-NVR4108HS-8P-4KS2", "Dahua", 0, 8)
	answers := map[lan.Question][]byte{lan.DHDiscover: dahua.Replies[lan.DHDiscover](askDHDiscover(""))[0]}
	for question, reply := range hikvision.Replies {
		answers[question] = reply([]byte("<Probe><Types>inquiry</Types>" + anID))[0]
	}
	return answers
}

// TestCut: an answer that is cut at any octet counts for nothing; of a page, of
// which only the beginning is read anyway, the head has to be whole.
func TestCut(t *testing.T) {
	for _, q := range questions {
		whole := right()[q.name]
		read := func(octets []byte) error {
			var err error
			if q.search != nil {
				_, _, err = q.search.read(octets, anID)
			} else {
				_, err = q.banner.read(octets, nil)
			}
			return err
		}
		if q.search == nil && q.banner == nil {
			continue
		}
		if err := read(whole); err != nil {
			t.Errorf("%s: %v", q.name, err)
		}
		end := len(whole)
		if q.banner != nil {
			end = headEnd.FindIndex(whole)[1]
		} else {
			for whole[end-1] == '\n' && q.name != lan.DHDiscover {
				end--
			}
		}
		for cut := range end {
			if read(whole[:cut]) == nil {
				t.Errorf("%s: an answer cut after %d of %d octets counts", q.name, cut, len(whole))
			}
		}
	}
}

// A reader reads any octets without harm, and what it keeps is clean.
func fuzzReader(f *testing.F, question lan.Question, read func(octets []byte) ([]lan.Said, error)) {
	whole := right()[question]
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, octets []byte) {
		said, err := read(octets)
		if err != nil && said != nil {
			t.Errorf("both %v and %v", said, err)
		}
		for _, s := range said {
			if s.Value == "" || s.Value != lan.CleanText([]byte(s.Value)) {
				t.Errorf("%s holds %q", s.Field, s.Value)
			}
		}
	})
}

func FuzzSADP(f *testing.F) {
	fuzzReader(f, lan.SADP, func(octets []byte) ([]lan.Said, error) {
		said, _, err := readSADP(octets, anID)
		return said, err
	})
}

func FuzzDHDiscover(f *testing.F) {
	f.Add(emulate.DHIP([]byte(`{"mac":"44:19:b6:00:00:01","method":"client.notifyDevInfo","params":{"deviceInfo":{}}}`)))
	fuzzReader(f, lan.DHDiscover, func(octets []byte) ([]lan.Said, error) {
		said, _, err := readDHDiscover(octets, "")
		return said, err
	})
}

// FuzzDHDiscoverBody gives every body the length that it needs to be looked at.
func FuzzDHDiscoverBody(f *testing.F) {
	f.Add(right()[lan.DHDiscover][32:])
	f.Fuzz(func(t *testing.T, body []byte) {
		said, _, err := readDHDiscover(emulate.DHIP(body), "")
		if err == nil && !says(said, lan.FieldMAC) {
			t.Errorf("%v without an address", said)
		}
	})
}

func FuzzWSDiscovery(f *testing.F) {
	fuzzReader(f, lan.WSDiscovery, func(octets []byte) ([]lan.Said, error) {
		said, _, err := readWSDiscovery(octets, anID)
		return said, err
	})
}

func FuzzRTSP(f *testing.F) {
	fuzzReader(f, lan.RTSP, func(octets []byte) ([]lan.Said, error) { return readRTSP(octets, nil) })
}

func FuzzHTTP(f *testing.F) {
	fuzzReader(f, lan.HTTP, func(octets []byte) ([]lan.Said, error) { return readHTTP(octets, []string{"/doc/page/login.asp"}) })
}

// A deaf connection has something to say, and takes whatever it is told.
type deaf struct{ *bytes.Reader }

func (deaf) Write(octets []byte) (int, error) { return len(octets), nil }
func (deaf) Close() error                     { return nil }
func (deaf) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (deaf) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (deaf) SetDeadline(time.Time) error      { return nil }
func (deaf) SetReadDeadline(time.Time) error  { return nil }
func (deaf) SetWriteDeadline(time.Time) error { return nil }

// FuzzTLS begins with the records of a server hello in TLS 1.2, of a
// certificate, and of an alert.
func FuzzTLS(f *testing.F) {
	hello := "\x16\x03\x03\x00\x2a\x02\x00\x00\x26\x03\x03" + string(make([]byte, 32)) + "\x00\xc0\x2f\x00"
	f.Add([]byte(hello + "\x16\x03\x03\x00\x07\x0b\x00\x00\x03\x00\x00\x00"))
	f.Add([]byte(hello))
	f.Add([]byte("\x15\x03\x03\x00\x02\x02\x28"))
	f.Fuzz(func(t *testing.T, octets []byte) {
		said, err := readCertificate(t.Context(), deaf{bytes.NewReader(octets)})
		if err != nil && said != nil {
			t.Errorf("both %v and %v", said, err)
		}
	})
}

// TestAttribute: an answer of the segment is that of the station to which the
// tables bind its sender, and of nobody where they do not tell: nobody answers
// for one that has an address by telling its hardware address.
func TestAttribute(t *testing.T) {
	a, b, housed, unseen := lan.MAC{0x44, 0x19, 0xb6, 0, 0, 1}, lan.MAC{0x44, 0x19, 0xb6, 0, 0, 2}, lan.MAC{0x44, 0x19, 0xb6, 0, 0, 3}, lan.MAC{0x44, 0x19, 0xb6, 0, 0, 4}
	bound := map[string]lan.MAC{"10.20.0.1": a, "10.20.0.3": housed, "10.20.0.4": {}} // the last one to several
	asking := &asking{Options: Options{Subnets: []netip.Prefix{netip.MustParsePrefix("10.20.0.0/24")},
		Owner: func(ip netip.Addr) (lan.MAC, bool) {
			owner, is := bound[ip.String()]
			return owner, is
		},
		Homeless: func(mac lan.MAC) bool { return mac == b }}}
	tests := []struct {
		name, from string
		told       lan.MAC
		owner      lan.MAC // zero: nobody
	}{
		{"bound", "10.20.0.1", lan.MAC{}, a},
		{"bound, and tells it", "10.20.0.1", a, a},
		{"bound to another than it tells", "10.20.0.1", b, lan.MAC{}},
		{"bound to several", "10.20.0.4", lan.MAC{}, lan.MAC{}},
		{"bound to several, and tells one without an address", "10.20.0.4", b, lan.MAC{}},
		{"not bound, and tells nothing", "10.20.0.2", lan.MAC{}, lan.MAC{}},
		{"not bound, and tells one that was seen without an address", "10.20.0.2", b, b},
		{"not bound, and tells one with another address", "10.20.0.2", housed, lan.MAC{}},
		{"not bound, and tells one that was not seen", "10.20.0.2", unseen, lan.MAC{}},
		{"outside of the subnets", "10.20.1.1", b, lan.MAC{}},
	}
	for _, test := range tests {
		owner, why := asking.attribute(netip.MustParseAddr(test.from), test.told)
		if (why == "") != (test.owner != lan.MAC{}) || why == "" && owner != test.owner {
			t.Errorf("%s: %v, %q", test.name, owner, why)
		}
	}
}

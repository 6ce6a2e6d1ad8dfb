package confirm

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// A question is one way of asking.
type question struct {
	name   lan.Question
	port   uint16
	group  string // where multicast goes; empty: it has none
	search *search
	banner *banner
}

// A search is one datagram, which a station answers with one.
type search struct {
	// ask writes the question. The id is a new one each time, in the form of a
	// UUID; an answer repeats it where the protocol has a place for it.
	ask func(id string) []byte
	// read reads an answer to the question with that id. The address is zero
	// where the answer tells none.
	read func(octets []byte, id string) (said []lan.Said, mac lan.MAC, err error)
}

// A banner is a request over TCP, which a server answers before anybody logs
// in.
type banner struct {
	ask  func(host string) []byte
	read func(octets []byte, phrases []string) ([]lan.Said, error)
}

// questions are all that are put, in this order.
var questions = []*question{
	{name: lan.SADP, port: 37020, group: "239.255.255.250", search: &search{askSADP, readSADP}},
	{name: lan.DHDiscover, port: 37810, group: "239.255.255.251", search: &search{askDHDiscover, readDHDiscover}},
	{name: lan.WSDiscovery, port: 3702, group: "239.255.255.250", search: &search{askWSDiscovery, readWSDiscovery}},
	{name: lan.RTSP, port: 554, banner: &banner{askRTSP, readRTSP}},
	{name: lan.HTTP, port: 80, banner: &banner{askHTTP, readHTTP}},
	{name: lan.TLS, port: 443},
	{name: lan.StationSNMP, port: 161},
}

// maxAnswer bounds an answer over UDP, and all that is read of a certificate. A
// longer datagram is none of these protocols'. The longest that was seen has
// about 2,000 octets.
const maxAnswer = 8 << 10

// Errors of answers that count for nothing.
var (
	errGarbled = errors.New("it is no whole answer of this protocol")
	errOther   = errors.New("it answers another question")
)

// newID makes a random UUID (RFC 9562, version 4), in capital letters.
func newID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // it never fails
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	text := hex.EncodeToString(id[:])
	return strings.ToUpper(text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:])
}

// saying makes fields of names and values, without those that are empty.
func saying(pairs ...string) []lan.Said {
	var said []lan.Said
	for i := 0; i+1 < len(pairs); i += 2 {
		if value := lan.CleanText([]byte(pairs[i+1])); value != "" {
			said = append(said, lan.Said{Field: pairs[i], Value: value})
		}
	}
	return said
}

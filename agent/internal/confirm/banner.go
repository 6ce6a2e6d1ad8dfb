package confirm

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// askRTSP asks which methods an RTSP server knows. Other methods show up in the
// logs of cameras as attempts to get in.
func askRTSP(host string) []byte {
	return []byte("OPTIONS rtsp://" + host + "/ RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: camwarden\r\n\r\n")
}

// askHTTP asks for the first page.
func askHTTP(host string) []byte {
	return []byte("GET / HTTP/1.1\r\nHost: " + host + "\r\nUser-Agent: camwarden\r\nAccept: text/html\r\nConnection: close\r\n\r\n")
}

// maxBanner is how much is read of an answer over TCP: its head, and the
// beginning of a page.
const maxBanner = 4 << 10

func readRTSP(octets []byte, _ []string) ([]lan.Said, error) {
	h, _, err := readHead(octets, "RTSP/1.")
	if err != nil {
		return nil, err
	}
	if sequence := h.value("CSeq"); sequence != "" && sequence != "1" {
		return nil, errOther
	}
	return saying("status", h.status, lan.FieldServer, h.value("Server"), lan.FieldRealm, h.realm()), nil
}

var pageTitle = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)

func readHTTP(octets []byte, phrases []string) ([]lan.Said, error) {
	h, page, err := readHead(octets, "HTTP/1.")
	if err != nil {
		return nil, err
	}
	said := saying("status", h.status, lan.FieldServer, h.value("Server"), lan.FieldRealm, h.realm())
	if title := pageTitle.FindSubmatch(page); title != nil {
		said = append(said, saying(lan.FieldTitle, string(title[1]))...)
	}
	for _, phrase := range phrases {
		if bytes.Contains(page, []byte(phrase)) || h.value("Location") != "" && strings.Contains(h.value("Location"), phrase) {
			return append(said, saying(lan.FieldPage, phrase)...), nil
		}
	}
	return said, nil
}

// A head is the status line and the fields of an answer.
type head struct {
	status string
	fields [][2]string
}

// maxFields is the most fields of a head.
const maxFields = 64

var headEnd = regexp.MustCompile(`\r?\n\r?\n`)

// readHead reads the head of an answer, which has to be whole, and returns what
// came after it.
func readHead(octets []byte, protocol string) (head, []byte, error) {
	var h head
	end := headEnd.FindIndex(octets)
	if end == nil || !bytes.HasPrefix(octets, []byte(protocol)) {
		return h, nil, errGarbled
	}
	lines := strings.Split(strings.ReplaceAll(string(octets[:end[0]]), "\r\n", "\n"), "\n")
	if len(lines) > 1+maxFields {
		return h, nil, fmt.Errorf("%w: it has %d fields", errGarbled, len(lines)-1)
	}
	h.status = lines[0]
	for _, line := range lines[1:] {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return h, nil, fmt.Errorf("%w: a line of its head is no field", errGarbled)
		}
		h.fields = append(h.fields, [2]string{strings.TrimSpace(name), strings.TrimSpace(value)})
	}
	return h, octets[end[1]:], nil
}

// value is that of the first field of a name.
func (h *head) value(name string) string {
	for _, f := range h.fields {
		if strings.EqualFold(f[0], name) {
			return f[1]
		}
	}
	return ""
}

var realm = regexp.MustCompile(`(?i)\brealm\s*=\s*"([^"]*)"`)

// realm is what somebody would log in to.
func (h *head) realm() string {
	for _, f := range h.fields {
		if strings.EqualFold(f[0], "WWW-Authenticate") {
			if match := realm.FindStringSubmatch(f[1]); match != nil {
				return match[1]
			}
		}
	}
	return ""
}

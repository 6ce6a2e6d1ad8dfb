package emulate

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// DumpHost is the station to which the packets of docs/asking.md go.
const DumpHost = "10.20.0.11"

// A Dump is a packet as docs/asking.md shows it: -1 stands for an octet that is
// another one each time.
type Dump []int

// ReadDumps reads the packets of docs/asking.md: what stands in hexadecimal
// under a heading "### NAME: …", of which the name is a question.
func ReadDumps(path string) (map[lan.Question]Dump, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	dumps := make(map[lan.Question]Dump)
	var question lan.Question
	for line := range strings.Lines(string(text)) {
		if heading, ok := strings.CutPrefix(line, "### "); ok {
			name, _, _ := strings.Cut(heading, ":")
			question = lan.Question(name)
		}
		octets, ok := strings.CutPrefix(line, "    ")
		octets, _, _ = strings.Cut(octets, " | ")
		if !ok || question == "" {
			continue
		}
		for octet := range strings.FieldsSeq(octets) {
			n := int64(-1)
			if octet != "??" {
				if n, err = strconv.ParseInt(octet, 16, 16); err != nil || len(octet) != 2 {
					return nil, fmt.Errorf("%s: %s: %q is no octet", path, question, octet)
				}
			}
			dumps[question] = append(dumps[question], int(n))
		}
	}
	return dumps, nil
}

// Fits tells whether a packet to a host is the one that is shown.
func (d Dump) Fits(packet []byte, host string) bool {
	packet = bytes.ReplaceAll(packet, []byte(host), []byte(DumpHost))
	if len(packet) != len(d) {
		return false
	}
	for i, octet := range d {
		if octet >= 0 && byte(octet) != packet[i] {
			return false
		}
	}
	return true
}

// Print shows a packet as docs/asking.md does; vary tells the octets that are
// others each time.
func Print(packet []byte, vary func(i int) bool) string {
	var b strings.Builder
	for start := 0; start < len(packet); start += 16 {
		line := packet[start:min(start+16, len(packet))]
		text := make([]byte, len(line))
		b.WriteString("    ")
		for i, octet := range line {
			switch text[i] = octet; {
			case vary(start + i):
				b.WriteString("?? ")
				text[i] = '?'
			default:
				fmt.Fprintf(&b, "%02x ", octet)
				if octet < ' ' || octet > '~' {
					text[i] = '.'
				}
			}
		}
		fmt.Fprintf(&b, "%s| %s\n", strings.Repeat("   ", 16-len(line)), text)
	}
	return b.String()
}

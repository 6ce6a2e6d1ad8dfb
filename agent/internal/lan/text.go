package lan

import (
	"bytes"
	"hash/maphash"
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"
)

// MaxText is the most bytes that a text from the network may have.
const MaxText = 255

// CleanText makes a text from the network harmless: valid UTF-8, at most
// MaxText bytes, no control characters (C0, C1, line separators), none that
// reverses the direction of what follows, no white space around it.
func CleanText(octets []byte) string {
	if isPlain(octets) {
		return common(bytes.TrimSpace(octets)) // nearly all are such
	}
	var b strings.Builder
	for len(octets) > 0 {
		r, size := utf8.DecodeRune(octets)
		octets = octets[size:]
		if r == utf8.RuneError && size == 1 {
			r = '?'
		}
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			r = ' '
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp):
			continue
		}
		if b.Len()+utf8.RuneLen(r) > MaxText {
			break
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}

// CleanString does with a string what CleanText does with octets.
func CleanString(text string) string {
	if isPlain(text) {
		return strings.TrimSpace(text) // which takes no memory
	}
	return CleanText([]byte(text))
}

// isPlain tells a text that may at most have white space around it.
func isPlain[T []byte | string](text T) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return len(text) <= MaxText
}

// recent are texts that have come lately: switches of one kind call their ports
// alike, and at a large site these names are most of what is kept.
var (
	recent [1024]atomic.Pointer[string]
	seed   = maphash.MakeSeed()
)

// common is the text of octets, and the same one where it has come lately.
func common(octets []byte) string {
	at := &recent[maphash.Bytes(seed, octets)%uint64(len(recent))]
	if text := at.Load(); text != nil && *text == string(octets) {
		return *text
	}
	text := string(octets)
	at.Store(&text)
	return text
}

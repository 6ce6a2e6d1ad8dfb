package capture

import "unicode/utf8"

// shape splits a text into the places that are to be replaced, as a number of
// one digit for each, and what stays: in a place the lowest octet that may
// stand there.
func shape(text []byte) (number []digit, places []int, stays []byte) {
	stays = append([]byte(nil), text...)
	place := func(at int, low byte, radix uint16) {
		number = append(number, digit{uint16(text[at] - low), radix})
		places = append(places, at)
		stays[at] = low
	}
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c >= 'a' && c <= 'z':
			place(i, 'a', 26)
		case c >= 'A' && c <= 'Z':
			place(i, 'A', 26)
		case c >= '0' && c <= '9':
			place(i, '0', 10)
		}
		_, size := utf8.DecodeRune(text[i:])
		switch {
		case size > 1:
			for at := i; at < i+size; at++ {
				if low, radix := octetRange(text[i], at-i); radix > 1 {
					place(at, low, radix)
				}
			}
		case text[i] >= utf8.RuneSelf: // no UTF-8: of an older character set
			place(i, 0x80, 128)
		}
		i += size
	}
	return number, places, stays
}

// octetRange says what may stand in an octet of a character with a given
// first one, so that it stays a character (RFC 3629, section 4). Of the long
// ones the first octet stays: it tells no more than the script.
func octetRange(first byte, at int) (low byte, radix uint16) {
	switch {
	case at == 0 && first < 0xe0:
		return 0xc2, 30
	case at == 0:
		return 0, 0
	case at == 1 && first == 0xe0:
		return 0xa0, 32
	case at == 1 && first == 0xed:
		return 0x80, 32
	case at == 1 && first == 0xf0:
		return 0x90, 48
	case at == 1 && first == 0xf4:
		return 0x80, 16
	default:
		return 0x80, 64
	}
}

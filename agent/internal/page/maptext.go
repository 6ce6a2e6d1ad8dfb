package page

import "unicode"

// The sizes of text on the map, in pixels.
const (
	nameSize  = 13 // names of switches and ports
	smallSize = 11
)

// advances are how wide the printable ASCII characters are, from the space on,
// in thousandths of the size: about as wide as the usual sans-serif fonts have
// them. The map sets each text to the width that is reckoned with here
// (textLength), so that nothing overlaps whatever font a reader has.
var advances = [...]int{
	278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, // space to /
	556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, // 0 to ?
	1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, // @ to O
	667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, // P to _
	333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, // ` to o
	556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584, // p to ~
}

// other is the width of any character that is not in advances: the widest.
const other = 1000

// textWidth is how wide a text is drawn, in pixels.
func textWidth(text string, size int, bold bool) int {
	sum := 0
	for _, r := range text {
		switch {
		case r >= ' ' && r <= '~':
			sum += advances[r-' ']
		case unicode.Is(unicode.Mn, r): // it stands upon the one before
		default:
			sum += other
		}
	}
	if bold {
		sum += sum / 14
	}
	return (sum*size*21/20 + 999) / 1000 // some fonts are wider
}

// fit cuts a text to a width.
func fit(text string, size int, bold bool, width int) string {
	if textWidth(text, size, bold) <= width {
		return text
	}
	runes := []rune(text)
	for len(runes) > 0 && textWidth(string(runes)+"…", size, bold) > width {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}

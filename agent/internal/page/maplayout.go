package page

// Measures of the map, in pixels.
const (
	switchHeight = 42
	portHeight   = 26
	rowGap       = 8
	columnGap    = 34
	padding      = 9
	badgeSize    = 16
	margin       = 10

	maxSwitchText = 210
	maxPortText   = 270

	sheetHeight = 900 // of one drawing: what a page of A4 holds
)

// A sheet is one drawing of the map.
type sheet struct {
	roots         []*box
	width, height int
}

// sheets lays out the trees, on as many drawings as it takes for each to stay
// readable on paper.
func sheets(roots []*box) []sheet {
	all := &box{Children: roots}
	measure(all)
	var list []sheet
	for _, part := range split(all) {
		s := sheet{roots: part.Children}
		y := margin
		for _, root := range s.roots {
			measure(root)
			y = lay(root, y)
		}
		s.height = y - rowGap + margin
		s.width = columns(s.roots)
		list = append(list, s)
	}
	return list
}

// measure finds out how large each box is, and how high with what hangs on it.
func measure(b *box) {
	switch b.Kind {
	case "":
	case "switch":
		b.height = switchHeight
		b.Name, b.Note = fit(b.Name, nameSize, true, maxSwitchText), fit(b.Note, smallSize, false, maxSwitchText)
		b.width = 2*padding + max(textWidth(b.Name, nameSize, true), textWidth(b.Note, smallSize, false))
	default:
		b.height = portHeight
		b.Name = fit(b.Name, nameSize, true, maxPortText/2)
		b.Note = fit(b.Note, smallSize, false, maxPortText-textWidth(b.Name, nameSize, true))
		b.width = 2*padding + textWidth(b.Name, nameSize, true) + padding + textWidth(b.Note, smallSize, false)
		if b.Badge != "" {
			b.width += badgeSize + padding/2
		}
	}
	below := 0
	for _, child := range b.Children {
		measure(child)
		below += child.extent
	}
	b.extent = max(below, b.height+rowGap)
}

// split cuts a tree that is too high for a sheet into such as are not, each
// with a copy of the switches that lead to its part.
func split(b *box) []*box {
	if b.extent <= sheetHeight {
		return []*box{b}
	}
	var pieces []*box
	for _, child := range b.Children {
		pieces = append(pieces, split(child)...)
	}
	var parts []*box
	height := sheetHeight + 1
	for _, piece := range pieces {
		if height+piece.extent > sheetHeight {
			part := *b
			part.Children = nil
			if len(parts) > 0 {
				part.Note = "continued"
			}
			parts = append(parts, &part)
			height = 0
		}
		part := parts[len(parts)-1]
		part.Children = append(part.Children, piece)
		height += piece.extent
		part.extent = max(height, b.height+rowGap)
	}
	return parts
}

// lay places a tree from y on downwards, each box in the middle of what hangs
// on it, and returns where the next may begin.
func lay(b *box, y int) int {
	below := 0
	for _, child := range b.Children {
		below += child.extent
	}
	next := y + (b.extent-below)/2
	for _, child := range b.Children {
		next = lay(child, next)
	}
	b.y = y + (b.extent-rowGap-b.height)/2
	return y + b.extent
}

// columns places the boxes from left to right, and returns the width of all.
// What is behind a port stands right beside it, in the row that is its own.
func columns(level []*box) int {
	x, right := margin, 0
	for len(level) > 0 {
		width := 0
		var next []*box
		for _, b := range level {
			b.x = x
			width = max(width, b.width)
			for _, child := range b.Children {
				if child.Kind == "behind" && b.Kind == "port" {
					child.x = b.x + b.width + columnGap
					right = max(right, child.x+child.width)
				} else {
					next = append(next, child)
				}
			}
		}
		right = max(right, x+width)
		x += width + columnGap
		level = next
	}
	return right + margin
}

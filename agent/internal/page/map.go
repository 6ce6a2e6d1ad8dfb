package page

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/report"
)

// siteMap draws the switches as they hang together, and what is flagged at
// their ports.
func (w *writer) siteMap(r *report.Report) {
	drawn := sheets(forest(r))
	if len(drawn) == 0 || len(drawn[0].roots) == 0 {
		return
	}
	w.line(`
<section aria-labelledby="map">
<h2 id="map">Map</h2>
<p class="quiet">Switches as they hang together, as far as their tables tell. Ports are drawn only where something flagged is; each leads to its finding. The same is said in words in the lists below.</p>
<p class="tools" hidden><button type="button" data-zoom="out">Smaller</button> <button type="button" data-zoom="in">Larger</button> <button type="button" data-zoom="whole">Whole width</button></p>
<div class="map" role="region" aria-label="Map, can be scrolled" tabindex="0">`)
	for i := range drawn {
		w.sheet(&drawn[i], i, len(drawn))
	}
	w.line(`</div>
<ul class="legend" aria-label="What the map's drawings mean">
<li><span class="key complete"></span>switch, read completely</li>
<li><span class="key partial"></span>read in part</li>
<li><span class="key unread"></span>not read, or not asked: what hangs there is not known</li>
<li><span class="key port"></span>port with a flagged station; C, H, M, L, I is its severity</li>
<li><span class="key behind"></span>known from an address table only</li>
</ul>
</section>`)
}

func (w *writer) sheet(s *sheet, i, n int) {
	name := "Map"
	if n > 1 {
		name = "Map, part " + number(i+1) + " of " + number(n)
	}
	w.line(`<svg role="group" aria-label="{}" width="{}" height="{}" viewBox="0 0 {} {}">`, name, number(s.width), number(s.height), number(s.width), number(s.height))
	for _, root := range s.roots {
		w.lines(root)
	}
	for _, root := range s.roots {
		w.boxes(root)
	}
	w.line(`</svg>`)
}

// lines draws what joins a box to those that hang on it.
func (w *writer) lines(b *box) {
	ways := make(map[string]string) // by how they are drawn
	for _, child := range b.Children {
		bend := child.x - columnGap/2
		ways[child.wire()] += fmt.Sprintf("M%d %dH%dV%dH%d", b.x+b.width, b.y+b.height/2, bend, child.y+child.height/2, child.x)
	}
	for _, wire := range slices.Sorted(maps.Keys(ways)) {
		w.line(`<path class="{}" d="{}"/>`, wire, ways[wire])
	}
	for _, child := range b.Children {
		w.lines(child)
	}
}

// wire is how the line to a box is drawn.
func (b *box) wire() string {
	switch {
	case b.State == "failed" || b.State == "unasked":
		return "wire unread"
	case b.Kind == "behind":
		return "wire behind"
	default:
		return "wire"
	}
}

func (w *writer) boxes(b *box) {
	if b.Target != "" {
		w.put(`<a href="{}">`, b.Target)
	} else {
		w.put(`<g>`)
	}
	w.put(`<title>{}</title><rect class="box {} {}" x="{}" y="{}" width="{}" height="{}"/>`,
		b.Tip, b.Kind, b.State, number(b.x), number(b.y), number(b.width), number(b.height))
	x, middle := b.x+padding, b.y+b.height/2
	if b.Badge != "" {
		w.put(`<rect class="mark {}" x="{}" y="{}" width="{}" height="{}"/>`, b.Badge, number(x-3), number(middle-badgeSize/2), number(badgeSize), number(badgeSize))
		letter := strings.ToUpper(b.Badge[:1])
		w.text("letter "+b.Badge, x-3+(badgeSize-textWidth(letter, smallSize, true))/2, middle+4, letter, smallSize, true)
		x += badgeSize + padding/2
	}
	if b.Kind == "switch" {
		w.text("name", x, b.y+18, b.Name, nameSize, true)
		w.text("small", x, b.y+33, b.Note, smallSize, false)
	} else {
		w.text("name", x, middle+5, b.Name, nameSize, true)
		w.text("small", x+textWidth(b.Name, nameSize, true)+padding, middle+4, b.Note, smallSize, false)
	}
	if b.Target != "" {
		w.line(`</a>`)
	} else {
		w.line(`</g>`)
	}
	for _, child := range b.Children {
		w.boxes(child)
	}
}

// text draws a text at exactly the width that was reckoned with.
func (w *writer) text(class string, x, y int, text string, size int, bold bool) {
	if text == "" {
		return
	}
	w.put(`<text class="{}" x="{}" y="{}" textLength="{}">{}</text>`,
		class, number(x), number(y), number(textWidth(text, size, bold)), text)
}

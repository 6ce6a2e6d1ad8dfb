package page

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/report"
)

func TestPut(t *testing.T) {
	tests := []struct {
		name   string
		markup markup
		values []string
		want   string
	}{
		{"markup alone", `<b class="a">+</b> {}`, nil, `<b class="a">+</b> {}`},
		{"a value in text", `<b>{}</b>`, []string{"a"}, `<b>a</b>`},
		{"values in order", `<b class="{}">{}</b>{}`, []string{"a", "", "b"}, `<b class="a"></b>b`},
		{"a value with a hole", `<b>{}</b>{}`, []string{"{}", "b"}, `<b>{}</b>b`},
		{"what means something", `<b>{}</b>`, []string{"<>&\"'+\x00&lt;`=\\"}, "<b>&lt;&gt;&amp;&#34;&#39;&#43;\uFFFD&amp;lt;`=\\</b>"},
		{"broken UTF-8", `<b>{}</b>`, []string{"\xc3"}, "<b>\uFFFD</b>"},
		{"what acts unseen", `<b>{}</b>`, []string{"\x1b\t\u202e\u2028\u00ad"}, "<b>\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD</b>"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var w writer
			w.put(test.markup, test.values...)
			if diff := cmp.Diff(test.want, string(w.shown())); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTime(t *testing.T) {
	var w writer
	w.time(time.Date(2026, 11, 23, 13, 0, 2, 5, time.FixedZone("CET", 3600)))
	w.put(" ")
	w.time(time.Time{})
	if diff := cmp.Diff("2026-11-23 12:00:02 UTC an unknown time", string(w.shown())); diff != "" {
		t.Error(diff)
	}
}

// calls lists the calls that this package makes, and fails where one goes
// past the writer.
func calls(t *testing.T) (list []*ast.CallExpr, at func(ast.Node) string) {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	files := token.NewFileSet()
	at = func(n ast.Node) string { return files.Position(n.Pos()).String() }
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				list = append(list, n)
			case *ast.SelectorExpr:
				if n.Sel.Name == "buf" && name != "writer.go" {
					t.Errorf("%s: writes past the writer", at(n))
				}
			}
			return true
		})
	}
	return list, at
}

// complaint holds a literal of markup against the number of its values: it
// has a hole for each, in text or between double quotes, and ends outside of
// a tag.
func complaint(markup string, values int) string {
	parts := strings.Split(markup, "{}")
	if len(parts) != values+1 {
		return fmt.Sprintf("%d holes for %d values", len(parts)-1, values)
	}
	before := ""
	for i, part := range parts {
		before += part
		start := strings.LastIndex(before, "<")
		switch inTag := start > strings.LastIndex(before, ">"); {
		case inTag && i == values:
			return "it ends within a tag"
		case inTag && strings.Count(before[start:], `"`)%2 == 0:
			return fmt.Sprintf("value %d is in a tag and not between double quotes", i+1)
		}
	}
	return ""
}

func TestComplaint(t *testing.T) {
	for markup, want := range map[string]string{
		`<b class="a {}">{}</b>`:   "",
		`<b class="a {}">`:         "1 holes for 2 values",
		`<b class={}>{}</b>`:       "value 1 is in a tag and not between double quotes",
		`<b class="{}" id='{}'>`:   "value 2 is in a tag and not between double quotes",
		`<{}>{}`:                   "value 1 is in a tag and not between double quotes",
		`{}<b class="{}`:           "it ends within a tag",
		`{}<b class="a">{}<i id="`: "it ends within a tag",
	} {
		if got := complaint(markup, 2); got != want {
			t.Errorf("%s: got %q, want %q", markup, got, want)
		}
	}
}

// Wherever markup is written it is a literal, the style or the script; nothing makes
// markup of a value.
func TestMarkup(t *testing.T) {
	list, at := calls(t)
	literals := 0
	for _, call := range list {
		switch function := call.Fun.(type) {
		case *ast.Ident:
			if function.Name == "markup" {
				t.Errorf("%s: makes markup of a value", at(call))
			}
		case *ast.SelectorExpr:
			if name := function.Sel.Name; name != "put" && name != "line" && name != "with" {
				continue
			}
			switch first := call.Args[0].(type) {
			case *ast.BasicLit:
				literals++
				text, err := strconv.Unquote(first.Value)
				if err != nil {
					t.Fatal(err)
				}
				if c := complaint(text, len(call.Args)-1); c != "" || call.Ellipsis.IsValid() {
					t.Errorf("%s: the markup %s: %s", at(call), first.Value, c)
				}
			case *ast.Ident:
				handed := first.Name == "m" && strings.HasPrefix(at(call), "writer.go:") // from a method to the next
				if !handed && (first.Name != "style" && first.Name != "script" || len(call.Args) > 1) {
					t.Errorf("%s: the markup is no literal", at(call))
				}
			default:
				t.Errorf("%s: the markup is no literal", at(call))
			}
		}
	}
	if literals < 100 {
		t.Errorf("only %d literals were looked at", literals)
	}
}

// fill sets everything that a value has: every text to the given one, every
// number to 1, one element in every list.
func fill(t *testing.T, v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	case reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(1)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), text)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(t, v.Index(0), text)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(1_800_000_000, 0)))
			return
		}
		for i := range v.NumField() {
			fill(t, v.Field(i), text)
		}
	default:
		t.Fatalf("a report has a %s", v.Type())
	}
}

// plain is a page without what is reckoned from its texts: the map, and the
// list as a file.
func plain(page string) string {
	return regexp.MustCompile(`(?s)<svg.*?</svg>|"data:[^"]*"`).ReplaceAllString(page, "")
}

// No value of a report, in whatever field, adds a tag or ends an attribute;
// and each is on the page as often as a harmless one.
func TestNoValueAddsATag(t *testing.T) {
	filled := func(text string) string {
		var r report.Report
		fill(t, reflect.ValueOf(&r).Elem(), text)
		return write(t, &r)
	}
	harmless := filled("harmless")
	for c := range rune(0x180) {
		text := "harm" + string(c) + "less"
		page := filled(text)
		for _, mark := range []string{"<", ">", `"`, "'"} {
			if got, want := strings.Count(page, mark), strings.Count(harmless, mark); got != want {
				t.Errorf("of %q the page has %d of %s, and of a harmless word %d", text, got, mark, want)
			}
		}
		var value writer
		value.put(`{}`, text)
		if back := strings.ReplaceAll(plain(page), string(value.shown()), "harmless"); back != plain(harmless) {
			t.Errorf("of %q the page differs in more than the text:\n%s", text, cmp.Diff(harmless, back))
		}
	}
}

package report

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A schema is what the tests use of JSON Schema 2020-12.
type schema struct {
	Ref        string            `json:"$ref"`
	Const      string            `json:"const"`
	Types      types             `json:"type"`
	Enum       []string          `json:"enum"`
	Required   []string          `json:"required"`
	Properties map[string]schema `json:"properties"`
	Items      *schema           `json:"items"`
	Defs       map[string]schema `json:"$defs"`
}

// types are the values of the keyword "type", which may be a single one.
type types []string

func (t *types) UnmarshalJSON(text []byte) error {
	if text[0] == '"' {
		text = slices.Concat([]byte("["), text, []byte("]"))
	}
	return json.Unmarshal(text, (*[]string)(t))
}

func readSchema(t *testing.T) schema {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "configs", "report.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var s schema
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// parse reads the Go files of a package beside this one, without its tests.
func parse(t *testing.T, dir string) []*ast.File {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("..", dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// constants lists the values of the constants of a type of strings.
func constants(t *testing.T, dir, name string) []string {
	t.Helper()
	var values []string
	for _, file := range parse(t, dir) {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			literal, isLiteral := spec.Values[0].(*ast.BasicLit)
			if typed, ok := spec.Type.(*ast.Ident); ok && isLiteral && typed.Name == name {
				values = append(values, unquote(t, literal.Value))
			}
			return true
		})
	}
	return values
}

func unquote(t *testing.T, literal string) string {
	t.Helper()
	text, err := strconv.Unquote(literal)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// complaints holds a value against the schema.
func (s schema) complaints(defs map[string]schema, path string, value any) (list []string) {
	if name, ok := strings.CutPrefix(s.Ref, "#/$defs/"); ok {
		return defs[name].complaints(defs, path, value)
	}
	text, isText := value.(string)
	switch {
	case s.Const != "" && text != s.Const, s.Enum != nil && !slices.Contains(s.Enum, text):
		return []string{path + ": " + strconv.Quote(text) + " is none of the words"}
	case s.Const != "" || s.Enum != nil:
		return nil
	}
	kind := "null"
	switch value := value.(type) {
	case map[string]any:
		kind = "object"
		for key, member := range value {
			property, known := s.Properties[key]
			if !known {
				list = append(list, path+"."+key+": no such property")
				continue
			}
			list = append(list, property.complaints(defs, path+"."+key, member)...)
		}
	case []any:
		kind = "array"
		for _, item := range value {
			list = append(list, s.Items.complaints(defs, path, item)...)
		}
	case bool:
		kind = "boolean"
	case float64:
		if kind = "number"; value == float64(int64(value)) {
			kind = "integer"
		}
	}
	if isText {
		kind = "string"
	}
	if s.Types != nil && !slices.Contains(s.Types, kind) {
		list = append(list, path+": a "+kind+", want ["+strings.Join(s.Types, " ")+"]")
	}
	return list
}

// jsonKeys lists a struct's keys in order of name, and those that are always
// there in order of the fields.
func jsonKeys(t *testing.T, fields *ast.StructType) (keys, required []string) {
	t.Helper()
	for _, field := range fields.Fields.List {
		if field.Tag == nil {
			t.Fatalf("field %v has no JSON key", field.Names)
		}
		tag := strings.TrimSuffix(strings.TrimPrefix(unquote(t, field.Tag.Value), `json:"`), `"`)
		key, option, _ := strings.Cut(tag, ",")
		if key == "-" {
			continue // it stays in this program
		}
		keys = append(keys, key)
		if option != "omitempty" {
			required = append(required, key)
		}
	}
	slices.Sort(keys)
	return keys, required
}

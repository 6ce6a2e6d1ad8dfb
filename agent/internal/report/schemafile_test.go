package report

import (
	"bytes"
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

	"github.com/santhosh-tekuri/jsonschema/v6"
)

var schemaPath = filepath.Join("..", "..", "..", "configs", "report.schema.json")

// A schema is what the tests hold against the code.
type schema struct {
	Const      string            `json:"const"`
	Enum       []string          `json:"enum"`
	Required   []string          `json:"required"`
	Properties map[string]schema `json:"properties"`
	Defs       map[string]schema `json:"$defs"`
}

func readSchema(t *testing.T) schema {
	t.Helper()
	text, err := os.ReadFile(schemaPath)
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

// strictSchema is the schema with two additions that hold for this version
// alone: no keys but those it names, and texts of the format it names.
func strictSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	file, err := os.Open(schemaPath)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	document, err := jsonschema.UnmarshalJSON(file)
	if err != nil {
		t.Fatal(err)
	}
	closeObjects(document)
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource(schemaPath, document); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile(schemaPath)
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func closeObjects(value any) {
	switch value := value.(type) {
	case map[string]any:
		if _, ok := value["properties"].(map[string]any); ok {
			value["additionalProperties"] = false
		}
		for _, member := range value {
			closeObjects(member)
		}
	case []any:
		for _, item := range value {
			closeObjects(item)
		}
	}
}

// validate holds a report against the schema.
func validate(s *jsonschema.Schema, text []byte) error {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return s.Validate(value)
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

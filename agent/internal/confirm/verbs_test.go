package confirm

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestVerbs: the package's source has one verb of each protocol, and no word
// that a message to log in, to configure or to change anything would need.
func TestVerbs(t *testing.T) {
	verb := regexp.MustCompile(`<Types>([A-Za-z]\w*)</Types>|"method":"([^"]+)"|^([A-Z_]+) \S*|/(Probe)</w:Action>`)
	verbs := make(map[string]bool)
	for _, text := range literals(t) {
		for _, match := range verb.FindAllStringSubmatch(text, -1) {
			verbs[strings.Join(match[1:], "")] = true
		}
		if allowed[text] {
			continue
		}
		for _, word := range forbidden {
			if strings.Contains(strings.ToLower(text), word) {
				t.Errorf("the source has %q, with the word %q", text, word)
			}
		}
	}
	want := []string{"DHDiscover.search", "GET", "OPTIONS", "Probe", "inquiry"}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(verbs))); diff != "" {
		t.Errorf("the verbs differ (-want +source):\n%s", diff)
	}
}

// forbidden are words of the protocols' other messages, and of credentials.
var forbidden = []string{
	"login", "logon", "password", "passwd", "authori", "authenticat", "basic ", "digest ", "admin", "usertoken", "security",
	"update", "modify", "reset", "reboot", "restart", "restore", "activate", "setconfig", "setnet", "delete", "configmanager", "magicbox", "global.",
	"describe", "setup", "play", "announce", "record", "teardown", "set_parameter", "get_parameter",
	"post", "put ", "patch", "connect ", "trace ", "isapi", "psia", "onvif/device", "cgi", "sdk/", "soapaction", "getdevice", "getsystem", "exchangecode",
}

// allowed are texts with such a word that are sent to nobody.
var allowed = map[string]bool{"WWW-Authenticate": true}

// literals are all texts in the package's source.
func literals(t *testing.T) []string {
	t.Helper()
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") {
			continue
		}
		source, err := parser.ParseFile(token.NewFileSet(), file.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range source.Imports {
			switch path := strings.Trim(spec.Path.Value, `"`); path {
			case "net/http", "crypto/md5", "encoding/base64", "os/exec":
				t.Errorf("%s imports %s, which knows more than one verb, or how to log in", file.Name(), path)
			}
		}
		ast.Inspect(source, func(n ast.Node) bool {
			if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				text, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Fatal(err)
				}
				texts = append(texts, text)
			}
			return true
		})
	}
	if len(texts) < 100 {
		t.Fatalf("only %d texts were found", len(texts))
	}
	return texts
}

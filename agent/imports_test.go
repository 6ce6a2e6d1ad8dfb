package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/camwarden/camwarden/"

// layers says which of our packages, and which foreign ones, each package may
// import outside its tests. Arrows run one way: a package stands below those
// it may import.
var layers = map[string]struct{ ours, foreign []string }{
	"agent/internal/smi":          {},
	"agent/internal/lan":          {},
	"agent/internal/order":        {},
	"agent/internal/registry":     {ours: []string{"agent/internal/lan"}},
	"agent/internal/registry/gen": {ours: []string{"agent/internal/registry", "agent/internal/watchlist", "configs"}, foreign: []string{"github.com/BurntSushi/toml"}},
	"configs":                     {},
	"packaging":                   {},
	"agent/internal/watchlist":    {ours: []string{"configs"}, foreign: []string{"github.com/BurntSushi/toml"}},
	"agent/internal/mib":          {ours: []string{"agent/internal/order", "agent/internal/lan", "agent/internal/smi"}},
	"agent/internal/neigh":        {ours: []string{"agent/internal/order", "agent/internal/lan"}, foreign: []string{"golang.org/x/sys/windows"}},
	"agent/internal/ber":          {ours: []string{"agent/internal/smi"}},
	"agent/internal/snmp":         {ours: []string{"agent/internal/smi", "agent/internal/ber"}, foreign: []string{"github.com/gosnmp/gosnmp"}},
	"agent/internal/capture":      {ours: []string{"agent/internal/lan", "agent/internal/smi"}},
	"agent/internal/snmpagent":    {ours: []string{"agent/internal/smi", "agent/internal/ber", "agent/internal/capture"}},
	"agent/internal/snmpagent/serve": {
		ours:    []string{"agent/internal/smi", "agent/internal/capture", "agent/internal/snmpagent"},
		foreign: []string{"golang.org/x/sys/unix"}},
	"agent/internal/poll": {
		ours:    []string{"agent/internal/order", "agent/internal/lan", "agent/internal/smi", "agent/internal/mib", "agent/internal/snmp"},
		foreign: []string{"golang.org/x/sync/errgroup"}},
	"agent/internal/discover": {ours: []string{"agent/internal/lan"}},
	"agent/internal/confirm": {
		ours:    []string{"agent/internal/lan", "agent/internal/smi", "agent/internal/snmp"},
		foreign: []string{"golang.org/x/sync/errgroup"}},
	"agent/internal/confirm/emulate": {ours: []string{"agent/internal/lan"}},
	"agent/internal/locate":          {ours: []string{"agent/internal/order", "agent/internal/lan"}},
	"agent/internal/detect":          {ours: []string{"agent/internal/order", "agent/internal/lan", "agent/internal/locate", "agent/internal/registry", "agent/internal/watchlist"}},
	"agent/internal/report":          {ours: []string{"agent/internal/order", "agent/internal/lan", "agent/internal/locate", "agent/internal/detect"}},
	"agent/internal/memory":          {ours: []string{"agent/internal/durable", "agent/internal/lan", "agent/internal/report"}},
	"agent/internal/worklist":        {ours: []string{"agent/internal/order", "agent/internal/report"}},
	"agent/internal/page":            {ours: []string{"agent/internal/order", "agent/internal/report", "agent/internal/worklist"}},
	"agent/internal/config":          {ours: []string{"agent/internal/order", "installer/dpapi", "agent/internal/lan"}, foreign: []string{"github.com/BurntSushi/toml", "golang.org/x/sys/windows"}},
	"agent/internal/durable":         {foreign: []string{"golang.org/x/sys/windows"}},
	"agent/internal/straced":         {}, // tests alone
	"agent/internal/spool":           {ours: []string{"agent/internal/durable"}},
	"agent/internal/uplink":          {ours: []string{"installer/dpapi"}, foreign: []string{"github.com/hashicorp/go-retryablehttp"}},
	"agent/internal/receive":         {ours: []string{"agent/internal/order", "agent/internal/durable", "agent/internal/page"}},
	"installer/dpapi":                {foreign: []string{"golang.org/x/sys/windows"}},
	"installer": {
		ours: []string{"installer/dpapi"},
		foreign: []string{"github.com/kardianos/service", "golang.org/x/sys/windows", "golang.org/x/sys/windows/svc",
			"golang.org/x/sys/windows/svc/eventlog", "golang.org/x/sys/windows/svc/mgr"}},
	"agent": {
		ours: []string{"*"},
		foreign: []string{"golang.org/x/sync/errgroup", "golang.org/x/term", "golang.org/x/sys/unix",
			"golang.org/x/sys/windows", "golang.org/x/sys/windows/registry"}},
}

// TestImports holds the arrows between packages against the code, and that
// each package says in a sentence what it is.
func TestImports(t *testing.T) {
	documented := make(map[string]bool)
	root := os.DirFS("..")
	err := fs.WalkDir(root, ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && path != "." && strings.HasPrefix(entry.Name(), ".") {
			return fs.SkipDir // the gate's tools are modules of their own
		}
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		folder := filepath.ToSlash(filepath.Dir(path))
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", path), nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		documented[folder] = documented[folder] || file.Doc != nil
		checkImports(t, folder, path, file.Imports)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for folder, ok := range documented {
		if !ok {
			t.Errorf("package %s has no doc comment", folder)
		}
	}
	for folder := range layers {
		if _, exists := documented[folder]; !exists {
			t.Errorf("the table names %s, which does not exist", folder)
		}
	}
}

func checkImports(t *testing.T, folder, path string, imports []*ast.ImportSpec) {
	layer, known := layers[folder]
	if !known {
		t.Errorf("%s: package %s is not in the table of layers", path, folder)
		return
	}
	for _, spec := range imports {
		name := strings.Trim(spec.Path.Value, `"`)
		ours, isOurs := strings.CutPrefix(name, module)
		allowed := !strings.Contains(name, ".") // the standard library
		switch {
		case isOurs:
			allowed = slices.Contains(layer.ours, ours) || slices.Contains(layer.ours, "*")
		case !allowed:
			allowed = slices.Contains(layer.foreign, name)
		}
		if !allowed {
			t.Errorf("%s imports %s, which package %s may not", path, name, folder)
		}
	}
}

// TestOneImporter holds that each foreign library has one importer, so that
// it can be replaced in one place. The configuration and the lists are both
// TOML.
func TestOneImporter(t *testing.T) {
	several := []string{"golang.org/x/", "github.com/BurntSushi/toml"}
	importer := make(map[string]string)
	for folder, layer := range layers {
		for _, name := range layer.foreign {
			if slices.ContainsFunc(several, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) {
				continue
			}
			if other := importer[name]; other != "" {
				t.Errorf("%s is imported by %s and %s", name, other, folder)
			}
			importer[name] = folder
		}
	}
}

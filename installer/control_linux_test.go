package installer

import (
	"strings"
	"testing"

	"github.com/camwarden/camwarden/packaging"
)

// TestUnitFor holds that a unit differs from the packaged one by the program
// alone.
func TestUnitFor(t *testing.T) {
	unit, err := unitFor(packaging.Unit, "/opt/camwarden/camwarden")
	if err != nil {
		t.Fatal(err)
	}
	if back := strings.Replace(unit, "/opt/camwarden/camwarden", packagedProgram, 1); back != packaging.Unit || unit == packaging.Unit {
		t.Errorf("the unit is\n%s", unit)
	}
	for _, path := range []string{"/opt/a b/camwarden", "/opt/{{Name}}/camwarden", "/opt/100%/camwarden"} {
		if unit, err := unitFor(packaging.Unit, path); err == nil {
			t.Errorf("%s is taken for a program's path:\n%s", path, unit)
		}
	}
	if _, err := unitFor("[Service]\nExecStart=/bin/true\n", "/opt/camwarden"); err == nil {
		t.Error("a unit of another program is taken")
	}
}

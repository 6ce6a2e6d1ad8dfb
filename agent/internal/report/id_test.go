package report

import (
	"regexp"
	"testing"
	"time"
)

func TestNewID(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	made := make(map[string]bool)
	last := ""
	for i := range 1000 {
		// Time goes in milliseconds, and over every octet of the stamp.
		at := time.UnixMilli(1_700_000_000_000 + int64(i)*int64(i)*int64(i))
		id, err := NewID(at)
		if err != nil {
			t.Fatal(err)
		}
		if !form.MatchString(id) {
			t.Fatalf("%s is no UUID of version 7", id)
		}
		if i > 0 && id <= last {
			t.Fatalf("%s of a later time sorts before %s", id, last)
		}
		last = id
		twin, err := NewID(at)
		if err != nil {
			t.Fatal(err)
		}
		if made[id] || made[twin] || id == twin {
			t.Fatalf("%s or %s was made before", id, twin)
		}
		made[id], made[twin] = true, true
	}
}

// TestNewIDTime reads the time from the example of RFC 9562, appendix A.6.
func TestNewIDTime(t *testing.T) {
	id, err := NewID(time.Date(2022, 2, 22, 19, 22, 22, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	if want := "017f22e2-79b0-7"; id[:len(want)] != want {
		t.Errorf("%s does not begin with %s", id, want)
	}
}

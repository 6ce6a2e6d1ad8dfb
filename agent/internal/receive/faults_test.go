package receive

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestParseFaults(t *testing.T) {
	for text, want := range map[string]Faults{"0": {}, "3": {First: 3}, "20%": {Percent: 20}, "100%": {Percent: 100}} {
		if got, err := ParseFaults(text); got != want || err != nil {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "-1", "101%", "-5%", "%", "2.5", "many"} {
		if got, err := ParseFaults(text); err == nil {
			t.Errorf("%s: %+v", text, got)
		}
	}
}

// TestFaults holds that each kind of fault happens, and that a report is kept
// once, however often it is sent until it is acknowledged.
func TestFaults(t *testing.T) {
	const n = 300
	s := mustNew(t, Options{Dir: t.TempDir(), Faults: Faults{Percent: 60}})
	server := httptest.NewServer(s)
	defer server.Close()
	statuses := map[int]int{}
	for i := range n {
		for acknowledged := false; !acknowledged; {
			before := s.Reports()
			resp, err := http.Post(server.URL+Path, single, strings.NewReader(report(fmt.Sprint(i))))
			switch {
			case err != nil && s.Reports() > before:
				statuses[1]++ // kept, and not answered
			case err != nil:
				statuses[0]++
			default:
				statuses[resp.StatusCode]++
				acknowledged = resp.StatusCode == http.StatusOK
				if err := resp.Body.Close(); err != nil {
					t.Error(err)
				}
			}
		}
	}
	if statuses[200] != n || s.Reports() != n {
		t.Errorf("%d acknowledged, %d kept, of %d", statuses[200], s.Reports(), n)
	}
	for _, kind := range []int{0, 1, 503} {
		if statuses[kind] == 0 {
			t.Errorf("no fault of kind %d in %v", kind, statuses)
		}
	}
}

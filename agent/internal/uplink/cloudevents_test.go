package uplink

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBatch(t *testing.T) {
	big := func(id string, size int) Report {
		return Report{ID: id, Source: "s", Data: json.RawMessage(`"` + strings.Repeat("x", size) + `"`)}
	}
	many := func(n int) []Report {
		var list []Report
		for i := range n {
			list = append(list, big(fmt.Sprint(i), 10))
		}
		return list
	}
	for _, test := range []struct {
		name    string
		reports []Report
		want    []int
	}{
		{"none", nil, nil},
		{"one", many(1), []int{1}},
		{"a hundred", many(100), []int{100}},
		{"a hundred and one", many(101), []int{100, 1}},
		{"by size", []Report{big("a", 600<<10), big("b", 600<<10), big("c", 300<<10)}, []int{1, 2}},
		{"one too large", []Report{big("a", 10), big("b", 2<<20), big("c", 10)}, []int{1, 1, 1}},
		{"one broken", []Report{big("a", 10), {ID: "b", Data: []byte("{")}, big("c", 10), big("d", 10)}, []int{1, 1, 2}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []int
			var ids, wantIDs []string
			for _, r := range test.reports {
				wantIDs = append(wantIDs, r.ID)
			}
			for _, batch := range Batch(test.reports) {
				got = append(got, len(batch))
				for _, r := range batch {
					ids = append(ids, r.ID)
				}
				if zipped, err := (cloudEvents{}).encode(batch); err == nil && len(batch) > 1 {
					if size := len(unzip(t, zipped)); size > MaxBatchBytes {
						t.Errorf("a batch of %d has %d bytes", len(batch), size)
					}
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("sizes (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(wantIDs, ids); diff != "" {
				t.Errorf("ids (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBatchFillsToTheByte(t *testing.T) {
	report := func(size int) Report {
		r := Report{ID: "a", Source: "s", Data: json.RawMessage(`""`)}
		one, err := r.marshal()
		if err != nil {
			t.Fatal(err)
		}
		r.Data = json.RawMessage(`"` + strings.Repeat("x", size-len(one)) + `"`)
		return r
	}
	half := MaxBatchBytes/2 - 1
	for over, want := range map[int]int{-1: 1, 0: 2} { // two of them, brackets and a comma
		if got := len(Batch([]Report{report(half), report(half + over)})); got != want {
			t.Errorf("%+d: %d batches, not %d", over, got, want)
		}
	}
}

func unzip(t *testing.T, data []byte) string {
	t.Helper()
	zip, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(zip)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestRest: the pages of the program that were used are given back, and the
// program goes on.
func TestRest(t *testing.T) {
	before := programPages(t)
	if err := rest(); err != nil {
		t.Fatal(err)
	}
	if after := programPages(t); after >= before {
		t.Errorf("%d KiB of the program are in memory, and %d before", after, before)
	}
}

// programPages is how much of files is in memory, in KiB.
func programPages(t *testing.T) (kib int) {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, text, found := strings.Cut(string(status), "RssFile:")
	if n, _ := fmt.Sscanf(text, "%d", &kib); !found || n != 1 {
		t.Fatalf("no RssFile in %s", status)
	}
	return kib
}

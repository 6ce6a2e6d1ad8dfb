package locate_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
	"github.com/camwarden/camwarden/agent/internal/poll"
	"github.com/camwarden/camwarden/agent/internal/snmp"
	"github.com/google/go-cmp/cmp"
)

var demosite = filepath.Join("..", "..", "demosite")

// TestDemosite finds every station of the site of five devices where its
// truth says that it is, and in which VLAN.
func TestDemosite(t *testing.T) {
	want := truth(t)
	got := make(map[string]string)
	for _, st := range locate.Stations(demoSnapshots(t)) {
		if _, listed := want[st.MAC.String()]; listed {
			got[st.MAC.String()] = strings.Join(nonEmpty(string(st.Place.Certainty), st.Place.Switch, st.Place.Port, st.Place.Host, st.Place.Interface, vlanOf(st.Place)), " ")
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}

func truth(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(demosite, "truth.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	want := make(map[string]string)
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n")[1:] {
		f := strings.Split(line, "\t")
		if certainty := f[5]; certainty != "-" {
			want[f[0]] = strings.Join([]string{certainty, f[2], f[3], f[4]}, " ")
		}
	}
	return want
}

func vlanOf(p locate.Place) string {
	if p.VLAN == 0 {
		return "-"
	}
	return p.VLAN.String()
}

// demoSource is a capture without contexts.
type demoSource struct{ *capture.Source }

func (demoSource) Requests() int                   { return 0 }
func (demoSource) Contexts(*lan.Snapshot) []string { return nil }
func (demoSource) Close() error                    { return nil }

func (s demoSource) Read(ctx context.Context, cursors ...*snmp.Cursor) error {
	return poll.OneByOne(ctx, s, cursors)
}

func (s demoSource) In(context.Context, string) (poll.Source, error) { return s, nil }

func demoSnapshots(t *testing.T) []lan.Snapshot {
	t.Helper()
	captures, errs := capture.Open([]string{demosite})
	for _, err := range errs {
		t.Fatal(err)
	}
	var snapshots []lan.Snapshot
	for _, c := range captures {
		snapshots = append(snapshots, poll.Read(context.Background(), poll.Device{Name: c.Name,
			Open: func(context.Context) (poll.Source, error) { return demoSource{c.Source("")}, nil }}))
	}
	return snapshots
}

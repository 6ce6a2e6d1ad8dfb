package registry

import (
	"bytes"
	"encoding/csv"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

const csvFile = "../../../configs/registry/registry.csv"

func mustMAC(t testing.TB, text string) lan.MAC {
	t.Helper()
	mac, err := lan.ParseMAC(text)
	if err != nil {
		t.Fatal(err)
	}
	return mac
}

func readCSV(t testing.TB) []byte {
	t.Helper()
	file, err := os.ReadFile(csvFile)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestEmbeddedIsCurrent(t *testing.T) {
	bin, err := Compile(readCSV(t))
	if err != nil {
		t.Fatal(err)
	}
	want, err := Parse(bin)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Parse(embedded)
	if err != nil {
		t.Fatal(err)
	}
	if got.header != want.header {
		t.Fatalf("registry.bin is not made from registry.csv: run go generate ./agent/internal/registry\n got %swant %s", got.header, want.header)
	}
	unexported := cmp.AllowUnexported(rows{}, block[uint32]{}, block[uint64]{})
	if diff := cmp.Diff(want.rows(), got.rows(), unexported); diff != "" {
		t.Errorf("registry.bin differs from registry.csv: run go generate ./agent/internal/registry\n%s", diff)
	}
	if r := Embedded(); r.Date() != want.Date() || r.SHA256() != want.SHA256() {
		t.Errorf("Embedded is of %s %s", r.Date(), r.SHA256())
	}
}

// TestEveryRow compares the lookup with one that is too simple to be wrong: a
// map from each prefix to its organisations, asked from the longest down.
func TestEveryRow(t *testing.T) {
	lines, err := csv.NewReader(bytes.NewReader(readCSV(t))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	organizations, registries := map[string][]string{}, map[string]string{}
	for _, line := range lines[1:] {
		organizations[line[0]] = append(organizations[line[0]], line[3])
		registries[line[0]] = line[2]
	}
	r := Embedded()
	check := func(digits string) {
		mac := mustMAC(t, digits)
		got := r.Lookup(mac)
		if got.Standing == NoStation || got.Standing == Virtual {
			return // the table below
		}
		prefix := ""
		for _, length := range []int{6, 7, 9} {
			if organizations[digits[:length]] != nil {
				prefix = digits[:length]
			}
		}
		if !slices.Equal(got.Organizations, organizations[prefix]) || got.Registry != registries[prefix] {
			t.Errorf("%s: got %s %q, want %s %q of %s", mac, got.Registry, got.Organizations, registries[prefix], organizations[prefix], prefix)
		}
		if text, _, _ := strings.Cut(got.Prefix.String(), "/"); strings.ToUpper(strings.ReplaceAll(text, ":", "")) != prefix {
			t.Errorf("%s: prefix %s, want %s", mac, got.Prefix, prefix)
		}
	}
	for _, line := range lines[1:] {
		check((line[0] + "000000")[:12])
		check((line[0] + "FFFFFF")[:12])
	}
}

func TestLookup(t *testing.T) {
	one := func(name string) []string { return []string{name} }
	tests := []struct {
		mac, prefix string // no prefix: /0
		want        Assignment
	}{
		{"14:a7:8b:b6:d3:41", "14:a7:8b/24", Assignment{Standing: Assigned, Registry: "MA-L", Organizations: one("Zhejiang Dahua Technology Co., Ltd.")}},
		{"40:2c:76:1f:ff:ff", "40:2c:76:1/28", Assignment{Standing: Assigned, Registry: "MA-M", Organizations: one("Shanghai Dahua Scale Factory")}},
		{"b0:b3:53:60:00:00", "b0:b3:53:6/28", Assignment{Standing: Assigned, Registry: "MA-M", Organizations: one("Hangzhou Hikrobot Technology Co., Ltd.")}},
		{"00:50:c2:f7:d0:01", "00:50:c2:f7:d/36", Assignment{Standing: Assigned, Registry: "IAB", Organizations: one("D-Hike Electroncs Technology Co.,Ltd")}},
		{"70:b3:d5:00:1f:ff", "70:b3:d5:00:1/36", Assignment{Standing: Assigned, Registry: "MA-S", Organizations: one("SOREDI touch systems GmbH")}},
		{"08:00:30:00:00:01", "08:00:30/24", Assignment{Standing: Assigned, Registry: "MA-L", Organizations: []string{"NETWORK RESEARCH CORPORATION", "ROYAL MELBOURNE INST OF TECH", "CERN"}}},
		{"02:60:8c:00:00:01", "02:60:8c/24", Assignment{Standing: Assigned, Registry: "MA-L", Organizations: one("3COM")}},
		{"02:07:01:00:00:01", "02:07:01/24", Assignment{Standing: Assigned, Registry: "MA-L", Organizations: one("RACAL-DATACOM")}},
		{"00:bf:15:00:00:01", "00:bf:15/24", Assignment{Standing: Assigned, Registry: "MA-L", Organizations: one("Genetec Inc.")}},

		{"40:2c:76:f0:00:00", "40:2c:76/24", Assignment{Standing: SubAssigned, Registry: "MA-L", Organizations: one("IEEE Registration Authority")}},
		{"00:00:5e:00:01:0a", "00:00:5e:00:01/40", Assignment{Standing: Virtual, Reason: "VRRP or CARP virtual router (RFC 9568, section 7.3)"}},
		{"00:00:0c:9f:f1:23", "00:00:0c:9f:f/36", Assignment{Standing: Virtual, Reason: "HSRP version 2 virtual router (Cisco)"}},
		{"52:54:00:12:34:56", "52:54:00/24", Assignment{Standing: Virtual, Reason: "QEMU or KVM guest"}},
		{"00:15:5d:0a:0b:0c", "00:15:5d/24", Assignment{Standing: Virtual, Reason: "Microsoft Hyper-V guest"}},
		{"02:20:0a:00:00:01", "02:20/16", Assignment{Standing: Virtual, Reason: "Microsoft NLB cluster member (02:01 to 02:20)"}},
		{"02:04:96:00:00:01", "02:04:96/24", Assignment{Standing: Virtual, Reason: "ExtremeXOS, locally administered variant of 00:04:96"}},
		{"aa:00:04:00:01:04", "aa:00:04:00/32", Assignment{Standing: Virtual, Reason: "DECnet Phase IV node address"}},
		{"00:22:bd:f8:19:ff", "00:22:bd:f8:19:ff/48", Assignment{Standing: Virtual, Reason: "gateway address that every Cisco ACI leaf shares"}},

		{"4a:c0:3f:00:00:01", "", Assignment{Standing: LocallyAdministered}}, // a CID of Wuhan Hikstorage
		{"3a:72:c2:00:00:01", "", Assignment{Standing: LocallyAdministered}}, // a CID of Huawei
		{"46:a7:8b:b6:d3:41", "", Assignment{Standing: LocallyAdministered}},
		{"00:84:24:00:00:01", "", Assignment{Standing: Unassigned}},
		{"00:00:00:00:00:00", "", Assignment{Standing: NoStation}},
		{"11:11:11:00:00:00", "", Assignment{Standing: NoStation}}, // has a row, with the I/G bit set
		{"ff:ff:ff:ff:ff:ff", "", Assignment{Standing: NoStation}},
		{"03:bf:0a:00:00:01", "", Assignment{Standing: NoStation}},
	}
	for _, test := range tests {
		got := Embedded().Lookup(mustMAC(t, test.mac))
		if prefix := got.Prefix.String(); test.prefix != prefix && test.prefix+"/0" != prefix {
			t.Errorf("%s: prefix %s, want %s", test.mac, prefix, test.prefix)
		}
		got.Prefix = Prefix{}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s:\n%s", test.mac, diff)
		}
	}
}

func TestLookupOfPrivateBlock(t *testing.T) {
	blocks := Embedded().Prefixes(func(organization string) bool { return organization == "Private" })
	if len(blocks) != 237 {
		t.Errorf("%d blocks are private, want 237", len(blocks))
	}
	for _, block := range blocks {
		got := Embedded().Lookup(block.First).Standing
		if want := Private; got != want && (got != NoStation || !block.First.IsGroup()) {
			t.Errorf("%s: %s, want %s", block, got, want)
		}
	}
}

func TestPrefixes(t *testing.T) {
	r := Embedded()
	wanted := func(organization string) bool {
		return organization == "Hangzhou Hikrobot Technology Co., Ltd." || organization == "CERN" || organization == "SOREDI touch systems GmbH"
	}
	var got []string
	for _, prefix := range r.Prefixes(wanted) {
		got = append(got, prefix.String())
		if !slices.ContainsFunc(r.Lookup(prefix.Last()).Organizations, wanted) {
			t.Errorf("%s: its last address belongs to somebody else", prefix)
		}
	}
	if diff := cmp.Diff([]string{"08:00:30/24", "34:bd:20/24", "70:b3:d5:00:1/36", "80:d3:36/24", "b0:b3:53:6/28"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestZeroRegistry(t *testing.T) {
	var r Registry
	if got := r.Lookup(mustMAC(t, "14:a7:8b:b6:d3:41")); got.Standing != Unassigned {
		t.Errorf("an empty registry says %s", got.Standing)
	}
	if got := r.Prefixes(func(string) bool { return true }); len(got) != 0 {
		t.Errorf("an empty registry has %v", got)
	}
}

func TestLookupAllocatesNothing(t *testing.T) {
	r := Embedded()
	mac := mustMAC(t, "14:a7:8b:b6:d3:41")
	r.Lookup(mac)
	if n := testing.AllocsPerRun(100, func() { r.Lookup(mac) }); n != 0 {
		t.Errorf("a lookup allocates %v times", n)
	}
}

func TestConcurrentFirstLookup(t *testing.T) {
	r := &Registry{rows: sync.OnceValue(func() *rows { return Embedded().rows() })}
	mac := mustMAC(t, "14:a7:8b:b6:d3:41")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got := r.Lookup(mac); got.Standing != Assigned {
				t.Errorf("got %s", got.Standing)
			}
		})
	}
	wg.Wait()
}

func BenchmarkLookup(b *testing.B) {
	r := Embedded()
	mac := lan.MAC{}
	for b.Loop() {
		mac[0], mac[1], mac[2] = mac[0]+4, mac[1]+7, mac[2]+13
		r.Lookup(mac)
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(embedded); err != nil {
			b.Fatal(err)
		}
	}
}

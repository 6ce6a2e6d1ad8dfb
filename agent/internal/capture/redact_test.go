package capture

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// testBlock is a small registry: 00:50:c2 is divided into parts of 36 bits,
// 00:0c:29 stays as it is, and in 44:19:b6 half of the addresses are of
// another kind.
func testBlock(mac lan.MAC) Block {
	switch {
	case !mac.IsStation():
		return Block{Bits: 48}
	case mac.IsLocal():
		return Block{Kind: "local"}
	case mac[0] == 0 && mac[1] == 0x50 && mac[2] == 0xc2:
		return Block{Bits: 36}
	case mac[0] == 0 && mac[1] == 0x0c && mac[2] == 0x29:
		return Block{Bits: 48}
	case mac[0] == 0x44 && mac[3] >= 0x80:
		return Block{Bits: 24, Kind: "upper half"}
	default:
		return Block{Bits: 24}
	}
}

func testRedactor() *Redactor { return NewRedactor([]byte("a key for tests only"), testBlock) }

func parseMAC(t testing.TB, text string) lan.MAC {
	t.Helper()
	mac, err := lan.ParseMAC(text)
	if err != nil {
		t.Fatal(err)
	}
	return mac
}

// All addresses of a small block, and many of larger ones, are replaced one to
// one by addresses of the same block.
func TestRedactMACIsOneToOne(t *testing.T) {
	tests := []struct {
		name, first string
		step        uint64
		kept        uint64 // bits that stay
	}{
		{"36 bits", "00:50:c2:12:30:00", 1, 0xfffffffff000},
		{"24 bits", "44:19:b6:00:00:00", 997, 0xffffff800000},
		{"locally administered", "02:00:00:00:00:00", 1 << 31, 0x030000000000},
		{"solicited-node multicast", "33:33:ff:00:00:00", 997, 0xffffff000000},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := testRedactor()
			from := make(map[lan.MAC]lan.MAC)
			moved := 0
			for i := range uint64(4096) {
				mac := macOf(keyOf(parseMAC(t, test.first)) + i*test.step)
				if test.name == "locally administered" {
					mac[0] = mac[0]&^1 | 2
				}
				replaced := r.MAC(mac)
				if other, taken := from[replaced]; taken && other != mac {
					t.Fatalf("%v and %v both become %v", other, mac, replaced)
				}
				from[replaced] = mac
				if testBlock(replaced) != testBlock(mac) || (keyOf(mac)^keyOf(replaced))&test.kept != 0 {
					t.Fatalf("%v becomes %v", mac, replaced)
				}
				if replaced != mac {
					moved++
				}
			}
			if moved < 4000 {
				t.Errorf("%d of 4096 addresses are replaced", moved)
			}
		})
	}
}

func keyOf(mac lan.MAC) uint64 {
	return binary.BigEndian.Uint64(append([]byte{0, 0}, mac[:]...))
}

func macOf(key uint64) lan.MAC {
	return lan.MAC(binary.BigEndian.AppendUint64(nil, key)[2:])
}

func TestRedactMACLeavesWhatIsNoStation(t *testing.T) {
	for _, text := range []string{"00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "01:80:c2:00:00:0e", "33:33:00:00:00:01", "00:0c:29:12:34:56"} {
		if mac := parseMAC(t, text); testRedactor().MAC(mac) != mac {
			t.Errorf("%v becomes %v", mac, testRedactor().MAC(mac))
		}
	}
}

// The key decides, and nothing else.
func TestRedactByKey(t *testing.T) {
	mac, addr := parseMAC(t, "44:19:b6:00:00:09"), netip.MustParseAddr("10.1.2.3")
	a, b, other := testRedactor(), testRedactor(), NewRedactor([]byte("another key for tests"), testBlock)
	b.MAC(parseMAC(t, "44:19:b6:00:00:0a"))
	if a.MAC(mac) != b.MAC(mac) || a.Addr(addr) != b.Addr(addr) || a.Name("core-1") != b.Name("core-1") {
		t.Error("the same key gives different replacements")
	}
	if a.MAC(mac) == other.MAC(mac) || a.Addr(addr) == other.Addr(addr) || a.Name("core-switch") == other.Name("core-switch") {
		t.Error("another key gives the same replacement")
	}
}

// Addresses share as many leading bits after the replacement as before.
func TestRedactAddrKeepsSubnets(t *testing.T) {
	addrs := []string{"10.0.0.1", "10.0.0.2", "10.0.1.1", "10.200.1.1", "172.16.0.1", "172.31.0.1", "192.168.1.1", "192.168.1.254",
		"192.168.2.1", "169.254.3.4", "100.64.1.1", "8.8.8.8", "8.8.8.9", "8.8.200.1", "203.0.113.7", "203.0.113.99",
		"2001:db8::1", "2001:db8::4619:b6ff:fe00:9", "2001:db8:0:1::1", "fd12:3456::1", "fd12:3456::2", "fe80::1", "fe80::4619:b6ff:fe00:9"}
	r := testRedactor()
	seen := make(map[netip.Addr]bool)
	for i, text := range addrs {
		a := netip.MustParseAddr(text)
		replaced := r.Addr(a)
		if replaced == a || seen[replaced] || replaced.IsPrivate() != a.IsPrivate() || replaced.IsLinkLocalUnicast() != a.IsLinkLocalUnicast() ||
			replaced.IsGlobalUnicast() != a.IsGlobalUnicast() {
			t.Errorf("%v becomes %v", a, replaced)
		}
		seen[replaced] = true
		for _, other := range addrs[:i] {
			b := netip.MustParseAddr(other)
			if a.BitLen() != b.BitLen() {
				continue
			}
			kindA, _ := kindOf(a)
			kindB, _ := kindOf(b)
			if got, want := shared(r.Addr(a), r.Addr(b)), shared(a, b); kindA == kindB && got != want && want >= 16 {
				t.Errorf("%v and %v share %d bits, %v and %v share %d", a, b, want, r.Addr(a), r.Addr(b), got)
			}
		}
	}
}

// shared is how many leading bits two addresses have in common.
func shared(a, b netip.Addr) int {
	n := 0
	for n < a.BitLen() {
		prefix, err := a.Prefix(n + 1)
		if err != nil || !prefix.Contains(b) {
			break
		}
		n++
	}
	return n
}

func TestRedactAddrLeavesWhatIsNoStation(t *testing.T) {
	for _, text := range []string{"0.0.0.0", "127.0.0.1", "224.0.0.251", "255.255.255.255", "255.255.255.0", "::", "::1"} {
		if addr := netip.MustParseAddr(text); testRedactor().Addr(addr) != addr {
			t.Errorf("%v becomes %v", addr, testRedactor().Addr(addr))
		}
	}
	r := testRedactor()
	mapped := r.Addr(netip.MustParseAddr("::ffff:10.0.0.1"))
	if mapped.Unmap() != r.Addr(netip.MustParseAddr("10.0.0.1")) || !mapped.Is4In6() {
		t.Errorf("a mapped address becomes %v", mapped)
	}
	if got := r.Addr(netip.MustParseAddr("ff02::1:ff00:9")); got == netip.MustParseAddr("ff02::1:ff00:9") || !got.IsLinkLocalMulticast() {
		t.Errorf("a solicited-node group becomes %v", got)
	}
	if got := r.Addr(netip.Addr{}); got.IsValid() {
		t.Errorf("no address becomes %v", got)
	}
}

// A name keeps its length and look, and no two become one.
func TestRedactName(t *testing.T) {
	r := testRedactor()
	class := func(s string) string {
		return strings.Map(func(c rune) rune {
			switch {
			case c >= 'a' && c <= 'z':
				return 'a'
			case c >= 'A' && c <= 'Z':
				return 'A'
			case c >= '0' && c <= '9':
				return '0'
			case c > '~':
				return 'ü'
			}
			return c
		}, s)
	}
	for _, name := range []string{"", "core-1", "Riverside House, riser A", "facilities@riverside.example", "\x1b[31mreception", "Büro Süd", "机房 3", strings.Repeat("long ", 51)} {
		got := r.Name(name)
		if len(got) != len(name) || class(got) != class(name) || len(name) > 3 && got == name {
			t.Errorf("%q becomes %q", name, got)
		}
	}
	seen := make(map[string]bool)
	for a := 'a'; a <= 'z'; a++ {
		for n := '0'; n <= '9'; n++ {
			seen[r.Name("sw-"+string(a)+string(n))] = true
		}
	}
	if len(seen) != 260 {
		t.Errorf("260 names become %d", len(seen))
	}
}

// No octets that an older character set wrote are left.
func TestRedactNameThatIsNoUTF8(t *testing.T) {
	got := []byte(testRedactor().Name("B\xfcro"))
	if len(got) != 4 || got[1] < 0x80 || slices.Equal(got, []byte("B\xfcro")) {
		t.Errorf("got %q", got)
	}
}

// The cipher keeps its outcome: files of different versions fit together.
func TestRedactionStaysTheSame(t *testing.T) {
	r := testRedactor()
	got := []string{r.MAC(parseMAC(t, "44:19:b6:00:00:09")).String(), r.MAC(parseMAC(t, "7a:3c:90:1f:b2:64")).String(),
		r.Addr(netip.MustParseAddr("10.20.30.40")).String(), r.Addr(netip.MustParseAddr("8.8.8.8")).String(),
		r.Addr(netip.MustParseAddr("2001:db8::1")).String(), r.Name("core-1.example.net")}
	want := []string{"44:19:b6:0a:de:45", "0e:7b:86:db:c0:b7", "10.163.199.12", "55.196.46.165",
		"320e:f1b0:84b:4377:f308:33a8:c7e4:fb18", "oxkx-6.qhzrtwf.isg"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}

package capture

import (
	"cmp"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// addHost adds the name of a device, and its first label where it is one of
// DNS. What has no letter is no name that could be looked for in a text.
func (f *redaction) addHost(name string) {
	name = lowerASCII(strings.TrimSpace(name))
	label, _, _ := strings.Cut(name, ".")
	for _, host := range []string{name, label} {
		const least = 2
		if len(host) >= least && len(host) <= lan.MaxText && strings.ContainsFunc(host, func(r rune) bool { return r >= 'a' && r <= 'z' || r > '~' }) {
			f.hosts[host] = true
		}
	}
}

func (f *redaction) sortHosts() {
	lengths := make(map[int]bool)
	for host := range f.hosts {
		if !lengths[len(host)] {
			lengths[len(host)] = true
			f.lengths = append(f.lengths, len(host))
		}
	}
	slices.SortFunc(f.lengths, func(a, b int) int { return cmp.Compare(b, a) })
}

// scrub replaces what identifies a station or a place in a text that tells
// what a device is: names of devices, addresses, and the ends of hardware
// addresses that makers put into names. Rather too much is replaced than too
// little: a version 96.86.0.70 looks like an address.
func (f *redaction) scrub(text string) string {
	text = f.scrubHosts(text)
	text = f.scrubAddresses(text)
	return tailText.ReplaceAllStringFunc(text, func(run string) string {
		digits := strings.ToLower(strings.Map(hexOnly, run))
		const tail = 6
		for i := 0; i+tail <= len(digits); i++ {
			if f.tails[digits[i:i+tail]] {
				return f.Name(run)
			}
		}
		return run
	})
}

func (f *redaction) scrubHosts(text string) string {
	lower := lowerASCII(text)
	var b strings.Builder
	for i := 0; i < len(text); {
		size := 0
		if i == 0 || !isWord(text[i-1]) {
			size = f.hostAt(lower[i:])
		}
		if size > 0 {
			b.WriteString(f.Name(text[i : i+size]))
			i += size
			continue
		}
		b.WriteByte(text[i])
		i++
	}
	return b.String()
}

// hostAt returns the length of the name of a device that a text begins with.
func (f *redaction) hostAt(text string) int {
	for _, n := range f.lengths {
		if n <= len(text) && (n == len(text) || !isWord(text[n])) && f.hosts[text[:n]] {
			return n
		}
	}
	return 0
}

func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c > '~'
}

// lowerASCII keeps every octet in its place.
func lowerASCII(s string) string {
	lower := []byte(s)
	for i, c := range lower {
		if c >= 'A' && c <= 'Z' {
			lower[i] = c + 'a' - 'A'
		}
	}
	return string(lower)
}

// addressText matches what may be an address: groups with colons, with
// hyphens, with spaces and with dots, and long runs of hexadecimal digits.
var addressText = regexp.MustCompile(`(?i)\b[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5,}` +
	`|(?:\b[0-9a-f]{1,4})?(?::[0-9a-f]{0,4}){2,}(?:\.[0-9]{1,3}){0,3}` +
	`|[0-9a-f]{1,2}(?:-[0-9a-f]{1,2}){5,}|[0-9a-f]{2}(?: [0-9a-f]{2}){5,}` +
	`|[0-9a-f]{4}(?:[.-][0-9a-f]{4}){2,}|[0-9a-f]{6}-[0-9a-f]{6}|[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9a-f]{12,}`)

// tailText matches runs in which the end of a hardware address may stand.
var tailText = regexp.MustCompile(`(?i)[0-9a-f][0-9a-f:. -]{4,}[0-9a-f]`)

func (f *redaction) scrubAddresses(text string) string {
	var b strings.Builder
	end := 0
	for _, at := range addressText.FindAllStringIndex(text, -1) {
		b.WriteString(text[end:at[0]])
		b.WriteString(f.scrubAddress(text[at[0]:at[1]], text[:at[0]], text[at[1]:]))
		end = at[1]
	}
	return b.String() + text[end:]
}

// scrubAddress replaces a match of addressText that stands between two texts.
func (f *redaction) scrubAddress(match, before, after string) string {
	if strings.Trim(match, "0123456789.") == "" && strings.Count(match, ".") == 3 {
		return f.scrubIPv4(match, before, after)
	}
	address := match
	if !strings.HasSuffix(match, "::") {
		address = strings.TrimRight(match, ":")
	}
	rest := match[len(address):]
	alone := (before == "" || !isWord(before[len(before)-1])) && (after == "" || !isWord(after[0]))
	if mac, err := lan.ParseMAC(plainMAC(address)); err == nil && alone {
		return rewriteMAC(address, f.mac(mac)) + rest
	}
	if addr, err := netip.ParseAddr(address); err == nil && alone {
		return f.Addr(addr).String() + rest
	}
	const clock = 2 // colons in 12:34:56
	if n := strings.Count(match, ":"); n == 0 || n > clock || strings.Contains(match, "::") {
		return f.Name(match)
	}
	parts := strings.Split(match, ":")
	for i, part := range parts {
		parts[i] = f.scrubAddresses(part)
	}
	return strings.Join(parts, ":")
}

// scrubIPv4 replaces an address, but no part of a longer row of numbers, such
// as an object identifier.
func (f *redaction) scrubIPv4(match, before, after string) string {
	const digits = "0123456789"
	before, after = strings.TrimSuffix(before, "."), strings.TrimPrefix(after, ".")
	longer := strings.TrimRight(before, digits) != before || strings.TrimLeft(after, digits) != after
	addr, err := netip.ParseAddr(match)
	if err != nil || longer {
		return match
	}
	return f.Addr(addr).String()
}

// plainMAC leaves the separators out of the spellings that lan.ParseMAC does
// not know: 0011-2233-4455 and 001122-334455.
func plainMAC(text string) string {
	if strings.Count(text, "-") <= 2 {
		return strings.ReplaceAll(text, "-", "")
	}
	return text
}

// rewriteMAC writes an address in the spelling of another.
func rewriteMAC(spelling string, mac lan.MAC) string {
	digits := strings.ReplaceAll(mac.String(), ":", "")
	if strings.ContainsAny(spelling, "ABCDEF") {
		digits = strings.ToUpper(digits)
	}
	if count := len(strings.Map(hexOnly, spelling)); count != len(digits) {
		return strings.ToLower(mac.String()) // leading zeros were left out
	}
	var b strings.Builder
	for _, c := range []byte(spelling) {
		if hexOnly(rune(c)) >= 0 {
			c, digits = digits[0], digits[1:]
		}
		b.WriteByte(c)
	}
	return b.String()
}

func hexOnly(r rune) rune {
	if r >= '0' && r <= '9' || r >= 'a' && r <= 'f' || r >= 'A' && r <= 'F' {
		return r
	}
	return -1
}

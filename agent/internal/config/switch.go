package config

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// snmpPort is where SNMP agents listen (RFC 3417).
const snmpPort = 161

const addressCure = `write a host name or an IP address, with a port only where it is not 161, such as "10.0.0.2" or "[2001:db8::2]:1161"`

func (r *reader) switches(root *table, all map[string]*Credential) []Switch {
	var switches []Switch
	lines := make(map[Address]int)
	for _, t := range root.tables("switch") {
		var s Switch
		var ok bool
		if s.Address, ok = parsed(t, "address", ParseAddress); ok {
			if line := lines[s.Address]; line > 0 {
				t.bad("address", "remove one of the two: the switch of line %d has the same address", line)
			}
			lines[s.Address] = t.place.at("address").number()
		}
		s.Credentials = list(t, "credentials", `["core"]`, ofText(credentialNamed(all)))
		s.Role = choice(t, "role", Core, Distribution, Access)
		r.asking(t, &s)
		t.rest()
		if !t.has("address") {
			t.missing("address", `write address = "10.0.0.2"`)
		}
		if !t.has("credentials") {
			t.missing("credentials", `write credentials = ["NAME"], with a table [credentials.NAME]`)
		}
		if t.isEmpty("credentials") {
			t.bad("credentials", "name at least one [credentials.NAME]")
		}
		switches = append(switches, s)
	}
	return switches
}

// maxRequestsPerSecond bounds the rate of one switch.
const maxRequestsPerSecond = 1000

// asking reads what is asked of a switch, and how.
func (r *reader) asking(t *table, s *Switch) {
	s.Off, _ = t.flag("off")
	s.SkipTables = list(t, "skip_tables", `["lldpRemTable"]`, ofText(r.tableName))
	s.Contexts = list(t, "contexts", `["vrf-cameras"]`, ofText(parseContext))
	whole(t, "requests_per_second", &s.RequestsPerSecond, 1, maxRequestsPerSecond)
	s.FromAddress, _ = parsed(t, "from_address", parseOwnAddress)
	s.AnyReplyAddress, _ = t.flag("any_reply_address")
	s.AllowDowngrade, _ = t.flag("allow_downgrade")
	to, err := netip.ParseAddr(s.Address.Host)
	if err == nil && s.FromAddress.IsValid() && to.Is4() != s.FromAddress.Is4() {
		t.bad("from_address", "write an address of the same kind as the switch's: IPv4 and IPv6 do not reach each other")
	}
}

// tableName checks the name of a table.
func (r *reader) tableName(name string) (lan.Table, error) {
	known := make([]string, len(r.options.Tables))
	for i, table := range r.options.Tables {
		known[i] = string(table)
	}
	if len(known) == 0 || slices.Contains(known, name) {
		return lan.Table(name), nil
	}
	all := strings.Join(known, ", ")
	if near := closest(name, known); near != "" {
		return "", fmt.Errorf("no table of this name is read: did you mean %q? These are read: %s", near, all)
	}
	return "", fmt.Errorf("no table of this name is read: write one of %s", all)
}

// maxContext is the longest name of a context (vacmContextName, RFC 3415).
const maxContext = 32

// parseContext checks the name of a context. It does not repeat a wrong one,
// which may be a community in the wrong place.
func parseContext(name string) (string, error) {
	switch {
	case strings.Contains(name, "@"):
		return "", errors.New("write only what stands behind the @: the community before it is that of the credentials")
	case name == "" || len(name) > maxContext || name != lan.CleanString(name):
		return "", fmt.Errorf("write the name of a context as the switch has it, at most %d bytes, such as \"vrf-cameras\"", maxContext)
	}
	return name, nil
}

// parseOwnAddress reads an address of this host.
func parseOwnAddress(s string) (netip.Addr, error) {
	ip, err := netip.ParseAddr(s)
	if err != nil || ip.IsUnspecified() || ip.IsMulticast() {
		return netip.Addr{}, errors.New(`write one IP address of this host, such as "10.0.0.9"`)
	}
	return ip.Unmap(), nil
}

// credentialNamed finds credentials by name. It does not repeat a wrong name,
// which may be a community in the wrong place.
func credentialNamed(all map[string]*Credential) func(string) (*Credential, error) {
	return func(name string) (*Credential, error) {
		names := slices.Sorted(maps.Keys(all))
		switch near := closest(name, names); {
		case all[name] != nil:
			return all[name], nil
		case near != "":
			return nil, fmt.Errorf("there is no table [credentials.…] of this name: did you mean %q?", near)
		case len(names) > 0:
			return nil, fmt.Errorf("there is no table [credentials.…] of this name: add it, or write one of %s", strings.Join(names, ", "))
		}
		return nil, errors.New(`there is no table [credentials.…] of this name: add it, with version = "2c" and community_file = "FILE"`)
	}
}

// ParseAddress reads where an SNMP agent listens: host, host:port, an IPv6
// address without brackets, or [address]:port. The port is 161 where none is
// given.
func ParseAddress(s string) (Address, error) {
	a := Address{Host: s, Port: snmpPort}
	if ip, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil && strings.HasPrefix(s, "[") == strings.HasSuffix(s, "]") {
		a.Host = ip.String()
	} else if host, port, err := net.SplitHostPort(s); err == nil && port != "" && strings.Trim(port, digits) == "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return Address{}, errors.New("write a port from 1 to 65535 behind the colon, or none")
		}
		a = Address{Host: host, Port: uint16(n)}
	}
	return a, a.normalise()
}

// normalise gives the same host the same spelling, and refuses what is none.
func (a *Address) normalise() error {
	if ip, err := netip.ParseAddr(a.Host); err == nil {
		if ip.IsUnspecified() || ip.IsMulticast() || ip == netip.AddrFrom4([4]byte{255, 255, 255, 255}) {
			return errors.New("write the address of one device: this one belongs to none, or to many")
		}
		a.Host = ip.Unmap().String()
		return nil
	}
	a.Host = strings.ToLower(a.Host)
	if !isHostName(a.Host) {
		return errors.New(addressCure)
	}
	return nil
}

// isHostName tells a name that can stand in DNS or a hosts file (RFC 1123, and
// the underscore that many sites use). A last label of digits alone is an IPv4
// address that went wrong.
func isHostName(name string) bool {
	labels := strings.Split(strings.TrimSuffix(name, "."), ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || strings.Trim(label, letters+digits+"-_") != "" ||
			strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return false
		}
	}
	return len(name) <= 253 && strings.Trim(labels[len(labels)-1], digits) != ""
}

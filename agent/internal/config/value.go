package config

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// parseDuration reads a duration as time.ParseDuration does: "90s", "1h30m".
func parseDuration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, errors.New(`write a number and its unit (s, m or h), such as "15m" or "24h"`)
	}
	return d, nil
}

// brief prints a duration without the units that are zero: 15m, 24h.
func brief(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// whole reads a whole number within bounds, and keeps what is there without
// one.
func whole(t *table, key string, n *int, least, most int) {
	v, given := t.value(key)
	switch x, ok := v.(int64); {
	case !given:
	case !ok || x < int64(least) || x > int64(most):
		t.bad(key, "write a whole number from %d to %d, without quotes", least, most)
	default:
		*n = int(x)
	}
}

// parsePrefix reads an address prefix whose host bits are zero.
func parsePrefix(s string) (netip.Prefix, error) {
	if ip, err := netip.ParseAddr(s); err == nil && ip.Zone() == "" {
		return netip.Prefix{}, fmt.Errorf("write the length of the prefix too, such as %q", fmt.Sprintf("%s/%d", ip, ip.BitLen()))
	}
	p, err := netip.ParsePrefix(s)
	switch {
	case err != nil:
		return netip.Prefix{}, errors.New(`write an address prefix, such as "10.0.0.0/16" or "2001:db8::/48"`)
	case p != p.Masked():
		return netip.Prefix{}, fmt.Errorf("write %q: the bits behind the prefix are not zero", p.Masked())
	}
	return p, nil
}

// parseVLAN reads an 802.1Q VLAN id.
func parseVLAN(v any) (lan.VLAN, error) {
	n, ok := v.(int64)
	if !ok || n < 1 || n > lan.MaxVLAN {
		return 0, fmt.Errorf("write a VLAN id from 1 to %d, without quotes", lan.MaxVLAN)
	}
	return lan.VLAN(n), nil
}

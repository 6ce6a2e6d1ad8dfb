package lan

import "testing"

func TestContextVLAN(t *testing.T) {
	for name, want := range map[string]VLAN{"10": 10, "vlan-10": 10, "4094": 4094, "4095": 0, "65546": 0, "-1": 0, "vrf-10": 0, "": 0} {
		if got := ContextVLAN(name); got != want {
			t.Errorf("%q: got %d, want %d", name, got, want)
		}
	}
}

package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/snmp"
)

func TestToldContexts(t *testing.T) {
	const ios, nexus, other = "1.3.6.1.4.1.9.1.1208", "1.3.6.1.4.1.9.12.3.1.3.1084", "1.3.6.1.4.1.14823.1.1.1"
	vlans, vrfs := []lan.VLAN{1, 20, 142}, []string{"cams"}
	tests := []struct {
		name    string
		product string
		told    lan.Contexts
		version snmp.Version
		want    []string
	}{
		{"by community", ios, lan.Contexts{VLANs: vlans, VRFs: vrfs}, snmp.V2c, []string{"20", "142"}},
		{"by community in version 1", ios, lan.Contexts{VLANs: vlans}, snmp.V1, []string{"20", "142"}},
		{"by context", ios, lan.Contexts{VLANs: vlans, VRFs: vrfs}, snmp.V3, []string{"vlan-20", "vlan-142", "cams"}},
		{"by the name that it gives", ios, lan.Contexts{VLANs: vlans, Names: []string{"vlan-1002", "142", "vlan-20"}}, snmp.V3, []string{"vlan-20", "142"}},
		{"without vtpVlanTable", ios, lan.Contexts{Names: []string{"vlan-1", "vlan-20", "cluster"}}, snmp.V2c, []string{"20"}},
		{"Nexus, whose default context is not that of VLAN 1", nexus, lan.Contexts{VLANs: vlans}, snmp.V2c, []string{"1", "20", "142"}},
		{"another maker", other, lan.Contexts{VLANs: vlans, Names: []string{"vlan-20"}, VRFs: vrfs}, snmp.V2c, nil},
		{"another maker in version 3", other, lan.Contexts{VLANs: vlans, Names: []string{"vlan-20"}, VRFs: vrfs}, snmp.V3, nil},
		{"nobody knows whose", "", lan.Contexts{VLANs: vlans}, snmp.V2c, nil},
	}
	for _, test := range tests {
		of := &lan.Snapshot{System: lan.System{ObjectID: test.product}, Contexts: test.told}
		if diff := cmp.Diff(test.want, toldContexts(of, test.version)); diff != "" {
			t.Errorf("%s: want -, got +\n%s", test.name, diff)
		}
	}
}

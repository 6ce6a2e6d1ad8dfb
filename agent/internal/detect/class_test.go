package detect

import (
	"slices"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
)

// classify reads the class of a station of no maker, and what shows it.
func classify(st locate.Station) (Class, []Evidence) {
	signs := Rules{}.signs(&st, madeBy{})
	return classOf(signs), slices.DeleteFunc(shown(signs), func(e Evidence) bool { return e.Claim != ClassClaim })
}

func TestClassOfText(t *testing.T) {
	tests := []struct {
		text string
		want Class
	}{
		{"AXIS P1448-LE Network Camera 10.6.0", Camera},
		{"AXIS Q6215-LE PTZ Network Camera", Camera},
		{"Hikvision DS-2CD2143G2-I", Camera},
		{"DS-2DE4425IW-DE", Camera},
		{"iDS-2CD7A46G0/P-IZHS", Camera},
		{"IPC-HDW5421S", Camera},
		{"DH-IPC-HFW2431S-S-S2", Camera},
		{"IPC-D2B20-ZS", Camera},
		{"IPC3614LR3-PF28-D", Camera},
		{"IPC322LB-SF28-A", Camera},
		{"DH-SD49225XA-HNR", Camera},
		{"SD6C3432XB-HNR", Camera},
		{"SD10A248WA-HNF", Camera},
		{"Northgate Vision Dome Camera NV-4MP", Camera},
		{"IP Camera", Camera},
		{"DHI-NVR4108HS-8P-4KS2", Recorder},
		{"NVR4108HS-8P-4KS2", Recorder},
		{"NVR301-08S3", Recorder},
		{"DS-7608NI-K2/8P", Recorder},
		{"iDS-7208HQHI-M1/S", Recorder},
		{"H.264 DVR", Recorder},
		{"NVR, 16 channels", Recorder},
		{"Network Video Recorder", Recorder},
		{"VTO2000A", Door},
		{"DHI-VTO2211G-P", Door},
		{"DS-KV6113-WPE1", Door},
		{"Outdoor door station", Door},
		{"DS-K1T671M", AccessControl},
		{"DS-K2604T", AccessControl},
		{"DHI-ASI7213X-T1", AccessControl},

		{"", Unknown},
		{"IPCop firewall 2.1.9", Unknown},
		{"Linux nvr 4.19.91 #1 SMP PREEMPT armv7l", Unknown}, // a host of that name
		{"Linux host 4.19.91 NVR", Recorder},
		{"SD-WAN edge", Unknown},
		{"SD208 8-port switch", Unknown},
		{"Cisco IOS Software, C2960 Software (C2960-LANBASEK9-M), Version 12.2(44)SE6", Unknown},
		{"HP NV Ram", Unknown},
		{"NVRAM 512K", Unknown},
		{"DVR-free router", Unknown},
		{"Linux ipc 5.10.0", Unknown},
		{"DS-3E0318P-E/M", Unknown}, // a switch of Hikvision
		{"AXIS Camera Station", Unknown},
		{"Huawei AP4050DN", Unknown},
		{"RDS-2 CD player", Unknown},
		{"Windows 10 IPC$", Unknown},
	}
	for _, test := range tests {
		class, evidence := classify(learnt(t, "44:19:b6:00:00:01", says(test.text, 0)))
		if class != test.want {
			t.Errorf("%q: %s, want %s", test.text, class, test.want)
		}
		if class != Unknown && (len(evidence) != 1 || evidence[0].Value != test.text || evidence[0].Rule == "") {
			t.Errorf("%q: the evidence %+v does not quote it", test.text, evidence)
		}
	}
}

func TestClassOfCapabilities(t *testing.T) {
	tests := []struct {
		enabled lan.LLDPCapabilities
		descr   string
		want    Class
	}{
		{lan.LLDPTelephone | lan.LLDPBridge, "", Phone},
		{lan.LLDPAccessPoint | lan.LLDPBridge, "", Other},
		{lan.LLDPRouter | lan.LLDPBridge, "", Router},
		{lan.LLDPBridge, "", Switch},
		{lan.LLDPStation, "", Unknown},
		{lan.LLDPBridge, "DS-2CD2143G2-I", Camera}, // what it says in words comes first
	}
	for _, test := range tests {
		if class, _ := classify(learnt(t, "44:19:b6:00:00:01", says(test.descr, test.enabled))); class != test.want {
			t.Errorf("capabilities %b, %q: %s, want %s", test.enabled, test.descr, class, test.want)
		}
	}
}

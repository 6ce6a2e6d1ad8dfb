package main

import (
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/config"
)

func aDisguise() *disguise {
	d := newDisguise(checkFlags{config: "/home/alice/acme.toml", state: "/home/alice/state"})
	d.configuration(&config.Config{
		Switches: []config.Switch{
			{Address: config.Address{Host: "10.0.0.2", Port: 161}},
			{Address: config.Address{Host: "sw1.acme.example", Port: 161}, FromAddress: netip.MustParseAddr("10.0.0.9")},
			{Address: config.Address{Host: "2001:db8::2", Port: 161}},
		},
		Credentials: map[string]*config.Credential{"acme": {User: "bob"}, "acme-old": {}, "ro": {User: "camwarden"}},
		Secrets:     []config.SecretSource{{Key: "credentials.acme.community_file", File: "/home/alice/acme.community"}},
		Endpoint: &config.Endpoint{URL: &url.URL{Scheme: "https", Host: "central.acme.example:8443", Path: "/v1/acme"},
			Proxy: &url.URL{Scheme: "http", Host: "proxy:3128"}, CAFile: "/home/alice/ca.pem"},
	})
	return d
}

func TestDisguise(t *testing.T) {
	d := aDisguise()
	for _, test := range []struct{ text, want string }{
		{"switch 10.0.0.2", "switch switch-1"},
		{"open 10.0.0.2:161: no answer", "open switch-1:161: no answer"},
		{"open [2001:db8::2]:161: no answer", "open [switch-3]:161: no answer"},
		{"lookup SW1.acme.example on 10.0.0.53:53: no such host", "lookup switch-2 on address-1:53: no such host"},
		{"10.0.0.53 again, and 10.0.0.21", "address-1 again, and address-2"},
		{"v3 with acme, v2c with acme-old: user bob, user camwarden", "v3 with credential-1, v2c with credential-2: user user-1, user camwarden"},
		{"/home/alice/acme.toml:5: credentials.acme.auth: run chmod g-w,o-rwx /home/alice/acme.community",
			"CONFIGURATION:5: credentials.credential-1.auth: run chmod g-w,o-rwx file-1"},
		{"open /home/alice/state/memory.json", "open STATE-FOLDER/memory.json"},
		{"deliver to https://central.acme.example:8443/v1/acme: dial tcp", "deliver to ENDPOINT: dial tcp"},
		{"through http://proxy:3128 with /home/alice/ca.pem", "through http://proxy-host:3128 with file-2"},
		{"after 1.3.6.1.2.1.17.4.3.1.2.20.167.139.182.211.65: gone", "after 1.3.6.1.2.1.17.4.3.1.…: gone"},
		{"after 1.3.6.1.2.1.4.22.1.2.101.10.20.0.9", "after 1.3.6.1.2.1.4.22.1.2.…"},
		{"the view 1.3.6.1.2.1.17 is closed", "the view 1.3.6.1.2.1.17 is closed"},
		{"14:a7:8b:b6:d3:41 14-A7-8B-B6-D3-41 14a7.8bb6.d341 and 14:A7:8B:B6:D3:41", "mac-1 mac-2 mac-3 and mac-1"},
		{"from fe80::1%eth0 or ::ffff:10.1.2.3", "from address-3%eth0 or address-4"},
		{"at 12:30:15, line 7: read: 5 rows", "at 12:30:15, line 7: read: 5 rows"},
		{"the rows of acmes are nobody's", "the rows of acmes are nobody's"},
	} {
		if got := d.text(test.text, false); got != test.want {
			t.Errorf("%s\ngot  %s\nwant %s", test.text, got, test.want)
		}
	}
}

// What an endpoint and its certificate may name is known to nobody before.
func TestDisguiseOfStrangers(t *testing.T) {
	d := aDisguise()
	for _, test := range []struct{ text, want string }{
		{"x509: certificate is valid for www.acme.example, intern.acme.example, not central.acme.example",
			"x509: certificate is valid for host-1, host-2, not endpoint-host"},
		{`while trying to verify candidate authority certificate "Acme Root"`, `while trying to verify candidate authority certificate "…"`},
		{"redirects, here to https://www.acme.example, are not followed; check url", "redirects, here to https://host-1, are not followed; check url"},
	} {
		if got := d.text(test.text, true); got != test.want {
			t.Errorf("%s\ngot  %s\nwant %s", test.text, got, test.want)
		}
	}
}

// The name of a device is replaced where it stands as a name. Elsewhere only
// when it is no word of every sentence.
func TestDisguiseOfNames(t *testing.T) {
	d := aDisguise()
	if got := d.text(d.name("name", "switch"), false); got != "name-of-letters" {
		t.Errorf("got %s", got)
	}
	if got := d.text("the switch answers", false); got != "the switch answers" {
		t.Errorf("got %s", got)
	}
	if got := d.text(d.name("name", "sw-lobby")+" answers as sw-lobby", false); got != "name-1 answers as name-1" {
		t.Errorf("got %s", got)
	}
	var none *disguise
	if got := none.name("name", "sw-lobby"); got != "sw-lobby" {
		t.Errorf("without a disguise: got %s", got)
	}
}

// What mistakes repeat is known although there is no configuration.
func TestDisguiseOfMistakes(t *testing.T) {
	d := newDisguise(checkFlags{})
	d.mistakes(&config.Error{Names: []string{"acme-core"}, Secrets: []config.SecretSource{{File: "/home/alice/acme.community"}}})
	got := d.text(`did you mean "acme-core"? run chmod g-w,o-rwx /home/alice/acme.community`, false)
	if want := `did you mean "credential-1"? run chmod g-w,o-rwx file-1`; got != want {
		t.Errorf("got %s", got)
	}
}

// FuzzDisguise: whatever stands around an address, it is replaced.
func FuzzDisguise(f *testing.F) {
	f.Add("open ", ":161: no answer")
	f.Add("[", "]")
	f.Add("1.3.6.1.2.1.4.22.1.2.7.", "")
	f.Add("\xff", "\n")
	d := aDisguise()
	f.Fuzz(func(t *testing.T, before, after string) {
		got := d.text(before+" 10.0.0.2 14:a7:8b:b6:d3:41 "+after, false)
		if strings.Contains(before+after, "10.0.0.2") || strings.Contains(before+after, "14:a7:8b:b6:d3:41") {
			return
		}
		if strings.Contains(got, "10.0.0.2") || strings.Contains(got, "14:a7:8b:b6:d3:41") {
			t.Errorf("shown in %q", got)
		}
	})
}

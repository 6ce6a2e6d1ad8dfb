package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/config"
	"github.com/camwarden/camwarden/agent/internal/poll"
	"github.com/camwarden/camwarden/agent/internal/receive"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmp"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

// A checkSite is a folder with a configuration for an endpoint and switches
// of the test's own.
type checkSite struct {
	t      *testing.T
	folder string
}

// newCheckSite writes the secrets, all of them canaries, and a configuration
// that begins with the endpoint's address.
func newCheckSite(t *testing.T, url, more string) checkSite {
	t.Helper()
	s := checkSite{t, t.TempDir()}
	for name, secret := range map[string]string{"token": "canary-token", "community": "canary-community", "wrong": "canary-wrong"} {
		writeTestFile(t, filepath.Join(s.folder, name), []byte(secret+"\n"))
	}
	writeTestFile(t, s.path("site.toml"), fmt.Appendf(nil, `
[site]
id = "LON-0042"
[endpoint]
url = %q
token_file = "token"
[credentials.riverside]
version = "2c"
community_file = "community"
[credentials.annex]
version = "2c"
community_file = "wrong"
%s`, url, more))
	if err := os.Mkdir(s.path("state"), 0o700); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s checkSite) path(name string) string { return filepath.Join(s.folder, name) }

// check runs 'camwarden check', and holds that no secret is in what it says.
func (s checkSite) check(flags ...string) (said string, failed bool) {
	s.t.Helper()
	var out, log bytes.Buffer
	flags = append([]string{"-config", s.path("site.toml"), "-state", s.path("state")}, flags...)
	err := runCheck(s.t.Context(), flags, stdio{out: &out, err: &log})
	if e, ok := errors.AsType[exit](err); err != nil && (!ok || e.code != exitFailed || err.Error() != "") {
		s.t.Errorf("it ends with %v", err)
	}
	if said := out.String() + log.String(); strings.Contains(said, "canary") {
		s.t.Errorf("a secret is in the output:\n%s", said)
	}
	return out.String(), err != nil
}

// takingEndpoint takes reports that come with a token.
func takingEndpoint(t *testing.T, token string) string {
	t.Helper()
	tokens, err := receive.ParseTokens(token)
	if err != nil {
		t.Fatal(err)
	}
	centre, err := receive.New(receive.Options{Dir: t.TempDir(), Tokens: tokens})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(centre)
	t.Cleanup(func() {
		server.Close()
		if n := centre.Reports(); n != 0 {
			t.Errorf("%d reports were made up", n)
		}
		if err := centre.Close(); err != nil {
			t.Error(err)
		}
	})
	return server.URL + receive.Path
}

// wantLines holds that each pattern matches a line, or a line and the notes
// below it.
func wantLines(t *testing.T, said string, patterns ...string) {
	t.Helper()
	for _, pattern := range patterns {
		if !regexp.MustCompile(`(?m)^` + pattern + `$`).MatchString(said) {
			t.Errorf("no line %q in:\n%s", pattern, said)
		}
	}
}

func switchSection(address any, more string) string {
	return fmt.Sprintf("[[switch]]\naddress = \"%v\"\ncredentials = [\"riverside\"]\nrequests_per_second = 1000\n%s\n", address, more)
}

func TestCheckWhereAllIsWell(t *testing.T) {
	at := aSwitch(t).Addr()
	s := newCheckSite(t, takingEndpoint(t, "canary-token"),
		switchSection(at, `skip_tables = ["lldpRemTable"]`)+switchSection("10.0.0.3", "off = true"))
	said, failed := s.check()
	if failed {
		t.Error("it fails")
	}
	wantLines(t, said,
		`ok   configuration  .*site\.toml`,
		`ok   secret         endpoint\.token_file: .*token`,
		`ok   secret         credentials\.riverside\.community_file: .*community`,
		`ok   state folder   .*state can be written by .*`,
		`ok   endpoint  http://127\.0\.0\.1:\d+/v1/reports answered 200 in \d+ ms, with the token`,
		`ok   switch `+regexp.QuoteMeta(at.String())+` \(access-ground\): v2c with riverside, \d+ rows at once, \d+ requests in .*s`,
		`ok     dot1qTpFdbTable +walk +complete +\d+ rows +\d+ requests +\d+ ms`,
		`ok     cdpCacheTable +walk +absent +0 rows .*`,
		`off    lldpRemTable +switched off in the configuration`,
		`off  switch 10\.0\.0\.3  is not asked \(off = true\)`,
		`Nothing is wrong in \d+ lines\.`)
	if files, err := os.ReadDir(s.path("state")); err != nil || len(files) != 0 {
		t.Errorf("it leaves %v in the state folder, %v", files, err)
	}
}

func TestCheckSwitches(t *testing.T) {
	fdb := smi.MustOID("1.3.6.1.2.1.17.7.1.2.2.1")
	cut := func(request snmpagent.Request, r *snmpagent.Response) {
		if request.Type != snmpagent.GetRequest && request.Varbinds[0].Name.Compare(fdb.Append(2)) > 0 && request.Varbinds[0].Name.HasPrefix(fdb) {
			r.Status, r.Index = 16, 1 // authorizationError
		}
	}
	hide := func(request snmpagent.Request, r *snmpagent.Response) {
		for i, vb := range r.Varbinds {
			if vb.Name.HasPrefix(smi.MustOID("1.3.6.1.2.1.17")) {
				r.Varbinds[i].Value = smi.Value{Kind: smi.EndOfMibView}
			}
		}
	}
	tests := []struct {
		name  string
		agent func(snmpagent.Request, *snmpagent.Response)
		more  string
		want  []string
	}{
		{"cut short", cut, "", []string{
			`bad    dot1qTpFdbTable +walk +(partial|failed) .*\n +read dot1qTpFdb(Port|Status): after .*AuthorizationError.*\n +its SNMP agent gave up .*skip_tables.*`}},
		{"no forwarding table", hide, "", []string{
			`bad    dot1dTpFdbTable +walk +absent .*\n +it shows no forwarding table.*grant these credentials the view 1\.3\.6\.1\.2\.1\.17 .*\n.*leave dot1dTpFdbTable out.*`,
			`ok     dot1qTpFdbTable +walk +absent .*`}},
		{"not let in", nil, `credentials = ["annex"]`, []string{
			`bad  switch .*\n +open .*v2c with annex: no answer to 3 requests: it is down or out of reach, SNMP is off, its access list leaves this host out, or the community is wrong`}},
		{"from an address of somebody else", nil, `from_address = "192.0.2.1"`, []string{
			`bad  switch .*\n +open .*ask from 192\.0\.2\.1, which has to be an address of this host: .*`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			section := switchSection(aSwitchThat(t, test.agent).Addr(), "")
			if strings.HasPrefix(test.more, "credentials") {
				section = strings.Replace(section, `credentials = ["riverside"]`, test.more, 1)
			} else {
				section += test.more
			}
			s := newCheckSite(t, takingEndpoint(t, "canary-token"), section)
			said, failed := s.check()
			wantLines(t, said, append(test.want, `Bad: 1 of \d+ lines\.`)...)
			if !failed {
				t.Error("it does not fail")
			}
		})
	}
}

// Each way in which a table can end has a cure of its own.
func TestTableCure(t *testing.T) {
	s := config.Switch{RequestsPerSecond: 5}
	for reason, want := range map[string]string{
		"after 9 rows: the device has been read for 10m0s, and " + poll.OutOfTime: "raise requests_per_second, which is 5",
		poll.Silent: "see what the switch was busy with",
		"read dot1dTpFdbPort: after 3 rows: " + fmt.Sprintf("%v (%d)", snmp.ErrTooManyRows, 200_000): "rows without end",
		"read dot1dTpFdbPort: after 0 rows: " + snmp.ErrNoAnswer.Error() + " to 6 requests":          "but not this one",
		"read dot1dTpFdbPort: after 1 rows: " + snmp.ErrCut.Error() + ": the device answered GenErr": "gave up in the middle",
		"1 row cannot be read: the index holds no hardware address, and there is no address column":  "in a way of its own",
		poll.GivenUp:     "see what is said of those",
		poll.HiddenVLANs: "grant these credentials the view",
		"open context 30: the device has been read for 10m0s, and " + poll.OutOfTime: "raise requests_per_second, which is 5",
		"something new": "if it stays so",
	} {
		if got := tableCure(reason, s); !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q in it", reason, got, want)
		}
	}
}

// Contexts are shown as tables are. One that is closed says itself how to open
// it.
func TestCheckContexts(t *testing.T) {
	closed := maps.Clone(catalystViews)
	delete(closed, "canary@30")
	for _, test := range []struct {
		views map[string]string
		want  []string
	}{
		{catalystViews, []string{`ok     vtpVlanTable +walk +complete +4 rows .*`, `ok     dot1dTpFdbTable@20 +walk +complete +1 row .*`, `ok     dot1dTpFdbTable@30 +walk +absent .*`}},
		{closed, []string{`bad    dot1dTpFdbTable@30 +walk +failed .*\n +open context 30: no answer to 3 requests .* leave contexts out with skip_tables\n`}},
	} {
		s := newCheckSite(t, takingEndpoint(t, "canary-token"), switchSection(startSwitch(t, test.views).Addr(), ""))
		writeTestFile(t, s.path("community"), []byte("canary\n"))
		said, failed := s.check()
		wantLines(t, said, test.want...)
		if failed != (len(test.views) == len(closed)) {
			t.Errorf("it fails: %t", failed)
		}
	}
}

// A device that forwards nothing is right once its table is left out.
func TestCheckRouter(t *testing.T) {
	hide := func(_ snmpagent.Request, r *snmpagent.Response) {
		for i, vb := range r.Varbinds {
			if vb.Name.HasPrefix(smi.MustOID("1.3.6.1.2.1.17")) {
				r.Varbinds[i].Value = smi.Value{Kind: smi.EndOfMibView}
			}
		}
	}
	section := switchSection(aSwitchThat(t, hide).Addr(), `skip_tables = ["dot1dTpFdbTable"]`)
	if said, failed := newCheckSite(t, takingEndpoint(t, "canary-token"), section).check(); failed {
		t.Errorf("it fails:\n%s", said)
	}
}

func TestCheckEndpoint(t *testing.T) {
	for _, test := range []struct{ name, url, want string }{
		{"another token", takingEndpoint(t, "another-token"), `bad  endpoint .*\n +deliver to .*the answer is 401 Unauthorized: the endpoint does not know the token; check token_file`},
		{"nobody there", "http://127.0.0.1:1/v1/reports?key=canary", `bad  endpoint  http://127\.0\.0\.1:1/v1/reports\n +deliver to .*\n +the endpoint or the way to it is down, .*`},
		{"no endpoint of this kind", takingEndpoint(t, "canary-token") + "/elsewhere", `bad  endpoint .*\n +deliver to .*404.*check url`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			said, failed := newCheckSite(t, test.url, "").check()
			wantLines(t, said, test.want)
			if !failed {
				t.Error("it does not fail")
			}
		})
	}
}

func TestCheckState(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	writeTestFile(t, file, nil)
	damaged := filepath.Join(folder, "damaged")
	if err := os.Mkdir(damaged, 0o700); err != nil {
		t.Fatal(err)
	}
	writeTestFile(t, memoryPath(damaged), []byte("{"))
	tests := []struct {
		folder string
		want   mark
		text   string
	}{
		{filepath.Join(folder, "missing"), isGood, "is not there yet"},
		{file, isBad, "is no folder"},
		{damaged, isBad, "it is damaged"},
		{folder, isGood, "can be written by"},
	}
	if runtime.GOOS == "linux" {
		everybodys := filepath.Join(folder, "everybodys")
		if err := errors.Join(os.Mkdir(everybodys, 0o700), os.Chmod(everybodys, 0o777)); err != nil {
			t.Fatal(err)
		}
		tests = append(tests, struct {
			folder string
			want   mark
			text   string
		}{everybodys, isBad, "run chmod o-w " + everybodys}, struct {
			folder string
			want   mark
			text   string
		}{"/proc", isBad, "cannot be written by"})
	}
	for _, test := range tests {
		line := checkState(test.folder)
		text := strings.Join(append(line.cells, line.notes...), "\n")
		if line.mark != test.want || !strings.Contains(text, test.text) {
			t.Errorf("%s: %s, want %s with %q", test.folder, text, test.want, test.text)
		}
	}
	if text, err := os.ReadFile(memoryPath(damaged)); err != nil || string(text) != "{" {
		t.Errorf("the damaged file was touched: %q, %v", text, err)
	}
}

// What is redacted is the same output, without anything that tells whose it
// is, down to what an endpoint or a mistake may repeat.
func TestCheckRedact(t *testing.T) {
	agent := aSwitch(t)
	url := takingEndpoint(t, "another-token")
	s := newCheckSite(t, url, switchSection(agent.Addr(), "")+switchSection("10.7.7.7", "off = true"))
	plain, _ := s.check()
	said, failed := s.check("-redact")
	if !failed {
		t.Error("it does not fail")
	}
	for _, secret := range []string{"127.0.0.1", "10.7.7.7", "access-ground", "riverside", "annex", s.folder, "site.toml"} {
		if !strings.Contains(plain, secret) {
			t.Errorf("%q is not even in what is not redacted", secret)
		}
		if strings.Contains(said, secret) {
			t.Errorf("%q is in:\n%s", secret, said)
		}
	}
	wantLines(t, said,
		`ok   configuration  CONFIGURATION`,
		`ok   secret         credentials\.credential-2\.community_file: file-3`,
		`bad  endpoint  ENDPOINT`,
		`ok   switch switch-1:\d+ \(name-1\): v2c with credential-2, .*`,
		`off  switch switch-2  is not asked \(off = true\)`)
	if a, b := strings.Count(plain, "\n"), strings.Count(said, "\n"); a != b {
		t.Errorf("%d lines have become %d", a, b)
	}
}

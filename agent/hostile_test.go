package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

// hostileTexts are what a device may put wherever it has a text.
var hostileTexts = map[string]string{
	"colours":         "\x1b[31m\x1b]0;owned\x07red\x9b2J",
	"NUL":             "a\x00b\x00",
	"invalid UTF-8":   "\xff\xfe\xc3\x28\xed\xa0\x80",
	"markup":          `"><script>alert(1)</script><img src=x onerror=alert(1)>`,
	"a formula":       "=cmd|' /C calc'!A0\t@SUM(1)\r\n+1",
	"other direction": "\u202egnp.exe\u2066\u200b\ufeff",
	"a line of a log": "x\nlevel=ERROR msg=\"all is lost\"\u2028\u0085y",
	"64 KB":           strings.Repeat("\x1b\u202eW", 12_500),
	"a template":      "{{.Policy}}%s%n$(id)`id`",
}

// Whatever stands in the texts of a switch, it is harmless where it is shown:
// in the table, the report, the page and the log, and no longer than a text
// gets.
func TestHostileTexts(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "community")
	if err := os.WriteFile(secret, []byte("canary-community\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, text := range hostileTexts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			agent := aSwitchThat(t, func(_ snmpagent.Request, r *snmpagent.Response) { r.Varbinds = saying(r.Varbinds, text) })
			page := filepath.Join(t.TempDir(), "page.html")
			scan := []string{"scan", "-no-host", "-full", "-switch", agent.Addr().String(), "-community-file", secret, "-state", t.TempDir()}
			table, log := printed(t, append(scan, "-html", page)...)
			report, more := printed(t, append(scan, "-json")...)
			if !json.Valid(report) {
				t.Error("the report is no JSON")
			}
			html, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			for _, shown := range []struct {
				where string
				text  []byte
			}{{"table", table}, {"report", decodedTexts(t, report)}, {"page", html}, {"log", append(log, more...)}} {
				if !utf8.Valid(shown.text) {
					t.Errorf("the %s is not valid UTF-8", shown.where)
				}
				if r, found := acting(string(shown.text)); found {
					t.Errorf("the %s has the character %U", shown.where, r)
				}
				if len(shown.text) == 0 && shown.where != "log" {
					t.Errorf("the %s is empty", shown.where)
				}
			}
			if arrived := lan.CleanText([]byte(text)); arrived == "" || !bytes.Contains(decodedTexts(t, report), []byte(arrived)) {
				t.Errorf("%q did not arrive", arrived)
			}
			if bytes.Contains(html, []byte("<script>alert")) || bytes.Contains(html, []byte("<img src=x")) {
				t.Error("the page has the device's markup")
			}
			for line := range strings.Lines(string(table)) {
				if strings.HasPrefix(line, "=cmd") || strings.HasPrefix(line, "level=ERROR") {
					t.Errorf("the table has a line of the device's: %s", line)
				}
			}
		})
	}
}

// saying has a text in place of every other; one that fits no datagram several
// times, in place of sysName.
func saying(varbinds []smi.Varbind, text string) []smi.Varbind {
	sysName := smi.MustOID("1.3.6.1.2.1.1.5.0")
	for i := range varbinds {
		vb := &varbinds[i]
		octets, _ := vb.Value.Octets()
		if vb.Value.Kind != smi.OctetString || len(octets) == 6 { // which is an address
			continue
		}
		if len(text) <= 10*lan.MaxText || vb.Name.Compare(sysName) == 0 {
			vb.Value.Bytes = []byte(text)
		}
	}
	return varbinds
}

// printed runs the program, and returns what it prints.
func printed(t *testing.T, args ...string) (out, log []byte) {
	t.Helper()
	code, stdout, stderr := invoke(args...)
	if code != exitDone {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	return []byte(stdout), []byte(stderr)
}

// decodedTexts are the texts of a report as its reader sees them. None is
// longer than a text from the network gets, but for those that are made of
// several.
func decodedTexts(t *testing.T, report []byte) []byte {
	t.Helper()
	var all bytes.Buffer
	decoder := json.NewDecoder(bytes.NewReader(report))
	for {
		token, err := decoder.Token()
		if err != nil {
			return all.Bytes()
		}
		if text, ok := token.(string); ok {
			if len(text) > 8*lan.MaxText {
				t.Errorf("a text of %d octets", len(text))
			}
			all.WriteString(text + "\n")
		}
	}
}

// acting is a character of a text that acts unseen.
func acting(text string) (rune, bool) {
	for _, r := range text {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)) {
			return r, true
		}
	}
	return 0, false
}

package capture

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// In the rows of these tests {m:…}, {i:…} and {n:…} stand for a hardware
// address, an IP address and a name; behind x: as octets, behind o: as arcs.
// Expanded with a redactor, they are what is to come out.
func expand(t *testing.T, text string, r *Redactor) string {
	t.Helper()
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		term, after, _ := strings.Cut(rest, "}")
		b.WriteString(expandTerm(t, term, r))
		text = after
	}
}

func expandTerm(t *testing.T, term string, r *Redactor) string {
	t.Helper()
	kind, text, _ := strings.Cut(term, ":")
	form := kind
	if kind == "x" || kind == "o" {
		kind, text, _ = strings.Cut(text, ":")
	}
	var octets []byte
	switch kind {
	case "m":
		mac := parseMAC(t, plainMAC(text))
		if r != nil {
			mac = r.MAC(mac)
		}
		octets, text = mac[:], rewriteMAC(text, mac)
	case "i":
		addr := netip.MustParseAddr(text)
		if r != nil {
			addr = r.Addr(addr)
		}
		octets, text = addr.AsSlice(), addr.String()
	case "n":
		if r != nil {
			text = r.Name(text)
		}
		octets = []byte(text)
	}
	switch form {
	case "x":
		return hex.EncodeToString(octets)
	case "o":
		arcs := make([]string, len(octets))
		for i, octet := range octets {
			arcs[i] = fmt.Sprint(octet)
		}
		return strings.Join(arcs, ".")
	}
	return text
}

func TestRedactRows(t *testing.T) {
	const fdb, qfdb, arp, phys = "1.3.6.1.2.1.17.4.3.1", "1.3.6.1.2.1.17.7.1.2.2.1", "1.3.6.1.2.1.4.22.1", "1.3.6.1.2.1.4.35.1"
	const rem, man, loc, cdp = "1.0.8802.1.1.2.1.4.1.1", "1.0.8802.1.1.2.1.4.2.1", "1.0.8802.1.1.2.1.3", "1.3.6.1.4.1.9.9.23.1.2.1.1"
	const med, v2, hw = "1.0.8802.1.1.2.1.5.4795.1.3.3.1", "1.3.111.2.802.1.1.13.1.4", "1.3.6.1.4.1.2011.5.25.42.2.1.3.1"
	const mtxr, tp = "1.3.6.1.4.1.14988.1.1.11.1.1", "1.3.6.1.4.1.11863.6.35.1.2.2.1"
	const cam, own = "44:19:b6:00:00:09", "00:50:c2:12:34:56"
	tests := []struct{ name, rows string }{
		{"system", "1.3.6.1.2.1.1.1.0|4|Linux {n:nvr-1} 4.19\n1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.9.1.5\n1.3.6.1.2.1.1.3.0|67|5\n" +
			"1.3.6.1.2.1.1.4.0|4|{n:a.b@example.net}\n1.3.6.1.2.1.1.5.0|4|{n:nvr-1}\n1.3.6.1.2.1.1.6.0|4|{n:riser A}\n"},
		{"forwarding", fdb + ".1.{o:m:" + cam + "}|4x|{x:m:" + cam + "}\n" + fdb + ".2.{o:m:" + cam + "}|2|7\n"},
		{"forwarding by a counter", fdb + ".1.5|4x|{x:m:" + cam + "}\n" + fdb + ".2.5|2|7\n"},
		{"forwarding by VLAN", qfdb + ".2.20.{o:m:" + cam + "}|2|7\n"},
		{"forwarding with length", qfdb + ".2.20.6.{o:m:" + cam + "}|2|7\n"},
		{"forwarding with slot", qfdb + ".2.20.{o:m:" + cam + "}.3|2|7\n"},
		{"virtual and multicast", fdb + ".2.0.12.41.1.2.3|2|7\n" + fdb + ".2.1.0.94.0.0.1|2|7\n"},
		{"ARP", arp + ".1.3.{o:i:10.0.0.9}|2|3\n" + arp + ".2.3.{o:i:10.0.0.9}|4x|{x:m:" + cam + "}\n" + arp + ".3.3.{o:i:10.0.0.9}|64|{i:10.0.0.9}\n"},
		{"ARP as text", arp + ".2.3.{o:i:10.0.0.9}|4|{m:44:19:B6:00:00:0A}\n"},
		{"ND", phys + ".4.3.1.4.{o:i:10.0.0.9}|4x|{x:m:" + cam + "}\n" + phys + ".4.3.2.16.{o:i:2001:db8::9}|4x|{x:m:" + cam + "}\n" +
			phys + ".4.3.4.20.{o:i:fe80::9}.0.0.0.3|4x|{x:m:" + cam + "}\n"},
		{"ND without length", phys + ".4.3.1.{o:i:10.0.0.9}|4x|{x:m:" + cam + "}\n"},
		{"ND with two lengths", phys + ".4.3.1.5.4.{o:i:10.0.0.9}|4x|{x:m:" + cam + "}\n"},
		{"bridge address", "1.3.6.1.2.1.17.1.1.0|4x|{x:m:" + own + "}\n1.3.6.1.2.1.17.1.4.1.2.5|2|105\n"},
		{"interfaces", "1.3.6.1.2.1.2.2.1.2.1|4|Gi0/1\n1.3.6.1.2.1.2.2.1.6.1|4x|{x:m:" + own + "}\n1.3.6.1.2.1.2.2.1.6.2|4|\n" +
			"1.3.6.1.2.1.31.1.1.1.1.1|4|Gi0/1\n1.3.6.1.2.1.31.1.1.1.18.1|4|{n:lobby door}\n"},
		{"VLAN names", "1.3.6.1.2.1.17.7.1.4.3.1.1.20|4|{n:cameras}\n1.3.6.1.2.1.17.7.1.4.3.1.2.20|4x|ff00\n"},
		{"LLDP neighbour", rem + ".4.0.1.1|2|4\n" + rem + ".5.0.1.1|4x|{x:m:" + cam + "}\n" + rem + ".6.0.1.1|2|5\n" + rem + ".7.0.1.1|4|Gi0/24\n" +
			rem + ".8.0.1.1|4|{n:uplink core}\n" + rem + ".9.0.1.1|4|{n:cam-1}\n" + rem + ".10.0.1.1|4|Network Camera {n:cam-1} at {i:10.0.0.9}, {m:" + cam + "}\n" +
			rem + ".12.0.1.1|4x|0100\n" + man + ".3.0.1.1.1.4.{o:i:10.0.0.9}|2|2\n" + man + ".3.0.1.1.6.6.{o:m:" + cam + "}|2|2\n"},
		{"LLDP ids as text", rem + ".4.0.1.1|2|4\n" + rem + ".5.0.1.1|4|{m:44:19:B6:00:00:09}\n" + rem + ".6.0.1.1|2|7\n" + rem + ".7.0.1.1|4|{m:4419b6000009}\n"},
		{"LLDP network id", rem + ".4.0.1.1|2|5\n" + rem + ".5.0.1.1|4x|01{x:i:10.0.0.9}\n" + rem + ".6.0.1.1|2|4\n" + rem + ".7.0.1.1|4|{i:10.0.0.9}\n"},
		{"LLDP ids without subtype", rem + ".5.0.1.1|4x|{x:m:" + cam + "}\n" + rem + ".7.0.1.1|4|{n:port one}\n"},
		{"LLDP local", "1.3.6.1.2.1.2.2.1.2.1|4|Gi0/1\n" + loc + ".1.0|2|4\n" + loc + ".2.0|4x|{x:m:" + own + "}\n" + loc + ".3.0|4|{n:core}\n" +
			loc + ".7.1.2.1|2|7\n" + loc + ".7.1.3.1|4|Gi0/1\n" + loc + ".7.1.3.2|4|17\n" + loc + ".7.1.4.1|4|{n:lobby door}\n" + loc + ".7.1.4.2|4|Gi0/1\n"},
		{"CDP", cdp + ".3.1.1|2|1\n" + cdp + ".4.1.1|4x|{x:i:10.0.0.9}\n" + cdp + ".6.1.1|4|{n:core.example.net}\n" + cdp + ".7.1.1|4|GigabitEthernet0/1\n" + cdp + ".8.1.1|4|cisco WS-C2960\n"},
		{"CDP device id", "1.3.6.1.2.1.1.5.0|4|{n:core}\n" + cdp + ".6.1.1|4|{n:core}({n:FOC1234)}\n" + cdp + ".6.1.2|4|{m:4419B6000009}\n" + cdp + ".6.1.3|4x|{x:m:" + cam + "}\n"},
		{"LLDP-MED", med + ".2.0.1.1|4|V5.5.0\n" + med + ".4.0.1.1|4|{n:SERIAL01}\n" + med + ".6.0.1.1|4|DS-2CD2143\n"},
		{"LLDP version 2", v2 + ".1.1.5.0.1.1.1|2|4\n" + v2 + ".1.1.6.0.1.1.1|4x|{x:m:" + cam + "}\n" + v2 + ".2.1.3.0.1.1.1.1.4.{o:i:10.0.0.9}|2|2\n"},
		{"entity", "1.3.6.1.2.1.47.1.1.1.1.11.1|4|{n:SERIAL01}\n1.3.6.1.2.1.47.1.1.1.1.13.1|4|AX-2224\n"},
		{"Huawei", hw + ".4.{o:m:" + cam + "}.20.1.48|2|7\n" + hw + ".4.{o:m:" + own + "}.20.1.48|2|7\n"},
		{"VLANs of Cisco", "1.3.6.1.4.1.9.9.46.1.3.1.1.2.1.20|2|1\n1.3.6.1.4.1.9.9.46.1.3.1.1.4.1.20|4|{n:cameras}\n"},
		{"contexts", "1.3.6.1.2.1.47.1.2.1.1.8.1|4|vlan-20\n1.3.6.1.2.1.47.1.2.1.1.8.2|4|{n:cams}\n" +
			"1.3.6.1.4.1.9.9.468.1.1.1.2.4.{o:n:cams}|4|{n:cameras}\n1.3.6.1.4.1.9.9.468.1.1.1.2.7.118.108.97.110.45.50.48|4|\n"},
		{"Alcatel", "1.3.6.1.4.1.6486.800.1.2.1.8.1.1.1.1.3.1001.20.{o:m:" + cam + "}|2|1\n"},
		{"MikroTik", mtxr + ".2.1|64|{i:10.0.0.9}\n" + mtxr + ".3.1|4x|{x:m:" + cam + "}\n" + mtxr + ".6.1|4|{n:router-1}\n" + mtxr + ".8.1|4|1e\n" +
			man + ".3.0.1.1.1.{o:i:10.0.0.9}|2|2\n"},
		{"atTable", "1.3.6.1.2.1.3.1.1.2.3.1.{o:i:10.0.0.9}|4x|{x:m:" + cam + "}\n1.3.6.1.2.1.3.1.1.3.3.1.{o:i:10.0.0.9}|64|{i:10.0.0.9}\n"},
		{"MikroTik, registered by radio", "1.3.6.1.4.1.14988.1.1.1.2.1.1.{o:m:" + cam + "}.2|4x|{x:m:" + cam + "}\n1.3.6.1.4.1.14988.1.1.1.2.1.3.{o:m:" + own + "}.2|2|-38\n"},
		{"power over Ethernet", "1.3.6.1.2.1.31.1.1.1.1.2|4|ether1\n1.3.6.1.4.1.9.9.402.1.2.1.5.1.6|4x|00\n1.3.6.1.4.1.9.9.402.1.2.1.9.1.6|66|7000\n" +
			"1.3.6.1.4.1.11863.6.56.1.1.2.1.1.5.11|4|{n:office hours}\n1.3.6.1.4.1.11863.6.56.1.1.2.1.1.7.11|2|20\n1.3.6.1.4.1.14988.1.1.15.1.1.2.2|4|ether1\n"},
		{"TP-Link", tp + ".4.1.1|4|{m:44:19:B6:00:00:09}\n" + tp + ".12.1.1|4|Bridge Router\n" + tp + ".13.1.1|4|::{i:10.0.0.9}\n" + tp + ".13.1.2|4|::\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := testRedactor()
			rows, left := r.Rows(readText(t, expand(t, test.rows, nil)))
			var got, want bytes.Buffer
			if err := Write(&got, rows); err != nil {
				t.Fatal(err)
			}
			if err := Write(&want, slices.Collect(readText(t, expand(t, test.rows, testRedactor())).All())); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want.String(), got.String()); diff != "" || left != 0 {
				t.Errorf("%d rows left out; want -, got +\n%s", left, diff)
			}
			if !slices.IsSortedFunc(rows, smi.CompareVarbinds) {
				t.Error("the rows are not sorted")
			}
		})
	}
}

// What nobody can say anything of is left out.
func TestRedactLeavesOut(t *testing.T) {
	for _, row := range []string{
		"1.3.6.1.2.1.47.1.3.1.1.2.1|4|a text",            // no table that is known
		"1.3.6.1.2.1.1.9.1.3.1|4|a text",                 // not a scalar
		"1.3.6.1.2.1.2.2.1.22.1|6|1.3.6.1",               // no column that is known
		"1.3.6.1.2.1.31.1.1.1.99.1|4|text",               // likewise
		"1.3.6.1.2.1.17.4.3.1.2.1.2.3.4.5.6.7.8|2|1",     // a form of index that nobody knows
		"1.3.6.1.2.1.17.4.3.1.2.68.25.182.0.0.900|2|1",   // no octet
		"1.3.6.1.2.1.17.7.1.2.2.1.2.68.25.182.0.0|2|1",   // too short
		"1.3.6.1.2.1.4.22.1.2.1.10.0.0.900|2|1",          // no octet
		"1.3.6.1.2.1.4.35.1.4.1.16.3.97.46.98|4|x",       // a DNS name (RFC 4001)
		"1.0.8802.1.1.2.1.4.2.1.3.0.1.1.7.2.1.2|2|1",     // a family that nobody knows
		"1.0.8802.1.1.2.1.3.8.1.5.1.4.10.0.0.1|6|0.0",    // lldpLocManAddrTable: an address in the index
		"1.3.6.1.2.1.2.2.1.2.68.25.182.0.0.9|4|Gi0/1",    // more than an ifIndex
		"1.2.840.10006.300.43.1.2.1.1.2.1|68x|00112233",  // opaque
		"1.3.6.1.4.1.9.9.23.1.2.1.1.2.10.0.0.1.5.6|2|17", // too long
	} {
		rows, left := testRedactor().Rows(readText(t, row+"\n1.3.6.1.2.1.1.3.0|67|5\n"))
		if left != 1 || len(rows) != 1 {
			t.Errorf("%s: %d rows, %d left out: %v", row, len(rows), left, rows)
		}
	}
}

func TestRedactText(t *testing.T) {
	tests := []struct{ name, text string }{
		{"nothing", "Example Networks AX-2224 access switch, software 3.10.4, 12:34:56, 1.3.6.1.4.1.9"},
		{"host", "Linux {n:nvr} 4.19 on {n:NVR}, not nvrs"},
		{"host and label", "{n:core.example.net} and {n:core}"},
		{"address behind a word", "IP:{i:10.0.0.9} {i:10.0.0.9}:8080 ({i:10.0.0.9}) {i:10.0.0.9}."},
		{"IPv6", "at {i:2001:db8::9}, {i:fe80::9}"},
		{"hardware address", "{m:44:19:b6:00:00:09} {m:44-19-B6-00-00-09} {m:4419.b600.0009} {m:4419b6000009} ({m:4419B6000009})"},
		{"Huawei", "{m:4419-b600-0009} {m:4419b6-000009}"},
		{"long number", "serial {n:0123456789abcdef0}"},
		{"part of a word", "cam{n:4419b6000009}x"},
		{"end of an address", "DS-{n:000009}, {n:00:00:09}"},
		{"word before a colon", "mac:{m:4419.b600.0009}"},
		{"loopback stays", "127.0.0.1 ::1 00:00:00:00:00:00"},
	}
	const rows = "1.3.6.1.2.1.1.5.0|4|core.example.net\n1.0.8802.1.1.2.1.3.3.0|4|nvr\n1.3.6.1.2.1.17.4.3.1.2.68.25.182.0.0.9|2|1\n"
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			recording := readText(t, rows+"1.3.6.1.2.1.1.1.0|4|"+expand(t, test.text, nil)+"\n")
			redacted, _ := testRedactor().Rows(recording)
			got, _ := New(redacted).Get(smi.MustOID("1.3.6.1.2.1.1.1.0"))
			if diff := cmp.Diff(expand(t, test.text, testRedactor()), string(got.Bytes)); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
		})
	}
}

// TestRedactRecordedDevices redacts real tables: in none of them do the last
// four octets of a station's address stay, in a name or in a value, as octets
// or as text.
func TestRedactRecordedDevices(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(sharedCaptures(t), "*.snmprec"))
	if err != nil {
		t.Fatal(err)
	}
	stations, kept := 0, 0
	for _, path := range paths {
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		recording, err := Read(path, bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		r := testRedactor()
		rows, _ := r.Rows(recording)
		tails := make(map[string]bool)
		for mac := range r.macs {
			tails[string(mac[2:])] = mac[3] != 0 || mac[4] != 0 // others look like numbers
		}
		// An address of 01 01 01 …, and the name of an interface as its address.
		delete(tails, "\x01\x01\x01\x01")
		delete(tails, "tun0")
		for mac, replaced := range r.macs {
			if mac == replaced {
				delete(tails, string(mac[2:]))
			}
		}
		stations += len(tails)
		kept += len(rows)
		for _, row := range rows {
			if table := tableOf(row.Name); table.columns[row.Name[len(table.root)]] == keptContent {
				continue // sets of ports look like anything
			}
			for _, tail := range endsIn(row) {
				if tails[tail] {
					t.Errorf("%s: %x is in %v = %v", filepath.Base(path), tail, row.Name, row.Value)
				}
			}
		}
	}
	t.Logf("%d rows of %d files, %d addresses", kept, len(paths), stations)
}

// endsIn returns every four octets that stand behind each other in a row, in
// its name, its value, or its value as hexadecimal text.
func endsIn(row smi.Varbind) []string {
	const size = 4
	var all []string
	windows := func(octets []byte) {
		for i := range len(octets) - size + 1 {
			all = append(all, string(octets[i:i+size]))
		}
	}
	octets := make([]byte, 0, len(row.Name))
	for _, arc := range row.Name {
		octets = append(octets, byte(arc))
	}
	windows(octets)
	windows(row.Value.Bytes)
	digits := strings.Map(hexOnly, string(row.Value.Bytes))
	for skip := range min(2, len(digits)) {
		if text, err := hex.DecodeString(digits[skip : len(digits)-(len(digits)-skip)%2]); err == nil {
			windows(text)
		}
	}
	return all
}

func FuzzRedact(f *testing.F) {
	f.Add([]byte("1.3.6.1.2.1.17.4.3.1.2.68.25.182.0.0.9|2|2\n1.3.6.1.2.1.1.1.0|4|cam 44:19:b6:00:00:09 at ::ffff:10.0.0.1\n1.3.6.1.2.1.1.5.0|4|cam\n"))
	f.Add([]byte("1.3.6.1.2.1.4.35.1.4.3.4.20.254.128|4x|00\n1.0.8802.1.1.2.1.4.2.1.3.0.1.1.6.6.1.2.3.4.5.6|2|1\n"))
	f.Add([]byte("1.0.8802.1.1.2.1.4.1.1.5.0.1.1|4x|e280ff\n1.0.8802.1.1.2.1.4.1.1.7.0.1.1|4|::1:2:3%eth0\n1.3.6.1.2.1.4.22.1.3.1.1.2.3.4|64|1.2.3.4\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		recording, err := read("fuzzed", bytes.NewReader(file), limits{bytes: 1 << 16, rows: 1000, line: 1 << 12, errors: 1})
		if err != nil {
			return
		}
		rows, left := testRedactor().Rows(recording)
		if len(rows)+left != recording.Len() || !slices.IsSortedFunc(rows, smi.CompareVarbinds) {
			t.Fatalf("%d rows and %d left out of %d", len(rows), left, recording.Len())
		}
		again, _ := testRedactor().Rows(recording)
		if diff := cmp.Diff(rows, again); diff != "" {
			t.Errorf("the second time it is different:\n%s", diff)
		}
		if len(rows) > 0 {
			checkRoundTrip(t, New(rows))
		}
	})
}

// FuzzRedactText looks for an address that stays in a text.
func FuzzRedactText(f *testing.F) {
	f.Add("Camera ", ", serial")
	f.Add("fe80::", "::1")
	f.Add("mac:", ":")
	f.Fuzz(func(t *testing.T, before, after string) {
		f := redaction{Redactor: testRedactor(), tails: map[string]bool{}}
		mac := lan.MAC{0x44, 0x19, 0xb6, 0x5e, 0x7d, 0x39}
		f.mac(mac)
		for _, spelling := range []string{mac.String(), "4419.b65e.7d39", "4419B65E7D39"} {
			got := strings.ToLower(f.scrub(before + spelling + after))
			if strings.Contains(got, strings.ToLower(spelling[len(spelling)-8:])) && !strings.Contains(strings.ToLower(before+after), "7d39") {
				t.Errorf("%q stays in %q", spelling, got)
			}
		}
	})
}

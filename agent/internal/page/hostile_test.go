package page

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/report"
)

// said is a report in which every text is the given one.
func said(text string) *report.Report {
	zero := 1
	return &report.Report{
		Schema: text, ID: text, Seq: 1, Site: report.Site{ID: text, Name: text},
		Agent: report.Agent{Version: text, Hostname: text, OS: text, Arch: text},
		Data:  report.Data{Registry: report.Registry{Date: text, SHA256: text}, Watchlists: []report.Watchlist{{ID: text, AsOf: text}}},
		Coverage: []report.Coverage{
			{Source: text + "2", Kind: text, Name: text, Found: text, Status: text, Tables: []report.Table{{Table: text, Context: text, Status: text, Method: text, Rows: 1, Reason: text}}},
			{Source: text + "3", Kind: text, Name: text, Status: "failed", Reason: text},
		},
		Findings: []report.Finding{{
			MAC: text, IPs: []string{text}, Names: []string{text}, Class: text + "1", Level: text, Severity: text, Present: true,
			Maker: report.Maker{Key: text, Name: text, Organization: text, Prefix: text},
			Lists: []report.ListMatch{{ID: text, Relation: text}},
			Location: report.Location{Switch: text, Address: text, Port: text, IfIndex: 1, Alias: text, VLAN: 1, Certainty: text, StationsOnPort: &zero,
				Behind: text, Host: text, Interface: text, Why: text, Alternatives: []report.Alternative{{Switch: text, Port: text, WhyNot: text}}},
			Evidence: []report.Evidence{{Claim: text, Mechanism: text, Source: text, Table: text, Object: text, Value: text, Rule: text, Text: text}},
		}},
		VendorOnly: []report.VendorOnly{{Maker: text, Stations: 1}},
		Changes:    []report.Change{{Op: report.ChangeOp(text), MAC: text}},
		Spool:      report.Spool{State: text, Dropped: report.Dropped{Count: 1, Reason: text}},
	}
}

// skeleton is a page without its texts: its elements, and the names of their
// attributes. It fails where an element is not closed as it should be.
func skeleton(page string) ([]string, error) {
	decoder := xml.NewDecoder(strings.NewReader(page))
	decoder.Strict, decoder.AutoClose = false, xml.HTMLAutoClose
	var parts []string
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return parts, nil
		}
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			part := token.Name.Local
			for _, a := range token.Attr {
				part += " " + a.Name.Local
			}
			parts = append(parts, part)
		case xml.EndElement:
			parts = append(parts, "/"+token.Name.Local)
		case xml.Comment, xml.ProcInst:
			parts = append(parts, "!")
		}
	}
}

// Whatever the network says, a page has the elements and attributes that it
// has for a harmless word, and no character that acts unseen.
func FuzzHostileText(f *testing.F) {
	for _, seed := range []string{
		"<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "' onmouseover='alert(1)", "</title></style><b>", "<!-- ", "]]>", "<?php",
		"{{.Policy}}", "javascript:alert(1)", "&#x202e;&lt;script&gt;", "\u202egnp.exe", "\x1b[2J\x07\x00", "\xff\xfe\x80", "\u2028\u2029\u0085\ufeff\u00ad", "a\u0301\u0489", "\U000e0001",
	} {
		f.Add(seed)
	}
	want, err := skeleton(write(f, said("harmless")))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		switch text { // words that the page knows
		case "", "failed", "complete", "absent", "uplink", "host", "heartbeat", "critical", "high", "medium", "low", "info":
			t.Skip()
		}
		if relationText(text) != "" || (&view{Levels: levels()}).Level(text).Short != "" {
			t.Skip()
		}
		page := write(t, said(text))
		if !utf8.ValidString(page) {
			t.Fatal("the page is not valid UTF-8")
		}
		for _, r := range page {
			if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029') {
				t.Fatalf("the page has the character %U", r)
			}
		}
		got, err := skeleton(page)
		if err != nil {
			t.Fatalf("the page is broken: %v", err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

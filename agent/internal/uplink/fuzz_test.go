package uplink

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"accepted":["a"],"rejected":[{"id":"b","reason":"no"}]}`))
	f.Add([]byte(`{"accepted":["a","b"]}`))
	f.Add([]byte(`{"rejected":[{"id":"a","reason":"token \u001b[31m"}]}`))
	f.Add([]byte(`<html>`))
	sent := reports("a", "b")
	f.Fuzz(func(t *testing.T, data []byte) {
		var r Result
		_, err := cloudEvents{}.settle(&r, answering(data), sent, "token")
		if settled := len(r.Accepted) + len(r.Rejected); (err == nil) != (settled == len(sent)) {
			t.Errorf("%d settled, error %v", settled, err)
		}
		for _, id := range r.Accepted {
			if !bytes.Contains(data, []byte(id)) && !bytes.Contains(data, []byte(`\u`)) {
				t.Errorf("%q was never named", id)
			}
		}
		for _, rejected := range r.Rejected {
			if text := rejected.Reason; len(text) > maxReason || !utf8.ValidString(text) || strings.ContainsAny(text, "\x1b\n") || strings.Contains(text, "token") {
				t.Errorf("reason is %q", text)
			}
		}
	})
}

// answering is a 200 with a body.
func answering(body []byte) *http.Response {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(body))}
}

func FuzzOTLPAnswer(f *testing.F) {
	for _, seed := range []string{`{}`, `{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"token \u001b[31m"}}`,
		`{"partialSuccess":{"rejectedLogRecords":2}}`, `{"partialSuccess":null}`, `null`, `<html>`, `{"partialSuccess":{"rejectedLogRecords":-1}}`} {
		f.Add([]byte(seed))
	}
	sent := reports("a", "b")
	f.Fuzz(func(t *testing.T, data []byte) {
		var r Result
		_, err := otlp{}.settle(&r, answering(data), sent, "token")
		switch settled := len(r.Accepted) + len(r.Rejected); {
		case err == nil && (settled != len(sent) || len(r.Accepted)*len(r.Rejected) != 0), err != nil && settled != 0:
			t.Errorf("%d accepted, %d rejected, error %v", len(r.Accepted), len(r.Rejected), err)
		case err == nil && !json.Valid(data):
			t.Errorf("%q acknowledges", data)
		}
		for _, rejected := range r.Rejected {
			if text := rejected.Reason; len(text) > maxReason || !utf8.ValidString(text) || strings.ContainsAny(text, "\x1b\n") || strings.Contains(text, "token") {
				t.Errorf("reason is %q", text)
			}
		}
	})
}

func FuzzRetryAfter(f *testing.F) {
	f.Add("120", "Mon, 23 Nov 2026 12:00:00 GMT")
	f.Add("Mon, 23 Nov 2026 12:01:00 GMT", "Mon, 23 Nov 2026 12:00:00 GMT")
	f.Fuzz(func(t *testing.T, value, date string) {
		got := retryAfter(http.Header{"Retry-After": {value}, "Date": {date}}, time.Now())
		if got != 0 && (got < minRetryAfter || got > maxRetryAfter) {
			t.Errorf("Retry-After %q at %q: %v", value, date, got)
		}
	})
}

package uplink

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// serveOTLP is serve with a client that sends OTLP.
func serveOTLP(t *testing.T, handler http.HandlerFunc) *Client {
	t.Helper()
	_, server := serve(t, handler)
	return dial(t, Endpoint{URL: server.URL + "/v1/logs", CAFile: caFile(t, server), Format: OTLP})
}

func logRecordOf(id string) string {
	return `{"timeUnixNano":"1795435200000000000","observedTimeUnixNano":"1795435200000000000","severityNumber":9,"severityText":"INFO",` +
		`"eventName":"camwarden.report.v1","body":{"stringValue":"{\"id\":\"` + id + `\",\"why\":\"a < b\"}"},"attributes":[` +
		`{"key":"cloudevents.event_id","value":{"stringValue":"` + id + `"}},` +
		`{"key":"cloudevents.event_source","value":{"stringValue":"/sites/LON-0042/agents/6f1c"}},` +
		`{"key":"cloudevents.event_spec_version","value":{"stringValue":"1.0"}},` +
		`{"key":"cloudevents.event_type","value":{"stringValue":"camwarden.report.v1"}}]}`
}

// logsOf is the request that carries the records of one agent.
func logsOf(records ...string) string {
	return `{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"camwarden"}},` +
		`{"key":"service.instance.id","value":{"stringValue":"/sites/LON-0042/agents/6f1c"}}]},` +
		`"scopeLogs":[{"scope":{"name":"github.com/camwarden/camwarden"},"logRecords":[` + strings.Join(records, ",") + `]}]}]}` + "\n"
}

func TestOTLPRequest(t *testing.T) {
	for _, test := range []struct {
		name string
		ids  []string
		body string
	}{
		{"one", []string{"a"}, logsOf(logRecordOf("a"))},
		{"several", []string{"a", "b"}, logsOf(logRecordOf("a"), logRecordOf("b"))},
		{"none", nil, `{"resourceLogs":[]}` + "\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := serveOTLP(t, func(w http.ResponseWriter, r *http.Request) {
				got := []string{r.Method, r.URL.Path, r.Header.Get("Content-Type"), r.Header.Get("Content-Encoding"), r.Header.Get("Authorization"), body(t, r)}
				want := []string{"POST", "/v1/logs", "application/json", "gzip", "Bearer " + canaryToken, test.body}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("request (-want +got):\n%s", diff)
				}
				w.Header().Set("Content-Type", "application/json")
				fmt.Fprint(w, `{"partialSuccess":{}}`)
			})
			got, err := c.Send(t.Context(), reports(test.ids...))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.ids, got.Accepted); diff != "" {
				t.Errorf("accepted (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOTLPKeepsAgentsApart(t *testing.T) {
	list := append(reports("a", "b"), reports("c")...)
	list[1].Source, list[2].Time, list[2].Subject = "/sites/LON-0043/agents/1", time.Time{}, "LON-0042"
	zipped, err := otlp{}.encode(list)
	if err != nil {
		t.Fatal(err)
	}
	var request logsRequest
	if err := json.Unmarshal([]byte(unzip(t, zipped)), &request); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, agent := range request.ResourceLogs {
		for _, r := range agent.ScopeLogs[0].LogRecords {
			got = append(got, agent.Resource.Attributes[1].Value.StringValue+" "+r.Body.StringValue)
		}
	}
	want := []string{"/sites/LON-0042/agents/6f1c " + string(list[0].Data), "/sites/LON-0042/agents/6f1c " + string(list[2].Data),
		"/sites/LON-0043/agents/1 " + string(list[1].Data)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	last := request.ResourceLogs[0].ScopeLogs[0].LogRecords[1]
	if last.TimeUnixNano != "0" || last.Attributes[4] != text("cloudevents.event_subject", "LON-0042") {
		t.Errorf("without a time and with a subject: %+v", last)
	}
}

func TestOTLPAnswers(t *testing.T) {
	both := []string{"a", "b"}
	for _, test := range []struct {
		name, media, answer string
		accepted            []string
		rejected            []Rejection
		class               Class // of the failure, where neither is said
	}{
		{name: "partial success without anything", answer: `{"partialSuccess":{}}`, accepted: both},
		{name: "nothing", answer: `{}`, accepted: both},
		{name: "null", answer: `{"partialSuccess":null}`, accepted: both},
		{name: "none rejected", answer: `{"partialSuccess":{"rejectedLogRecords":"0","errorMessage":"a warning"}}`, accepted: both},
		{name: "more keys", answer: `{"partialSuccess":{"rejectedLogRecords":0},"more":1}`, accepted: both},
		{name: "with a charset", media: "application/json; charset=utf-8", answer: `{}`, accepted: both},
		{name: "all rejected", answer: `{"partialSuccess":{"rejectedLogRecords":"2","errorMessage":"no\u0007 ` + canaryToken + `"}}`,
			rejected: []Rejection{{"a", "no  …"}, {"b", "no  …"}}},
		{name: "one rejected", answer: `{"partialSuccess":{"rejectedLogRecords":1,"errorMessage":"no ` + canaryToken + `"}}`, class: Poison},
		{name: "less than none", answer: `{"partialSuccess":{"rejectedLogRecords":"-1"}}`},
		{name: "no number", answer: `{"partialSuccess":{"rejectedLogRecords":"many"}}`},
		{name: "half", answer: `{"partialSuccess":{"rejectedLogRecords":0.5}}`},
		{name: "other shape", answer: `{"partialSuccess":[]}`},
		{name: "portal", media: "text/html", answer: `<html>Welcome. Please sign in.</html>`},
		{name: "portal without a type", answer: `<html>Welcome. Please sign in.</html>`},
		{name: "an object of another type", media: "text/plain", answer: `{}`},
		{name: "protobuf", media: "application/x-protobuf", answer: ""},
		{name: "empty", answer: ``},
		{name: "truncated", answer: `{"partialSuccess":{}`},
		{name: "list", answer: `[]`},
		{name: "no object", answer: `null`},
		{name: "too long", answer: `{` + strings.Repeat(" ", maxAnswer) + `}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := serveOTLP(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", orDefault(test.media, "application/json"))
				fmt.Fprint(w, test.answer)
			})
			var got Result
			if test.accepted != nil || test.rejected != nil {
				var err error
				if got, err = c.Send(t.Context(), reports(both...)); err != nil {
					t.Fatal(err)
				}
			} else {
				var f *Failure
				if got, f = fails(t, c, reports(both...)); f.Class != test.class || f.Status != 200 {
					t.Errorf("class %v, status %d", f.Class, f.Status)
				}
			}
			if diff := cmp.Diff(test.accepted, got.Accepted); diff != "" {
				t.Errorf("accepted (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.rejected, got.Rejected); diff != "" {
				t.Errorf("rejected (-want +got):\n%s", diff)
			}
		})
	}
}

// TestOTLPStatuses holds what a status means, and that only those are repeated
// soon for which OTLP allows it.
func TestOTLPStatuses(t *testing.T) {
	for status, want := range map[int]struct {
		class Class
		tries int // 0: as the short retries have it for any format
	}{
		201: {Wait, 1}, 202: {Wait, 1}, 204: {Wait, 1}, 302: {Config, 1},
		400: {Poison, 1}, 401: {Config, 1}, 404: {Config, 1}, 408: {Wait, 1}, 413: {Poison, 1}, 415: {Poison, 1},
		429: {Wait, 0}, 500: {Config, 1}, 501: {Config, 1}, 502: {Wait, 3}, 503: {Wait, 3}, 504: {Wait, 3},
	} {
		tries := 0
		c := serveOTLP(t, func(w http.ResponseWriter, _ *http.Request) {
			tries++
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			if status != 204 {
				fmt.Fprint(w, `{}`)
			}
		})
		got, f := fails(t, c, reports("a"))
		if f.Class != want.class || f.Status != status || got.Accepted != nil || want.tries != 0 && tries != want.tries {
			t.Errorf("%d: class %v, status %d, accepted %v, %d attempts", status, f.Class, f.Status, got.Accepted, tries)
		}
	}
}

func TestOTLPUnencodable(t *testing.T) {
	c := serveOTLP(t, func(http.ResponseWriter, *http.Request) { t.Error("sent") })
	list := reports("a")
	list[0].Data = []byte(`{"a":`)
	if _, f := fails(t, c, list); f.Class != Poison {
		t.Errorf("class %v: %v", f.Class, f)
	}
}

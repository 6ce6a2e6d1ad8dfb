// Package formats holds what camwarden sends and takes against the libraries of
// others: the CloudEvents SDK, and a validator of OpenAPI. It is a module of its
// own so that these are no dependencies of the program.
package formats

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi/datamodel"

	"github.com/camwarden/camwarden/agent/internal/receive"
	"github.com/camwarden/camwarden/agent/internal/uplink"
)

// observed are the golden reports, and what 'camwarden scan' makes of the
// demonstration's site.
func observed(t *testing.T) []uplink.Report {
	t.Helper()
	scan := exec.Command("go", "run", "./agent", "scan", "-from", "agent/demosite", "-json")
	scan.Dir = filepath.Join("..", "..")
	live, err := scan.Output()
	if err != nil {
		t.Fatalf("scan the demonstration's site: %v", err)
	}
	texts := [][]byte{live}
	for _, name := range []string{"report/testdata/filled.json", "report/testdata/empty.json", "page/testdata/report.json"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "agent", "internal", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, text)
	}
	var list []uplink.Report
	for i, text := range texts {
		var compact bytes.Buffer
		if err := json.Compact(&compact, text); err != nil {
			t.Fatal(err)
		}
		list = append(list, uplink.Report{ID: fmt.Sprintf("019ae000-0000-7000-8000-%012d", i), Source: "/sites/LON-0042/agents/6f1c",
			Time: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), Data: compact.Bytes()})
	}
	return list
}

// client is an agent's, for a server of the test.
func client(t *testing.T, handler http.Handler) *uplink.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	c, err := uplink.New(uplink.Endpoint{URL: server.URL + receive.Path, Token: func() (string, error) { return "canary-token", nil }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// unpack takes the body of a request out of its packing. The libraries know
// nothing of that.
func unpack(t *testing.T, r *http.Request) []byte {
	zip, err := gzip.NewReader(r.Body)
	if err != nil {
		t.Error(err)
		return nil
	}
	body, err := io.ReadAll(zip)
	if err != nil {
		t.Error(err)
	}
	return body
}

func TestCloudEventsSDK(t *testing.T) {
	all := observed(t)
	for _, sent := range [][]uplink.Report{all[:1], all, {}} {
		var got []cloudevents.Event
		c := client(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Body = io.NopCloser(bytes.NewReader(unpack(t, r)))
			var err error
			if len(sent) == 1 {
				var one *cloudevents.Event
				if one, err = cloudevents.NewEventFromHTTPRequest(r); err == nil {
					got = []cloudevents.Event{*one}
				}
			} else {
				got, err = cloudevents.NewEventsFromHTTPRequest(r)
			}
			if err != nil {
				t.Errorf("the SDK says: %v", err)
			}
			ids := []string{}
			for _, e := range got {
				ids = append(ids, e.ID())
			}
			if err := json.NewEncoder(w).Encode(map[string]any{"accepted": ids}); err != nil {
				t.Error(err)
			}
		}))
		result, err := c.Send(t.Context(), sent)
		if err != nil || len(result.Accepted) != len(sent) || len(got) != len(sent) {
			t.Errorf("of %d events the SDK read %d, and %d were acknowledged: %v", len(sent), len(got), len(result.Accepted), err)
			continue
		}
		for i, e := range got {
			if err := e.Validate(); err != nil {
				t.Error(err)
			}
			if e.ID() != sent[i].ID || e.Source() != sent[i].Source || e.Type() != "camwarden.report.v1" || !e.Time().Equal(sent[i].Time) || !bytes.Equal(e.Data(), sent[i].Data) {
				t.Errorf("the SDK read another event than was sent: %v", e)
			}
		}
		t.Logf("the SDK reads %d as they were sent", len(got))
	}
}

// openAPI reads configs/endpoint.openapi.yaml, with the report's schema that it
// points to.
func openAPI(t *testing.T) validator.Validator {
	t.Helper()
	folder, err := filepath.Abs(filepath.Join("..", "..", "configs"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(folder, "endpoint.openapi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	document, err := libopenapi.NewDocumentWithConfiguration(text, &datamodel.DocumentConfiguration{BasePath: folder, AllowFileReferences: true})
	if err != nil {
		t.Fatal(err)
	}
	v, errs := validator.NewValidator(document)
	for _, err := range errs {
		t.Error(err)
	}
	if ok, errs := v.ValidateDocument(); !ok {
		for _, e := range errs {
			t.Errorf("the document: %s: %s %v", e.Message, e.Reason, e.SchemaValidationErrors)
		}
	}
	return v
}

// A witness holds each request and each answer that passes it against the
// document.
type witness struct {
	t    *testing.T
	v    validator.Validator
	next http.Handler

	mu       sync.Mutex
	statuses map[int]int
	bad      int // requests that are against the document
}

func (w *witness) ServeHTTP(to http.ResponseWriter, r *http.Request) {
	packed, err := io.ReadAll(r.Body)
	if err != nil {
		w.t.Error(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(packed))
	answer := httptest.NewRecorder()
	w.next.ServeHTTP(answer, r)

	shown := r.Clone(r.Context())
	shown.Body = io.NopCloser(bytes.NewReader(packed))
	if r.Header.Get("Content-Encoding") == "gzip" {
		shown.Body = io.NopCloser(bytes.NewReader(unpack(w.t, shown)))
	}
	requestOK, requestErrs := w.v.ValidateHttpRequest(shown)
	answerOK, answerErrs := w.v.ValidateHttpResponse(shown, answer.Result())
	w.mu.Lock()
	w.statuses[answer.Code]++
	if !requestOK {
		w.bad++
	}
	w.mu.Unlock()
	if answer.Code == http.StatusOK && !requestOK {
		for _, e := range requestErrs {
			w.t.Errorf("a request that is taken: %s: %s", e.Message, e.Reason)
			for _, s := range e.SchemaValidationErrors {
				w.t.Errorf("  %s at %s", s.Reason, s.KeywordLocation)
			}
		}
	}
	if !answerOK {
		for _, e := range answerErrs {
			w.t.Errorf("the answer %d: %s: %s", answer.Code, e.Message, e.Reason)
		}
	}
	for key, values := range answer.Header() {
		to.Header()[key] = values
	}
	to.WriteHeader(answer.Code)
	if _, err := answer.Body.WriteTo(to); err != nil {
		w.t.Error(err)
	}
}

// TestOpenAPI holds the agent's requests and the reference endpoint's answers
// against configs/endpoint.openapi.yaml, and the reports against the schema
// that it points to.
func TestOpenAPI(t *testing.T) {
	tokens, err := receive.ParseTokens("LON-0042 canary-token")
	if err != nil {
		t.Fatal(err)
	}
	endpoint, err := receive.New(receive.Options{Dir: t.TempDir(), Tokens: tokens, Faults: receive.Faults{First: 1}})
	if err != nil {
		t.Fatal(err)
	}
	defer endpoint.Close()
	w := &witness{t: t, v: openAPI(t), next: endpoint, statuses: map[int]int{}}
	c := client(t, w)
	reports := observed(t)
	for _, sent := range [][]uplink.Report{reports[:1], reports, {}} {
		if result, err := c.Send(t.Context(), sent); err != nil || len(result.Accepted) != len(sent) {
			t.Errorf("%d reports: %+v, %v", len(sent), result, err)
		}
	}
	if w.bad != 0 {
		t.Errorf("%d of the agent's requests are against the document", w.bad)
	}
	for _, r := range []struct {
		media, token, body string
		status             int
	}{
		{"application/cloudevents+json", "wrong", "{}", 401},
		{"application/cloudevents+json", "canary-token", "{", 400},
		{"application/json", "canary-token", "{}", 415},
		{"application/cloudevents-batch+json", "canary-token", "[" + strings.Repeat("{},", 100) + "{}]", 413},
		{"application/cloudevents+json", "canary-token", `{"specversion":"1.0","id":"a","source":"/sites/LON-0043/agents/1","type":"camwarden.report.v1","datacontenttype":"application/json","data":{}}`, 403}, // only the report is against its schema,
	} {
		request := httptest.NewRequest(http.MethodPost, receive.Path, strings.NewReader(r.body))
		request.Header.Set("Content-Type", r.media)
		request.Header.Set("Authorization", "Bearer "+r.token)
		before := w.bad
		answer := httptest.NewRecorder()
		w.ServeHTTP(answer, request)
		if answer.Code != r.status {
			t.Errorf("%s: %d, not %d", r.body, answer.Code, r.status)
		}
		if r.status != 401 && w.bad == before {
			t.Errorf("the document allows %q as %s, which the endpoint answers with %d", r.body, r.media, r.status)
		}
	}
	t.Logf("held against the document, answers by status: %v", w.statuses)
}

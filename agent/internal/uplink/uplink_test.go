package uplink

import (
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Secrets that no error may hold.
const (
	canaryToken = "canary-token"
	canaryQuery = "canary-query"
	canaryLogin = "canary-login"
)

func reports(ids ...string) []Report {
	list := []Report{}
	for _, id := range ids {
		list = append(list, Report{
			ID: id, Source: "/sites/LON-0042/agents/6f1c", Time: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
			Data: json.RawMessage(`{"id":"` + id + `","why":"a < b"}`),
		})
	}
	return list
}

// serve starts an HTTPS endpoint and a client that trusts it.
func serve(t *testing.T, handler http.HandlerFunc) (*Client, *httptest.Server) {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = quiet()
	server.StartTLS()
	t.Cleanup(server.Close)
	return dial(t, Endpoint{URL: server.URL + "/v1/reports?key=" + canaryQuery, CAFile: caFile(t, server)}), server
}

// dial makes a client whose short retries are really short.
func dial(t *testing.T, e Endpoint) *Client {
	t.Helper()
	e.Token = func() (string, error) { return canaryToken, nil }
	e.Proxy = orDefault(e.Proxy, "direct")
	c, err := New(e)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	c.retryWait = time.Millisecond
	return c
}

func caFile(t *testing.T, server *httptest.Server) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(name, block, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// fails sends reports, wants a failure, and searches its text for secrets.
func fails(t *testing.T, c *Client, list []Report) (Result, *Failure) {
	t.Helper()
	result, err := c.Send(t.Context(), list)
	var f *Failure
	if !errors.As(err, &f) {
		t.Fatalf("error is %v, not a failure", err)
	}
	for _, canary := range []string{canaryToken, canaryQuery, canaryLogin} {
		if strings.Contains(fmt.Sprintf("%v %+v %#v", err, f, f.Err.Error()), canary) {
			t.Errorf("error shows a secret: %v", err)
		}
	}
	return result, f
}

func body(t *testing.T, r *http.Request) string {
	t.Helper()
	zip, err := gzip.NewReader(r.Body)
	if err != nil {
		t.Error(err)
		return ""
	}
	data, err := io.ReadAll(zip)
	if err != nil {
		t.Error(err)
	}
	return string(data)
}

const oneEvent = `{"specversion":"1.0","id":"a","source":"/sites/LON-0042/agents/6f1c","type":"camwarden.report.v1",` +
	`"time":"2026-11-23T12:00:00Z","datacontenttype":"application/json",` +
	`"dataschema":"https://github.com/camwarden/camwarden/blob/main/configs/report.schema.json","data":{"id":"a","why":"a < b"}}`

func TestRequest(t *testing.T) {
	hash := sha256.Sum256([]byte("a\nb\n"))
	for _, test := range []struct {
		name             string
		ids              []string
		media, key, body string
	}{
		{"one", []string{"a"}, mediaEvent, "a", oneEvent},
		{"several", []string{"a", "b"}, mediaBatch, hex.EncodeToString(hash[:]),
			"[" + oneEvent + "," + strings.ReplaceAll(oneEvent, `"id":"a"`, `"id":"b"`) + "]"},
		{"none", nil, mediaBatch, "", "[]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
				got := map[string]string{
					"method": r.Method, "path": r.URL.String(), "media": r.Header.Get("Content-Type"),
					"key": r.Header.Get("Idempotency-Key"), "auth": r.Header.Get("Authorization"),
					"agent": r.UserAgent(), "body": body(t, r),
				}
				want := map[string]string{
					"method": "POST", "path": "/v1/reports?key=" + canaryQuery, "media": test.media,
					"key": test.key, "auth": "Bearer " + canaryToken, "agent": "camwarden", "body": test.body,
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("request (-want +got):\n%s", diff)
				}
				if r.ContentLength <= 0 {
					t.Error("the length of the body is not said")
				}
				w.Header().Set("Date", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
				json.NewEncoder(w).Encode(map[string]any{"accepted": append([]string{"other"}, test.ids...)})
			})
			got, err := c.Send(t.Context(), reports(test.ids...))
			if err != nil {
				t.Fatal(err)
			}
			if off := got.ClockOffset - time.Hour; !got.ClockKnown || off.Abs() > 2*time.Second {
				t.Errorf("clock offset is %v", got.ClockOffset)
			}
			if diff := cmp.Diff(test.ids, got.Accepted); diff != "" || got.Status != 200 {
				t.Errorf("status %d, accepted (-want +got):\n%s", got.Status, diff)
			}
		})
	}
}

func TestAnswers(t *testing.T) {
	for _, test := range []struct {
		name, answer string
		accepted     []string
		rejected     []Rejection
		settled      bool
	}{
		{"accepted", `{"accepted":["a","b"],"rejected":[]}`, []string{"a", "b"}, nil, true},
		{"both kinds", `{"accepted":["b"],"rejected":[{"id":"a","reason":"no\u0007 ` + canaryToken + `"}]}`,
			[]string{"b"}, []Rejection{{"a", "no  …"}}, true},
		{"one is missing", `{"accepted":["b"]}`, []string{"b"}, nil, false},
		{"others", `{"accepted":["c"]}`, nil, nil, false},
		{"contradiction", `{"accepted":["a","b"],"rejected":[{"id":"a"}]}`, []string{"b"}, nil, false},
		{"portal", `<html>Welcome. Please sign in.</html>`, nil, nil, false},
		{"nothing", ``, nil, nil, false},
		{"truncated", `{"accepted":["a","b"]`, nil, nil, false},
		{"empty object", `{}`, nil, nil, false},
		{"null", `null`, nil, nil, false},
		{"other shape", `{"accepted":"a"}`, nil, nil, false},
		{"list", `["a","b"]`, nil, nil, false},
		{"too long", `{"accepted":["a","b"]` + strings.Repeat(" ", maxAnswer) + `}`, nil, nil, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, test.answer) })
			var got Result
			if test.settled {
				var err error
				if got, err = c.Send(t.Context(), reports("a", "b")); err != nil {
					t.Fatal(err)
				}
			} else {
				var f *Failure
				if got, f = fails(t, c, reports("a", "b")); f.Class != Wait || f.Status != 200 {
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

func TestEmptyBatchNeedsAnAnswerToo(t *testing.T) {
	for answer, ok := range map[string]bool{`{"accepted":[]}`: true, `{"accepted":[],"rejected":[]}`: true, `{}`: false, `<html>`: false, ``: false} {
		c, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, answer) })
		if _, err := c.Send(t.Context(), nil); (err == nil) != ok {
			t.Errorf("answer %q gives %v", answer, err)
		}
	}
}

func TestStatusClasses(t *testing.T) {
	for status, want := range map[int]Class{
		201: Wait, 204: Wait, 206: Wait,
		301: Config, 302: Config, 304: Config, 307: Config,
		400: Poison, 401: Config, 402: Config, 403: Config, 404: Config, 405: Config, 407: Config, 408: Wait, 409: Wait,
		410: Config, 413: Poison, 415: Poison, 418: Config, 422: Poison, 425: Wait, 429: Wait,
		500: Wait, 501: Wait, 502: Wait, 503: Wait, 504: Wait, 599: Wait,
	} {
		c, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			if status != 204 && status != 304 {
				fmt.Fprint(w, `{"accepted":["a"]}`) // an acknowledgement has to be a 200 or 202
			}
		})
		got, f := fails(t, c, reports("a"))
		if f.Class != want || f.Status != status || got.Accepted != nil {
			t.Errorf("%d: class %v, status %d, accepted %v", status, f.Class, f.Status, got.Accepted)
		}
	}
	c, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(413) })
	if _, f := fails(t, c, reports("a", "b")); f.Class != TooLarge {
		t.Errorf("413 to a batch: class %v", f.Class)
	}
	c, _ = serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(202)
		fmt.Fprint(w, `{"accepted":["a"]}`)
	})
	if _, err := c.Send(t.Context(), reports("a")); err != nil {
		t.Errorf("202: %v", err)
	}
}

func TestTokenIsReadEachTime(t *testing.T) {
	var seen []string
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Get("Authorization"))
		fmt.Fprint(w, `{"accepted":[]}`)
	})
	tokens := []string{"first", "second"}
	c.token = func() (string, error) {
		next := tokens[0]
		tokens = tokens[1:]
		return next, nil
	}
	for range 2 {
		if _, err := c.Send(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"Bearer first", "Bearer second"}, seen); diff != "" {
		t.Errorf("tokens (-want +got):\n%s", diff)
	}
	for _, bad := range []string{"", canaryToken + "\n", "två" + canaryToken, canaryToken + " x"} {
		c.token = func() (string, error) { return bad, nil }
		if _, f := fails(t, c, nil); f.Class != Config {
			t.Errorf("token %q: class %v", bad, f.Class)
		}
	}
	c.token = func() (string, error) { return "", errors.New("open token: no such file") }
	if _, f := fails(t, c, nil); f.Class != Config || !strings.Contains(f.Error(), "no such file") {
		t.Errorf("missing token: %v, class %v", f, f.Class)
	}
	c.token = nil
	seen = nil
	if _, err := c.Send(t.Context(), nil); err != nil || seen[0] != "" {
		t.Errorf("without a token: %q, %v", seen, err)
	}
	if len(seen) != 1 {
		t.Errorf("%d requests went out", len(seen))
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body(t, r) // only then the server notices that the client has gone
		cancel()
		<-r.Context().Done()
		panic(http.ErrAbortHandler) // an answer could still overtake the cancellation
	})
	_, err := c.Send(ctx, reports("a"))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled delivery gives %v", err)
	}
}

func TestUnencodable(t *testing.T) {
	c, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) { t.Error("sent") })
	list := reports("a")
	list[0].Data = []byte(`{"a":`)
	if _, f := fails(t, c, list); f.Class != Poison {
		t.Errorf("class %v: %v", f.Class, f)
	}
}

package receive

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	single = "application/cloudevents+json"
	batch  = "application/cloudevents-batch+json; charset=utf-8"
)

func report(id string) string {
	return fmt.Sprintf(`{"specversion":"1.0","id":%q,"source":"/sites/LON-0042/agents/6f1c","type":"camwarden.report.v1","data":{"seq":1}}`, id)
}

func mustNew(t *testing.T, opts Options) *Server {
	t.Helper()
	s, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// post delivers a body and returns status and answer.
func post(s *Server, contentType, body string, header ...string) (int, string) {
	r := httptest.NewRequest(http.MethodPost, Path, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Code, strings.TrimSpace(w.Body.String())
}

func get(s *Server, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

func zipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, text)
	w.Close()
	return b.String()
}

// file is what the store holds, without the times of arrival.
func file(t *testing.T, dir string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, fileName))
	if err != nil {
		t.Fatal(err)
	}
	return arrivalTime.ReplaceAllString(string(data), "}")
}

// arrivalTime is what the store adds to an event.
var arrivalTime = regexp.MustCompile(`,"receivedtime":"[0-9T:.-]+Z"}`)

func mustTokens(t *testing.T, text string) Tokens {
	t.Helper()
	tokens, err := ParseTokens(text)
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

func TestDeliveries(t *testing.T) {
	big := strings.Repeat("x", maxBody+1)
	gz := []string{"Content-Encoding", "gzip"}
	hundred := func(n int) string { return "[" + strings.TrimSuffix(strings.Repeat(report("a")+",", n), ",") + "]" }
	for _, test := range []struct {
		name, media, body string
		header            []string
		status            int
		kept              string // ids in the file, and in accepted
		rejected          string // ids and reasons
		unlike            bool   // the event is kept as it is, and is not what report makes
	}{
		{name: "one", media: single, body: report("a"), status: 200, kept: "a"},
		{name: "one zipped", media: single, body: zipped(report("a")), header: gz, status: 200, kept: "a"},
		{name: "several", media: batch, body: "[" + report("a") + ",\n" + report("b") + "]", status: 200, kept: "ab"},
		{name: "none", media: batch, body: "[]", status: 200},
		{name: "several lines", media: single, body: strings.ReplaceAll(report("a"), ",", ",\n"), status: 200, kept: "a"},
		{name: "some are bad", media: batch, body: `[` + report("a") + `,{"id":"b","specversion":"1.0","type":"t"},{"id":"c"}]`, status: 200,
			kept: "a", rejected: "b it has no source; c specversion \"\", want 1.0"},
		{name: "not an object", media: batch, body: "[" + report("a") + `,7,"x",[]]`, status: 200, kept: "a", rejected: " ;  ;  "},
		{name: "no id", media: single, body: strings.Replace(report("a"), `"a"`, `""`, 1), status: 200, rejected: " it has no id"},
		{name: "other type", media: single, body: strings.Replace(report("a"), "camwarden", "other", 1), status: 200,
			rejected: "a type \"other.report.v1\", want camwarden.report.v1"},
		{name: "no report", media: single, body: strings.Replace(report("a"), `{"seq":1}`, "7", 1), status: 200, rejected: "a its data is no JSON object"},
		{name: "no agent's source", media: single, body: strings.Replace(report("a"), "/agents/6f1c", "", 1), status: 200,
			rejected: "a its source is not /sites/{site}/agents/{agent}"},
		{name: "a long id", media: single, body: report(strings.Repeat("a", maxID+1)), status: 200,
			rejected: strings.Repeat("a", maxID+1) + " its id has more than 128 bytes"},
		{name: "a long source", media: single, body: strings.Replace(report("a"), "6f1c", strings.Repeat("6", maxSource), 1), status: 200,
			rejected: "a its source is not /sites/{site}/agents/{agent}"},
		{name: "deeply nested", media: single, body: strings.Replace(report("a"), `"seq":1`, `"x":`+strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000), 1), status: 400},
		{name: "other types in the report", media: single, body: strings.Replace(report("a"), `"seq":1`, `"seq":"x","findings":7,"coverage":{"a":1}`, 1), status: 200, kept: "a", unlike: true},
		{name: "a time of arrival of its own", media: single, body: strings.Replace(report("a"), `{"spec`, `{"receivedtime":"1999-01-01T00:00:00Z","spec`, 1), status: 200, kept: "a", unlike: true},
		{name: "not JSON", media: single, body: "hello", status: 400},
		{name: "nothing", media: single, body: "", status: 400},
		{name: "cut off", media: batch, body: "[" + report("a"), status: 400},
		{name: "one as a batch", media: batch, body: report("a"), status: 400},
		{name: "a hundred", media: batch, body: hundred(100), status: 200, kept: strings.Repeat("a", 100)},
		{name: "a hundred and one", media: batch, body: hundred(101), status: 413},
		{name: "other media", media: "application/json", body: report("a"), status: 415},
		{name: "no media", body: report("a"), status: 415},
		{name: "other encoding", media: single, body: report("a"), header: []string{"Content-Encoding", "br"}, status: 415},
		{name: "not gzip", media: single, body: report("a"), header: gz, status: 400},
		{name: "half a gzip", media: single, body: zipped(report("a"))[:60], header: gz, status: 400},
		{name: "too large", media: single, body: big, status: 413},
		{name: "zip bomb", media: single, body: zipped(big), header: gz, status: 413},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			s := mustNew(t, Options{Dir: dir})
			status, body := post(s, test.media, test.body, test.header...)
			if status != test.status {
				t.Fatalf("status is %d, not %d: %s", status, test.status, body)
			}
			if status == 200 {
				compareAnswer(t, body, test.kept, test.rejected)
			} else if strings.Contains(body, "accepted") {
				t.Errorf("a refusal acknowledges: %s", body)
			}
			var want string
			for i, id := range test.kept {
				if strings.IndexRune(test.kept, id) == i { // each once
					want += report(string(id)) + "\n"
				}
			}
			if test.unlike {
				want = string(compacted(t, []byte(test.body))) + "\n"
			}
			if diff := cmp.Diff(want, file(t, dir)); diff != "" {
				t.Errorf("file (-want +got):\n%s", diff)
			}
		})
	}
}

func compacted(t *testing.T, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, text); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// compareAnswer reads the body of a 200. Both lists must be there. Of what the
// JSON package says of a wrong type only the id is compared.
func compareAnswer(t *testing.T, body, accepted, rejected string) {
	t.Helper()
	var a answer
	if err := json.Unmarshal([]byte(body), &a); err != nil || a.Accepted == nil || a.Rejected == nil {
		t.Fatalf("answer is %s, %v", body, err)
	}
	var reasons []string
	for _, r := range a.Rejected {
		if strings.HasPrefix(r.Reason, "json:") {
			r.Reason = ""
		}
		reasons = append(reasons, r.ID+" "+r.Reason)
	}
	if diff := cmp.Diff(accepted, strings.Join(a.Accepted, "")); diff != "" {
		t.Errorf("accepted (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(rejected, strings.Join(reasons, "; ")); diff != "" {
		t.Errorf("rejected (-want +got):\n%s", diff)
	}
}

func TestOnlyWhatIsThere(t *testing.T) {
	s := mustNew(t, Options{Dir: t.TempDir()})
	for _, test := range []struct {
		method, path string
		want         int
	}{{"GET", Path, 405}, {"PUT", Path, 405}, {"POST", "/", 405}, {"GET", "/reports.jsonl", 404}, {"GET", "/", 403}} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(test.method, test.path, nil))
		if w.Code != test.want {
			t.Errorf("%s %s: %d", test.method, test.path, w.Code)
		}
	}
}

func TestToken(t *testing.T) {
	dir := t.TempDir()
	s := mustNew(t, Options{Dir: dir, Tokens: mustTokens(t, "right"), Faults: Faults{First: 1}})
	for _, header := range []string{"", "Bearer", "Bearer wrong", "Bearer righ", "Bearer right2", "Basic right", "right", "bearer wrong"} {
		if status, _ := post(s, single, report("a"), "Authorization", header); status != 401 {
			t.Errorf("%q: %d", header, status)
		}
	}
	if got := file(t, dir); got != "" {
		t.Errorf("kept without a token: %s", got)
	}
	for _, want := range []int{503, 200} { // a refused delivery was not the one to fail
		if status, _ := post(s, single, report("a"), "Authorization", "Bearer right"); status != want {
			t.Errorf("right token: %d, not %d", status, want)
		}
	}
}

func TestFailFirst(t *testing.T) {
	dir := t.TempDir()
	s := mustNew(t, Options{Dir: dir, Faults: Faults{First: 2}})
	for i, want := range []int{503, 503, 200, 200} {
		if status, _ := post(s, single, report("a")); status != want {
			t.Errorf("delivery %d: %d, not %d", i+1, status, want)
		}
	}
	if diff := cmp.Diff(report("a")+"\n", file(t, dir)); diff != "" {
		t.Errorf("file (-want +got):\n%s", diff)
	}
}

func TestRestart(t *testing.T) {
	dir := t.TempDir()
	s := mustNew(t, Options{Dir: dir})
	post(s, batch, "["+report("a")+","+report("b")+"]")
	s.Close()
	whole := file(t, dir)
	if err := os.WriteFile(filepath.Join(dir, fileName), []byte("rubbish\n"+whole+report("c")[:40]), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	s = mustNew(t, Options{Dir: dir, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if s.Reports() != 2 {
		t.Errorf("knows %d reports", s.Reports())
	}
	for _, word := range []string{"line=1 ", "cut off", "line=4 "} {
		if !strings.Contains(log.String(), word) {
			t.Errorf("log has no %q:\n%s", word, log.String())
		}
	}
	other := strings.Replace(report("a"), "LON-0042", "LON-0043", 1) // the same id of another site
	for _, body := range []string{report("a"), report("b"), report("c"), other} {
		if status, answer := post(s, single, body); status != 200 || !strings.Contains(answer, `"rejected":[]`) {
			t.Errorf("%d %s", status, answer)
		}
	}
	if s.Reports() != 4 {
		t.Errorf("knows %d reports", s.Reports())
	}
	if diff := cmp.Diff("rubbish\n"+whole+report("c")+"\n"+other+"\n", file(t, dir)); diff != "" {
		t.Errorf("file (-want +got):\n%s", diff)
	}
}

func TestDiskRefuses(t *testing.T) {
	dir := t.TempDir()
	s := mustNew(t, Options{Dir: dir})
	s.Close()
	status, answer := post(s, single, report("a"))
	if status != 500 || strings.Contains(answer, "accepted") || strings.Contains(answer, dir) {
		t.Errorf("%d %s", status, answer)
	}
	if s.Reports() != 0 {
		t.Error("the event would be acknowledged when it comes again")
	}
}

func TestHalfALineIsTakenBack(t *testing.T) {
	dir := t.TempDir()
	s := mustNew(t, Options{Dir: dir})
	post(s, single, report("a"))
	if _, err := s.store.file.WriteString(report("x")[:30]); err != nil { // what a full disk leaves
		t.Fatal(err)
	}
	if err := s.store.cut(); err != nil {
		t.Fatal(err)
	}
	post(s, single, report("b"))
	if diff := cmp.Diff(report("a")+"\n"+report("b")+"\n", file(t, dir)); diff != "" {
		t.Errorf("file (-want +got):\n%s", diff)
	}
}

func TestNewRefuses(t *testing.T) {
	blocker := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocker, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Options{Dir: filepath.Join(blocker, "dir")}); err == nil {
		t.Error("opened below a file")
	}
}

func TestConcurrentDeliveries(t *testing.T) {
	dir := t.TempDir()
	s := mustNew(t, Options{Dir: dir})
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := range 10 {
				if status, _ := post(s, single, report(fmt.Sprint(i, "-", worker/2))); status != 200 {
					t.Errorf("status %d", status)
				}
			}
		})
	}
	wg.Wait()
	if lines := strings.Count(file(t, dir), "\n"); lines != 20 || s.Reports() != 20 {
		t.Errorf("%d lines, %d reports", lines, s.Reports())
	}
}

// TestOneEndpoint holds that two endpoints do not write over each other's
// reports.
func TestOneEndpoint(t *testing.T) {
	dir := t.TempDir()
	mustNew(t, Options{Dir: dir})
	if _, err := New(Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "another endpoint may be using it") {
		t.Errorf("the second endpoint on the folder: %v", err)
	}
}

func FuzzDelivery(f *testing.F) {
	f.Add(true, []byte("["+report("a")+"]"))
	f.Add(false, []byte(report("a")))
	f.Add(true, []byte(`[{"id":"a"},null,7,"x",[]]`))
	f.Add(false, []byte("{\"specversion\":\"1.0\",\n\"id\":\"a\",\"source\":\"s\",\"type\":\"camwarden.report.v1\",\"data\":{\"x\":\"\u2028\"}}"))
	f.Add(false, []byte(observed("LON-0042", "a", 11, twoCameras)))
	f.Add(true, []byte("["+observed("<b>", "\\u202e", 1, `"findings":7`)+`,{"receivedtime":"1999-01-01T00:00:00Z"}]`))
	f.Fuzz(func(t *testing.T, many bool, body []byte) {
		media := single
		if many {
			media = batch
		}
		dir := t.TempDir()
		s := mustNew(t, Options{Dir: dir, OpenPage: true})
		status, text := post(s, media, string(body))
		var a answer
		if status == 200 {
			if err := json.Unmarshal([]byte(text), &a); err != nil {
				t.Errorf("answer is %q", text)
			}
		}
		lines := strings.Count(file(t, dir), "\n")
		if w := get(s, "/"); w.Code != http.StatusOK || strings.Count(w.Body.String(), "<h2><bdi>") > lines {
			t.Errorf("the page: %d, %s", w.Code, w.Body)
		}
		if lines != s.Reports() || lines > len(a.Accepted) || (lines == 0) != (len(a.Accepted) == 0) {
			t.Errorf("%d accepted, %d lines, %d reports", len(a.Accepted), lines, s.Reports())
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if again := mustNew(t, Options{Dir: dir}); again.Reports() != lines {
			t.Errorf("%d of %d are known after a restart", again.Reports(), lines)
		}
	})
}

// FuzzEvent holds that an event which is kept is read again as the same one.
func FuzzEvent(f *testing.F) {
	f.Add([]byte(observed("LON-0042", "a", 11, twoCameras)))
	f.Add([]byte(report("a")))
	f.Add([]byte(strings.Replace(report("a"), `{"spec`, `{"ReceivedTime":"1999-01-01T00:00:00Z","ID":"b","spec`, 1)))
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := readEvent(body)
		if err != nil {
			return
		}
		e.Received = time.Date(2026, 11, 23, 12, 0, 0, 1, time.UTC)
		line, err := e.line()
		if err != nil || bytes.Count(line, []byte("\n")) != 1 {
			t.Fatalf("it is kept as %q, %v", line, err)
		}
		again, err := readEvent(line)
		if err != nil || again.mark() != e.mark() || again.site != e.site || again.agent != e.agent || !again.Received.Equal(e.Received) || !bytes.Equal(again.Data, compacted(t, e.Data)) {
			t.Errorf("%q is read again as %+v, %v", body, again, err)
		}
		known := sites{}
		known.add(&again)
		if a := known.agents(nil); len(a) != 1 || len(a[0].Last) != 1 || !known.has(&e) {
			t.Errorf("of one report this is known: %+v", a)
		}
	})
}

package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// killsEnv is how often TestKilledAtRandom kills the service. A thousand times
// take about ten minutes.
const killsEnv = "CAMWARDEN_KILLS"

var spooledLine = regexp.MustCompile(`msg=spooled seq=(\d+) id=(\S+) kind=\S+ on_disk=true`)

// TestKilledAtRandom kills the service, again and again and at any moment,
// while a fifth of its deliveries go wrong on the way to a real endpoint. What
// it has produced is what arrives.
func TestKilledAtRandom(t *testing.T) {
	if runtime.GOOS == "windows" || testing.Short() {
		t.Skip("it takes a while, and Windows has no SIGTERM")
	}
	kills := 20
	if text := os.Getenv(killsEnv); text != "" {
		var err error
		if kills, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	program, folder := camwarden(t), t.TempDir()
	state, centre := filepath.Join(folder, "state"), filepath.Join(folder, "centre")
	receiver := startProcess(t, program, "receive", "-listen", "127.0.0.1:0", "-dir", centre)
	line, err := receiver.stdout.ReadString('\n')
	if err != nil {
		t.Fatalf("receive: %v: %s", err, receiver.logged())
	}
	way := newBadWay(t, strings.TrimSuffix(strings.Fields(line)[3], ","))
	config := filepath.Join(folder, "camwarden.toml")
	writeTestFile(t, config, fmt.Appendf(nil, `
[site]
id = "LON-0042"
[endpoint]
url = %q
[[switch]]
address = %q
credentials = ["sw"]
[credentials.sw]
version = "2c"
community = "canary-community"
`, way.server.URL+"/v1/reports", aSwitch(t).Addr()))

	produced := map[string]string{} // sequence numbers by id
	note := func(p *process) {
		for _, m := range spooledLine.FindAllStringSubmatch(p.logged(), -1) {
			produced[m[2]] = m[1]
		}
		files, err := filepath.Glob(filepath.Join(state, "spool", "*.report"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			seq, rest, _ := strings.Cut(filepath.Base(file), "-")
			_, id, _ := strings.Cut(strings.TrimSuffix(rest, ".report"), "-")
			produced[id] = strings.TrimLeft(seq, "0")
		}
	}
	began := time.Now()
	first := startProcess(t, program, "run", "-config", config, "-state", state)
	first.waitFor("the first report", func() bool { return strings.Contains(first.logged(), "spooled") })
	full := time.Since(began)
	first.stop()
	note(first)
	for range kills {
		p := startProcess(t, program, "run", "-config", config, "-state", state)
		<-time.After(rand.N(2 * full)) // any moment: of the start, the observation, the delivery
		if err := p.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = p.cmd.Wait() // it was killed, and says so
		note(p)
	}
	way.bad.Store(false)
	last := startProcess(t, program, "run", "-config", config, "-state", state)
	last.waitFor("its own report and all before are delivered", func() bool {
		note(last)
		waiting, err := filepath.Glob(filepath.Join(state, "spool", "*.report"))
		return strings.Contains(last.logged(), "spooled") && err == nil && len(waiting) == 0
	})
	last.stop()
	receiver.stop()

	delivered, numbers := map[string]bool{}, map[uint64]string{}
	var highest, declared uint64
	for _, r := range arrived(t, centre) {
		if other, taken := numbers[r.Seq]; taken {
			t.Errorf("reports %s and %s both have number %d", other, r.ID, r.Seq)
		}
		delivered[r.ID], numbers[r.Seq] = true, r.ID
		highest = max(highest, r.Seq)
		declared += r.Spool.Dropped.Count
	}
	lost := 0
	for id, seq := range produced {
		if !delivered[id] {
			lost++
			t.Errorf("report %s, number %s, is lost", id, seq)
		}
	}
	holes := highest - uint64(len(numbers))
	t.Logf("%d kills within %v of the start each: %d reports produced, %d delivered (%d of them killed before they could say so), %d lost, %d holes in the numbers, %d declared; %d requests, %d of them spoilt, %d reports sent again; in %v",
		kills, 2*full, len(produced), len(delivered), len(delivered)-(len(produced)-lost), lost, holes, declared,
		way.requests.Load(), way.spoilt.Load(), way.reports.Load()-int64(len(delivered)), time.Since(began).Round(time.Second))
	if holes != declared {
		t.Errorf("%d numbers are missing, %d are declared as lost", holes, declared)
	}
	if len(delivered) < kills/4 {
		t.Errorf("only %d reports: the service is killed too early", len(delivered))
	}
	for _, folder := range []string{"corrupt", "rejected"} {
		if files, err := os.ReadDir(filepath.Join(state, "spool", folder)); err == nil && len(files) > 0 {
			t.Errorf("%d files in the folder %s", len(files), folder)
		}
	}
}

// A badWay is what lies between the service and the endpoint. One request in
// five goes wrong on it, before or after the endpoint has it.
type badWay struct {
	server           *httptest.Server
	bad              atomic.Bool
	requests, spoilt atomic.Int64
	reports          atomic.Int64 // that have come to the endpoint, each time counted
}

func newBadWay(t *testing.T, to string) *badWay {
	t.Helper()
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	target.Path = ""
	w := &badWay{}
	w.bad.Store(true)
	forward := httputil.NewSingleHostReverseProxy(target)
	forward.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) } // the service was killed
	forward.ModifyResponse = func(r *http.Response) error {
		answer, err := io.ReadAll(r.Body)
		w.reports.Add(int64(strings.Count(string(answer), `-`) / 4)) // an id has four hyphens
		r.Body = io.NopCloser(strings.NewReader(string(answer)))
		return err
	}
	w.server = httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		w.requests.Add(1)
		if !w.bad.Load() || rand.IntN(5) > 0 {
			forward.ServeHTTP(out, in)
			return
		}
		w.spoilt.Add(1)
		switch rand.IntN(6) {
		case 0:
			out.WriteHeader(http.StatusServiceUnavailable)
		case 1:
			out.Header().Set("Retry-After", "1")
			out.WriteHeader(http.StatusTooManyRequests)
		case 2:
			fmt.Fprint(out, "<html>Please sign in</html>")
		case 3:
			panic(http.ErrAbortHandler)
		case 4: // the endpoint has it, and nobody hears of that
			forward.ServeHTTP(httptest.NewRecorder(), in)
			panic(http.ErrAbortHandler)
		default: // nor of all of it
			heard := httptest.NewRecorder()
			forward.ServeHTTP(heard, in)
			answer := heard.Body.Bytes()
			_, _ = out.Write(answer[:rand.IntN(len(answer)+1)]) // as broken as it may be
		}
	}))
	w.server.Config.ErrorLog = nil
	t.Cleanup(w.server.Close)
	return w
}

package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/camwarden/camwarden/agent/internal/config"
	"github.com/camwarden/camwarden/agent/internal/report"
	"github.com/camwarden/camwarden/agent/internal/uplink"
)

// A collectorSite is a real OpenTelemetry Collector with configs/collector as it is,
// and something behind it that takes logs as Loki does.
type collectorSite struct {
	t                  *testing.T
	program            string
	env                []string
	collector, backend string // where they listen
	cert               string
	running            *process

	mu      sync.Mutex
	behind  []byte // everything that has come through, unpacked
	arrived map[string]int
}

var reportID = regexp.MustCompile(`"id":"([0-9a-f]{8}-[0-9a-f-]{27})"`)

func newCollectorSite(t *testing.T, program string) *collectorSite {
	folder := t.TempDir()
	cert, key := certificate(t, folder)
	writeTestFile(t, filepath.Join(folder, "tokens"), []byte("another-token LON-0041\ncanary-token LON-0042\n"))
	c := &collectorSite{t: t, program: program, cert: cert, collector: freeAddress(t), backend: freeAddress(t), arrived: map[string]int{}}
	c.env = append(os.Environ(), "CAMWARDEN_TOKENS="+filepath.Join(folder, "tokens"), "CAMWARDEN_QUEUE="+filepath.Join(folder, "queue"),
		"CAMWARDEN_LISTEN="+c.collector, "CAMWARDEN_CERT="+cert, "CAMWARDEN_KEY="+key, "LOKI_URL=http://"+c.backend)
	return c
}

// freeAddress is a port of this host where nobody listens, for now.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	return listener.Addr().String()
}

// start runs the collector, and waits until it listens.
func (c *collectorSite) start() {
	c.t.Helper()
	c.running = startProcessWith(c.t, c.env, c.program, "--config", filepath.Join("..", "configs", "collector", "collector.yaml"))
	c.running.waitFor("the collector listens", func() bool {
		conn, err := net.Dial("tcp", c.collector)
		return err == nil && conn.Close() == nil
	})
}

// startBackend lets the backend be there.
func (c *collectorSite) startBackend() {
	c.t.Helper()
	listener, err := net.Listen("tcp", c.backend)
	if err != nil {
		c.t.Fatal(err)
	}
	server := &http.Server{Handler: c}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	c.t.Cleanup(func() {
		if err := errors.Join(server.Close(), <-ended); !errors.Is(err, http.ErrServerClosed) {
			c.t.Error(err)
		}
	})
}

// ServeHTTP takes logs in protobuf, in which texts stand as they are.
func (c *collectorSite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	zip, err := gzip.NewReader(r.Body)
	var body []byte
	if err == nil {
		body, err = io.ReadAll(zip)
	}
	if err != nil { // a collector that was killed in the middle
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.behind = append(c.behind, body...)
	for _, id := range reportID.FindAllSubmatch(body, -1) {
		c.arrived[string(id[1])]++
	}
}

func (c *collectorSite) arrivals() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.arrived)
}

// TestCollector sends reports to a collector whose backend is away, kills it
// again and again in the middle, and holds that everything it has acknowledged
// comes out behind it. CAMWARDEN_COLLECTOR names the program; .ci/collector
// builds it.
func TestCollector(t *testing.T) {
	program := os.Getenv("CAMWARDEN_COLLECTOR")
	if program == "" {
		t.Skip("CAMWARDEN_COLLECTOR names no collector: run .ci/collector")
	}
	const senders, each, kills = 4, 100, 5
	c := newCollectorSite(t, program)
	c.start()
	site := c.agent()
	checkAgainst(t, site)

	var acknowledged sync.Map // the text of a report by its id
	acks := make(chan string, senders*each)
	var sending sync.WaitGroup
	for sender := range senders {
		sending.Go(func() {
			for _, r := range someReports(t, sender, each) {
				deliverUntilAccepted(t, site, r)
				acknowledged.Store(r.ID, r.Data)
				acks <- r.ID
			}
		})
	}
	began := time.Now()
	for n := range senders * each {
		<-acks
		if (n+1)%(senders*each/(kills+1)) == 0 && n+1 < senders*each {
			killProcess(t, c.running)
			c.start()
		}
	}
	sending.Wait()
	t.Logf("%d reports acknowledged in %v by a collector that was killed %d times, its backend away", senders*each, time.Since(began).Round(time.Millisecond), kills)

	c.startBackend()
	killProcess(t, c.running)
	c.start() // its retries begin anew
	c.running.waitFor("the first reports come through", func() bool { return c.arrivals() > 0 })
	killProcess(t, c.running)
	c.start()
	c.running.waitFor("all reports come through", func() bool { return c.arrivals() == senders*each })
	missing, twice := 0, 0
	c.mu.Lock()
	defer c.mu.Unlock()
	acknowledged.Range(func(id, text any) bool {
		if c.arrived[id.(string)] > 1 {
			twice++
		}
		if !bytes.Contains(c.behind, text.(json.RawMessage)) {
			missing++
		}
		return true
	})
	t.Logf("behind it: %d of %d acknowledged reports are missing, %d came more than once", missing, senders*each, twice)
	if missing > 0 {
		t.Errorf("%d acknowledged reports are missing or altered", missing)
	}
}

// agent loads a configuration for this centre, as a site has it.
func (c *collectorSite) agent() *config.Config {
	c.t.Helper()
	folder := c.t.TempDir()
	writeTestFile(c.t, filepath.Join(folder, "token"), []byte("canary-token\n"))
	path := filepath.Join(folder, "camwarden.toml")
	writeTestFile(c.t, path, fmt.Appendf(nil, `
[site]
id = "LON-0042"
[endpoint]
url = "https://%s/v1/logs"
format = "otlp"
token_file = "token"
ca_file = %q
`, c.collector, c.cert))
	e, err := embeddedEditions()
	if err != nil {
		c.t.Fatal(err)
	}
	cfg, err := config.Load(path, e.options())
	if err != nil {
		c.t.Fatal(err)
	}
	return cfg
}

// checkAgainst holds that 'camwarden check' proves the way to the collector.
func checkAgainst(t *testing.T, cfg *config.Config) {
	t.Helper()
	line := (&checker{}).endpoint(t.Context(), cfg.Endpoint)
	if line.mark != isGood || !regexp.MustCompile(`/v1/logs answered 200 in .*, as OTLP logs, with the token`).MatchString(line.cells[1]) {
		t.Fatalf("check says: %+v", line)
	}
	t.Logf("check: %s", line.cells[1])
}

// someReports makes reports of a real size, each with an id of its own.
func someReports(t *testing.T, sender, n int) []uplink.Report {
	golden, err := os.ReadFile(filepath.Join("internal", "report", "testdata", "filled.json"))
	if err != nil {
		t.Error(err)
		return nil
	}
	var list []uplink.Report
	for range n {
		var r map[string]any
		id, err := report.NewID(time.Now())
		if err := errors.Join(err, json.Unmarshal(golden, &r)); err != nil {
			t.Error(err)
			return nil
		}
		r["id"] = id
		text, err := json.Marshal(r)
		if err != nil {
			t.Error(err)
			return nil
		}
		list = append(list, uplink.Report{ID: id, Source: eventSource("LON-0042", fmt.Sprint(sender)), Time: time.Now(), Data: text})
	}
	return list
}

// deliverUntilAccepted does as the spool does: a report that is not
// acknowledged is sent again.
func deliverUntilAccepted(t *testing.T, cfg *config.Config, r uplink.Report) {
	client, err := newUplink(cfg.Endpoint)
	if err != nil {
		t.Error(err)
		return
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		result, err := client.Send(ctx, []uplink.Report{r})
		switch {
		case err == nil && len(result.Accepted) == 1:
			return
		case len(result.Rejected) > 0 || ctx.Err() != nil:
			t.Errorf("report %s: %+v, %v", r.ID, result, err)
			return
		}
	}
}

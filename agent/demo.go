package main

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/config"
	"github.com/camwarden/camwarden/agent/internal/durable"
	"github.com/camwarden/camwarden/agent/internal/page"
	"github.com/camwarden/camwarden/agent/internal/poll"
	"github.com/camwarden/camwarden/agent/internal/receive"
	"github.com/camwarden/camwarden/agent/internal/report"
	"github.com/camwarden/camwarden/agent/internal/snmp"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
	"github.com/camwarden/camwarden/agent/internal/spool"
	"github.com/camwarden/camwarden/agent/internal/uplink"
)

// demoSite is an invented site, as captures of its devices; its README says
// what hangs where.
//
//go:embed demosite/*.snmprec
var demoSite embed.FS

const demoCommunity = "demo"

func runDemo(ctx context.Context, args []string, std stdio) error {
	var html string
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.StringVar(&html, "html", "", "write the page to `FILE` (a new one in the folder for temporary files)")
	if err := parseFlags(flags, args, std, false); err != nil {
		return err
	}
	fmt.Fprint(std.out, "Riverside House is an invented site. Its devices answer real SNMP, on this machine alone.\n\n")
	r, err := demoObserve(ctx, std.out)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	if err := printReport(std.out, r, lookOf(std.out)); err != nil {
		return err
	}
	fmt.Fprintln(std.out)
	if err := demoDeliver(ctx, r, std.out); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	html, err = demoPage(html, r)
	if err != nil {
		return fmt.Errorf("demo: write the page: %w", err)
	}
	fmt.Fprintf(std.out, `
The same as a page: %s

What to run next, on your own site:
  camwarden scan -switch 10.0.0.2 -community-file FILE     read a switch, show what hangs there
  camwarden scan -switch 10.0.0.2 -html site.html          the same as a page
  camwarden run -config FILE                               observe on schedule and report to an endpoint
`, html)
	return nil
}

// demoPage writes the page, to a new file of its own unless one is named.
func demoPage(path string, r *report.Report) (string, error) {
	if path != "" {
		return path, durable.WriteFile(path, 0o644, func(w io.Writer) error { return page.Write(w, r) })
	}
	file, err := os.CreateTemp("", "camwarden-demo-*.html")
	if err != nil {
		return "", err
	}
	return file.Name(), errors.Join(page.Write(file, r), file.Close())
}

// demoObserve lets the devices of the site answer on loopback, and reads them
// as any switch is read.
func demoObserve(ctx context.Context, out io.Writer) (*report.Report, error) {
	o, err := newObserver(&config.Config{Site: config.Site{ID: "DEMO", Name: "Riverside House"}, Watch: config.Default().Watch}, new(recall))
	if err != nil {
		return nil, err
	}
	o.host = false
	folder, err := fs.Sub(demoSite, "demosite")
	if err != nil {
		return nil, err
	}
	files, errs := capture.ListFS(folder, "demosite")
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	for _, file := range files {
		agent, err := demoAgent(file)
		if err != nil {
			return nil, err
		}
		defer agent.Close()
		o.devices = append(o.devices, demoDevice(agent))
	}
	r, err := o.observe(ctx, nil)
	if err != nil {
		return nil, err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, c := range r.Coverage {
		tables, rows := 0, 0
		for _, t := range c.Tables {
			if t.Rows > 0 {
				tables++
				rows += t.Rows
			}
		}
		fmt.Fprintf(w, "read %s\tat %s\t%s\t%d rows of %d tables\t%d requests\t%d ms\n", c.Name, c.Source, c.Status, rows, tables, c.Requests, c.ElapsedMS)
	}
	if err := w.Flush(); err != nil {
		return nil, err
	}
	fmt.Fprintln(out)
	return r, nil
}

func demoAgent(file capture.File) (*snmpagent.Agent, error) {
	c, err := file.Load()
	if err != nil {
		return nil, err
	}
	return snmpagent.Start("127.0.0.1:0", snmpagent.Options{Communities: map[string]*capture.Recording{demoCommunity: c.Recording}})
}

func demoDevice(agent *snmpagent.Agent) poll.Device {
	at := agent.Addr()
	return reach{
		Switch:      config.Switch{Address: config.Address{Host: at.Addr().String(), Port: at.Port()}},
		credentials: []snmp.Credential{{Name: "the demo's community", Version: snmp.V2c, Community: demoCommunity}},
		known:       new(recall),
	}.device()
}

// demoDeliver spools the report and delivers it to an endpoint that refuses
// it once.
func demoDeliver(ctx context.Context, r *report.Report, out io.Writer) (err error) {
	folder, err := os.MkdirTemp("", "camwarden-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	waiting, err := spool.Open(filepath.Join(folder, "spool"), spool.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, waiting.Close()) }()
	endpoint, url, stop, err := demoEndpoint(ctx, folder, func(status int) {
		fmt.Fprintf(out, "  the endpoint answers %d %s", status, http.StatusText(status))
		if status != http.StatusOK {
			fmt.Fprintf(out, "; %s in the spool until it does better", count(waiting.Status().Depth, "report"))
		}
		fmt.Fprintln(out)
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()

	fmt.Fprintf(out, "Delivering to %s, which refuses at first:\n", url)
	r.Seq = 1
	body, err := encodeReport(r)
	if err != nil {
		return err
	}
	if err := waiting.Put(spool.Record{ID: r.ID, Seq: r.Seq, Kind: worth(r), Created: time.Now(), Body: body}); err != nil {
		return err
	}
	fmt.Fprintf(out, "  the report (%d bytes) is written to the spool\n", len(body))
	client, err := uplink.New(uplink.Endpoint{URL: url})
	if err != nil {
		return err
	}
	defer client.Close()
	c := courier{spool: waiting, log: slog.New(slog.DiscardHandler)}
	if _, err := c.deliver(ctx, client, eventSource("DEMO", "demo"), waiting.List()); err != nil {
		return err
	}
	fmt.Fprintf(out, "  the endpoint has named the report, so it leaves the spool: %s there, %s waiting here\n",
		count(endpoint.Reports(), "report"), count(waiting.Status().Depth, "report"))
	return nil
}

// demoEndpoint runs an endpoint on loopback that refuses the first delivery,
// and calls answered after each.
func demoEndpoint(ctx context.Context, folder string, answered func(status int)) (endpoint *receive.Server, url string, stop func() error, err error) {
	endpoint, err = receive.New(receive.Options{Dir: filepath.Join(folder, "centre"), Faults: receive.Faults{First: 1}, Version: version})
	if err != nil {
		return nil, "", nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", nil, errors.Join(err, endpoint.Close())
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, listener, watched(endpoint, answered)) }()
	stop = func() error {
		cancel()
		return errors.Join(<-ended, endpoint.Close())
	}
	return endpoint, listenerURL(listener, false) + receive.Path, stop, nil
}

// watched tells of each answer of a handler.
func watched(handler http.Handler, answered func(status int)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
		handler.ServeHTTP(recorder, r)
		answered(recorder.status)
	})
}

type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (r *statusRecorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

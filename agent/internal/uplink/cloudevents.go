package uplink

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// The bounds of a batch. Its size is that before compression.
const (
	MaxBatchBytes   = 1 << 20
	MaxBatchReports = 100
)

const (
	eventType  = "camwarden.report.v1"
	dataSchema = "https://github.com/camwarden/camwarden/blob/main/configs/report.schema.json"

	mediaEvent = "application/cloudevents+json"
	mediaBatch = "application/cloudevents-batch+json"
)

// cloudEvents sends reports as CloudEvents 1.0 in their JSON format.
type cloudEvents struct{}

// A Report is a report on its way. Source and ID together name it for all
// times (CloudEvents 1.0).
type Report struct {
	ID      string
	Source  string // a URI reference: /sites/{site}/agents/{agent}
	Subject string // optional
	Time    time.Time
	Data    json.RawMessage // the report itself
}

// An event is the CloudEvents 1.0 envelope in its JSON format.
type event struct {
	SpecVersion     string          `json:"specversion"`
	ID              string          `json:"id"`
	Source          string          `json:"source"`
	Type            string          `json:"type"`
	Subject         string          `json:"subject,omitempty"`
	Time            time.Time       `json:"time,omitzero"`
	DataContentType string          `json:"datacontenttype"`
	DataSchema      string          `json:"dataschema"`
	Data            json.RawMessage `json:"data"`
}

// marshal gives the report as one CloudEvent.
func (r Report) marshal() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // the data is to arrive as it was spooled
	err := enc.Encode(event{
		SpecVersion: "1.0", ID: r.ID, Source: r.Source, Type: eventType, Subject: r.Subject, Time: r.Time.UTC(),
		DataContentType: "application/json", DataSchema: dataSchema, Data: r.Data,
	})
	if err != nil {
		return nil, fmt.Errorf("encode report %s: %w", r.ID, err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// encode gives the body of a request, compressed.
func (cloudEvents) encode(reports []Report) ([]byte, error) {
	var b bytes.Buffer
	zip := gzip.NewWriter(&b) // writes into memory: only its Close can fail, and never does
	if len(reports) != 1 {
		fmt.Fprint(zip, "[")
	}
	for i, r := range reports {
		one, err := r.marshal()
		if err != nil {
			return nil, err
		}
		if i > 0 {
			fmt.Fprint(zip, ",")
		}
		fmt.Fprintf(zip, "%s", one)
	}
	if len(reports) != 1 {
		fmt.Fprint(zip, "]")
	}
	if err := zip.Close(); err != nil {
		return nil, fmt.Errorf("compress %d reports: %w", len(reports), err)
	}
	return b.Bytes(), nil
}

func (cloudEvents) mediaType(reports []Report) string {
	if len(reports) == 1 {
		return mediaEvent
	}
	return mediaBatch
}

func (cloudEvents) mayPass(status int) bool { return status >= 500 || mayPass(status) }

func (cloudEvents) judge(resp *http.Response, n int) *Failure { return statusFailure(resp, n) }

// idempotencyKey names the request: the id of the one report, or a hash of the
// ids; empty when there is none.
func idempotencyKey(reports []Report) string {
	switch len(reports) {
	case 0:
		return ""
	case 1:
		return reports[0].ID
	}
	sum := sha256.New()
	for _, r := range reports {
		fmt.Fprintln(sum, r.ID)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Batch splits reports, in their order, into batches that keep to the bounds.
// A report that is larger than a batch may be goes alone, and so does one that
// cannot be encoded: Send will say so.
func Batch(reports []Report) [][]Report {
	var batches [][]Report
	var size int
	var closed bool // the last batch takes no more
	for i, r := range reports {
		one, err := r.marshal()
		fits := err == nil && !closed && size+len(one)+1 <= MaxBatchBytes
		if n := len(batches); fits && n > 0 && len(batches[n-1]) < MaxBatchReports {
			batches[n-1] = append(batches[n-1], r)
			size += len(one) + 1
			continue
		}
		batches = append(batches, reports[i:i+1:i+1])
		size = len("[]") + len(one)
		closed = err != nil
	}
	return batches
}

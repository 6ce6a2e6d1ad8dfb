package receive

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
)

// Limits on one delivery.
const (
	maxBody  = 20 << 20 // bytes, unpacked: more than the largest report that an agent spools
	maxBatch = 100      // reports
)

// The content types of one CloudEvent and of several (CloudEvents 1.0, JSON
// event format).
const (
	typeEvent = "application/cloudevents+json"
	typeBatch = "application/cloudevents-batch+json"
)

// readBody reads at most maxBody bytes, whether packed or not.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	var reader io.Reader = http.MaxBytesReader(w, r.Body, maxBody)
	switch encoding := r.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
	case "gzip":
		unpacked, err := gzip.NewReader(reader)
		if err != nil {
			return nil, httpError{status: http.StatusBadRequest, text: "the body is not gzip: " + err.Error()}
		}
		reader = unpacked
	default:
		return nil, httpError{status: http.StatusUnsupportedMediaType, text: fmt.Sprintf("content encoding %q: gzip or none is read", encoding)}
	}
	body, err := io.ReadAll(io.LimitReader(reader, maxBody+1))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge), len(body) > maxBody:
		return nil, httpError{status: http.StatusRequestEntityTooLarge, text: fmt.Sprintf("more than %d bytes", maxBody)}
	case err != nil:
		return nil, httpError{status: http.StatusBadRequest, text: "the body ends early: " + err.Error()}
	}
	return body, nil
}

// parse reads one event or a batch.
func parse(contentType string, body []byte) ([]json.RawMessage, error) {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = contentType
	}
	switch kind {
	case typeEvent:
		if !json.Valid(body) {
			return nil, httpError{status: http.StatusBadRequest, text: "the body is not JSON"}
		}
		return []json.RawMessage{body}, nil
	case typeBatch:
		var events []json.RawMessage
		if err := json.Unmarshal(body, &events); err != nil {
			return nil, httpError{status: http.StatusBadRequest, text: "the body is not a JSON array of events: " + err.Error()}
		}
		if len(events) > maxBatch {
			return nil, httpError{status: http.StatusRequestEntityTooLarge, text: fmt.Sprintf("%d reports, at most %d are taken at once", len(events), maxBatch)}
		}
		return events, nil
	default:
		return nil, httpError{status: http.StatusUnsupportedMediaType, text: fmt.Sprintf("content type %q: %s or %s is read", contentType, typeEvent, typeBatch)}
	}
}

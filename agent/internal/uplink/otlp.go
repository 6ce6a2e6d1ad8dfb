package uplink

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const mediaOTLP = "application/json"

// otlp sends reports as OTLP/HTTP JSON logs: to an OpenTelemetry Collector, and
// through that to whatever stands behind it. Each report is one log record.
type otlp struct{}

// A logsRequest is an ExportLogsServiceRequest in OTLP's JSON encoding, as far
// as it is used.
type logsRequest struct {
	ResourceLogs []resourceLogs `json:"resourceLogs"`
}

type resourceLogs struct {
	Resource struct {
		Attributes []attribute `json:"attributes"`
	} `json:"resource"`
	ScopeLogs []scopeLogs `json:"scopeLogs"`
}

type scopeLogs struct {
	Scope struct {
		Name string `json:"name"`
	} `json:"scope"`
	LogRecords []logRecord `json:"logRecords"`
}

// A logRecord is a report. Its body is the report's own text, so that it
// arrives to the byte as it was spooled.
type logRecord struct {
	TimeUnixNano         string      `json:"timeUnixNano"` // 64 bits are text in protobuf's JSON
	ObservedTimeUnixNano string      `json:"observedTimeUnixNano"`
	SeverityNumber       int         `json:"severityNumber"`
	SeverityText         string      `json:"severityText"`
	EventName            string      `json:"eventName"`
	Body                 textValue   `json:"body"`
	Attributes           []attribute `json:"attributes"`
}

type attribute struct {
	Key   string    `json:"key"`
	Value textValue `json:"value"`
}

type textValue struct {
	StringValue string `json:"stringValue"`
}

func text(key, value string) attribute { return attribute{key, textValue{value}} }

// encode gives the body of a request, compressed. Reports of one agent share
// its resource.
func (otlp) encode(reports []Report) ([]byte, error) {
	request := logsRequest{ResourceLogs: []resourceLogs{}}
	agents := map[string]int{}
	for _, r := range reports {
		if !json.Valid(r.Data) {
			return nil, fmt.Errorf("encode report %s: it is not JSON", r.ID)
		}
		at, known := agents[r.Source]
		if !known {
			at = len(request.ResourceLogs)
			agents[r.Source] = at
			request.ResourceLogs = append(request.ResourceLogs, agentLogs(r.Source))
		}
		logs := &request.ResourceLogs[at].ScopeLogs[0]
		logs.LogRecords = append(logs.LogRecords, record(r))
	}
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	enc := json.NewEncoder(zip)
	enc.SetEscapeHTML(false)
	if err := errors.Join(enc.Encode(request), zip.Close()); err != nil {
		return nil, fmt.Errorf("encode %d reports: %w", len(reports), err)
	}
	return b.Bytes(), nil
}

// agentLogs is what the reports of an agent stand in.
func agentLogs(source string) resourceLogs {
	logs := resourceLogs{ScopeLogs: make([]scopeLogs, 1)}
	logs.Resource.Attributes = []attribute{text("service.name", "camwarden"), text("service.instance.id", source)}
	logs.ScopeLogs[0].Scope.Name = "github.com/camwarden/camwarden"
	return logs
}

// record writes a report as a log record. OpenTelemetry has names for what a
// CloudEvent is known by; source and id tell a report that came twice.
func record(r Report) logRecord {
	at := nanoseconds(r.Time)
	attributes := []attribute{
		text("cloudevents.event_id", r.ID), text("cloudevents.event_source", r.Source),
		text("cloudevents.event_spec_version", "1.0"), text("cloudevents.event_type", eventType),
	}
	if r.Subject != "" {
		attributes = append(attributes, text("cloudevents.event_subject", r.Subject))
	}
	return logRecord{
		TimeUnixNano: at, ObservedTimeUnixNano: at, SeverityNumber: 9, SeverityText: "INFO", EventName: eventType,
		Body: textValue{string(r.Data)}, Attributes: attributes,
	}
}

// nanoseconds is a time as OTLP counts it; 0 stands for none.
func nanoseconds(t time.Time) string {
	if t.IsZero() {
		return "0"
	}
	return strconv.FormatInt(t.UnixNano(), 10)
}

func (otlp) mediaType([]Report) string { return mediaOTLP }

// mayPass tells the only answers to which OTLP allows the same request again
// soon. Others, a 500 among them, may mean that it was taken.
func (otlp) mayPass(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// judge reads a status. OTLP acknowledges with 200 alone; a fault that it does
// not allow to be repeated soon waits for somebody to look.
func (f otlp) judge(resp *http.Response, n int) *Failure {
	status := resp.StatusCode
	failure := statusFailure(resp, n)
	switch {
	case failure == nil && status != http.StatusOK:
		return &Failure{Status: status, Err: fmt.Errorf("the answer is %d %s, where OTLP has 200: check that url ends in /v1/logs",
			status, http.StatusText(status))}
	case status >= 500 && !f.mayPass(status):
		failure.Class = Config
		failure.Err = fmt.Errorf("%w: look into the collector's log", failure.Err)
	}
	return failure
}

// An exportAnswer is an ExportLogsServiceResponse. Without partialSuccess all
// records were taken.
type exportAnswer struct {
	PartialSuccess struct {
		RejectedLogRecords json.Number `json:"rejectedLogRecords"` // "3" and 3 are both right
		ErrorMessage       string      `json:"errorMessage"`
	} `json:"partialSuccess"`
}

// settle reads the answer to reports. It names no ids: it is about all of them,
// or about a number of them, which are found by sending fewer at a time.
func (otlp) settle(result *Result, resp *http.Response, reports []Report, token string) (Class, error) {
	data, err := readAnswer(resp.Body)
	if err != nil {
		return Wait, err
	}
	var a exportAnswer
	media, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil || media != mediaOTLP || !strings.HasPrefix(string(bytes.TrimSpace(data)), "{") || json.Unmarshal(data, &a) != nil {
		return Wait, errors.New("the answer is no acknowledgement: is this an OTLP endpoint, or a portal or proxy in between?")
	}
	rejected, err := strconv.ParseUint(orDefault(string(a.PartialSuccess.RejectedLogRecords), "0"), 10, 63)
	reason := clean(a.PartialSuccess.ErrorMessage, token)
	switch {
	case err != nil:
		return Wait, errors.New("the answer is no acknowledgement: its rejectedLogRecords is no number")
	case rejected == 0:
		for _, r := range reports {
			result.Accepted = append(result.Accepted, r.ID)
		}
		return Wait, nil
	case rejected >= uint64(len(reports)):
		for _, r := range reports {
			result.Rejected = append(result.Rejected, Rejection{ID: r.ID, Reason: reason})
		}
		return Wait, nil
	default:
		return Poison, fmt.Errorf("the collector has rejected %d of %d reports, and does not say which: %s", rejected, len(reports), reason)
	}
}

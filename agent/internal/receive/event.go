package receive

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

const eventType = "camwarden.report.v1"

// Limits on what names a report. Agents use a tenth of them.
const (
	maxID     = 128 // bytes
	maxSource = 512
)

// An event is a CloudEvent with a report in it.
type event struct {
	SpecVersion string          `json:"specversion"`
	ID          string          `json:"id"`
	Source      string          `json:"source"`
	Type        string          `json:"type"`
	Time        time.Time       `json:"time"`
	Data        json.RawMessage `json:"data"`

	// Received is when it was kept, which only the endpoint knows. It is an
	// extension in the sense of CloudEvents.
	Received time.Time `json:"receivedtime"`

	site, agent string          // of its source
	raw         json.RawMessage // as it came
}

// readEvent reads an event that was delivered. With the error comes what could
// be read of it.
func readEvent(raw json.RawMessage) (event, error) {
	e := event{raw: raw}
	if err := json.Unmarshal(raw, &e); err != nil {
		return e, err
	}
	return e, e.check()
}

// check says what is wrong with an event, and finds out whose it is; nil when
// nothing is wrong.
func (e *event) check() error {
	switch {
	case e.SpecVersion != "1.0":
		return fmt.Errorf("specversion %q, want 1.0", e.SpecVersion)
	case e.ID == "":
		return errors.New("it has no id")
	case len(e.ID) > maxID:
		return fmt.Errorf("its id has more than %d bytes", maxID)
	case e.Source == "":
		return errors.New("it has no source")
	case e.Type != eventType:
		return fmt.Errorf("type %q, want %s", e.Type, eventType)
	case len(e.Data) == 0 || e.Data[0] != '{':
		return errors.New("its data is no JSON object")
	}
	parts := strings.Split(e.Source, "/") // "", sites, the site, agents, the agent
	if len(e.Source) > maxSource || len(parts) != 5 || parts[0] != "" || parts[1] != "sites" || parts[3] != "agents" {
		return errors.New("its source is not /sites/{site}/agents/{agent}")
	}
	var err, also error
	e.site, err = url.PathUnescape(parts[2])
	e.agent, also = url.PathUnescape(parts[4])
	if err := errors.Join(err, also); err != nil || e.site == "" || e.agent == "" {
		return errors.New("its source is not /sites/{site}/agents/{agent}")
	}
	return nil
}

// line is the event as it is kept: on one line, with the time of its arrival
// as its last member, so that this one counts whatever the event says.
func (e *event) line() ([]byte, error) {
	var b bytes.Buffer
	if err := json.Compact(&b, e.raw); err != nil {
		return nil, err
	}
	b.Truncate(b.Len() - len("}"))
	received, err := json.Marshal(e.Received)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(&b, ",\"receivedtime\":%s}\n", received)
	return b.Bytes(), nil
}

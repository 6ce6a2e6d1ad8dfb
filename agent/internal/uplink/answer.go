package uplink

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxAnswer bounds what is read of an answer. A hundred ids take 4 KiB.
const maxAnswer = 64 << 10

// maxReason bounds the text of a rejection, in bytes.
const maxReason = 255

// An answer is what the endpoint says of the reports of a request. A list that
// is missing differs from an empty one.
type answer struct {
	Accepted *[]string `json:"accepted"`
	Rejected *[]struct {
		ID     string `json:"id"`
		Reason string `json:"reason"`
	} `json:"rejected"`
}

// settle reads the answer to reports and fills in which of them it names. An
// error tells that it does not settle all of them. Whatever is no such answer
// (the page of a captive portal, nothing, half of one) names none.
func (cloudEvents) settle(r *Result, resp *http.Response, reports []Report, token string) (Class, error) {
	data, err := readAnswer(resp.Body)
	if err != nil {
		return Wait, err
	}
	var a answer
	if err := json.Unmarshal(data, &a); err != nil || a.Accepted == nil && a.Rejected == nil {
		return Wait, errors.New("the answer is no acknowledgement: is this the endpoint, or a portal or proxy in between?")
	}
	named := a.verdicts()
	var missing int
	for _, report := range reports {
		switch v := named[report.ID]; {
		case v.accepted == v.rejected: // not named, or contradictory
			missing++
		case v.accepted:
			r.Accepted = append(r.Accepted, report.ID)
		default:
			r.Rejected = append(r.Rejected, Rejection{ID: report.ID, Reason: clean(v.reason, token)})
		}
	}
	if missing > 0 {
		return Wait, fmt.Errorf("the answer does not acknowledge %d of %d reports", missing, len(reports))
	}
	return Wait, nil
}

// readAnswer reads the body of an answer, to a limit.
func readAnswer(body io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(body, maxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", bare(err))
	}
	if len(data) > maxAnswer {
		return nil, fmt.Errorf("the answer is longer than %d bytes and so no acknowledgement", maxAnswer)
	}
	return data, nil
}

type verdict struct {
	accepted, rejected bool
	reason             string
}

func (a answer) verdicts() map[string]verdict {
	named := map[string]verdict{}
	if a.Accepted != nil {
		for _, id := range *a.Accepted {
			named[id] = verdict{accepted: true}
		}
	}
	if a.Rejected != nil {
		for _, rejected := range *a.Rejected {
			v := named[rejected.ID]
			v.rejected, v.reason = true, rejected.Reason
			named[rejected.ID] = v
		}
	}
	return named
}

// clean makes a text of the endpoint fit for a log: no secret that it may
// repeat, no control characters, of bounded length.
func clean(text, secret string) string {
	if secret != "" {
		text = strings.ReplaceAll(text, secret, "…")
	}
	text = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	for len(text) > maxReason {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return strings.TrimSpace(text)
}

package uplink

import "net/http"

// A Format is how reports are wrapped for the endpoint.
type Format int

// The formats.
const (
	CloudEvents Format = iota // CloudEvents 1.0; the answer names each report
	OTLP                      // OTLP/HTTP JSON logs; the answer is about the whole request
)

// A wire is what a format decides: what is sent, and what of an answer is an
// acknowledgement.
type wire interface {
	encode([]Report) ([]byte, error)
	mediaType([]Report) string
	mayPass(status int) bool // whether to repeat the request after a moment
	judge(resp *http.Response, n int) *Failure

	// settle reads the answer to reports and fills in what became of each. An
	// error, and its class, tell that it does not settle all of them.
	settle(result *Result, resp *http.Response, reports []Report, token string) (Class, error)
}

func (f Format) wire() wire {
	if f == OTLP {
		return otlp{}
	}
	return cloudEvents{}
}

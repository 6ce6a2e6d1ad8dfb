package confirm

import (
	"bytes"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// TestHeardTwice: what a station answers when it is asked by itself takes the
// place of what was answered to the group.
func TestHeardTwice(t *testing.T) {
	options, mac := quick(new(bytes.Buffer)), lan.MAC{2, 1}
	a := &asking{Options: options, result: &Result{Answers: make(map[lan.MAC][]lan.Answer)}}
	for _, answer := range []lan.Answer{{Question: lan.SADP, From: "10.20.0.3:37020"}, {Question: lan.HTTP}, {Question: lan.SADP, From: "10.20.0.1:37020"}} {
		a.heard(mac, answer)
	}
	if got := a.result.Answers[mac]; len(got) != 2 || got[1].From != "10.20.0.1:37020" {
		t.Errorf("answers %v", got)
	}
}

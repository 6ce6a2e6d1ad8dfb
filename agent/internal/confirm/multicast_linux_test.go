package confirm

import (
	"bytes"
	"log/slog"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

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

// TestCollect: neither garbage nor somebody who answers again and again keeps
// others from being heard.
func TestCollect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		loud, quiet := netip.MustParseAddr("10.20.0.1"), netip.MustParseAddr("10.20.0.2")
		macs := map[netip.Addr]lan.MAC{loud: {2, 1}, quiet: {2, 2}}
		looked := make(map[netip.Addr]int)
		a := &asking{result: &Result{Answers: make(map[lan.MAC][]lan.Answer)}, Options: Options{
			Subnets: []netip.Prefix{netip.MustParsePrefix("10.20.0.0/24")}, patience: patience, Log: slog.New(slog.DiscardHandler),
			Owner: func(ip netip.Addr) (lan.MAC, bool) {
				looked[ip]++
				return macs[ip], true
			}}}
		q := *questions[0]
		q.search = &search{read: func(octets []byte, _ string) ([]lan.Said, lan.MAC, error) {
			if string(octets) == "garbage" {
				return nil, lan.MAC{}, errGarbled
			}
			return saying("Field", string(octets)), lan.MAC{}, nil
		}}
		letters := make(chan letter)
		began := time.Now()
		go func() {
			send := func(from netip.Addr, text string, times int) {
				for range times {
					letters <- letter{[]byte(text), netip.AddrPortFrom(from, 37020)}
				}
			}
			send(loud, "garbage", 5000)
			send(loud, "answer", 5000)
			send(quiet, "garbage", 5000)
			send(quiet, "answer", 1)
		}()
		a.collect(t.Context(), &q, "", letters)
		if took := time.Since(began); took != patience {
			t.Errorf("took %v, want %v", took, patience)
		}
		for ip, times := range map[netip.Addr]int{loud: maxAside, quiet: 1} {
			if got := a.result.Answers[macs[ip]]; len(got) != 1 || looked[ip] != times {
				t.Errorf("of %v %d answers were looked at, want %d, and %d kept", ip, looked[ip], times, len(got))
			}
		}
	})
}

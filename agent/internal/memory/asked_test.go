package memory

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// TestDue: a station is asked again after a day, or when it has another
// address; a clock that was set back does not keep it from being asked.
func TestDue(t *testing.T) {
	mac, now := lan.MAC{0x44, 0x19, 0xb6, 0, 0, 1}, time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	var q Inquiries
	if !q.Due(mac, "10.20.0.9", now) || !q.SegmentDue(now) {
		t.Error("what was never asked is not due")
	}
	q.Ask(mac, "10.20.0.9", now)
	q.SegmentAt = now
	for after, due := range map[time.Duration]bool{0: false, AskAgain - time.Second: false, AskAgain: true, -time.Hour: true} {
		if got := q.Due(mac, "10.20.0.9", now.Add(after)); got != due {
			t.Errorf("after %v due %v", after, got)
		}
		if got := q.SegmentDue(now.Add(after)); got != due {
			t.Errorf("after %v the segment is due %v", after, got)
		}
	}
	if !q.Due(mac, "10.20.0.10", now.Add(time.Second)) {
		t.Error("another address is not due")
	}
}

// TestHear: a new answer takes the place of the old one to the same question;
// the others count for a week, whether the station answers again or not.
func TestHear(t *testing.T) {
	mac, day := lan.MAC{0x44, 0x19, 0xb6, 0, 0, 1}, time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	answer := func(question lan.Question, at time.Time) lan.Answer {
		return lan.Answer{Question: question, From: "10.20.0.9:1", At: at, Said: []lan.Said{{Field: "Server", Value: "x"}}}
	}
	var q Inquiries
	q.Hear(mac, []lan.Answer{answer(lan.SADP, day), answer(lan.HTTP, day)})
	q.Ask(mac, "10.20.0.9", day)
	next := day.Add(AskAgain)
	before := q.Clone()
	q.Hear(mac, []lan.Answer{answer(lan.HTTP, next)})
	q.Hear(mac, nil)
	q.Ask(mac, "10.20.0.9", next)
	if diff := cmp.Diff([]lan.Answer{answer(lan.SADP, day), answer(lan.HTTP, next)}, q.Answers(next)[mac]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := before.Answers(next)[mac]; len(got) != 2 || !got[1].At.Equal(day) {
		t.Errorf("the copy has changed: %v", got)
	}
	week := day.Add(AnswersKeep)
	q.Prune(week)
	if diff := cmp.Diff([]lan.Answer{answer(lan.HTTP, next)}, q.Answers(week)[mac]); diff != "" {
		t.Errorf("after a week (-want +got):\n%s", diff)
	}
	q.Prune(next.Add(AnswersKeep))
	if len(q.Stations) > 0 {
		t.Errorf("remembered in the end: %v", q.Stations)
	}
}

// TestManyAsked: of too many stations those that were asked longest ago are
// forgotten; a full memory can be read again.
func TestManyAsked(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	var q Inquiries
	text := make([]byte, lan.MaxText)
	for i := range text {
		text[i] = '"' // takes the most room
	}
	for n := range MaxAsked + 2 {
		mac := lan.MAC{2, 0, 0, 0, byte(n >> 8), byte(n)}
		var answers []lan.Answer
		for _, question := range []lan.Question{lan.SADP, lan.DHDiscover, lan.WSDiscovery, lan.RTSP, lan.HTTP, lan.TLS, lan.StationSNMP} {
			a := lan.Answer{Question: question, From: "10.20.0.9:1", At: now}
			for range 7 {
				a.Said = append(a.Said, lan.Said{Field: "Field", Value: string(text)})
			}
			answers = append(answers, a)
		}
		q.Hear(mac, answers)
		q.Ask(mac, "10.20.0.9", now.Add(time.Duration(n)*time.Second))
	}
	q.Prune(now.Add(time.Hour))
	kept := len(q.Stations)
	if kept < 100 || kept > MaxAsked {
		t.Errorf("%d stations", kept)
	}
	if _, there := q.Stations[lan.MAC{2}]; there {
		t.Error("the oldest is remembered")
	}
	encoded, err := json.Marshal(Memory{Asked: q})
	if err != nil {
		t.Fatal(err)
	}
	if m, err := parse(encoded); err != nil || len(m.Asked.Stations) != kept || len(encoded) > 2*maxAnswers {
		t.Errorf("%d octets cannot be read: %v", len(encoded), err)
	}
}

package uplink

import (
	"math"
	"net/http"
	"testing"
	"time"
)

func TestNext(t *testing.T) {
	const (
		s = time.Second
		m = time.Minute
		h = time.Hour
	)
	for _, test := range []struct {
		failures   int
		class      Class
		retryAfter time.Duration
		least      time.Duration // with random 0
		most       time.Duration // with random nearly 1
	}{
		{0, Wait, h, 0, 0},
		{-3, Wait, 0, 0, 0},
		{1, Wait, 0, 15 * s, 45 * s},
		{2, Wait, 0, 30 * s, 90 * s},
		{7, Wait, 0, 16 * m, 48 * m},
		{8, Wait, 0, 30 * m, 90 * m},
		{math.MaxInt32, Wait, 0, 30 * m, 90 * m},
		{1, Poison, 0, 15 * s, 45 * s},
		{1, TooLarge, 0, 15 * s, 45 * s},
		{1, Config, 0, 450 * s, 1350 * s},
		{2, Config, 0, 15 * m, 45 * m},
		{6, Config, 0, 3 * h, 9 * h},
		{1, Wait, 10 * m, 10 * m, 15 * m}, // not before it was asked for, and not all at once
		{1, Wait, 20 * s, 20 * s, 45 * s},
		{8, Wait, 1 * s, 30 * m, 90 * m},
	} {
		least := Backoff{}.Next(test.failures, test.class, test.retryAfter, 0)
		most := Backoff{}.Next(test.failures, test.class, test.retryAfter, 0.999999)
		if least != test.least || (most-test.most).Abs() > s {
			t.Errorf("failure %d, %v, retry after %v: from %v to %v, not from %v to %v",
				test.failures, test.class, test.retryAfter, least, most, test.least, test.most)
		}
	}
	if got := (Backoff{First: s, Max: 3 * s}).Next(9, Wait, 0, 0.5); got != 3*s {
		t.Errorf("own schedule waits %v", got)
	}
	if got := (Backoff{ConfigFirst: s, ConfigMax: 3 * s}).Next(9, Config, 0, 0.5); got != 3*s {
		t.Errorf("own config schedule waits %v", got)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	server := now.AddDate(10, 0, 0) // its clock is ten years ahead
	for _, test := range []struct {
		value string
		want  time.Duration
	}{
		{"", 0},
		{"0", time.Second},
		{"1", time.Second},
		{"-5", 0},
		{"1.5", 0},
		{" 120 ", 2 * time.Minute},
		{"3600", time.Hour},
		{"86400", time.Hour},
		{"9223372037", time.Hour},
		{"18446744074", time.Hour},
		{"99999999999999999999999", time.Hour},
		{"soon", 0},
		{server.Add(90 * time.Second).Format(http.TimeFormat), 90 * time.Second},
		{server.Add(90 * time.Second).Format("Monday, 02-Jan-06 15:04:05 GMT"), 90 * time.Second}, // RFC 850
		{server.Add(90 * time.Second).Format(time.ANSIC), 90 * time.Second},                       // asctime
		{server.Add(-time.Hour).Format(http.TimeFormat), time.Second},
		{server.AddDate(1, 0, 0).Format(http.TimeFormat), time.Hour},
	} {
		h := http.Header{"Date": {server.Format(http.TimeFormat)}, "Retry-After": {test.value}}
		if got := retryAfter(h, now); got != test.want {
			t.Errorf("Retry-After %q: %v, not %v", test.value, got, test.want)
		}
	}
	h := http.Header{"Retry-After": {now.Add(time.Minute).Format(http.TimeFormat)}}
	if got := retryAfter(h, now); got != time.Minute {
		t.Errorf("without a Date: %v", got)
	}
}

func TestClockOffset(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 920_000_000, time.UTC)
	for date, want := range map[string]time.Duration{
		"Mon, 23 Nov 2026 12:00:00 GMT": -420 * time.Millisecond,
		"Mon, 23 Nov 2026 13:00:01 GMT": time.Hour + 580*time.Millisecond,
		"Wed, 23 Nov 2016 12:00:00 GMT": -10*365*24*time.Hour - 2*24*time.Hour - 420*time.Millisecond,
		"Sun, 23 Nov 2036 12:00:00 GMT": 10*365*24*time.Hour + 3*24*time.Hour - 420*time.Millisecond,
	} {
		got, known := clockOffset(http.Header{"Date": {date}}, now)
		if got != want || !known {
			t.Errorf("%s: %v, %v", date, got, known)
		}
	}
	for _, date := range []string{"", "today"} {
		if _, known := clockOffset(http.Header{"Date": {date}}, now); known {
			t.Errorf("%q gives an offset", date)
		}
	}
}

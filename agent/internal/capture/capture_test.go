package capture

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

func TestSource(t *testing.T) {
	c := &Capture{
		Name: "sw1", Path: "sw1.snmprec",
		Recording: New(numbered(1, 2, 3)),
		Contexts:  map[string]*Recording{"20": New(numbered(7)), "10": New(nil)},
	}
	if diff := cmp.Diff([]string{"10", "20"}, c.ContextNames()); diff != "" {
		t.Errorf("context names (-want +got):\n%s", diff)
	}

	got, err := c.Source("").Get(t.Context(), smi.OID{1, 3}, smi.OID{1, 9}, smi.OID{1, 1})
	want := []smi.Varbind{
		{Name: smi.OID{1, 3}, Value: number(smi.Integer, 2)},
		{Name: smi.OID{1, 9}, Value: smi.Value{Kind: smi.NoSuchInstance}},
		{Name: smi.OID{1, 1}, Value: number(smi.Integer, 0)},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("Get: error %v, difference (-want +got):\n%s", err, diff)
	}

	got, err = c.Source("20").Get(t.Context(), smi.OID{1, 7})
	if err != nil || got[0].Value.Kind != smi.Integer {
		t.Errorf("context 20: %v, error %v", got, err)
	}
	got, err = new(Capture).Source("").Get(t.Context(), smi.OID{1, 7})
	if err != nil || got[0].Value.Kind != smi.NoSuchInstance {
		t.Errorf("an empty capture: %v, error %v", got, err)
	}
	if _, err := c.Source("30").Get(t.Context(), smi.OID{1, 7}); err == nil {
		t.Error("Get in a context that was not recorded: no error")
	}
	if err := c.Source("30").Walk(t.Context(), smi.OID{1}, func(smi.Varbind) error { return nil }); err == nil {
		t.Error("Walk in a context that was not recorded: no error")
	}
}

func TestSourceWalk(t *testing.T) {
	c := &Capture{Recording: New([]smi.Varbind{
		{Name: smi.OID{1, 1, 9}}, {Name: smi.OID{1, 2}}, {Name: smi.OID{1, 2, 1}}, {Name: smi.OID{1, 2, 5, 1}}, {Name: smi.OID{1, 3}},
	})}
	var names []string
	err := c.Source("").Walk(t.Context(), smi.OID{1, 2}, func(row smi.Varbind) error {
		names = append(names, row.Name.String())
		return nil
	})
	if diff := cmp.Diff([]string{"1.2.1", "1.2.5.1"}, names); err != nil || diff != "" {
		t.Errorf("error %v, difference (-want +got):\n%s", err, diff)
	}

	stop, calls := errors.New("stop"), 0
	err = c.Source("").Walk(t.Context(), smi.OID{1}, func(smi.Varbind) error { calls++; return stop })
	if !errors.Is(err, stop) || calls != 1 {
		t.Errorf("got error %v after %d rows, want the row's own after 1", err, calls)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err = c.Source("").Walk(ctx, smi.OID{1}, func(smi.Varbind) error { t.Error("a row after the end"); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want context.Canceled", err)
	}
}

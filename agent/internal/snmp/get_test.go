package snmp

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

// names returns the names of rows.
func names(numbers ...uint32) []smi.OID {
	var oids []smi.OID
	for _, n := range numbers {
		oids = append(oids, row(n).Name)
	}
	return oids
}

// told writes what Get returned as "1 2 -", the minus for an object that the
// device does not have, and holds the names against those asked for.
func told(t *testing.T, asked []smi.OID, got []smi.Varbind) string {
	t.Helper()
	var words []string
	for i, vb := range got {
		if i < len(asked) && asked[i].Compare(vb.Name) != 0 {
			t.Errorf("varbind %d is %v, want %v", i, vb.Name, asked[i])
		}
		word := vb.Value.String()
		if vb.Value.Exception() {
			word = "-"
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

func TestGet(t *testing.T) {
	tests := []struct {
		name  string
		asked []smi.OID
		want  string
	}{
		{"one", names(3), "3"},
		{"in the order asked for", names(3, 1, 2), "3 1 2"},
		{"one that is missing", names(99), "-"},
		{"the first is missing", names(99, 1), "- 1"},
		{"the last is missing", names(1, 99), "1 -"},
		{"all are missing", names(97, 98, 99), "- - -"},
		{"more than one request takes", names(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17),
			"1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17"},
		{"missing here and there", names(1, 97, 3, 4, 5, 6, 98, 8, 9, 99), "1 - 3 4 5 6 - 8 9 -"},
		{"nothing", nil, ""},
	}
	for _, test := range tests {
		for _, version := range []Version{V1, V2c} {
			t.Run(test.name+" in "+version.String(), func(t *testing.T) {
				agent := start(t, device(20), func(request snmpagent.Request, _ *snmpagent.Response) {
					if len(request.Varbinds) > maxNames {
						t.Errorf("a request for %d objects", len(request.Varbinds))
					}
				})
				s := openAs(t, agent, Credential{Version: version, Community: "public"}, Options{})
				got, err := s.Get(t.Context(), test.asked...)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, told(t, test.asked, got)); diff != "" {
					t.Errorf("difference (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestGetHalvesOnTooBig(t *testing.T) {
	agent := start(t, device(20), func(request snmpagent.Request, r *snmpagent.Response) {
		if len(request.Varbinds) > 2 {
			r.Status, r.Varbinds = snmpagent.TooBig, nil
		}
	})
	asked := names(9, 8, 7, 6, 5, 4, 3, 2, 1)
	got, err := open(t, agent, Options{}).Get(t.Context(), asked...)
	if err != nil || told(t, asked, got) != "9 8 7 6 5 4 3 2 1" {
		t.Errorf("got %v and %v", got, err)
	}
}

func TestGetOutlastsSilence(t *testing.T) {
	var lost atomic.Int32
	agent := start(t, device(20), func(request snmpagent.Request, r *snmpagent.Response) {
		if request.Varbinds[0].Name.Compare(sysUpTime) != 0 && lost.Add(1) < 4 {
			drop(request, r)
		}
	})
	got, err := open(t, agent, Options{Timeout: soon}).Get(t.Context(), names(1)...)
	if err != nil || told(t, names(1), got) != "1" {
		t.Errorf("got %v and %v", got, err)
	}
}

func TestGetErrors(t *testing.T) {
	tests := []struct {
		name   string
		change intercept
		want   error
	}{
		{"tooBig for one object", func(_ snmpagent.Request, r *snmpagent.Response) { r.Status, r.Varbinds = snmpagent.TooBig, nil }, ErrCut},
		{"genErr", refuse(snmpagent.GenErr), ErrCut},
		{"noSuchName of an object that was not asked for", func(_ snmpagent.Request, r *snmpagent.Response) { r.Status, r.Index = snmpagent.NoSuchName, 3 }, ErrCut},
		{"noSuchName of none", func(_ snmpagent.Request, r *snmpagent.Response) { r.Status, r.Index = snmpagent.NoSuchName, 0 }, ErrCut},
		{"another object", func(_ snmpagent.Request, r *snmpagent.Response) { r.Varbinds[0].Name = behind }, ErrCut},
		{"one object too few", func(_ snmpagent.Request, r *snmpagent.Response) { r.Varbinds = r.Varbinds[:1] }, ErrCut},
		{"one object too many", func(_ snmpagent.Request, r *snmpagent.Response) { r.Varbinds = append(r.Varbinds, row(5)) }, ErrCut},
		{"silence", drop, ErrNoAnswer},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			agent := start(t, device(20), func(request snmpagent.Request, r *snmpagent.Response) {
				if request.Varbinds[0].Name.Compare(sysUpTime) != 0 {
					test.change(request, r)
				}
			})
			got, err := open(t, agent, Options{Timeout: soon / 3}).Get(t.Context(), names(1, 2)...)
			if !errors.Is(err, test.want) || got != nil {
				t.Errorf("got %v and %v, want the error %v and nothing", got, err, test.want)
			}
		})
	}
}

func TestGetReadsEveryKindOfValue(t *testing.T) {
	values := []smi.Value{
		{Kind: smi.Integer, Num: 1<<64 - 129},
		{Kind: smi.OctetString, Bytes: []byte("a\x00\xff")},
		{Kind: smi.ObjectIdentifier, OID: smi.OID{1, 3, 6, 1, 4, 1, 4294967295}},
		{Kind: smi.IPAddress, Bytes: []byte{10, 0, 0, 255}},
		{Kind: smi.Counter32, Num: 1<<32 - 1},
		{Kind: smi.Gauge32, Num: 1 << 31},
		{Kind: smi.TimeTicks, Num: 43303292},
		{Kind: smi.Opaque, Bytes: []byte{1, 2}},
		{Kind: smi.Counter64, Num: 1<<64 - 1},
		{Kind: smi.Null},
		{Kind: smi.NoSuchObject},
		{Kind: smi.NoSuchInstance},
		{Kind: smi.EndOfMibView},
	}
	var rows []smi.Varbind
	var asked []smi.OID
	for i, value := range values {
		asked = append(asked, row(uint32(i)+1).Name)
		rows = append(rows, smi.Varbind{Name: asked[i], Value: value})
	}
	got, err := open(t, start(t, capture.New(rows), nil), Options{}).Get(t.Context(), asked...)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rows, got); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
}

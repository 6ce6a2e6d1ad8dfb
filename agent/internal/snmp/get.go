package snmp

import (
	"context"
	"fmt"

	"github.com/gosnmp/gosnmp"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

// maxNames is how many objects one request asks for. Some agents answer no
// more than a few (peers limit theirs at 5 to 10).
const maxNames = 12

// Get reads objects by name. Each name has its varbind in the result, in
// order; one that the device does not have carries noSuchObject or
// noSuchInstance.
func (s *Session) Get(ctx context.Context, names ...smi.OID) ([]smi.Varbind, error) {
	result := make([]smi.Varbind, 0, len(names))
	for len(names) > 0 {
		n := min(maxNames, len(names))
		part, err := s.getSome(ctx, names[:n])
		if err != nil {
			return nil, err
		}
		result = append(result, part...)
		names = names[n:]
	}
	return result, nil
}

func (s *Session) getSome(ctx context.Context, names []smi.OID) ([]smi.Varbind, error) {
	a, err := s.ask(ctx, request{pdu: gosnmp.GetRequest, names: names}, s.opts.Attempts)
	switch {
	case err != nil:
		return nil, err
	case a.status == gosnmp.TooBig && len(names) > 1:
		return s.getHalves(ctx, names)
	case a.status == gosnmp.NoSuchName && a.errorIndex >= 1 && a.errorIndex <= len(names):
		return s.getWithout(ctx, names, a.errorIndex-1)
	case a.status != gosnmp.NoError:
		return nil, fmt.Errorf("%w: the device answered %v", ErrCut, a.status)
	}
	if err := sameNames(names, a.varbinds); err != nil {
		return nil, err
	}
	return a.varbinds, nil
}

func (s *Session) getHalves(ctx context.Context, names []smi.OID) ([]smi.Varbind, error) {
	first, err := s.getSome(ctx, names[:len(names)/2])
	if err != nil {
		return nil, err
	}
	second, err := s.getSome(ctx, names[len(names)/2:])
	return append(first, second...), err
}

// getWithout repeats a request without the object that an SNMPv1 agent does
// not have; it answers noSuchName for the whole request (RFC 1157, 4.1.2).
func (s *Session) getWithout(ctx context.Context, names []smi.OID, missing int) ([]smi.Varbind, error) {
	rest := append(append([]smi.OID(nil), names[:missing]...), names[missing+1:]...)
	var found []smi.Varbind
	if len(rest) > 0 {
		var err error
		if found, err = s.getSome(ctx, rest); err != nil {
			return nil, err
		}
	}
	none := smi.Varbind{Name: names[missing], Value: smi.Value{Kind: smi.NoSuchInstance}}
	return append(append(append([]smi.Varbind(nil), found[:missing]...), none), found[missing:]...), nil
}

func sameNames(asked []smi.OID, got []smi.Varbind) error {
	if len(asked) != len(got) {
		return fmt.Errorf("%w: asked for %d objects, answered %d", ErrCut, len(asked), len(got))
	}
	for i, name := range asked {
		if got[i].Name.Compare(name) != 0 {
			return fmt.Errorf("%w: asked for %v, answered %v", ErrCut, name, got[i].Name)
		}
	}
	return nil
}

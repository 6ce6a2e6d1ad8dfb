package snmp

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// In reaches the same device in another of its contexts, by the same
// credential and at the same pace. In version 3 that is the context of the
// name (RFC 3411); in versions 1 and 2c it is the community with @ and the
// name behind it, by which Cisco shows a VLAN. The session is one of its own;
// where the device does not let it in, its requests count with this one's.
func (s *Session) In(ctx context.Context, name string) (*Session, error) {
	cred := s.cred
	if cred.Version == V3 {
		cred.Context = name
	} else {
		cred.Community += "@" + name
	}
	in, err := dial(ctx, s.address, cred, s.opts, s.pace)
	if err != nil {
		return nil, err
	}
	in.learnFrom(s)
	err = in.probe(ctx)
	if err == nil {
		return in, nil
	}
	s.requests += in.requests
	in.Close()
	return nil, fmt.Errorf("open context %s: %w", name, in.closed(name, err))
}

// learnFrom takes over what another session has learnt of the same device.
func (s *Session) learnFrom(other *Session) {
	s.window = other.window
	s.bulk, s.proven, s.failed = other.bulk, other.proven, other.failed
	s.bulked, s.deaf, s.alone, s.lossy = other.bulked, other.deaf, other.alone, other.lossy
	s.single, s.astray = other.single, other.astray
}

// closed puts the outcome of a probe in a context into words that lead to the
// cause. The device has let the same credential into its default context.
func (s *Session) closed(name string, err error) error {
	denied, silent := errors.Is(err, ErrDenied), errors.Is(err, ErrNoAnswer)
	switch {
	case s.cred.Version != V3 && silent:
		return fmt.Errorf("%w with @%s behind the community, while there is one without it: no such context, or this community has no right to it; read the switch by version 3, or leave contexts out with skip_tables", err, name)
	case s.cred.Version == V3 && denied:
		// IOS says of a context to which a user's group has no right that it does
		// not know the user.
		return fmt.Errorf("%w: user %s is let into the default context, and not into this one; on Cisco, grant it: %s", ErrDenied, s.cred.User, s.cred.grant(name))
	case s.cred.Version == V3 && silent:
		return fmt.Errorf("%w in it, while there is one in the default context; on Cisco, grant it: %s", err, s.cred.grant(name))
	default:
		return err
	}
}

// grant is the line of Cisco IOS that lets a user into a context.
func (c Credential) grant(name string) string {
	level := map[string]string{"authPriv": "priv", "authNoPriv": "auth", "noAuthNoPriv": "noauth"}[c.level()]
	if strings.HasPrefix(name, "vlan-") {
		name = "vlan- match prefix"
	}
	return fmt.Sprintf("snmp-server group GROUP v3 %s context %s", level, name)
}

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/camwarden/camwarden/agent/internal/config"
	"github.com/camwarden/camwarden/agent/internal/memory"
	"github.com/camwarden/camwarden/agent/internal/order"
	"github.com/camwarden/camwarden/agent/internal/poll"
	"github.com/camwarden/camwarden/agent/internal/snmp"
)

// A reach is the way to a switch: how it is to be asked, with what, and how
// it was reached before.
type reach struct {
	config.Switch                   // but not its credentials
	credentials   []snmp.Credential // in the order to try
	known         *recall
}

// reachNamed is the way to a switch that was named on the command line. The
// given credentials come before those of the configuration, and are the word
// of the operator: they may be older than what the switch is known to speak.
func reachNamed(address config.Address, given []snmp.Credential, c *config.Config, known *recall) reach {
	r := reach{credentials: credentialsFor(address, given, c), known: known}
	r.Switch = config.Switch{Address: address}
	for _, s := range c.Switches {
		if s.Address == address {
			r.Switch = s
		}
	}
	r.AllowDowngrade = r.AllowDowngrade || len(given) > 0
	return r
}

// device is the switch as something to be read.
func (r reach) device() poll.Device {
	return poll.Device{Name: deviceName(r.Address), Skip: r.SkipTables, Open: func(ctx context.Context) (poll.Source, error) {
		return r.open(ctx, snmp.Options{})
	}}
}

// budget is how many requests are on their way to all switches together.
var budget = snmp.NewBudget(640)

// open reaches the switch. The options are those that no user chooses.
func (r reach) open(ctx context.Context, options snmp.Options) (poll.Source, error) {
	address := r.Address.String()
	before := r.known.of(address)
	credentials := lastGoodFirst(r.credentials, before.Credentials)
	if before.ReadByV3 && !r.AllowDowngrade {
		credentials = onlyV3(credentials)
		if len(credentials) == 0 {
			return nil, fmt.Errorf("open %s: %w", address, errDowngrade)
		}
	}
	options.RequestsPerSecond, options.Budget = r.RequestsPerSecond, budget
	options.From, options.AnyReplyAddress = r.FromAddress, r.AnyReplyAddress
	if n := before.StartRepetitions(time.Now()); n < snmp.DefaultRepetitions {
		options.Repetitions = n
	}
	session, err := snmp.Open(ctx, r.known.way(address), credentials, options)
	r.tellDowngrade(before, session, credentials)
	if err != nil {
		return nil, err
	}
	return switchSource{session, r.Contexts, func() { r.known.reached(address, session) }}, nil
}

// errDowngrade keeps a community from being told to whoever blocks version 3.
var errDowngrade = errors.New("it was read by version 3 before, and what is left to try is version 1 or 2c, which anybody on the way can read: " +
	`give it credentials of version "3", or write allow_downgrade = true under its [[switch]]`)

// tellDowngrade logs that a switch known to speak version 3 was asked with
// less. The session is nil when all credentials were tried in vain.
func (r reach) tellDowngrade(before memory.Switch, session *snmp.Session, tried []snmp.Credential) {
	switch {
	case !before.ReadByV3:
	case session == nil && len(onlyV3(tried)) < len(tried):
		r.known.warn("a switch that was read by version 3 before was asked by version 1 or 2c too, as allow_downgrade or -community says", "switch", r.Address)
	case session != nil && session.Credential().Version != snmp.V3:
		r.known.warn("a switch that was read by version 3 before is read by less, as allow_downgrade or -community says",
			"switch", r.Address, "version", session.Credential().Version, "credentials", session.Credential().Name)
	}
}

// lastGoodFirst puts the credentials of a name before the others, which keep
// their order.
func lastGoodFirst(credentials []snmp.Credential, name string) []snmp.Credential {
	ordered := slices.Clone(credentials)
	order.By(ordered, func(a, b snmp.Credential) int {
		switch {
		case a.Name == name && b.Name != name:
			return -1
		case a.Name != name && b.Name == name:
			return 1
		default:
			return 0
		}
	})
	return ordered
}

func onlyV3(credentials []snmp.Credential) []snmp.Credential {
	return slices.DeleteFunc(slices.Clone(credentials), func(c snmp.Credential) bool { return c.Version != snmp.V3 })
}

package confirm

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strconv"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmp"
)

// makersObjects are all that a station is asked for over SNMP, beside the
// sysUpTime that shows whether credentials are good.
var makersObjects = []string{lan.HikDeviceType, lan.HikMACAddr, lan.HikManufacturer, lan.HikEntityType, lan.DahuaDeviceType, lan.DahuaDeviceClass}

// objects asks for the makers' own objects, with the credentials that were
// named for stations.
func (a *asking) objects(ctx context.Context, st Station, to netip.AddrPort) (said []lan.Said, err error) {
	done, err := a.pace.exclusive(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	session, err := snmp.Open(ctx, to.String(), a.Credentials, snmp.Options{Timeout: a.patience, Attempts: 2, Sending: func(octets int) {
		// The error is the context's, which ends the session as well.
		_ = a.pace.take(ctx, 1)
		a.sends("datagram", lan.StationSNMP, to, octets)
	}})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	names := make([]smi.OID, len(makersObjects))
	for i, text := range makersObjects {
		names[i] = smi.MustOID(text)
	}
	varbinds, err := session.Get(ctx, names...)
	if err != nil {
		return nil, err
	}
	for i, v := range varbinds {
		text, is := objectText(v.Value)
		if !is {
			continue
		}
		if makersObjects[i] == lan.HikMACAddr {
			if mac, ok := lan.MACFromOctets(v.Value.Bytes); ok && mac != st.MAC {
				return nil, fmt.Errorf("set aside: it tells the hardware address %v, and the station's is %v", mac, st.MAC)
			}
			continue
		}
		said = append(said, saying(makersObjects[i], text)...)
	}
	if len(said) == 0 {
		return nil, errors.New("it has none of the makers' objects")
	}
	return said, nil
}

// objectText is the text or number that an object holds.
func objectText(v smi.Value) (string, bool) {
	if n, ok := v.Int(); ok {
		return strconv.FormatInt(n, 10), true
	}
	octets, ok := v.Octets()
	return string(octets), ok
}

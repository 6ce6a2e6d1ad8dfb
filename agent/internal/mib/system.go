package mib

import (
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// The scalars of a device: the system group (SNMPv2-MIB, RFC 3418),
// dot1dBaseBridgeAddress (BRIDGE-MIB, RFC 4188) and what it says of itself
// over LLDP (LLDP-MIB, IEEE 802.1AB).
var (
	sysDescr       = smi.MustOID("1.3.6.1.2.1.1.1.0")
	sysObjectID    = smi.MustOID("1.3.6.1.2.1.1.2.0")
	sysUpTime      = smi.MustOID("1.3.6.1.2.1.1.3.0")
	sysName        = smi.MustOID("1.3.6.1.2.1.1.5.0")
	sysLocation    = smi.MustOID("1.3.6.1.2.1.1.6.0")
	baseAddress    = smi.MustOID("1.3.6.1.2.1.17.1.1.0")
	lldpLocSubtype = smi.MustOID("1.0.8802.1.1.2.1.3.1.0")
	lldpLocChassis = smi.MustOID("1.0.8802.1.1.2.1.3.2.0")
	lldpLocSysName = smi.MustOID("1.0.8802.1.1.2.1.3.3.0")
	lldpStamp      = smi.MustOID("1.0.8802.1.1.2.1.2.1.0")     // lldpStatsRemTablesLastChangeTime
	lagStamp       = smi.MustOID("1.2.840.10006.300.43.1.3.0") // dot3adTablesLastChanged
)

// Scalars returns the objects to ask for by name.
func Scalars() []smi.OID {
	return []smi.OID{sysDescr, sysObjectID, sysUpTime, sysName, sysLocation,
		baseAddress, lldpLocSubtype, lldpLocChassis, lldpLocSysName, lldpStamp, lagStamp}
}

// isStamp tells a scalar that only says when something has changed.
func isStamp(name smi.OID) bool { return name.Compare(lldpStamp) == 0 || name.Compare(lagStamp) == 0 }

// ReadScalars puts the answers to Scalars into the snapshot and returns how
// many the device had.
func ReadScalars(s *lan.Snapshot, answers []smi.Varbind) int {
	values := make(map[string]smi.Value, len(answers))
	for _, vb := range answers {
		if !vb.Value.Exception() {
			values[key(vb.Name)] = vb.Value
		}
	}
	get := func(name smi.OID) smi.Value { return values[key(name)] }
	s.System.Descr = text(get(sysDescr))
	s.System.Name = text(get(sysName))
	s.System.Location = text(get(sysLocation))
	if v := get(sysObjectID); v.Kind == smi.ObjectIdentifier {
		s.System.ObjectID = v.OID.String()
	}
	if ticks, ok := number(get(sysUpTime), maxUint32); ok {
		s.System.UpTime = time.Duration(ticks) * 10 * time.Millisecond // TimeTicks are hundredths
	}
	if octets, ok := get(baseAddress).Octets(); ok {
		s.BaseMAC, _ = lan.MACFromOctets(octets)
	}
	subtype, _ := get(lldpLocSubtype).Int()
	if octets, ok := get(lldpLocChassis).Octets(); ok {
		s.LLDPLocal.Chassis = chassisID(subtype, octets)
	}
	s.LLDPLocal.SysName = text(get(lldpLocSysName))
	s.Stamps.LLDP, _ = number(get(lldpStamp), maxUint32)
	s.Stamps.LAG, _ = number(get(lagStamp), maxUint32)
	return len(values)
}

package capture

import "github.com/camwarden/camwarden/agent/internal/smi"

// A content says what the octets of a column hold, and so what becomes of
// them. Numbers stay in every column and IpAddress values are replaced in
// every column; what else has no content is left out.
type content uint8

const (
	unknownContent   content = iota
	keptContent              // bits, capabilities, identifiers of models
	macContent               // a hardware address, as octets or as text
	nameContent              // what somebody called something
	textContent              // a description by the maker: only what identifies is replaced in it
	contextContent           // the name of a context
	hostContent              // the name of a device: replaced in the descriptions as well
	deviceIDContent          // cdpCacheDeviceId: such a name, or a hardware address
	interfaceContent         // the name of an interface: as a description
	portContent              // stays an interface's name where it is one, else a name
	chassisIDContent         // LldpChassisId; the column before it holds the subtype
	portIDContent            // LldpPortId; likewise
	networkContent           // an address; the column before it holds the family, 1 for IPv4
	addressContent           // an IP address as text
)

// A table says how the rows of a table, or of a group of scalars, are
// redacted.
type table struct {
	root    smi.OID
	index   func(f *redaction, index smi.OID) (smi.OID, bool)
	columns map[uint32]content
}

// tables are searched from the top: a table stands before the group around it.
var tables = []table{
	{smi.MustOID("1.0.8802.1.1.2.1.3.7.1"), numbers(1), // lldpLocPortEntry
		map[uint32]content{3: portIDContent, 4: portContent}},
	{smi.MustOID("1.0.8802.1.1.2.1.2"), scalar, // lldpStatistics
		map[uint32]content{1: keptContent}},
	{smi.MustOID("1.0.8802.1.1.2.1.3"), scalar, // lldpLocalSystemData
		map[uint32]content{2: chassisIDContent, 3: hostContent, 4: textContent, 5: keptContent, 6: keptContent}},
	{smi.MustOID("1.0.8802.1.1.2.1.4.1.1"), numbers(4), // lldpRemEntry
		map[uint32]content{5: chassisIDContent, 7: portIDContent, 8: portContent, 9: hostContent, 10: textContent, 11: keptContent, 12: keptContent}},
	{smi.MustOID("1.0.8802.1.1.2.1.4.2.1"), managementIndex(3), // lldpRemManAddrEntry
		map[uint32]content{2: networkContent}},
	{smi.MustOID("1.0.8802.1.1.2.1.5.4795.1.3.1.1"), numbers(4), // lldpXMedRemCapabilitiesEntry
		map[uint32]content{1: keptContent, 2: keptContent}},
	{smi.MustOID("1.0.8802.1.1.2.1.5.4795.1.3.3.1"), numbers(4), // lldpXMedRemInventoryEntry
		map[uint32]content{1: textContent, 2: textContent, 3: textContent, 4: nameContent, 5: textContent, 6: textContent, 7: nameContent}},
	{smi.MustOID("1.2.840.10006.300.43.1.2.1.1"), numbers(1), // dot3adAggPortEntry
		map[uint32]content{3: macContent, 6: macContent, 8: macContent}},
	{smi.MustOID("1.2.840.10006.300.43.1"), scalar, // lagMIBObjects: dot3adTablesLastChanged
		map[uint32]content{3: keptContent}},
	{smi.MustOID("1.3.6.1.2.1.1"), scalar, // system
		map[uint32]content{1: textContent, 2: keptContent, 4: nameContent, 5: hostContent, 6: nameContent}},
	{smi.MustOID("1.3.6.1.2.1.2.2.1"), numbers(1), // ifEntry
		map[uint32]content{2: interfaceContent, 6: macContent}},
	{smi.MustOID("1.3.6.1.2.1.3.1.1"), arpIndex, // atEntry
		map[uint32]content{2: macContent}},
	{smi.MustOID("1.3.6.1.2.1.4.22.1"), arpIndex, // ipNetToMediaEntry
		map[uint32]content{2: macContent}},
	{smi.MustOID("1.3.6.1.2.1.4.35.1"), physicalIndex, // ipNetToPhysicalEntry
		map[uint32]content{4: macContent}},
	{smi.MustOID("1.3.6.1.2.1.17.1.4.1"), numbers(1), nil}, // dot1dBasePortEntry
	{smi.MustOID("1.3.6.1.2.1.17.1"), scalar, // dot1dBase
		map[uint32]content{1: macContent}},
	{smi.MustOID("1.3.6.1.2.1.17.2.15.1"), numbers(1), nil}, // dot1dStpPortEntry
	{smi.MustOID("1.3.6.1.2.1.17.4.3.1"), dot1dIndex, // dot1dTpFdbEntry
		map[uint32]content{1: macContent}},
	{smi.MustOID("1.3.6.1.2.1.17.7.1.2.2.1"), dot1qIndex, // dot1qTpFdbEntry
		map[uint32]content{1: macContent}},
	{smi.MustOID("1.3.6.1.2.1.17.7.1.4.2.1"), numbers(2), // dot1qVlanCurrentEntry
		map[uint32]content{4: keptContent, 5: keptContent}},
	{smi.MustOID("1.3.6.1.2.1.17.7.1.4.3.1"), numbers(1), // dot1qVlanStaticEntry
		map[uint32]content{1: nameContent, 2: keptContent, 3: keptContent, 4: keptContent}},
	{smi.MustOID("1.3.6.1.2.1.31.1.1.1"), numbers(1), // ifXEntry
		map[uint32]content{1: interfaceContent, 18: nameContent}},
	{smi.MustOID("1.3.6.1.2.1.31.1.2.1"), numbers(2), nil}, // ifStackEntry
	{smi.MustOID("1.3.6.1.2.1.47.1.1.1.1"), numbers(1), // entPhysicalEntry
		map[uint32]content{2: textContent, 3: keptContent, 7: textContent, 8: textContent, 9: textContent, 10: textContent,
			11: nameContent, 12: textContent, 13: textContent, 14: nameContent, 15: nameContent}},
	{smi.MustOID("1.3.6.1.2.1.47.1.2.1.1"), numbers(1), // entLogicalEntry
		map[uint32]content{8: contextContent}},
	{smi.MustOID("1.3.6.1.2.1.105.1.1.1"), numbers(2), // pethPsePortEntry
		map[uint32]content{9: nameContent}},
	{smi.MustOID("1.3.6.1.4.1.9.6.1.101.108.1.1"), numbers(2), // rlPethPsePortEntry
		map[uint32]content{8: textContent}},
	{smi.MustOID("1.3.6.1.4.1.9.9.23.1.2.1.1"), numbers(2), // cdpCacheEntry
		map[uint32]content{4: networkContent, 5: textContent, 6: deviceIDContent, 7: textContent, 8: textContent, 9: keptContent,
			10: nameContent, 17: hostContent, 18: keptContent, 20: networkContent, 22: networkContent, 23: nameContent}},
	{smi.MustOID("1.3.6.1.4.1.9.9.402.1.2.1"), numbers(2), // cpeExtPsePortEntry
		map[uint32]content{5: keptContent}},
	{smi.MustOID("1.3.6.1.4.1.89.108.1.1"), numbers(2), // rlPethPsePortEntry
		map[uint32]content{8: textContent}},
	{smi.MustOID("1.3.6.1.4.1.9.9.46.1.3.1.1"), numbers(2), // vtpVlanEntry
		map[uint32]content{4: nameContent}},
	{smi.MustOID("1.3.6.1.4.1.9.9.468.1.1.1"), contextIndex, // cContextMappingEntry
		map[uint32]content{2: nameContent, 3: nameContent, 4: nameContent}},
	{smi.MustOID("1.3.6.1.4.1.2011.5.25.42.2.1.3.1"), hwDynIndex, nil},     // hwDynFdbEntry
	{smi.MustOID("1.3.6.1.4.1.6486.800.1.2.1.8.1.1.1.1"), slMacIndex, nil}, // slMacAddressEntry
	{smi.MustOID("1.3.6.1.4.1.11863.6.35.1.2.2.1"), numbers(2), // lldpNeighborInfoEntry
		map[uint32]content{4: chassisIDContent, 6: portIDContent, 8: portContent, 9: hostContent, 10: textContent,
			11: keptContent, 12: keptContent, 13: addressContent}},
	{smi.MustOID("1.3.6.1.4.1.11863.6.56.1.1.2.1.1"), numbers(1), // tpPoePortConfigEntry
		map[uint32]content{5: nameContent, 6: nameContent}},
	{smi.MustOID("1.3.6.1.4.1.14988.1.1.1.2.1"), wlRtabIndex, // mtxrWlRtabEntry
		map[uint32]content{1: macContent}},
	{smi.MustOID("1.3.6.1.4.1.14988.1.1.11.1.1"), numbers(1), // mtxrNeighborEntry
		map[uint32]content{3: macContent, 4: textContent, 5: textContent, 6: hostContent, 8: keptContent}},
	{smi.MustOID("1.3.6.1.4.1.14988.1.1.15.1.1"), numbers(1), // mtxrPOEEntry
		map[uint32]content{2: interfaceContent}},
	{smi.MustOID("1.3.111.2.802.1.1.13.1.4.1.1"), numbers(4), // lldpV2RemEntry
		map[uint32]content{6: chassisIDContent, 8: portIDContent, 9: portContent, 10: hostContent, 11: textContent, 12: keptContent, 13: keptContent}},
	{smi.MustOID("1.3.111.2.802.1.1.13.1.4.2.1"), managementIndex(4), // lldpV2RemManAddrEntry
		map[uint32]content{2: networkContent}},
}

// tableOf finds the table of an object; nil where there is none.
func tableOf(name smi.OID) *table {
	for i := range tables {
		if t := &tables[i]; len(name) > len(t.root) && name.HasPrefix(t.root) {
			return t
		}
	}
	return nil
}

package mib

import (
	"encoding/hex"
	"net/netip"
	"unicode/utf8"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// chassisSubtypes and portSubtypes give LldpChassisIdSubtype and
// LldpPortIdSubtype (IEEE 802.1AB) their meaning; the two number alike things
// differently.
var (
	chassisSubtypes = map[int64]lan.LLDPIDSubtype{
		2: lan.LLDPInterfaceAlias, 4: lan.LLDPMAC, 5: lan.LLDPNetworkAddress, 6: lan.LLDPInterfaceName, 7: lan.LLDPLocalID}
	portSubtypes = map[int64]lan.LLDPIDSubtype{
		1: lan.LLDPInterfaceAlias, 3: lan.LLDPMAC, 4: lan.LLDPNetworkAddress, 5: lan.LLDPInterfaceName, 7: lan.LLDPLocalID}
)

func chassisID(subtype int64, octets []byte) lan.LLDPID {
	return lldpID(chassisSubtypes[subtype], octets)
}

func portID(subtype int64, octets []byte) lan.LLDPID { return lldpID(portSubtypes[subtype], octets) }

// lldpID reads an id by its subtype, never by its length: five octets
// 01 0a 77 1f 0e are the network address 10.119.31.14, and no hardware
// address (Eltex MES2324P shows one). A hardware address may also be written
// out as text: with subtype 4 (AOS-CX, RouterOS), or as a local id (TP-Link).
func lldpID(subtype lan.LLDPIDSubtype, octets []byte) lan.LLDPID {
	id := lan.LLDPID{Subtype: subtype}
	switch subtype {
	case lan.LLDPMAC:
		if mac, ok := lan.MACFromOctets(octets); ok {
			id.MAC, id.Text = mac, mac.String()
			return id
		}
	case lan.LLDPNetworkAddress:
		if addr, ok := networkAddress(octets); ok {
			id.IP, id.Text = addr, addr.String()
			return id
		}
	case lan.LLDPLocalID, lan.LLDPInterfaceAlias, lan.LLDPInterfaceName:
		if len(octets) != len(id.MAC) {
			id.MAC, _ = lan.MACFromOctets(octets)
		}
	}
	id.Text = idText(octets)
	return id
}

// networkAddress reads an IANA address family and the address.
func networkAddress(octets []byte) (netip.Addr, bool) {
	switch {
	case len(octets) == 5 && octets[0] == familyIPv4, len(octets) == 17 && octets[0] == familyIPv6:
		return netip.AddrFromSlice(octets[1:])
	default:
		addr, err := netip.ParseAddr(string(octets))
		return addr, err == nil
	}
}

// idText shows an id as text where it is some, and as hex where it is not.
func idText(octets []byte) string {
	if clean := lan.CleanText(octets); utf8.Valid(octets) && clean != "" {
		return clean
	}
	return hex.EncodeToString(octets[:min(len(octets), lan.MaxText/2)])
}

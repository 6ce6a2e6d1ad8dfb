package capture

import (
	"slices"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

// secrets are the subtrees whose objects hold communities and keys. (Most
// agents hide them; some do not.)
var secrets = []smi.OID{
	smi.MustOID("1.3.6.1.2.1.14.7.1.16"),    // ospfIfAuthKey, RFC 4750
	smi.MustOID("1.3.6.1.2.1.14.9.1.11"),    // ospfVirtIfAuthKey, RFC 4750
	smi.MustOID("1.3.6.1.2.1.16.9.1.1.4"),   // eventCommunity, RFC 2819
	smi.MustOID("1.3.6.1.2.1.16.19.13.1.2"), // trapDestCommunity, RFC 4502
	smi.MustOID("1.3.6.1.2.1.23.3.1.4"),     // rip2IfConfAuthKey, RFC 1724
	smi.MustOID("1.3.6.1.2.1.47.1.2.1.1.4"), // entLogicalCommunity, RFC 6933
	smi.MustOID("1.3.6.1.2.1.68.1.3.1.10"),  // vrrpOperAuthKey, RFC 2787
	smi.MustOID("1.3.6.1.6.3"),              // snmpModules: users, views, targets, communities, RFC 3413 to 3415, 3584
	smi.MustOID("1.2.840.10036.1.3"),        // dot11WEPDefaultKeysTable, IEEE 802.11
	smi.MustOID("1.2.840.10036.1.4"),        // dot11WEPKeyMappingsTable, IEEE 802.11
}

// Secret tells whether an object may hold a community, a key or an account.
// Nobody is to read such objects, and Write leaves them out.
func Secret(name smi.OID) bool {
	return slices.ContainsFunc(secrets, name.HasPrefix)
}

package lan

import "time"

// A Question is a way of asking a station what it is.
type Question string

// The questions. None of them needs a login, and none changes anything.
const (
	SADP        Question = "SADP"         // Hikvision's search, UDP 37020
	DHDiscover  Question = "DHDiscover"   // Dahua's search, UDP 37810
	WSDiscovery Question = "WS-Discovery" // ONVIF's search, UDP 3702
	RTSP        Question = "RTSP"         // OPTIONS, TCP 554
	HTTP        Question = "HTTP"         // GET /, TCP 80
	TLS         Question = "TLS"          // the certificate, TCP 443
	StationSNMP Question = "SNMP"         // GET of the makers' own objects, UDP 161
)

// An Answer is what a station has answered to one question, as far as anything
// is made of it.
type Answer struct {
	Question Question  `json:"question"`
	From     string    `json:"from"` // the address and port that has answered
	At       time.Time `json:"at"`
	Said     []Said    `json:"said"`
}

// A Said is one field of an answer. The value is clean text (CleanText).
type Said struct {
	Field string `json:"field"` // as the protocol calls it; of SNMP the object
	Value string `json:"value"`
}

// Value is what a field of the answer holds; empty where it has none.
func (a *Answer) Value(field string) string {
	for _, s := range a.Said {
		if s.Field == field {
			return s.Value
		}
	}
	return ""
}

// The fields of answers that several packages speak of.
const (
	FieldMAC      = "MAC"      // SADP, DHDiscover and SNMP
	FieldServer   = "Server"   // RTSP and HTTP
	FieldRealm    = "realm"    // of WWW-Authenticate, RTSP and HTTP
	FieldTitle    = "title"    // HTTP
	FieldPage     = "page"     // HTTP: a phrase that only a maker's page has
	FieldSubject  = "subject"  // TLS
	FieldIssuer   = "issuer"   // TLS
	FieldTypes    = "Types"    // WS-Discovery
	FieldName     = "name"     // WS-Discovery: the scope onvif://www.onvif.org/name/
	FieldHardware = "hardware" // WS-Discovery, likewise
)

// The makers' own objects that a station may be asked for over SNMP.
const (
	HikDeviceType    = "1.3.6.1.4.1.39165.1.1.0" // HIK-DEVICE-MIB deviceType
	HikMACAddr       = "1.3.6.1.4.1.39165.1.4.0" // HIK-DEVICE-MIB macAddr
	HikManufacturer  = "1.3.6.1.4.1.39165.1.6.0" // HIK-DEVICE-MIB manufacturer
	HikEntityType    = "1.3.6.1.4.1.50001.1.100.0"
	DahuaDeviceType  = "1.3.6.1.4.1.1004849.2.1.2.6.0" // DAHUA-SNMP-MIB
	DahuaDeviceClass = "1.3.6.1.4.1.1004849.2.1.2.7.0"
)

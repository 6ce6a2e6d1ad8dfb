package emulate

import (
	"crypto/x509/pkix"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

var uuid = regexp.MustCompile(`[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}`)

// SADP answers an inquiry as firmware of Hikvision does. The channels are
// analogue and digital.
func SADP(mac lan.MAC, model, oem string, analog, digital int) Reply {
	return func(question []byte) [][]byte {
		if !strings.Contains(string(question), "<Probe>") || !strings.Contains(string(question), "<Types>inquiry</Types>") {
			return nil
		}
		text := `<?xml version="1.0" encoding="UTF-8"?>
<ProbeMatch>
<Uuid>` + uuid.FindString(string(question)) + `</Uuid>
<Types>inquiry</Types>
<DeviceType>141945</DeviceType>
<DeviceDescription>` + model + `</DeviceDescription>
<DeviceSN>` + model + `20200414AAWRE33842150</DeviceSN>
<CommandPort>8000</CommandPort>
<HttpPort>80</HttpPort>
<MAC>` + strings.ReplaceAll(mac.String(), ":", "-") + `</MAC>
<IPv4Address>10.20.0.40</IPv4Address>
<IPv4SubnetMask>255.255.255.0</IPv4SubnetMask>
<IPv4Gateway>10.20.0.1</IPv4Gateway>
<IPv6Address>::</IPv6Address>
<DHCP>true</DHCP>
<AnalogChannelNum>` + fmt.Sprint(analog) + `</AnalogChannelNum>
<DigitalChannelNum>` + fmt.Sprint(digital) + `</DigitalChannelNum>
<SoftwareVersion>V5.6.2build 190701</SoftwareVersion>
<DSPVersion>V7.3 build 190626</DSPVersion>
<BootTime>2026-11-15 02:44:11</BootTime>
<OEMInfo>` + oem + `</OEMInfo>
<Activated>true</Activated>
<PasswordResetAbility>true</PasswordResetAbility>
<SDKOverTLSPort>8443</SDKOverTLSPort>
</ProbeMatch>
`
		return [][]byte{[]byte(text)}
	}
}

// DHIP frames a message as Dahua does.
func DHIP(body []byte) []byte {
	message := make([]byte, 32, 32+len(body))
	copy(message, "\x20\x00\x00\x00DHIP")
	binary.LittleEndian.PutUint32(message[16:], uint32(len(body)))
	binary.LittleEndian.PutUint32(message[24:], uint32(len(body)))
	return append(message, body...)
}

// DHDiscover answers a search as firmware of Dahua does. The channels are those
// of its own inputs and those of the network.
func DHDiscover(mac lan.MAC, class, model, vendor string, local, remote int) Reply {
	body, _ := json.Marshal(map[string]any{ // of such values there is no error
		"mac": mac.String(), "method": "client.notifyDevInfo",
		"params": map[string]any{"deviceInfo": map[string]any{
			"AlarmInputChannels": 0, "DeviceClass": class, "DeviceType": model, "HttpPort": 80, "Port": 37777,
			"IPv4Address":  map[string]any{"IPAddress": "10.20.0.41", "SubnetMask": "255.255.255.0", "DefaultGateway": "10.20.0.1", "DhcpEnable": true},
			"MachineName":  "6J0E022PAG35073",
			"Manufacturer": "General", "RemoteVideoInputChannels": remote, "SerialNo": "6J0E022PAG35073",
			"Vendor": vendor, "Version": "2.800.106F004.0.R", "VideoInputChannels": local,
		}},
	})
	return func(question []byte) [][]byte {
		if !strings.Contains(string(question), `"DHDiscover.search"`) || !strings.HasPrefix(string(question), "\x20\x00\x00\x00DHIP") {
			return nil
		}
		return [][]byte{DHIP(append(body, '\n'))}
	}
}

// WSDiscovery answers a probe with types and scopes, as a device of ONVIF does
// with its own types, and as a printer does with others.
func WSDiscovery(types string, scopes ...string) Reply {
	return func(question []byte) [][]byte {
		return [][]byte{[]byte(`<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope" xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:wsdd="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl" xmlns:tds="http://www.onvif.org/ver10/device/wsdl">
<SOAP-ENV:Header><wsa:RelatesTo>uuid:` + uuid.FindString(string(question)) + `</wsa:RelatesTo><wsa:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</wsa:Action></SOAP-ENV:Header>
<SOAP-ENV:Body><wsdd:ProbeMatches><wsdd:ProbeMatch>
<wsa:EndpointReference><wsa:Address>urn:uuid:b5a37b04-9ae3-4bce-8a4e-7e1ef4e0d3b1</wsa:Address></wsa:EndpointReference>
<wsdd:Types>` + types + `</wsdd:Types>
<wsdd:Scopes>` + strings.Join(scopes, " ") + `</wsdd:Scopes>
<wsdd:XAddrs>http://10.20.0.40/onvif/device_service</wsdd:XAddrs>
<wsdd:MetadataVersion>10</wsdd:MetadataVersion>
</wsdd:ProbeMatch></wsdd:ProbeMatches></SOAP-ENV:Body></SOAP-ENV:Envelope>
`)}
	}
}

// The types that devices answer a probe with.
const (
	Transmitter = "dn:NetworkVideoTransmitter tds:Device"
	Printer     = "wsdp:Device wprt:PrintDeviceType"
)

// Scope is a scope of ONVIF.
func Scope(kind, value string) string {
	return "onvif://www.onvif.org/" + kind + "/" + url.PathEscape(value)
}

// Stream answers with the same octets whatever is asked.
func Stream(text string) Reply { return func([]byte) [][]byte { return [][]byte{[]byte(text)} } }

// Unauthorised is a server that wants to know who asks.
func Unauthorised(protocol, server, realm string) Reply {
	text := protocol + " 401 Unauthorized\r\nCSeq: 1\r\n"
	if server != "" {
		text += "Server: " + server + "\r\n"
	}
	return Stream(text + `WWW-Authenticate: Digest realm="` + realm + `", nonce="96b2fd46a3d1", stale="FALSE"` + "\r\nContent-Length: 0\r\n\r\n")
}

// Page is a server that shows a page.
func Page(server, page string) Reply {
	return Stream("HTTP/1.1 200 OK\r\nServer: " + server + "\r\nContent-Type: text/html\r\nContent-Length: " + fmt.Sprint(len(page)) + "\r\n\r\n" + page)
}

// HikvisionCertificate is the name in the certificate that Hikvision's devices
// come with.
var HikvisionCertificate = &pkix.Name{CommonName: "www.hikvision.com", OrganizationalUnit: []string{"DVRNVR"}, Organization: []string{"HIKVISION"},
	Locality: []string{"HangZhou"}, Province: []string{"ZheJiang"}, Country: []string{"CN"}}

// Hikvision is a camera or recorder with Hikvision's firmware.
func Hikvision(mac lan.MAC, model, oem string, analog, digital int) Station {
	return Station{Certificate: HikvisionCertificate, Replies: map[lan.Question]Reply{
		lan.SADP: SADP(mac, model, oem, analog, digital),
		lan.WSDiscovery: WSDiscovery(Transmitter, Scope("name", "HIKVISION "+model), Scope("hardware", model), Scope("MAC", mac.String()),
			Scope("location", "city/hangzhou")),
		lan.RTSP: Unauthorised("RTSP/1.0", "", "IP Camera(C2461)"),
		lan.HTTP: Page("App-webs/", `<html><head><title></title></head><body><script>window.location.href="/doc/page/login.asp?_"+Date.now()</script></body></html>`),
	}}
}

// Dahua is a device with Dahua's firmware.
func Dahua(mac lan.MAC, class, model, vendor string, local, remote int) Station {
	return Station{Certificate: &pkix.Name{CommonName: "10.20.0.41"}, Replies: map[lan.Question]Reply{
		lan.DHDiscover:  DHDiscover(mac, class, model, vendor, local, remote),
		lan.WSDiscovery: WSDiscovery(Transmitter, Scope("name", vendor), Scope("hardware", model), Scope("location", "country/china")),
		lan.RTSP:        Unauthorised("RTSP/1.0", "Rtsp Server/3.0", "Login to 6J0E022PAG35073"),
		lan.HTTP:        Page("Webs", `<html><head><title>WEB SERVICE</title><script src="jsBase/lib/jquery.js?version=@WebVersion@"></script></head></html>`),
	}}
}

// Axis is an honest camera of somebody whom no list names.
func Axis(mac lan.MAC) Station {
	return Station{Certificate: &pkix.Name{CommonName: "axis-" + strings.ReplaceAll(mac.String(), ":", "")}, Replies: map[lan.Question]Reply{
		lan.WSDiscovery: WSDiscovery(Transmitter, Scope("name", "AXIS P1448-LE"), Scope("hardware", "P1448-LE"), Scope("MAC", mac.String())),
		lan.RTSP:        Stream("RTSP/1.0 200 OK\r\nCSeq: 1\r\nServer: GStreamer RTSP server\r\nPublic: OPTIONS, DESCRIBE, PLAY\r\n\r\n"),
		lan.HTTP:        Unauthorised("HTTP/1.1", "Apache", "AXIS_ACCC8E000001"),
	}}
}

package snmp

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gosnmp/gosnmp"
)

// Auth is an authentication protocol of the user-based security model. Empty
// means none.
type Auth string

// The authentication protocols (RFC 3414 section 6, RFC 7860).
const (
	MD5    Auth = "md5"
	SHA    Auth = "sha"
	SHA224 Auth = "sha224"
	SHA256 Auth = "sha256"
	SHA384 Auth = "sha384"
	SHA512 Auth = "sha512"
)

// Priv is a privacy protocol of the user-based security model. Empty means
// none.
type Priv string

// The privacy protocols (RFC 3414 section 8, RFC 3826). Keys longer than the
// digest are extended in one of two ways: as draft-blumenthal-aes-usm-04 says,
// or, with a C at the end, as draft-reeder-snmpv3-usm-3desede-00 does, which
// is what Cisco and most others have built.
const (
	DES     Priv = "des"
	AES     Priv = "aes"
	AES192  Priv = "aes192"
	AES256  Priv = "aes256"
	AES192C Priv = "aes192c"
	AES256C Priv = "aes256c"
)

var (
	authProtocols = map[Auth]gosnmp.SnmpV3AuthProtocol{
		"": gosnmp.NoAuth, MD5: gosnmp.MD5, SHA: gosnmp.SHA, SHA224: gosnmp.SHA224,
		SHA256: gosnmp.SHA256, SHA384: gosnmp.SHA384, SHA512: gosnmp.SHA512}
	privProtocols = map[Priv]gosnmp.SnmpV3PrivProtocol{
		"": gosnmp.NoPriv, DES: gosnmp.DES, AES: gosnmp.AES, AES192: gosnmp.AES192, AES256: gosnmp.AES256,
		AES192C: gosnmp.AES192C, AES256C: gosnmp.AES256C}
)

// useUSM makes a client speak version 3 as the credential says.
func useUSM(client *gosnmp.GoSNMP, c Credential) error {
	auth, known := authProtocols[c.Auth]
	if !known {
		return fmt.Errorf("credentials %s: %q is no authentication protocol", c.Name, c.Auth)
	}
	priv, known := privProtocols[c.Priv]
	if !known {
		return fmt.Errorf("credentials %s: %q is no privacy protocol", c.Name, c.Priv)
	}
	client.Version = gosnmp.Version3
	client.ContextName = c.Context
	client.SecurityModel = gosnmp.UserSecurityModel
	client.SecurityParameters = &gosnmp.UsmSecurityParameters{UserName: c.User,
		AuthenticationProtocol: auth, AuthenticationPassphrase: c.AuthPassphrase,
		PrivacyProtocol: priv, PrivacyPassphrase: c.PrivPassphrase}
	switch {
	case c.Priv != "":
		client.MsgFlags = gosnmp.AuthPriv
	case c.Auth != "":
		client.MsgFlags = gosnmp.AuthNoPriv
	default:
		client.MsgFlags = gosnmp.NoAuthNoPriv
	}
	return nil
}

// ErrDenied means that the device answers, and does not let the credential
// read.
var ErrDenied = errors.New("not let in")

// isFinal tells an error that no further attempt can mend.
func isFinal(err error) bool { return errors.Is(err, ErrDenied) }

// denied puts what gosnmp says of a version 3 exchange into words that lead
// to the cause; nil when the error is about something else. gosnmp says "not
// authentic" for a wrong passphrase, a wrong protocol and an unknown user
// alike: the device's report about it carries no signature, and is discarded
// for that.
func (l *usmLine) denied(err error) error {
	user := l.cred.User
	switch {
	case notAuthentic(err):
		return fmt.Errorf("%w: wrong authentication passphrase or protocol for user %s, or no such user, or somebody is forging replies", ErrDenied, user)
	case errors.Is(err, gosnmp.ErrUnknownUsername):
		return fmt.Errorf("%w: it knows no user %s", ErrDenied, user)
	case errors.Is(err, gosnmp.ErrWrongDigest):
		return fmt.Errorf("%w: wrong authentication passphrase or protocol for user %s", ErrDenied, user)
	case errors.Is(err, gosnmp.ErrUnknownSecurityLevel):
		return fmt.Errorf("%w: user %s has another security level there than %s", ErrDenied, user, l.cred.level())
	case errors.Is(err, gosnmp.ErrUnknownReportPDU): // snmpUnknownContexts (RFC 3413)
		return fmt.Errorf("%w: it sends a report as of a context that it does not have", ErrDenied)
	case errors.Is(err, gosnmp.ErrDecryption):
		return fmt.Errorf("%w: wrong privacy passphrase or protocol for user %s", ErrDenied, user)
	default:
		return nil
	}
}

// notAuthentic tells gosnmp's error about a reply whose signature is wrong or
// missing, which it has no type for.
func notAuthentic(err error) bool { return strings.Contains(err.Error(), "not authentic") }

// level is the security level as RFC 3411 calls it.
func (c Credential) level() string {
	switch {
	case c.Priv != "":
		return "authPriv"
	case c.Auth != "":
		return "authNoPriv"
	default:
		return "noAuthNoPriv"
	}
}

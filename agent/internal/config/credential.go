package config

import (
	"maps"
	"slices"
	"unicode/utf8"
)

// A Credential is what to log in to an SNMP agent with.
type Credential struct {
	Name           string // of its table: [credentials.NAME]
	Version        Version
	Community      Secret // versions 1 and 2c
	User           string // version 3 (RFC 3414), as all below
	Auth           Auth
	AuthPassphrase Secret
	Priv           Priv
	PrivPassphrase Secret
	Discover       bool // may be offered to discovered switches
}

// A Version of SNMP.
type Version string

// The versions of credentials.NAME.version.
const (
	V1  Version = "1"  // RFC 1157
	V2c Version = "2c" // RFC 1901
	V3  Version = "3"  // RFC 3410
)

// An Auth is an authentication protocol of SNMP version 3. Empty means none.
type Auth string

// The protocols of credentials.NAME.auth.
const (
	MD5    Auth = "md5"    // HMAC-MD5-96, RFC 3414
	SHA    Auth = "sha"    // HMAC-SHA-96, RFC 3414
	SHA224 Auth = "sha224" // RFC 7860, as all below
	SHA256 Auth = "sha256"
	SHA384 Auth = "sha384"
	SHA512 Auth = "sha512"
)

// A Priv is a privacy protocol of SNMP version 3. Empty means none.
type Priv string

// The protocols of credentials.NAME.priv.
const (
	DES     Priv = "des"     // RFC 3414
	AES     Priv = "aes"     // AES-128, RFC 3826
	AES192  Priv = "aes192"  // keys extended as draft-blumenthal-aes-usm-04 says
	AES256  Priv = "aes256"  // likewise
	AES192C Priv = "aes192c" // keys extended as draft-reeder-snmpv3-usm-3desede-00 says: Cisco
	AES256C Priv = "aes256c" // likewise
)

// shares tells whether whoever is offered these credentials could use the
// others, in whole or in part: they have the same community, or the same user
// and a passphrase of it. Those with a mistake share nothing.
func (c *Credential) shares(other *Credential) bool {
	if (c.Version == V3) != (other.Version == V3) {
		return false
	}
	if c.Version != V3 {
		return !c.Community.IsZero() && c.Community.Equal(other.Community)
	}
	if c.User == "" || c.User != other.User {
		return false
	}
	if c.Auth == "" || other.Auth == "" {
		return c.Auth == other.Auth
	}
	for _, mine := range []Secret{c.AuthPassphrase, c.PrivPassphrase} {
		for _, others := range []Secret{other.AuthPassphrase, other.PrivPassphrase} {
			if !mine.IsZero() && mine.Equal(others) {
				return true
			}
		}
	}
	return false
}

// minPassphrase is the fewest characters of a passphrase (RFC 3414, 11.2).
const minPassphrase = 8

// credentials reads every [credentials.NAME]. A table with mistakes is in the
// answer too, so that naming it elsewhere is no further mistake.
func (r *reader) credentials(root *table) map[string]*Credential {
	parent := root.table("credentials")
	found := make(map[string]*Credential)
	for _, name := range slices.Sorted(maps.Keys(parent.values)) {
		if !isBare(name) {
			parent.bad(name, "write a name of letters, digits, - and _ for these credentials")
		}
		if _, ok := parent.values[name].(map[string]any); !ok {
			parent.bad(name, "give the credentials a name and put this under it, as in [credentials.NAME]")
			continue
		}
		found[name] = r.credential(parent.child(name, "credentials"), name)
	}
	if len(found) == 0 {
		return nil
	}
	return found
}

func (r *reader) credential(t *table, name string) *Credential {
	c := &Credential{Name: name}
	c.Version = choice(t, "version", V1, V2c, V3)
	c.Discover, _ = t.flag("discover")
	community := r.secret(t, "community")
	c.Community = community.value
	c.User = t.text("user")
	c.Auth = choice(t, "auth", MD5, SHA, SHA224, SHA256, SHA384, SHA512)
	auth := r.passphrase(t, "auth_passphrase")
	c.AuthPassphrase = auth.value
	c.Priv = choice(t, "priv", DES, AES, AES192, AES256, AES192C, AES256C)
	priv := r.passphrase(t, "priv_passphrase")
	c.PrivPassphrase = priv.value
	t.rest()

	switch {
	case !t.has("version"):
		t.missing("version", `write version = "2c", or "1" for devices that know nothing newer`)
	case c.Version == V3:
		checkUser(t, community, auth, priv)
	case c.Version != "":
		checkCommunity(t, community, auth, priv)
	}
	return c
}

// checkCommunity holds the keys of a table against versions 1 and 2c.
func checkCommunity(t *table, community, auth, priv source) {
	if community.key == "" {
		t.missing("community", `write community_file = "FILE", with the community alone in that file`)
	}
	for _, key := range []string{"user", "auth", auth.key, "priv", priv.key} {
		if t.has(key) {
			t.bad(key, `remove it: it belongs to version "3", and these credentials are version "1" or "2c"`)
		}
	}
}

// checkUser holds the keys of a table against version 3.
func checkUser(t *table, community, auth, priv source) {
	if t.has(community.key) {
		t.bad(community.key, `remove it: version "3" takes user, auth and priv`)
	}
	if !t.has("user") {
		t.missing("user", `write user = "NAME", the user that the switch knows`)
	}
	if t.has("priv") && !t.has("auth") {
		t.bad("priv", `privacy needs authentication: write auth = "sha256" too`)
	}
	for _, pair := range []struct {
		protocol   string
		passphrase source
	}{{"auth", auth}, {"priv", priv}} {
		switch {
		case t.has(pair.protocol) && pair.passphrase.key == "":
			t.missing(pair.protocol+"_passphrase", "write %s_passphrase_file = \"FILE\", with the passphrase alone in that file", pair.protocol)
		case !t.has(pair.protocol) && pair.passphrase.key != "":
			t.bad(pair.passphrase.key, "name the protocol too: write %s = \"…\"", pair.protocol)
		}
	}
}

func (r *reader) passphrase(t *table, key string) source {
	s := r.secret(t, key)
	if !s.value.IsZero() && utf8.RuneCountInString(s.value.Reveal()) < minPassphrase {
		t.bad(s.key, "use a passphrase of at least %d characters: SNMP version 3 knows none shorter", minPassphrase)
	}
	return s
}

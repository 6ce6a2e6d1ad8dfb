// Package config reads the configuration file (TOML 1.0) into typed values,
// and reports every mistake in it at once, each with file, line and key.
package config

import (
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// A Config is a configuration file without mistakes.
type Config struct {
	Site        Site
	Endpoint    *Endpoint // nil: reports are sent nowhere
	Schedule    Schedule
	Switches    []Switch // in the order of the file, each address once
	Discover    Discover
	Credentials map[string]*Credential // by name, those that no switch uses among them
	Watch       Watch
	Confirm     Confirm
	Report      Report
	InPlace     bool           // a secret stands in the file itself
	Secrets     []SecretSource // where secrets come from, in the order in which they were read
}

// A Site is where the agent stands.
type Site struct {
	ID           string // letters, digits, - _ . ; empty only without an endpoint
	Name         string
	Sensitive    *bool // nil: the file does not say
	CoreVLANs    []lan.VLAN
	CorePrefixes []netip.Prefix
}

// An Endpoint is where reports go. The files are absolute paths, read anew at
// each use, so that a renewed token or certificate needs no restart.
type Endpoint struct {
	URL       *url.URL // https, or http to a loopback address
	Format    Format
	Token     Secret   // given in place or by the environment
	TokenFile string   // in place of Token; Endpoint.BearerToken reads either
	CAFile    string   // PEM; empty: the roots of the system
	CertFile  string   // PEM; empty: no client certificate
	KeyFile   string   // PEM; set exactly when CertFile is
	Proxy     *url.URL // nil: none
}

// A Format is how reports are wrapped for the endpoint.
type Format string

// The formats of endpoint.format.
const (
	CloudEvents Format = "cloudevents" // CloudEvents 1.0, application/cloudevents+json
	OTLP        Format = "otlp"        // OTLP/HTTP JSON logs
)

// A Schedule is how often the service does what.
type Schedule struct {
	Every       time.Duration // from one observation to the next, 1 minute to 24 hours
	FullEvery   time.Duration // from one full walk of every table to the next, at least Every
	ReportEvery time.Duration // the longest time without a report, at least Every
}

// A Switch is a device to read.
type Switch struct {
	Address     Address
	Credentials []*Credential // at least one, in the order to try
	Role        Role          // empty when the file does not say

	Off               bool        // the switch is not asked
	SkipTables        []lan.Table // these are not asked for
	Contexts          []string    // these are asked too, besides those that the switch tells of
	RequestsPerSecond int         // at most, 1 to 1000; zero is as many as the device answers quickly
	FromAddress       netip.Addr  // ask from this address of the host; invalid: the system chooses
	AnyReplyAddress   bool        // take replies from another address and port than were asked
	AllowDowngrade    bool        // versions 1 and 2c may be tried where version 3 was answered before
}

// An Address is where an SNMP agent listens.
type Address struct {
	Host string // host name, IPv4 or IPv6 address with its zone, without brackets
	Port uint16 // UDP
}

// String prints host:port, and [host]:port for IPv6.
func (a Address) String() string {
	return net.JoinHostPort(a.Host, strconv.Itoa(int(a.Port)))
}

// A Role is the layer of the site's network that a switch belongs to.
type Role string

// The roles of switch.role.
const (
	Core         Role = "core"
	Distribution Role = "distribution"
	Access       Role = "access"
)

// Discover is how further switches are found.
type Discover struct {
	FromGateway bool
	FollowLLDP  bool
	Within      []netip.Prefix // never outside of these
	Credentials []*Credential  // those marked discover = true, version 3 before 2c before 1
}

// Enabled tells whether switches are to be found at all.
func (d Discover) Enabled() bool { return d.FromGateway || d.FollowLLDP }

// Watch names the lists that flag makers.
type Watch struct {
	Lists     []string // ids, at least one
	Own       []Own    // the operator's own entries
	UpdateURL *url.URL // nil: the embedded lists only
}

// Confirm is what flagged stations may be asked.
type Confirm struct {
	Enabled     bool
	Subnets     []netip.Prefix
	Multicast   bool
	Credentials []*Credential // none of them used for a switch
}

// Report is what leaves the site.
type Report struct {
	Inventory bool // list every station, not only flagged ones
}

// Default is the configuration that an empty file stands for.
func Default() *Config {
	return &Config{
		Schedule: Schedule{Every: 15 * time.Minute, FullEvery: 24 * time.Hour, ReportEvery: 6 * time.Hour},
		Watch:    Watch{Lists: []string{"us-ndaa-889", "us-fcc-covered", "uk-2022-nil"}},
	}
}

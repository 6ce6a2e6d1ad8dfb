package registry

// An Assignment is what the registry says about one address.
type Assignment struct {
	Standing Standing
	Prefix   Prefix // the block; zero where the address is in none

	// Registry names the IEEE registry: MA-L (24 bits), MA-M (28), MA-S or IAB
	// (36). Empty where the address has no row.
	Registry string

	// Organizations holds the names exactly as registered: one, or several in
	// the few blocks that the registry lists more than once.
	Organizations []string

	// Reason says what a virtual block is used for.
	Reason string
}

// A Standing says what an address's block can tell about its maker.
type Standing uint8

// The standings. Only an Assigned address can be said to have a maker.
const (
	Unassigned          Standing = iota // no row: set by software, or newer than the registry
	Assigned                            // an organisation is registered for the block
	Private                             // registered for an organisation that is not published
	SubAssigned                         // a block that the IEEE divides further, and the part has no row
	LocallyAdministered                 // U/L bit set: random, or chosen by an administrator
	Virtual                             // a virtual router, a cluster or a virtual machine
	NoStation                           // all zero, multicast or broadcast
)

// String names a standing, such as "locally administered".
func (s Standing) String() string {
	switch s {
	case Assigned:
		return "assigned"
	case Private:
		return "private"
	case SubAssigned:
		return "sub-assigned"
	case LocallyAdministered:
		return "locally administered"
	case Virtual:
		return "virtual"
	case NoStation:
		return "no station"
	default:
		return "unassigned"
	}
}

// The two names in the registry that stand for no organisation.
const (
	privateName   = "Private"
	authorityName = "IEEE Registration Authority"
)

func standingOf(organization string) Standing {
	switch organization {
	case privateName:
		return Private
	case authorityName:
		return SubAssigned
	default:
		return Assigned
	}
}

package watchlist

// A Maker is a company, or a group of companies under one name.
type Maker struct {
	Key           string // such as hikvision
	Name          string // such as Hikvision
	Organizations []Organization
}

// An Organization is a company of a maker's group as the IEEE registry has it.
type Organization struct {
	Brand string   `toml:"brand"` // the name on the box: EZVIZ
	Names []string `toml:"names"` // its spellings in the registry, all of them
	Role  Role     `toml:"role"`
	Tie   Tie      `toml:"tie"`
	PRC   bool     `toml:"prc"`  // by its registered address, a company of the People's Republic of China
	Note  string   `toml:"note"` // what a reader of a finding should know; may be empty
}

// A Role says what the devices of an organisation mostly are.
type Role string

// The roles.
const (
	VideoMostly     Role = "video-mostly"
	VideoConsumer   Role = "video-consumer"
	VideoAndIoT     Role = "video-and-iot"
	VehicleVideo    Role = "vehicle-video"
	Biometric       Role = "biometric"
	MachineVision   Role = "machine-vision"
	ThermalCamera   Role = "thermal-camera"
	Storage         Role = "storage"
	Silicon         Role = "silicon"
	Radio           Role = "radio"
	NetworkAndOther Role = "network-and-other"
	Handset         Role = "handset"
	UnknownRole     Role = "unknown"
)

// Video tells whether an address block of the organisation is enough to call a
// station surveillance equipment. Where it is not, the block names the maker
// and no more.
func (r Role) Video() bool {
	switch r {
	case VideoMostly, VideoConsumer, VideoAndIoT, VehicleVideo:
		return true
	}
	return false
}

func (r Role) known() bool {
	switch r {
	case Biometric, MachineVision, ThermalCamera, Storage, Silicon, Radio, NetworkAndOther, Handset, UnknownRole:
		return true
	}
	return r.Video()
}

// A Tie says what is known of an organisation's place in its maker's group.
type Tie string

// The ties. Whether one makes an affiliate in a law's sense is for lawyers.
const (
	TieNamed      Tie = "named"                   // the very company that lists name
	TieSubsidiary Tie = "subsidiary-or-affiliate" // part of the group
	TieAffiliate  Tie = "affiliate"               // bears its name, has other owners as well
	TieUnverified Tie = "affiliation-unverified"  // suspected
	TiePRCCompany Tie = "prc-company"             // a company of its own
)

func (t Tie) known() bool {
	switch t {
	case TieNamed, TieSubsidiary, TieAffiliate, TieUnverified, TiePRCCompany:
		return true
	}
	return false
}

// Package packaging carries the systemd unit of the packages, for hosts that
// the program is put on without one.
package packaging

import _ "embed"

// Unit is the text of camwarden.service.
//
//go:embed systemd/camwarden.service
var Unit string

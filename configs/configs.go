// Package configs carries the reviewed makers and lists that the program is
// built with.
package configs

import "embed"

// Watchlists holds makers.toml and lists/*.toml.
//
//go:embed makers.toml lists/*.toml
var Watchlists embed.FS

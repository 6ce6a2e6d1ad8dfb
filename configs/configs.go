// Package configs carries what the program is built with: the reviewed makers
// and lists, and the configuration to begin with.
package configs

import "embed"

// Watchlists holds makers.toml and lists/*.toml.
//
//go:embed makers.toml lists/*.toml
var Watchlists embed.FS

// Begin is camwarden.toml: a configuration that explains itself and that
// holds nothing of any site.
//
//go:embed camwarden.toml
var Begin []byte

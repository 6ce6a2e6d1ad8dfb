// Package registry tells who an address block was assigned to: the public
// registries of the IEEE Registration Authority, embedded and dated.
package registry

import (
	_ "embed"
	"sync"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// IEEE_CSV and IEEE_DAY, where they are set, name a folder of newer files to
// take in, and their day.
//
//go:generate go run ./gen -ieee=$IEEE_CSV -as-of=$IEEE_DAY ../../../configs registry.bin

//go:embed registry.bin
var embedded []byte

// builtIn is made once; its rows are decoded only when the first address is
// looked up, so that commands which ask for no address stay quick.
var builtIn = sync.OnceValue(func() *Registry {
	h, payload, err := cutHeader(embedded)
	if err != nil {
		panic("embedded registry: " + err.Error()) // a broken build, held off by TestEmbeddedIsCurrent
	}
	return &Registry{header: h, rows: sync.OnceValue(func() *rows {
		rows, err := decodeRows(h, payload)
		if err != nil {
			panic("embedded registry: " + err.Error())
		}
		return rows
	})}
})

// A Registry is one edition of the IEEE assignments. It may be used by several
// goroutines at once. The zero value knows no assignment.
type Registry struct {
	header header
	rows   func() *rows
}

// Embedded returns the edition that the program was built with.
func Embedded() *Registry { return builtIn() }

// Parse reads what Compile has made.
func Parse(bin []byte) (*Registry, error) {
	h, payload, err := cutHeader(bin)
	if err != nil {
		return nil, err
	}
	decoded, err := decodeRows(h, payload)
	if err != nil {
		return nil, err
	}
	return &Registry{header: h, rows: func() *rows { return decoded }}, nil
}

// Date is the day of the newest source, such as 2026-09-23.
func (r *Registry) Date() string { return r.header.date }

// SHA256 is the digest, in hexadecimal, of the CSV file behind the edition.
func (r *Registry) SHA256() string { return r.header.sha256 }

// Rows is how many assignments the edition has.
func (r *Registry) Rows() int { return r.header.large + r.header.medium + r.header.small }

func (r *Registry) table() *rows {
	if r.rows == nil {
		return &rows{}
	}
	return r.rows()
}

// Lookup tells who the block of an address is assigned to, or why nobody can
// tell. The slice in its answer is shared and must not be changed.
//
// An address that no station can have comes first, then the virtual blocks:
// they win over an assignment unless that is the more specific of the two.
// Then the longest prefix decides. An address with the U/L bit set (IEEE Std
// 802-2014, 8.4) may be any random number; it has no assignment except in the
// MA-L rows that were given out before the bit had its meaning.
func (r *Registry) Lookup(mac lan.MAC) Assignment {
	if !mac.IsStation() {
		return Assignment{Standing: NoStation}
	}
	key := keyOf(mac)
	assigned := r.table().lookup(key)
	if v := virtualBlockOf(key); v != nil && v.bits >= assigned.Prefix.Bits {
		return Assignment{Standing: Virtual, Prefix: prefixOf(key>>(48-v.bits), v.bits), Reason: v.reason}
	}
	if assigned.Standing == Unassigned && mac.IsLocal() {
		return Assignment{Standing: LocallyAdministered}
	}
	return assigned
}

// Prefixes returns the blocks of every organisation that wanted says yes to,
// in ascending order. It asks once for each spelling.
func (r *Registry) Prefixes(wanted func(organization string) bool) []Prefix {
	return r.table().prefixes(wanted)
}

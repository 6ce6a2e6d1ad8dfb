package config

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

const hidden = "<secret>"

// A Secret is a text that nothing prints: only Reveal gives it away. The zero
// value is no secret. Compare with Equal; == compares something else.
type Secret struct {
	value *string // a pointer, so that printing a struct around it by reflection shows an address
}

// NewSecret makes a secret of a text; of an empty one, none.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{value: &text}
}

// Reveal returns the text itself, for the one place that sends it.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero tells that there is none.
func (s Secret) IsZero() bool { return s.value == nil }

// Equal compares in a time that does not tell how much of it is equal.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// String hides the secret.
func (Secret) String() string { return hidden }

// GoString hides the secret from %#v.
func (Secret) GoString() string { return hidden }

// Format hides the secret from every verb, the wrong ones too: fmt prints the
// operand of a wrong verb by reflection.
func (Secret) Format(w fmt.State, _ rune) {
	_, _ = io.WriteString(w, hidden) // fmt gives no way to tell its own failure
}

// MarshalText hides the secret from JSON, TOML and XML.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// LogValue hides the secret from slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// Package dpapi keeps a secret in a file so that it is of no use away from
// this very machine: Windows encrypts it with a key of the machine's own (the
// Data Protection API, in machine scope, since who installs is not who runs
// the service). Who may read the file on this machine, its access list says.
// Other systems have nothing alike, and a secret's file is its text.
package dpapi

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
)

// mark begins a sealed file; base64 of what Windows returned follows.
const mark = "camwarden-dpapi-1:"

// ErrForeign tells of a file that was sealed on another machine, or damaged.
var ErrForeign = errors.New("it was protected on another machine, or is damaged: write the secret there anew with 'camwarden setup'")

// Seal returns what to write into a file: on Windows the sealed secret,
// elsewhere the secret itself. What is sealed stays as it is.
func Seal(secret []byte) ([]byte, error) {
	if bytes.HasPrefix(secret, []byte(mark)) {
		return secret, nil
	}
	sealed, ok, err := protect(secret)
	switch {
	case err != nil:
		return nil, fmt.Errorf("protect a secret for this machine: %w", err)
	case !ok:
		return secret, nil
	}
	return []byte(mark + base64.StdEncoding.EncodeToString(sealed) + "\r\n"), nil
}

// Open returns the secret of a file with this content: what Seal was given,
// or the content itself where that is not sealed.
func Open(content []byte) ([]byte, error) {
	text, sealed := bytes.CutPrefix(content, []byte(mark))
	if !sealed {
		return content, nil
	}
	blob, err := base64.StdEncoding.DecodeString(string(bytes.TrimSpace(text)))
	if err != nil || len(blob) == 0 {
		return nil, ErrForeign
	}
	return unprotect(blob)
}

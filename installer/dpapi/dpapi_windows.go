package dpapi

import (
	"bytes"
	"unsafe"

	"golang.org/x/sys/windows"
)

// purpose goes into the encryption, so that another program's blob in place
// of ours, or ours in place of another's, does not open.
const purpose = "camwarden secret file 1"

const flags = windows.CRYPTPROTECT_LOCAL_MACHINE | windows.CRYPTPROTECT_UI_FORBIDDEN

func protect(secret []byte) (sealed []byte, ok bool, err error) {
	in, entropy, out := blob(secret), blob([]byte(purpose)), windows.DataBlob{}
	if err := windows.CryptProtectData(in, nil, entropy, 0, nil, flags, &out); err != nil {
		return nil, false, err
	}
	sealed, err = take(out)
	return sealed, true, err
}

// unprotect says nothing of how it failed: Windows has one answer for all
// that is not this machine's.
func unprotect(sealed []byte) ([]byte, error) {
	in, entropy, out := blob(sealed), blob([]byte(purpose)), windows.DataBlob{}
	if err := windows.CryptUnprotectData(in, nil, entropy, 0, nil, windows.CRYPTPROTECT_UI_FORBIDDEN, &out); err != nil {
		return nil, ErrForeign
	}
	return take(out)
}

func blob(data []byte) *windows.DataBlob {
	return &windows.DataBlob{Size: uint32(len(data)), Data: unsafe.SliceData(data)}
}

// take copies what Windows has allocated, clears and frees it.
func take(b windows.DataBlob) ([]byte, error) {
	theirs := unsafe.Slice(b.Data, b.Size)
	ours := bytes.Clone(theirs)
	clear(theirs)
	_, err := windows.LocalFree(windows.Handle(unsafe.Pointer(b.Data)))
	return ours, err
}

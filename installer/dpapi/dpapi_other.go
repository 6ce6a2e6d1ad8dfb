//go:build !windows

package dpapi

func protect([]byte) (sealed []byte, ok bool, err error) { return nil, false, nil }

func unprotect([]byte) ([]byte, error) { return nil, ErrForeign }

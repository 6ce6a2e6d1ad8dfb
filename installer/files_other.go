//go:build !unix

package installer

import "io/fs"

func protect(string, fs.FileMode) error { return nil }

func protectAs(string, fs.FileInfo, func(fs.FileMode) fs.FileMode) error { return nil }

func syncFolder(string) error { return nil }

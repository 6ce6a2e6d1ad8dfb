package main

import (
	"os"
	"path/filepath"
	"runtime"
)

// defaultConfig is where the configuration stands unless -config says
// otherwise.
func defaultConfig() string {
	if runtime.GOOS == "windows" {
		return filepath.Join(programData(), "camwarden", "camwarden.toml")
	}
	return "/etc/camwarden/camwarden.toml"
}

// defaultState is where the service keeps what must survive it, unless -state
// says otherwise.
func defaultState() string {
	if runtime.GOOS == "windows" {
		return filepath.Join(programData(), "camwarden", "state")
	}
	return "/var/lib/camwarden"
}

func programData() string {
	if folder := os.Getenv("ProgramData"); folder != "" {
		return folder
	}
	return `C:\ProgramData`
}

//go:build race && linux

package snmp

func init() { racing = true }

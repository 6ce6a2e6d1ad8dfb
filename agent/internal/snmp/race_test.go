//go:build race && unix

package snmp

func init() { racing = true }

//go:build race

package snmp

func init() { racing = true }

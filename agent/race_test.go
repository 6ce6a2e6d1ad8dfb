//go:build race

package main

// raced tells that the race detector watches, which allows 8,128 goroutines.
const raced = true

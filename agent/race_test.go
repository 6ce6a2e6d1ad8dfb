//go:build race

package main

// raced tells that the race detector watches, which makes much of all slow.
const raced = true

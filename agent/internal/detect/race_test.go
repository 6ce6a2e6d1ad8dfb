//go:build race

package detect

// raced tells that the race detector is at work, which allocates as well.
const raced = true

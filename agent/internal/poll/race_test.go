//go:build race

package poll

func init() { racing = true }

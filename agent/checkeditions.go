package main

import (
	"fmt"
	"time"

	"github.com/camwarden/camwarden/agent/internal/config"
	"github.com/camwarden/camwarden/agent/internal/detect"
)

// checkEditions says which newer editions are used, which lists have expired,
// and which own entries count no more. cfg may be nil.
func checkEditions(e editions, cfg *config.Config) []checked {
	var lines []checked
	for _, file := range e.files {
		line := checked{mark: isGood, cells: []string{"edition", file.File}, notes: []string{file.Text}}
		if !file.Used {
			line.mark = isBad
			line.notes = append(line.notes, "the edition before it is used; put a newer one into the folder "+listsFolder+" beside the configuration, or remove this")
		}
		lines = append(lines, line)
	}
	if cfg == nil {
		return lines
	}
	for _, id := range cfg.Watch.Lists {
		if list, ok := e.catalog.List(id); ok && list.Stale(time.Now()) {
			lines = append(lines, checked{mark: isBad, cells: []string{"list", id}, notes: []string{
				fmt.Sprintf("it was last compared with its source on %s, and expired on %s", list.AsOf, list.Expires),
				"it is used all the same; put a newer edition into the folder " + listsFolder + " beside the configuration"}})
		}
	}
	for _, o := range cfg.Watch.Own {
		if own := detect.Own(o); own.Expired(time.Now()) {
			lines = append(lines, checked{mark: isBad, cells: []string{"own entry", own.About()}, notes: []string{
				"it expired on " + own.Until + ", and does not count", "renew it, or remove it from the configuration"}})
		}
	}
	return lines
}

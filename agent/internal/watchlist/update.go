package watchlist

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// A Change says what became of a newer file.
type Change struct {
	File string
	Used bool   // it is used in place of the one before
	Text string // which version it is, or why it is not used
}

// With returns the catalogue with newer editions of makers.toml and of lists
// in place of its own, or beside them where a list is new. Files are texts by
// name. A file that is not understood, or not newer, leaves what there was. A
// file that says the same as what there is makes no change.
func (c *Catalog) With(files map[string][]byte) (*Catalog, []Change) {
	var changes []Change
	if text, given := files[makersFile]; given {
		newer, change := c.withMakers(text)
		c, changes = newer, append(changes, change...)
	}
	for _, file := range slices.Sorted(maps.Keys(files)) {
		if file == makersFile {
			continue
		}
		newer, change := c.withList(file, files[file])
		c, changes = newer, append(changes, change...)
	}
	return c, changes
}

func refused(file string, format string, args ...any) []Change {
	return []Change{{File: file, Text: fmt.Sprintf(format, args...)}}
}

func used(file string, format string, args ...any) []Change {
	return []Change{{File: file, Used: true, Text: fmt.Sprintf(format, args...)}}
}

// withMakers takes newer makers, if the lists still fit them.
func (c *Catalog) withMakers(text []byte) (*Catalog, []Change) {
	newer := &Catalog{lists: c.lists}
	if err := newer.readMakers(text); err != nil {
		return c, refused(makersFile, "%v", err)
	}
	switch {
	case newer.makersEdition == c.makersEdition && reflect.DeepEqual(newer.makers, c.makers):
		return c, nil
	case newer.version <= c.version:
		return c, refused(makersFile, "version %d is not newer than version %d, which is in use", newer.version, c.version)
	}
	for _, list := range c.Lists() {
		if err := newer.checkEntries(list); err != nil {
			return c, refused(makersFile, "it does not fit the list %s: %v", list.ID, err)
		}
	}
	return newer, used(makersFile, "version %d of %s, in place of version %d", newer.version, newer.asOf, c.version)
}

func (c *Catalog) withList(file string, text []byte) (*Catalog, []Change) {
	list, err := c.parseList(file, text)
	if err != nil {
		return c, refused(file, "%v", err)
	}
	before, known := c.lists[list.ID]
	switch {
	case known && reflect.DeepEqual(before, list):
		return c, nil
	case known && list.Version <= before.Version:
		return c, refused(file, "version %d is not newer than version %d, which is in use", list.Version, before.Version)
	}
	newer := *c
	newer.lists = maps.Clone(c.lists)
	newer.lists[list.ID] = list
	if !known {
		return &newer, used(file, "version %d of %s, a new list", list.Version, list.AsOf)
	}
	return &newer, used(file, "version %d of %s, in place of version %d", list.Version, list.AsOf, before.Version)
}

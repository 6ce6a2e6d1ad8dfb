package watchlist

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const globex = `
[makers.globex]
name = "Globex"

[[makers.globex.organization]]
brand = "Globex"
names = ["Globex Ltd."]
role = "video-mostly"
tie = "prc-company"
prc = true
`

// TestWith: a newer file is used, and none that is older, broken or the same.
func TestWith(t *testing.T) {
	version := func(text, version string) string {
		_, rest, _ := strings.Cut(text, "\nas_of")
		head, _, _ := strings.Cut(text, "version")
		return head + "version = " + version + "\nas_of" + rest
	}
	const makers, list = "makers.toml", "xy.toml"
	names := strings.Replace(version(xyList, "3"), "[entries.acme]", "[entries.globex]\n[entries.acme]", 1)
	other := strings.Replace(xyList, `"xy"`, `"own-ministry"`, 1)
	tests := []struct {
		name          string
		files         map[string]string
		makers, lists int // versions in the end; of xy
		want          []Change
	}{
		{"nothing", nil, 3, 2, nil},
		{"the same", map[string]string{makers: acme, list: xyList}, 3, 2, nil},
		{"a newer list", map[string]string{list: version(xyList, "5")}, 3, 5,
			[]Change{{list, true, "version 5 of 2026-11-23, in place of version 2"}}},
		{"an older list", map[string]string{list: version(xyList, "1")}, 3, 2,
			[]Change{{list, false, "version 1 is not newer than version 2, which is in use"}}},
		{"another list of the same version", map[string]string{list: strings.Replace(xyList, "A scope", "Another", 1)}, 3, 2,
			[]Change{{list, false, "version 2 is not newer than version 2, which is in use"}}},
		{"a broken list", map[string]string{list: "id ="}, 3, 2,
			[]Change{{list, false, "read xy.toml: toml: line 1 (last key \"id\"): unexpected EOF; expected value"}}},
		{"a list under another name", map[string]string{"yz.toml": version(xyList, "9")}, 3, 2,
			[]Change{{"yz.toml", false, `read yz.toml: id: "xy" is not the name of the file`}}},
		{"a new list", map[string]string{"own-ministry.toml": other}, 3, 2,
			[]Change{{"own-ministry.toml", true, "version 2 of 2026-11-23, a new list"}}},
		{"newer makers", map[string]string{makers: version(acme, "4") + globex}, 4, 2,
			[]Change{{makers, true, "version 4 of 2026-11-23, in place of version 3"}}},
		{"older makers", map[string]string{makers: version(acme, "2")}, 3, 2,
			[]Change{{makers, false, "version 2 is not newer than version 3, which is in use"}}},
		{"makers that a list does not fit", map[string]string{makers: strings.Replace(version(acme, "4"), `"Acme Ltd.", `, "", 1)}, 3, 2,
			[]Change{{makers, false, `it does not fit the list xy: entries.acme.organizations: "Acme Ltd." is no organisation of this maker`}}},
		{"a list of a maker that is not known", map[string]string{list: names}, 3, 2,
			[]Change{{list, false, "read xy.toml: entries.globex: there is no maker with this key"}}},
		{"the same with that maker", map[string]string{list: names, makers: version(acme, "4") + globex}, 4, 3,
			[]Change{{makers, true, "version 4 of 2026-11-23, in place of version 3"}, {list, true, "version 3 of 2026-11-23, in place of version 2"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			before, err := Load(folder(acme, xyList))
			if err != nil {
				t.Fatal(err)
			}
			files := map[string][]byte{}
			for name, text := range test.files {
				files[name] = []byte(text)
			}
			after, changes := before.With(files)
			if diff := cmp.Diff(test.want, changes); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
			if xy, _ := after.List("xy"); xy.Version != test.lists || after.MakersVersion() != test.makers {
				t.Errorf("version %d of the list, %d of the makers", xy.Version, after.MakersVersion())
			}
			if xy, _ := before.List("xy"); xy.Version != 2 || before.MakersVersion() != 3 || len(before.Lists()) != 1 {
				t.Error("the catalogue itself has changed")
			}
			if again, changes := after.With(files); again.MakersVersion() != test.makers || len(changes) > 0 && changes[0].Used {
				t.Errorf("the same files once more: %v", changes)
			}
		})
	}
}

func TestStale(t *testing.T) {
	list := List{Expires: "2027-05-23"}
	for day, want := range map[string]bool{"2026-11-23": false, "2027-05-23": false, "2027-05-24": true} {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		if got := list.Stale(at.Add(23 * time.Hour)); got != want {
			t.Errorf("%s: stale is %v", day, got)
		}
	}
}

package worklist

import (
	"fmt"
	"io"
	"strings"
)

var heading = []string{"switch", "address", "port", "label", "vlan", "task", "mac", "ips", "names", "maker", "class", "level", "severity", "certainty", "stations_on_port", "present"}

// WriteCSV writes a row for each station, as RFC 4180 has it. It begins with
// the mark by which spreadsheets know UTF-8. No cell is a formula.
func WriteCSV(w io.Writer, jobs []Job) error {
	var b strings.Builder
	b.WriteString("\ufeff")
	row(&b, heading)
	for i := range jobs {
		j := &jobs[i]
		for _, f := range j.Stations {
			vlan, stations, present := "", "", "yes"
			if f.Location.VLAN != 0 {
				vlan = fmt.Sprint(f.Location.VLAN)
			}
			if f.Location.StationsOnPort != nil {
				stations = fmt.Sprint(*f.Location.StationsOnPort)
			}
			if !f.Present {
				present = "no"
			}
			row(&b, []string{j.Switch, j.Address, j.Port, j.Alias, vlan, j.Task, f.MAC, strings.Join(f.IPs, " "), strings.Join(f.Names, " "),
				f.Maker.Name, f.Class, f.Level, f.Severity, f.Location.Certainty, stations, present})
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func row(b *strings.Builder, cells []string) {
	for i, cell := range cells {
		if i > 0 {
			b.WriteByte(',')
		}
		cell = harmless(cell)
		if strings.ContainsAny(cell, "\",;\t\r\n' ") {
			cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
		}
		b.WriteString(cell)
	}
	b.WriteString("\r\n")
}

// harmless puts an apostrophe before what a spreadsheet would compute: a name
// from the network may be one. Blanks before it do not hide it from all of
// them, and East Asian ones know it in full width, too.
func harmless(cell string) string {
	start := strings.TrimLeft(cell, " \u00a0\u3000")
	if start != "" && strings.ContainsRune("=+-@\t\r\n|%＝＋－＠", []rune(start)[0]) {
		return "'" + cell
	}
	return cell
}

package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/config"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/poll"
	"github.com/camwarden/camwarden/agent/internal/report"
	"github.com/camwarden/camwarden/agent/internal/watchlist"
)

// capturesFolder finds the recorded tables of real devices, which other
// projects publish as their test data. They lie beside the repository where
// somebody has put them there.
func capturesFolder(t *testing.T) string {
	t.Helper()
	folder := filepath.Join("..", "..", "shared", "captures")
	if _, err := os.Stat(folder); err != nil {
		t.Skip("no recorded captures beside the repository: ", err)
	}
	return folder
}

// tsv reads a table with a line of column names.
func tsv(t *testing.T, path string) []map[string]string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader := csv.NewReader(file)
	reader.Comma, reader.LazyQuotes, reader.FieldsPerRecord = '\t', true, -1
	lines, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := make(map[string]string)
		for i, name := range lines[0] {
			if i < len(line) {
				row[name] = line[i]
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// indexColumns says which column of the captures' index counts which table.
var indexColumns = map[lan.Table]string{
	lan.Dot1dTpFdbTable:      "dot1d",
	lan.Dot1qTpFdbTable:      "dot1q",
	lan.IPNetToMediaTable:    "arp",
	lan.IPNetToPhysicalTable: "ipNetToPhysical",
	lan.ATTable:              "atTable",
	lan.LLDPRemTable:         "lldp_rem",
	lan.Dot1dBasePortTable:   "basePorts",
	lan.LLDPV2RemTable:       "lldpV2",
	lan.CDPCacheTable:        "cdp",
	lan.PethPsePortTable:     "poe",
}

// observeCapture scans one file as 'scan -from' does.
func observeCapture(t *testing.T, file capture.File, lists []string) *report.Report {
	t.Helper()
	c := config.Default()
	c.Watch.Lists = lists
	o, err := newObserver(c, new(recall))
	if err != nil {
		t.Fatal(err)
	}
	o.host = false
	o.devices = append(o.devices, captureDevice(file))
	r, err := o.observe(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func allLists(t *testing.T) []string {
	t.Helper()
	catalog, err := watchlist.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, list := range catalog.Lists() {
		ids = append(ids, list.ID)
	}
	return ids
}

// TestCaptures scans every recorded device: each table has as many rows as
// the index counted independently, and every flagged address is found.
func TestCaptures(t *testing.T) {
	unraced(t)
	folder := capturesFolder(t)
	index := make(map[string]map[string]string)
	for _, row := range tsv(t, filepath.Join(folder, "INDEX.tsv")) {
		index[row["capture"]] = row
	}
	flagged := make(map[string]map[string]string)
	for _, row := range tsv(t, filepath.Join(folder, "FLAGGED.tsv")) {
		if flagged[row["capture"]] == nil {
			flagged[row["capture"]] = make(map[string]string)
		}
		flagged[row["capture"]][row["mac"]] = row["vendor"]
	}
	files, errs := capture.List([]string{folder})
	for _, err := range errs {
		t.Error(err)
	}
	lists := allLists(t)
	tables, found := 0, 0
	for _, file := range files {
		r := observeCapture(t, file, lists)
		tables += compareRows(t, file.Name, r, index)
		found += compareFlagged(t, file.Name, r, flagged)
	}
	t.Logf("%d captures, %d tables with rows, %d flagged addresses", len(files), tables, found)
}

// TestUnsortedCaptures reads devices that give their rows in an order of their
// own: no row is lost.
func TestUnsortedCaptures(t *testing.T) {
	files, errs := capture.List([]string{filepath.Join(capturesFolder(t), "unsorted")})
	if len(errs) > 0 || len(files) == 0 {
		t.Fatal(len(files), " files: ", errs)
	}
	for _, file := range files {
		r := observeCapture(t, file, nil)
		rows := 0
		for _, table := range r.Coverage[0].Tables {
			rows += table.Rows
			if table.Status == "partial" || table.Status == "failed" {
				t.Errorf("%s: %s is %s: %s", file.Name, table.Table, table.Status, table.Reason)
			}
		}
		t.Logf("%s: %d rows", file.Name, rows)
	}
}

func compareRows(t *testing.T, name string, r *report.Report, index map[string]map[string]string) (tables int) {
	c := r.Coverage[0]
	if c.Status == "failed" {
		t.Errorf("%s: %s", name, c.Reason)
		return 0
	}
	for _, table := range c.Tables {
		column, counted := indexColumns[lan.Table(table.Table)]
		file := name
		if table.Context != "" {
			file += "@" + table.Context
		}
		row := index[file]
		if !counted || row == nil {
			continue
		}
		want, err := strconv.Atoi(row[column])
		if err != nil {
			t.Errorf("%s: index column %s: %v", file, column, err)
		}
		if want > 0 {
			tables++
		}
		if table.Rows != want && explainedRows[file+" "+table.Table] != fmt.Sprint(table.Rows, " of ", want) {
			t.Errorf("%s: %s has %d rows (%s), the index counts %d", file, table.Table, table.Rows, table.Status, want)
		}
		if want > 0 && table.Status != "complete" {
			if table.Reason == poll.HiddenVLANs {
				continue // a Cisco switch of which only the default context was recorded
			}
			if why := explainedStatus[file+" "+table.Table]; why == "" || !strings.Contains(table.Reason, why) {
				t.Errorf("%s: %s is %s: %s", file, table.Table, table.Status, table.Reason)
			}
		}
	}
	return tables
}

func compareFlagged(t *testing.T, name string, r *report.Report, flagged map[string]map[string]string) (found int) {
	makers := make(map[string]string)
	for _, f := range r.Findings {
		makers[strings.ToUpper(strings.ReplaceAll(f.MAC, ":", ""))] = f.Maker.Key
	}
	vendors := map[string]string{"HIK": "hikvision", "DAHUA": "dahua", "UNIVIEW": "uniview"}
	for file, macs := range flagged {
		if base, _, _ := strings.Cut(file, "@"); base != name {
			continue
		}
		for mac, vendor := range macs {
			found++
			if makers[mac] != vendors[vendor] {
				t.Errorf("%s: %s is %s by the index, found as %q", file, mac, vendor, makers[mac])
			}
		}
	}
	return found
}

// explainedRows lists the tables whose rows differ from the index, and why
// that is right.
var explainedRows = map[string]string{
	// These tables changed while their columns were recorded one after the
	// other, so that each column has rows that the others lack. Counted here
	// are the rows of the columns that are read, which are the ones that bind an
	// address to a port or an IP address.
	"onms_nms0002ciscoalcatel2_s-de-essn-brue-121 dot1dTpFdbTable": "4887 of 4903",
	"sim_cisco-unknown-01 ipNetToMediaTable":                       "6376 of 6375",
	"sim_huawei-s12704 ipNetToMediaTable":                          "2740 of 2734",
	"sim_ruijie-m18000 dot1dTpFdbTable":                            "3654 of 3690",
	"sim_ruijie-s5750-24gt12sfp ipNetToMediaTable":                 "411 of 409",
	"sim_ruijie-s5750-24gt12sfp ipNetToPhysicalTable":              "503 of 504",
	"sim_sangfor-wac ipNetToMediaTable":                            "1806 of 1805",
	// The one row that the index counts is the column itself with an empty
	// value, or a row without an address column.
	"ats ipNetToPhysicalTable":            "0 of 1",
	"sharp_mxm266nv ipNetToMediaTable":    "0 of 1",
	"sharp_mxm266nv ipNetToPhysicalTable": "0 of 1",
	"vega ipNetToMediaTable":              "0 of 1",
	// Only the column of interfaces was recorded.
	"zxr10_5928 atTable": "0 of 12",
	// Only what is allowed was recorded, and not what the ports deliver.
	"linksys-ss_lgs318p pethPsePortTable": "0 of 18",
}

// explainedStatus lists the tables with rows that cannot be read, and what is
// said of them.
var explainedStatus = map[string]string{
	// Power supplies hold numbers there, in rows that are counted.
	"apc_ats ipNetToPhysicalTable":             "in place of the hardware address is no octets",
	"dell-rpdu ipNetToPhysicalTable":           "in place of the hardware address is no octets",
	"dell-ups_rack3750w ipNetToPhysicalTable":  "in place of the hardware address is no octets",
	"dell-ups_tower1000w ipNetToPhysicalTable": "in place of the hardware address is no octets",
	"eaton-matrix ipNetToPhysicalTable":        "in place of the hardware address is no octets",
	"eaton-mgeups_5px ipNetToPhysicalTable":    "in place of the hardware address is no octets",
	"eaton-mgeups_9pxle ipNetToPhysicalTable":  "in place of the hardware address is no octets",
	"sim_eaton-93e-80 ipNetToPhysicalTable":    "in place of the hardware address is no octets",
	"stulz_wib8000 ipNetToPhysicalTable":       "in place of the hardware address is no octets",
	"ats ipNetToPhysicalTable":                 "none with ipNetToPhysicalPhysAddress",
	"sharp_mxm266nv ipNetToMediaTable":         "none with ipNetToMediaPhysAddress",
	"sharp_mxm266nv ipNetToPhysicalTable":      "none with ipNetToPhysicalPhysAddress",
	"vega ipNetToMediaTable":                   "none with ipNetToMediaPhysAddress",
	"linksys-ss_lgs318p pethPsePortTable":      "none with pethPsePortDetectionStatus",
	"zxr10_5928 atTable":                       "none with atPhysAddress",
	// The rows are numbered and the address column was not recorded.
	"fortiswitch_s248ep dot1dTpFdbTable": "no address column",
	"netonix_wispswitch dot1dTpFdbTable": "no address column",
	"pmp dot1dTpFdbTable":                "no address column",
	"pmp_450 dot1dTpFdbTable":            "no address column",
	"pmp_450i dot1dTpFdbTable":           "no address column",
}

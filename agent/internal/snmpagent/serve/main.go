//go:build linux

// Command serve is simulated switches for measurements: all in one process,
// each at a loopback address of its own, on one port. It counts what it is
// asked. A line on its standard input makes it print the counts since the last
// one, and its end ends the program.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"runtime/debug"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "serve:", err)
		os.Exit(1)
	}
}

func run() error {
	var s site
	first := flag.String("first", "127.0.0.1", "the first switch is at this `ADDRESS`, the next one after it")
	port := flag.Int("port", 1161, "UDP `PORT` of all switches")
	delay := flag.Duration("delay", 0, "`TIME` between a request and its answer; it does not hold up others")
	flag.IntVar(&s.switches, "switches", 1, "`NUMBER` of switches")
	flag.IntVar(&s.rows, "rows", 1000, "`NUMBER` of stations in the forwarding table of each")
	flag.IntVar(&s.vlans, "vlans", 5, "`NUMBER` of VLANs that they are in")
	flag.IntVar(&s.flagged, "flagged", 10, "`NUMBER` of them that are of a flagged maker")
	flag.BoolVar(&s.clustered, "clustered", false, "all flagged ones are in one VLAN and one address block")
	flag.BoolVar(&s.dot1d, "dot1d", false, "there is dot1dTpFdbTable")
	flag.BoolVar(&s.dot1q, "dot1q", true, "there is dot1qTpFdbTable")
	flag.BoolVar(&s.counts, "counts", true, "dot1qFdbTable tells how many rows there are")
	list := flag.Bool("list", false, "print the addresses of the switches and end")
	flag.Parse()

	addr, err := netip.ParseAddr(*first)
	if err != nil {
		return err
	}
	switches := make(map[netip.Addr]*device, s.switches)
	var all []*device
	for i := range s.switches {
		if *list {
			fmt.Printf("%v:%d\n", addr, *port)
		} else {
			switches[addr] = newDevice(s.recording(i))
			all = append(all, switches[addr])
		}
		addr = addr.Next()
	}
	if *list {
		return nil
	}
	debug.FreeOSMemory()
	if err := serve(netip.AddrPortFrom(netip.IPv4Unspecified(), uint16(*port)), switches, *delay); err != nil {
		return err
	}
	fmt.Println("ready")
	return report(all)
}

// report prints the counts whenever it is asked to.
func report(all []*device) error {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var sum, most, deepest int64
		for _, d := range all {
			requests := d.requests.Swap(0)
			sum, most, deepest = sum+requests, max(most, requests), max(deepest, d.rounds.Take())
		}
		fmt.Println("requests", sum, "most", most, "rounds", deepest)
	}
	return lines.Err()
}

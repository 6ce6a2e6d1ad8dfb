package snmpagent

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gosnmp/gosnmp"

	"github.com/camwarden/camwarden/agent/internal/ber"
	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// everyKind is a recording with every kind of value, at 1.3.6.1.4.1.1.N.
func everyKind() *capture.Recording {
	values := []smi.Value{
		{Kind: smi.Integer, Num: 1<<64 - 129},
		{Kind: smi.OctetString, Bytes: []byte("core-1 \"x\"\nsecond line")},
		{Kind: smi.OctetString, Bytes: slices.Repeat([]byte{0x00, 0xff}, 100)},
		{Kind: smi.OctetString},
		{Kind: smi.ObjectIdentifier, OID: smi.OID{1, 3, 6, 1, 4, 1, 4294967295}},
		{Kind: smi.IPAddress, Bytes: []byte{10, 0, 0, 255}},
		{Kind: smi.Counter32, Num: 1<<32 - 1},
		{Kind: smi.Gauge32, Num: 1 << 31},
		{Kind: smi.TimeTicks, Num: 43303292},
		{Kind: smi.Counter64, Num: 1<<64 - 1},
		{Kind: smi.Null},
	}
	var rows []smi.Varbind
	for i, value := range values {
		rows = append(rows, smi.Varbind{Name: smi.MustOID("1.3.6.1.4.1.1").Append(uint32(i) + 1), Value: value})
	}
	return capture.New(rows)
}

// walkClient returns what gosnmp reads of everyKind, by name.
func walkClient(t *testing.T, agent *Agent, version gosnmp.SnmpVersion, bulk bool) map[string]string {
	t.Helper()
	client := &gosnmp.GoSNMP{Target: "127.0.0.1", Port: agent.Addr().Port(), Community: "public", Version: version,
		Timeout: 5 * time.Second, MaxRepetitions: 3}
	if err := client.Connect(); err != nil {
		t.Fatal(err)
	}
	defer client.Conn.Close()
	walk := client.Walk
	if bulk {
		walk = client.BulkWalk
	}
	got := make(map[string]string)
	err := walk(".1.3.6.1.4.1.1", func(pdu gosnmp.SnmpPDU) error {
		text := fmt.Sprint(pdu.Value)
		if octets, ok := pdu.Value.([]byte); ok {
			text = string(octets)
		}
		got[strings.TrimPrefix(pdu.Name, ".")] = fmt.Sprintf("%#02x %s", byte(pdu.Type), text)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// The codec of gosnmp reads what ours writes, value by value.
func TestGosnmpReads(t *testing.T) {
	agent := start(t, Options{Communities: map[string]*capture.Recording{"public": everyKind()}})
	for _, client := range []struct {
		name    string
		version gosnmp.SnmpVersion
		bulk    bool
	}{{"version 1", gosnmp.Version1, false}, {"version 2c", gosnmp.Version2c, false}, {"version 2c, bulk", gosnmp.Version2c, true}} {
		t.Run(client.name, func(t *testing.T) {
			want := make(map[string]string)
			for row := range everyKind().All() {
				text := row.Value.String()
				switch row.Value.Kind {
				case smi.OctetString:
					text = string(row.Value.Bytes)
				case smi.ObjectIdentifier:
					text = "." + text
				case smi.Null:
					text = "<nil>"
				case smi.Counter64:
					if client.version == gosnmp.Version1 {
						continue // there is none in version 1
					}
				}
				want[row.Name.String()] = fmt.Sprintf("%#02x %s", ber.Tag(row.Value.Kind), text)
			}
			if diff := cmp.Diff(want, walkClient(t, agent, client.version, client.bulk)); diff != "" {
				t.Errorf("difference (-want +got):\n%s", diff)
			}
		})
	}
}

// tool runs a program of net-snmp against an agent, and skips where there is
// none.
func tool(t *testing.T, agent *Agent, program, version string, args ...string) (stdout, stderr string) {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("net-snmp's %s is not installed", program)
	}
	options := []string{version, "-c", "public", "-On", "-Oe", "-t", "5", "-m", "", "127.0.0.1:" + strconv.Itoa(int(agent.Addr().Port()))}
	command := exec.CommandContext(t.Context(), path, append(options, args...)...)
	command.Env = append(os.Environ(), "SNMP_PERSISTENT_DIR="+t.TempDir(), "SNMPCONFPATH="+t.TempDir())
	var out, complaints strings.Builder
	command.Stdout, command.Stderr = &out, &complaints
	if err := command.Run(); err != nil {
		t.Logf("%s: %v: %s", program, err, complaints.String())
	}
	return out.String(), complaints.String()
}

// net-snmp walks the agent, its text is read as a capture, and that is the
// recording that the agent answers from.
func TestNetSNMPWalks(t *testing.T) {
	agent := start(t, Options{Communities: map[string]*capture.Recording{"public": everyKind()}})
	tests := []struct {
		program, version string
		args             []string
	}{
		{"snmpwalk", "-v1", nil}, {"snmpwalk", "-v2c", nil},
		{"snmpbulkwalk", "-v2c", []string{"-Cr3"}}, {"snmpbulkwalk", "-v2c", []string{"-Cr50"}},
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.program, test.version, test.args), func(t *testing.T) {
			out, _ := tool(t, agent, test.program, test.version, append(test.args, ".1.3.6.1.4.1.1")...)
			recording, err := capture.Read("walk", strings.NewReader(out))
			if err != nil {
				t.Fatalf("%v in\n%s", err, out)
			}
			var want []smi.Varbind
			for row := range everyKind().All() {
				if row.Value.Kind != smi.Counter64 || test.version != "-v1" {
					want = append(want, row)
				}
			}
			if diff := cmp.Diff(want, slices.Collect(recording.All())); diff != "" {
				t.Errorf("difference (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNetSNMPGets(t *testing.T) {
	agent := start(t, Options{Communities: map[string]*capture.Recording{"public": everyKind()}})
	tests := []struct {
		program, version string
		args             []string
		want             string
	}{
		{"snmpget", "-v2c", []string{"1.3.6.1.4.1.1.6", "1.3.6.1.4.1.1.99"},
			".1.3.6.1.4.1.1.6 = IpAddress: 10.0.0.255\n.1.3.6.1.4.1.1.99 = No Such Instance currently exists at this OID\n"},
		{"snmpget", "-v1", []string{"-Cf", "1.3.6.1.4.1.1.99"}, "(noSuchName) There is no such variable name in this MIB."},
		{"snmpset", "-v2c", []string{"1.3.6.1.4.1.1.1", "i", "1"}, "Reason: notWritable"},
		{"snmpset", "-v1", []string{"1.3.6.1.4.1.1.1", "i", "1"}, "Reason: (readOnly)"},
	}
	for _, test := range tests {
		t.Run(test.program+test.version, func(t *testing.T) {
			out, complaints := tool(t, agent, test.program, test.version, test.args...)
			if !strings.Contains(out+complaints, test.want) {
				t.Errorf("got %q and %q, want %q in it", out, complaints, test.want)
			}
		})
	}
}

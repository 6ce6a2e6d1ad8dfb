package config

import (
	"strings"
	"testing"

	"golang.org/x/sys/windows"
)

func TestOthersIn(t *testing.T) {
	for _, test := range []struct{ sddl, want string }{
		{"O:BAD:P(A;;FA;;;SY)(A;;FA;;;BA)", ""},
		{"O:S-1-5-21-1-2-3-1001D:(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;FA;;;S-1-5-21-1-2-3-1001)", ""}, // in a user's own folder
		{"O:BAD:(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;0x1200a9;;;BU)", "Users"},                        // in a folder of C:
		{"O:BAD:(A;;FA;;;BA)(A;;FR;;;WD)", "Everyone"},
		{"O:BAD:(A;;FA;;;BA)(A;;FR;;;S-1-5-21-1-2-3-1002)", "S-1-5-21-1-2-3-1002"},
		{"O:BAD:(A;;FA;;;BA)(A;;WD;;;S-1-5-21-1-2-3-1002)", "S-1-5-21-1-2-3-1002"}, // may take the right
		{"O:BAD:(A;OICIIO;GA;;;WD)(A;;FA;;;BA)", ""},
		{"O:BAD:(A;;RC;;;WD)(A;;FA;;;BA)", ""}, // may see who may read
		{"O:BAD:(D;;FA;;;WD)(A;;FA;;;BA)", ""},
	} {
		sd, err := windows.SecurityDescriptorFromString(test.sddl)
		if err != nil {
			t.Fatalf("%s: %v", test.sddl, err)
		}
		got, err := othersIn(sd)
		if err != nil || (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s: %q, %v; want %q", test.sddl, got, err, test.want)
		}
	}
}

package installer

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/windows"

	"github.com/camwarden/camwarden/installer/dpapi"
)

// A folder is closed to others from its first moment on, and so are those
// that are made above it.
func TestMakeFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "camwarden", "lists")
	if err := MakeFolder(path); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{path, filepath.Dir(path)} {
		if err := CheckFolder(folder); err != nil {
			t.Error(err)
		}
	}
	if err := MakeFolder(path); err != nil {
		t.Errorf("made a second time: %v", err)
	}
}

// inData makes the data folder one that the test owns.
func inData(t *testing.T) string {
	t.Helper()
	data, err := dataFolder()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(data); err == nil {
		t.Skip("this host has a ", data)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(data); err != nil {
			t.Error(err)
		}
	})
	return data
}

// A folder that others may write to is closed where it is ours, and stays as
// it is elsewhere.
func TestMakeFolderClosesItsOwn(t *testing.T) {
	for _, test := range []struct {
		path string
		open bool
	}{{inData(t), false}, {filepath.Join(t.TempDir(), "work"), true}} {
		sd, err := windows.SecurityDescriptorFromString("D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;WD)")
		if err != nil {
			t.Fatal(err)
		}
		list, _, err := sd.DACL()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(test.path, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := windows.SetNamedSecurityInfo(test.path, windows.SE_FILE_OBJECT,
			windows.DACL_SECURITY_INFORMATION|windows.PROTECTED_DACL_SECURITY_INFORMATION, nil, nil, list, nil); err != nil {
			t.Fatal(err)
		}
		if err := CheckFolder(test.path); !errors.Is(err, errOpen) {
			t.Fatalf("%s: %v", test.path, err)
		}
		if err := MakeFolder(test.path); err != nil {
			t.Errorf("%s: %v", test.path, err)
		}
		if err := CheckFolder(test.path); errors.Is(err, errOpen) != test.open {
			t.Errorf("%s, taken: %v", test.path, err)
		}
	}
}

// What is no folder is not taken for one: it can lead anywhere.
func TestMakeFolderTakesNoFile(t *testing.T) {
	path := inData(t)
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := MakeFolder(path); err == nil || !strings.Contains(err.Error(), "is a link or a file") {
		t.Errorf("got %v", err)
	}
}

func TestCheckAccess(t *testing.T) {
	service := serviceSID(Name)
	for _, test := range []struct {
		sddl string
		open bool
	}{
		{"D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;" + service + ")", false},
		{"D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1301bf;;;" + service + ")", false},
		{"D:(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)", false},                                        // users may read
		{"D:(A;OICI;FA;;;BA)(A;CI;DCLCRPCR;;;BU)", true},                                           // what %ProgramData% hands down: users may make files
		{"D:(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIIOID;GA;;;CO)(A;CIID;DCLCRPCR;;;BU)", true}, // all of it
		{"D:(A;OICIIO;GA;;;CO)(A;OICI;FA;;;BA)", false},                                            // of what is made inside only
		{"D:(A;;WD;;;AU)", true}, // may change who may
		{"D:(D;;FA;;;WD)", false},
	} {
		sd, err := windows.SecurityDescriptorFromString(test.sddl)
		if err != nil {
			t.Fatalf("%s: %v", test.sddl, err)
		}
		if err := checkAccess("folder", sd); errors.Is(err, errOpen) != test.open || err != nil && !test.open {
			t.Errorf("%s: %v", test.sddl, err)
		}
	}
}

// Without any list everybody may do everything.
func TestCheckAccessWithoutList(t *testing.T) {
	sd, err := windows.NewSecurityDescriptor()
	if err != nil {
		t.Fatal(err)
	}
	if err := sd.SetDACL(nil, true, false); err != nil {
		t.Fatal(err)
	}
	if err := checkAccess("folder", sd); !errors.Is(err, errOpen) {
		t.Errorf("got %v", err)
	}
}

func TestTrusted(t *testing.T) {
	for _, test := range []struct {
		sid  string
		want bool
	}{
		{"S-1-5-18", true}, {"S-1-5-32-544", true}, {serviceSID("camwarden"), true}, {serviceSID("TrustedInstaller"), true},
		{"S-1-1-0", false}, {"S-1-5-32-545", false}, {"S-1-5-11", false}, {serviceSID("other"), false}, {"S-1-5-21-1-2-3-1001", false},
	} {
		sid, err := windows.StringToSid(test.sid)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := trusted(sid); got != test.want || err != nil {
			t.Errorf("%s: %v, %v", test.sid, got, err)
		}
	}
}

// A secret is not on the disk as it is, and writing the same again changes
// nothing, although Windows seals it differently each time.
func TestWriteSecret(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte("hunter2"), 0o600); err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, false} { // as it is, it is not to stay
		if changed, err := WriteSecret(path, []byte("hunter2")); changed != want || err != nil {
			t.Fatalf("time %d: changed %v, %v", i, changed, err)
		}
	}
	content, err := os.ReadFile(path)
	if err != nil || bytes.Contains(content, []byte("hunter2")) {
		t.Errorf("the file holds %q, %v", content, err)
	}
	if secret, err := dpapi.Open(content); err != nil || string(secret) != "hunter2" {
		t.Errorf("opened to %q, %v", secret, err)
	}
	if changed, err := WriteSecret(path, []byte("hunter3")); !changed || err != nil {
		t.Errorf("another one: changed %v, %v", changed, err)
	}
}

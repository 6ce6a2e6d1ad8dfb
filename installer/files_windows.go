package installer

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Rights of the service on what it reads, and on what it writes.
const (
	serviceReads  = "0x1200a9" // to read and to list
	serviceWrites = "0x1301bf" // and to write and delete
)

// descriptor is the security descriptor of what belongs to the administrators
// and the system, and that the service has these rights on. It takes nothing
// over from the folder around it: in %ProgramData% every user may make files.
// What somebody makes who is no administrator stays theirs.
func descriptor(rights string) (*windows.SECURITY_DESCRIPTOR, error) {
	owner, list := "O:BA", "(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;"+rights+";;;"+serviceSID(Name)+")"
	administrators, err := windows.CreateWellKnownSid(windows.WinBuiltinAdministratorsSid)
	if err != nil {
		return nil, err
	}
	ok, err := windows.Token(0).IsMember(administrators) // elevated, that is
	if err != nil {
		return nil, err
	}
	if !ok {
		user, err := windows.GetCurrentProcessToken().GetTokenUser()
		if err != nil {
			return nil, err
		}
		owner, list = "", list+"(A;OICI;FA;;;"+user.User.Sid.String()+")"
	}
	return windows.SecurityDescriptorFromString(owner + "D:P" + list)
}

func attributes(sd *windows.SECURITY_DESCRIPTOR) *windows.SecurityAttributes {
	return &windows.SecurityAttributes{Length: uint32(unsafe.Sizeof(windows.SecurityAttributes{})), SecurityDescriptor: sd}
}

// MakeFolder makes a folder for what the administrator writes and the service
// reads, protected from its first moment on. One that is there stays as it is,
// unless it is of the data folder: that one has to belong to the
// administrators, or to whoever runs this, with all that is in it, and is
// closed to others.
func MakeFolder(path string) error { return makeFolder(path, serviceReads) }

func makeFolder(path, rights string) error {
	sd, err := descriptor(rights)
	if err != nil {
		return fmt.Errorf("make the folder %s: %w", path, err)
	}
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return fmt.Errorf("make the folder %s: %w", path, err)
	}
	switch err := windows.CreateDirectory(name, attributes(sd)); {
	case err == nil:
		return nil
	case errors.Is(err, windows.ERROR_ALREADY_EXISTS):
		return takeFolder(path, sd)
	case errors.Is(err, windows.ERROR_PATH_NOT_FOUND) && filepath.Dir(path) != path:
		if err := makeFolder(filepath.Dir(path), serviceReads); err != nil {
			return err
		}
		return makeFolder(path, rights)
	default:
		return fmt.Errorf("make the folder %s: %w", path, err)
	}
}

// takeFolder takes a folder that is there. In the folder of all programs' data
// every user can have prepared one for us.
func takeFolder(path string, sd *windows.SECURITY_DESCRIPTOR) error {
	data, err := dataFolder()
	if err != nil {
		return err
	}
	inside, err := filepath.Rel(data, path)
	if err != nil || !filepath.IsLocal(inside) {
		return nil
	}
	return closeFolder(path, sd)
}

// closeFolder gives a folder the descriptor where others have rights on it,
// and nobody else can have put anything there.
func closeFolder(path string, sd *windows.SECURITY_DESCRIPTOR) error {
	if err := CheckFolder(path); err == nil {
		return nil
	} else if !errors.Is(err, errOpen) {
		return err
	}
	err := filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
		if err == nil {
			err = checkOwner(name)
		}
		if err == nil && entry.IsDir() && (name == filepath.Join(path, stateFolder) || name == filepath.Join(path, logFolder)) {
			return fs.SkipDir // what is in there is the service's
		}
		return err
	})
	if err != nil {
		return err
	}
	list, _, err := sd.DACL()
	if err == nil {
		err = windows.SetNamedSecurityInfo(path, windows.SE_FILE_OBJECT,
			windows.DACL_SECURITY_INFORMATION|windows.PROTECTED_DACL_SECURITY_INFORMATION, nil, nil, list, nil)
	}
	if err != nil {
		return fmt.Errorf("close the folder %s to others: %w", path, err)
	}
	return nil
}

// errOpen tells of a folder that others than its owner may write to.
var errOpen = errors.New("may be written by others: close it to them, as 'camwarden setup' does with the standard folder")

// CheckFolder refuses a folder that somebody else can have prepared, or can
// change: who writes to the folder of the configuration decides where reports
// go.
func CheckFolder(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is a link or a file: remove it, and let 'camwarden setup' make the folder", path)
	}
	if err := checkOwner(path); err != nil {
		return err
	}
	sd, err := windows.GetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		return fmt.Errorf("ask who may write to %s: %w", path, err)
	}
	return checkAccess(path, sd)
}

const fileDeleteChild = 0x40 // FILE_DELETE_CHILD of winnt.h

// changing is what others must not have: to write into a folder, or to change
// who may.
const changing = windows.FILE_WRITE_DATA | windows.FILE_APPEND_DATA | fileDeleteChild | windows.DELETE |
	windows.WRITE_DAC | windows.WRITE_OWNER | windows.GENERIC_WRITE | windows.GENERIC_ALL

func checkAccess(path string, sd *windows.SECURITY_DESCRIPTOR) error {
	list, _, err := sd.DACL()
	if err != nil {
		return fmt.Errorf("ask who may write to %s: %w", path, err)
	}
	if list == nil {
		return fmt.Errorf("%s %w", path, errOpen)
	}
	for i := range uint32(list.AceCount) {
		var ace *windows.ACCESS_ALLOWED_ACE
		if err := windows.GetAce(list, i, &ace); err != nil {
			return fmt.Errorf("ask who may write to %s: %w", path, err)
		}
		if ace.Header.AceType != windows.ACCESS_ALLOWED_ACE_TYPE || ace.Header.AceFlags&windows.INHERIT_ONLY_ACE != 0 || ace.Mask&changing == 0 {
			continue
		}
		ok, err := trusted((*windows.SID)(unsafe.Pointer(&ace.SidStart)))
		switch {
		case err != nil:
			return err
		case !ok:
			return fmt.Errorf("%s %w", path, errOpen)
		}
	}
	return nil
}

func checkOwner(path string) error {
	sd, err := windows.GetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION)
	if err != nil {
		return fmt.Errorf("ask whose %s is: %w", path, err)
	}
	owner, _, err := sd.Owner()
	if err != nil {
		return fmt.Errorf("ask whose %s is: %w", path, err)
	}
	ok, err := trusted(owner)
	switch {
	case err != nil:
		return err
	case ok:
		return nil
	}
	name := owner.String()
	if account, domain, _, err := owner.LookupAccount(""); err == nil {
		name = domain + `\` + account
	}
	return fmt.Errorf("%s belongs to %s, who may have put it there to be taken for ours: look at it, and remove it or make Administrators its owner", path, name)
}

// trusted tells an account that may own and change the configuration: the
// system and what installs its parts, its administrators, whoever runs this,
// and the service.
func trusted(sid *windows.SID) (bool, error) {
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return false, fmt.Errorf("ask who runs this: %w", err)
	}
	return sid.IsWellKnown(windows.WinLocalSystemSid) || sid.IsWellKnown(windows.WinBuiltinAdministratorsSid) ||
		sid.Equals(user.User.Sid) || sid.String() == serviceSID(Name) || sid.String() == serviceSID("TrustedInstaller"), nil
}

// createTemp makes a file that is the administrators' and the service's to
// read, called prefix and random digits.
func createTemp(folder, prefix string) (*os.File, error) {
	sd, err := descriptor(serviceReads)
	if err != nil {
		return nil, err
	}
	for {
		path := filepath.Join(folder, prefix+strconv.FormatUint(rand.Uint64(), 10))
		name, err := windows.UTF16PtrFromString(path)
		if err != nil {
			return nil, &fs.PathError{Op: "create", Path: path, Err: err}
		}
		handle, err := windows.CreateFile(name, windows.GENERIC_WRITE, windows.FILE_SHARE_READ, attributes(sd),
			windows.CREATE_NEW, windows.FILE_ATTRIBUTE_NORMAL, 0)
		switch {
		case errors.Is(err, windows.ERROR_FILE_EXISTS):
			continue
		case err != nil:
			return nil, &fs.PathError{Op: "create", Path: path, Err: err}
		}
		return os.NewFile(uintptr(handle), path), nil
	}
}

// othersBits: permission bits say nothing here.
const othersBits = 0

// protect has nothing to do: a file is protected when it is made.
func protect(string, fs.FileMode) error { return nil }

func protectAs(string, fs.FileInfo, func(fs.FileMode) fs.FileMode) error { return nil }

// replace moves a file over another. It tries for two seconds while somebody
// has the other open, mostly the service itself or a virus scanner.
func replace(from, to string) error {
	const tries, pause = 40, 50 * time.Millisecond
	var err error
	for range tries {
		if err = os.Rename(from, to); err == nil || !errors.Is(err, windows.ERROR_SHARING_VIOLATION) && !errors.Is(err, windows.ERROR_ACCESS_DENIED) {
			return err
		}
		time.Sleep(pause)
	}
	return err
}

// syncFolder does nothing: Windows cannot flush a folder.
func syncFolder(string) error { return nil }

package config

import (
	"fmt"
	"io/fs"
	"unsafe"

	"golang.org/x/sys/windows"
)

// trusted are the accounts that may read a secret beside its owner: this user,
// the system, its administrators, and the service by its own name.
func trusted(owner *windows.SID) ([]*windows.SID, error) {
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return nil, err
	}
	sids := []*windows.SID{owner, user.User.Sid}
	for _, known := range []windows.WELL_KNOWN_SID_TYPE{windows.WinLocalSystemSid, windows.WinBuiltinAdministratorsSid} {
		sid, err := windows.CreateWellKnownSid(known)
		if err != nil {
			return nil, err
		}
		sids = append(sids, sid)
	}
	if service, _, _, err := windows.LookupSID("", `NT SERVICE\camwarden`); err == nil { // known where the service is installed
		sids = append(sids, service)
	}
	return sids, nil
}

// access is what nobody else may have: to read the file, to change it, or to
// change who may.
const access = windows.FILE_READ_DATA | windows.FILE_WRITE_DATA | windows.FILE_APPEND_DATA | windows.DELETE |
	windows.WRITE_DAC | windows.WRITE_OWNER | windows.GENERIC_READ | windows.GENERIC_WRITE | windows.GENERIC_ALL

// exposed says how to mend a file that holds a secret and that others can
// read or change; empty when it is right as it is.
func exposed(path string, _ fs.FileInfo) string {
	other, err := othersAccess(path)
	switch {
	case err != nil:
		return fmt.Sprintf("who may read the file cannot be told (%v): run camwarden as an administrator or as the service's user", err)
	case other != "":
		return fmt.Sprintf("%s can read or change the file: run icacls \"%s\" /inheritance:r /grant:r *S-1-5-18:F *S-1-5-32-544:F \"NT SERVICE\\camwarden:R\"", other, path)
	}
	return ""
}

// othersAccess names somebody who is not trusted and has access; empty when
// there is nobody.
func othersAccess(path string) (string, error) {
	sd, err := windows.GetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION|windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		return "", err
	}
	return othersIn(sd)
}

func othersIn(sd *windows.SECURITY_DESCRIPTOR) (string, error) {
	owner, _, err := sd.Owner()
	if err != nil {
		return "", err
	}
	sids, err := trusted(owner)
	if err != nil {
		return "", err
	}
	list, _, err := sd.DACL()
	if err != nil {
		return "", err
	}
	if list == nil {
		return "everybody", nil
	}
	for i := range uint32(list.AceCount) {
		var ace *windows.ACCESS_ALLOWED_ACE
		if err := windows.GetAce(list, i, &ace); err != nil {
			return "", err
		}
		if ace.Header.AceType != windows.ACCESS_ALLOWED_ACE_TYPE || ace.Header.AceFlags&windows.INHERIT_ONLY_ACE != 0 || ace.Mask&access == 0 {
			continue
		}
		if sid := (*windows.SID)(unsafe.Pointer(&ace.SidStart)); !among(sids, sid) {
			return accountName(sid), nil
		}
	}
	return "", nil
}

func among(sids []*windows.SID, sid *windows.SID) bool {
	for _, s := range sids {
		if s.Equals(sid) {
			return true
		}
	}
	return false
}

func accountName(sid *windows.SID) string {
	account, domain, _, err := sid.LookupAccount("")
	switch {
	case err != nil:
		return sid.String()
	case domain == "":
		return account
	}
	return domain + `\` + account
}

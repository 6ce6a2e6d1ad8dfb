package installer

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
	"unsafe"

	"github.com/kardianos/service"
	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc/mgr"
)

// account is what the service runs as: one that Windows makes for it, with no
// rights but those of its own name.
const account = `NT SERVICE\` + Name

// prepare makes the folders, and says how the service is registered.
func prepare(config *service.Config, _ string) error {
	if err := owned(); err != nil {
		return err
	}
	config.DisplayName = Name
	config.Description = "Finds flagged surveillance cameras and reports them"
	config.UserName = account
	config.Arguments = []string{"run", "-service"}
	return MakeFolders()
}

// register registers the service wholly.
func register(s service.Service) error {
	if err := s.Install(); err != nil {
		return err
	}
	return Complete(false)
}

// packageCode is the UpgradeCode of the Windows package.
const packageCode = "{329F7977-5DF8-41A3-A719-54EE41D9447E}"

var enumRelatedProducts = windows.NewLazySystemDLL("msi.dll").NewProc("MsiEnumRelatedProductsW")

// owned refuses what belongs to the Windows package.
func owned() error {
	code, err := windows.UTF16PtrFromString(packageCode)
	if err != nil {
		return err
	}
	var product [39]uint16
	status, _, _ := enumRelatedProducts.Call(uintptr(unsafe.Pointer(code)), 0, 0, uintptr(unsafe.Pointer(&product)))
	switch err := windows.Errno(status); err {
	case windows.NO_ERROR:
		return errors.New("the service belongs to the Windows package: use msiexec, or the list of installed programs")
	case windows.ERROR_NO_MORE_ITEMS:
		return nil
	default:
		return fmt.Errorf("ask for the Windows package: %w", err)
	}
}

// dataFolder is where configuration, state and log are.
func dataFolder() (string, error) {
	folder, err := windows.KnownFolderPath(windows.FOLDERID_ProgramData, 0)
	return filepath.Join(folder, Name), err
}

// stateFolder is the folder of the state, in the data folder.
const stateFolder = "state"

// MakeFolders makes the folders of configuration, state and log.
func MakeFolders() error {
	data, err := dataFolder()
	if err != nil {
		return fmt.Errorf("find the folder of programs' data: %w", err)
	}
	if err := MakeFolder(data); err != nil {
		return err
	}
	for _, name := range []string{stateFolder, logFolder} {
		if err := makeFolder(filepath.Join(data, name), serviceWrites); err != nil {
			return err
		}
	}
	return nil
}

// Forget removes configuration, secrets, state and log.
func Forget() error {
	data, err := dataFolder()
	if err == nil {
		err = os.RemoveAll(data)
	}
	if err != nil {
		return fmt.Errorf("remove configuration and state: %w", err)
	}
	return nil
}

// Complete gives the registered service what neither kardianos/service nor the
// tables of a package can say: its own name in its token, no privilege but
// the one that every process needs, a start after the host's own services (or
// none, where it is disabled), and a new start when it fails, whichever way it
// does.
func Complete(disabled bool) error {
	manager, err := mgr.Connect()
	if err != nil {
		return fmt.Errorf("reach the service control manager: %w", err)
	}
	defer manager.Disconnect() // only asked
	s, err := manager.OpenService(Name)
	if err != nil {
		return fmt.Errorf("open the service: %w", err)
	}
	defer s.Close() // likewise
	if disabled {
		err := windows.ChangeServiceConfig(s.Handle, windows.SERVICE_NO_CHANGE, windows.SERVICE_DISABLED, windows.SERVICE_NO_CHANGE, nil, nil, nil, nil, nil, nil, nil)
		if err != nil {
			return fmt.Errorf("disable the service: %w", err)
		}
	}
	sidType := uint32(windows.SERVICE_SID_TYPE_UNRESTRICTED)
	delayed := windows.SERVICE_DELAYED_AUTO_START_INFO{IsDelayedAutoStartUp: 1}
	privileges, err := windows.UTF16FromString("SeChangeNotifyPrivilege")
	if err != nil {
		return err
	}
	needed := struct{ list *uint16 }{&append(privileges, 0)[0]}
	change := func(level uint32, info unsafe.Pointer) error {
		return windows.ChangeServiceConfig2(s.Handle, level, (*byte)(info))
	}
	for _, set := range []struct {
		what string
		err  error
	}{
		{"the service's own name", change(windows.SERVICE_CONFIG_SERVICE_SID_INFO, unsafe.Pointer(&sidType))},
		{"privileges", change(windows.SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO, unsafe.Pointer(&needed))},
		{"the delayed start", change(windows.SERVICE_CONFIG_DELAYED_AUTO_START_INFO, unsafe.Pointer(&delayed))},
		{"recovery", s.SetRecoveryActions(recovery, uint32((24 * time.Hour).Seconds()))},
		{"recovery from failures that are no crash", s.SetRecoveryActionsOnNonCrashFailures(true)},
	} {
		// Wine knows some of these only.
		if set.err != nil && !errors.Is(set.err, windows.ERROR_INVALID_LEVEL) {
			return fmt.Errorf("set %s of the service: %w", set.what, set.err)
		}
	}
	return nil
}

// recovery is when the service is started again: the last holds for every
// further time within a day.
var recovery = []mgr.RecoveryAction{
	{Type: mgr.ServiceRestart, Delay: 5 * time.Second},
	{Type: mgr.ServiceRestart, Delay: 30 * time.Second},
	{Type: mgr.ServiceRestart, Delay: 5 * time.Minute},
}

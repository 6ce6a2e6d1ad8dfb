package installer

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"

	"github.com/kardianos/service"
)

// Where units stand: those of packages, and those of the administrator.
var packagedUnits = []string{"/usr/lib/systemd/system", "/lib/systemd/system"}

const ownUnits = "/etc/systemd/system"

// prepare makes what the unit needs, and hands it over as it is. (The one that
// the library writes by default runs as root and is confined in nothing.)
func prepare(config *service.Config, unit string) error {
	if _, err := os.Stat("/run/systemd/system"); err != nil {
		return errors.New("systemd does not run here: let the host's service manager run 'camwarden run' as a user of its own")
	}
	if err := owned(); err != nil {
		return err
	}
	if path := filepath.Join(ownUnits, unitName); exists(path) {
		return fmt.Errorf("%s is there already: run 'camwarden service uninstall' first, which keeps configuration and state", path)
	}
	executable, err := os.Executable()
	if err == nil {
		executable, err = filepath.EvalSymlinks(executable)
	}
	if err != nil {
		return fmt.Errorf("find this program's own file: %w", err)
	}
	if err := makeUser(); err != nil {
		return err
	}
	text, err := unitFor(unit, executable)
	config.Option = service.KeyValue{"SystemdScript": text}
	return err
}

const unitName = Name + ".service"

// owned refuses what belongs to a package.
func owned() error {
	for _, folder := range packagedUnits {
		if path := filepath.Join(folder, unitName); exists(path) {
			return fmt.Errorf("%s is a package's: use apt or dnf, and systemctl", path)
		}
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// packagedProgram is where packages put the program.
const packagedProgram = "/usr/bin/camwarden"

// unitFor is the unit with this program in place of the packaged one.
func unitFor(unit, executable string) (string, error) {
	if strings.ContainsAny(executable, " \t\n\"'\\%${}") {
		return "", fmt.Errorf("%q cannot stand in a unit: put the program into a folder such as /usr/local/bin", executable)
	}
	const start = "ExecStart=" + packagedProgram + " "
	if strings.Count(unit, start) != 1 || strings.Contains(unit, "{{") {
		return "", errors.New("the unit that this program was built with is not understood")
	}
	return strings.Replace(unit, start, "ExecStart="+executable+" ", 1), nil
}

// makeUser makes the user that the service runs as, where there is none.
func makeUser() error {
	if _, err := user.Lookup(Name); err == nil {
		return nil
	}
	out, err := exec.Command("useradd", "--system", "--user-group", "--home-dir", "/var/lib/camwarden", "--no-create-home",
		"--shell", "/usr/sbin/nologin", "--comment", "camwarden", Name).CombinedOutput()
	if err != nil {
		return fmt.Errorf("make the user %s: %w: %s", Name, err, strings.TrimSpace(string(out)))
	}
	return nil
}

func register(s service.Service) error { return s.Install() }

package spool

import (
	"io"
	"os"
	"os/exec"
	"syscall"
)

// startInNamespaces starts tests of this program as root of a user and a mount
// name space of their own.
func startInNamespaces(variable, tests string, out io.Writer) (*exec.Cmd, error) {
	command := exec.Command(os.Args[0], "-test.run", tests, "-test.v")
	command.Env = append(os.Environ(), variable)
	command.Stdout, command.Stderr = out, out
	own := func(id int) []syscall.SysProcIDMap {
		return []syscall.SysProcIDMap{{ContainerID: 0, HostID: id, Size: 1}}
	}
	command.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: own(os.Getuid()), GidMappings: own(os.Getgid()),
	}
	return command, command.Start()
}

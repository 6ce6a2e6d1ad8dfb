package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A host is a Debian of the test's own: systemd in a container, over a root
// file system that is left as it was, with the network of a namespace of the
// site.
type host struct {
	t      *testing.T
	root   string // as it is seen from outside
	leader string // the container's first process
}

// What the machine must bring, and .ci/systemd makes: the root file system of
// a Debian with systemd, and a release.
const (
	hostRootVariable = "CAMWARDEN_TEST_ROOT"
	releaseVariable  = "CAMWARDEN_TEST_RELEASE"
)

// needHost skips unless the machine can boot a host and was asked to.
func needHost(t *testing.T) (root, release string) {
	t.Helper()
	root, release = os.Getenv(hostRootVariable), os.Getenv(releaseVariable)
	if root == "" || release == "" {
		t.Skip("boots a container; .ci/systemd runs it as root")
	}
	return root, release
}

func (s *site) boot(namespace, root string) *host {
	s.t.Helper()
	work, err := os.MkdirTemp("/var/tmp", "camwarden-host-") // an overlay cannot lie on another
	if err != nil {
		s.t.Fatal(err)
	}
	h := &host{t: s.t, root: filepath.Join(work, "root")}
	for _, name := range []string{"upper", "work", "root"} {
		if err := os.Mkdir(filepath.Join(work, name), 0o755); err != nil {
			s.t.Fatal(err)
		}
	}
	options := fmt.Sprintf("lowerdir=%s,upperdir=%s,workdir=%s", root, filepath.Join(work, "upper"), filepath.Join(work, "work"))
	if err := syscall.Mount("overlay", h.root, "overlay", 0, options); err != nil {
		s.t.Fatalf("mount the host's root: %v", err)
	}
	s.t.Cleanup(func() {
		if err := syscall.Unmount(h.root, syscall.MNT_DETACH); err != nil {
			s.t.Errorf("unmount the host's root: %v", err)
		}
		if err := os.RemoveAll(work); err != nil {
			s.t.Error(err)
		}
	})
	var console bytes.Buffer
	container := exec.Command("systemd-nspawn", "--quiet", "--boot", "--directory="+h.root, "--machine="+s.prefix+namespace,
		"--register=no", "--keep-unit", "--console=pipe", "--network-namespace-path=/run/netns/"+s.prefix+namespace)
	container.Stdout, container.Stderr = &console, &console
	container.WaitDelay = 5 * time.Second
	if err := container.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		if s.t.Failed() && h.leader != "" {
			s.t.Logf("the journal:\n%s", h.maybe("journalctl", "--no-pager", "-q", "-n", "60"))
		}
		_ = container.Process.Signal(syscall.SIGTERM) // an orderly shutdown; it may have ended already
		_ = container.Wait()                          // a container has no exit code that says more
		if s.t.Failed() {
			s.t.Logf("the console:\n%s", console.String())
		}
	})
	pid := container.Process.Pid
	s.eventually("the container begins", func() bool {
		children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
		h.leader = strings.TrimSpace(string(children))
		if err != nil || h.leader == "" {
			return false
		}
		// The first child only prepares what the second begins as number 1.
		status, err := os.ReadFile("/proc/" + h.leader + "/status")
		return err == nil && slices.ContainsFunc(strings.Split(string(status), "\n"), func(line string) bool {
			return strings.HasPrefix(line, "NSpid:") && strings.HasSuffix(line, "\t1")
		})
	})
	s.eventually("the host is up", func() bool {
		state := strings.TrimSpace(h.maybe("systemctl", "is-system-running"))
		return state == "running" || state == "degraded"
	})
	return h
}

func (h *host) command(args ...string) *exec.Cmd {
	return exec.Command("nsenter", append([]string{"-t", h.leader, "-m", "-u", "-i", "-n", "-p", "-C", "--", "env", "-i",
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "DEBIAN_FRONTEND=noninteractive"}, args...)...)
}

// do runs a command on the host, which must go well.
func (h *host) do(args ...string) string {
	h.t.Helper()
	out, err := h.command(args...).CombinedOutput()
	if err != nil {
		h.t.Fatalf("on the host, %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// maybe runs a command on the host, however it ends.
func (h *host) maybe(args ...string) string {
	out, _ := h.command(args...).CombinedOutput() // what it says is what is asked for
	return strings.TrimSpace(string(out))
}

// fails runs a command on the host that must fail.
func (h *host) fails(args ...string) string {
	h.t.Helper()
	out, err := h.command(args...).CombinedOutput()
	if err == nil {
		h.t.Errorf("on the host, %s went well: %s", strings.Join(args, " "), out)
	}
	return string(out)
}

// property is one of the unit's.
func (h *host) property(name string) string {
	h.t.Helper()
	return h.do("systemctl", "show", "-p", name, "--value", "camwarden")
}

// pid is the service's, 0 when it does not run.
func (h *host) pid() int {
	h.t.Helper()
	pid, err := strconv.Atoi(h.property("MainPID"))
	if err != nil {
		h.t.Fatal(err)
	}
	return pid
}

func (h *host) active() bool {
	return h.maybe("systemctl", "is-active", "camwarden") == "active"
}

// outside is what the process of the container is called outside of it.
func (h *host) outside(pid int) int {
	h.t.Helper()
	statuses, err := filepath.Glob("/proc/[0-9]*/status")
	if err != nil {
		h.t.Fatal(err)
	}
	namespace, err := os.Readlink("/proc/" + h.leader + "/ns/pid")
	if err != nil {
		h.t.Fatal(err)
	}
	for _, status := range statuses {
		other, err := os.Readlink(filepath.Join(filepath.Dir(status), "ns/pid"))
		if err != nil || other != namespace {
			continue // another's, or ended meanwhile
		}
		text, err := os.ReadFile(status)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			if ids := strings.Fields(line); len(ids) > 1 && ids[0] == "NSpid:" && ids[len(ids)-1] == strconv.Itoa(pid) {
				outside, err := strconv.Atoi(filepath.Base(filepath.Dir(status)))
				if err != nil {
					h.t.Fatal(err)
				}
				return outside
			}
		}
	}
	h.t.Fatalf("process %d of the container is not found", pid)
	return 0
}

// file is a path of the host as it is seen from outside.
func (h *host) file(path string) string { return filepath.Join(h.root, path) }

func (h *host) read(path string) string {
	h.t.Helper()
	text, err := os.ReadFile(h.file(path))
	if err != nil {
		h.t.Fatal(err)
	}
	return string(text)
}

func (h *host) write(path, text string) {
	h.t.Helper()
	if err := os.MkdirAll(filepath.Dir(h.file(path)), 0o755); err != nil {
		h.t.Fatal(err)
	}
	writeTestFile(h.t, h.file(path), []byte(text))
}

// dropin changes the unit, as systemctl edit does.
func (h *host) dropin(name, text string) (path string) {
	h.t.Helper()
	path = "/etc/systemd/system/camwarden.service.d/" + name
	h.write(path, text)
	h.do("chmod", "644", path)
	h.do("systemctl", "daemon-reload")
	return path
}

// bring copies a file from outside.
func (h *host) bring(from, to string) {
	h.t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		h.t.Fatal(err)
	}
	h.write(to, string(text))
}

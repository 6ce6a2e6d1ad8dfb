package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/user"
	"slices"
	"strings"
	"time"

	"github.com/camwarden/camwarden/agent/internal/config"
	"github.com/camwarden/camwarden/agent/internal/memory"
	"github.com/camwarden/camwarden/agent/internal/uplink"
)

// configuration says what loading it has shown: its mistakes, and each secret
// that it names.
func (c *checker) configuration(cfg *config.Config, failure error) []checked {
	var secrets []config.SecretSource
	line := checked{mark: isGood, cells: []string{"configuration", c.config}}
	switch broken, ok := errors.AsType[*config.Error](failure); {
	case ok:
		secrets = broken.Secrets
		c.disguise.mistakes(broken)
		for _, m := range broken.Mistakes {
			if !ofSecret(m, secrets) {
				line.notes = append(line.notes, m.String())
			}
		}
	case failure != nil:
		line.notes = strings.Split(failure.Error(), "\n")
	default:
		secrets = cfg.Secrets
		c.disguise.configuration(cfg)
	}
	if len(line.notes) > 0 {
		line.mark = isBad
	}
	lines := []checked{line}
	for _, s := range secrets {
		lines = append(lines, secretLine(s))
	}
	return lines
}

// ofSecret tells whether a mistake is about a secret, which has its own line.
func ofSecret(m config.Mistake, secrets []config.SecretSource) bool {
	return slices.ContainsFunc(secrets, func(s config.SecretSource) bool { return s.Key == m.Key && s.Wrong == m.Text })
}

func secretLine(s config.SecretSource) checked {
	line := checked{mark: isGood, cells: []string{"secret", s.Key}}
	if s.File != "" {
		line.cells[1] += ": " + s.File
	}
	if s.Wrong != "" {
		line.mark, line.notes = isBad, []string{s.Wrong}
	}
	return line
}

const asService = "run this as root or as the service's user"

// checkState tries to write to the state folder, and looks at what is there.
func checkState(folder string) checked {
	line := func(m mark, text string, notes ...string) checked {
		return checked{mark: m, cells: []string{"state folder", text}, notes: notes}
	}
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return line(isGood, folder+" is not there yet: the service makes it when it starts")
	case err != nil:
		return line(isBad, folder, err.Error(), asService)
	case !info.IsDir():
		return line(isBad, folder+" is no folder", "remove it, or name a folder with -state")
	}
	if err := tryWrite(folder); err != nil {
		return line(isBad, folder+" cannot be written by "+userName(), err.Error(), asService+", and make it the owner of the folder and all in it")
	}
	if cure := everybodys(folder, info); cure != "" {
		return line(isBad, folder, cure)
	}
	if _, err := memory.Peek(memoryPath(folder)); err != nil {
		return line(isBad, folder, err.Error(), "the service sets a damaged file aside when it starts, and counts stations as new")
	}
	text := folder + " can be written by " + userName()
	if of := owner(info); of != "" {
		text += fmt.Sprintf(", and belongs to %s (mode %04o)", of, info.Mode().Perm())
	}
	return line(isGood, text)
}

// tryWrite leaves nothing behind.
func tryWrite(folder string) error {
	file, err := os.CreateTemp(folder, ".check-*")
	if err != nil {
		return err
	}
	_, err = file.WriteString("camwarden check")
	return errors.Join(err, file.Close(), os.Remove(file.Name()))
}

// userName is who runs this.
func userName() string {
	u, err := user.Current()
	if err != nil {
		return "this user" // a user whom the system does not know
	}
	return u.Username
}

// endpoint sends it no report at all: an empty batch, which it has to answer
// as any other.
func (c *checker) endpoint(ctx context.Context, e *config.Endpoint) checked {
	line := func(m mark, text string, notes ...string) checked {
		return checked{mark: m, cells: []string{"endpoint", text}, notes: notes, hosts: true}
	}
	switch {
	case e == nil:
		return line(isOff, "none is configured: reports go nowhere, and the service waits for one")
	case c.offline:
		return line(isOff, shownURL(e.URL)+" is not asked (-offline)")
	}
	client, err := newUplink(e)
	if err != nil {
		return line(isBad, shownURL(e.URL), err.Error())
	}
	defer client.Close()
	start := time.Now()
	result, err := client.Send(ctx, nil)
	took := time.Since(start)
	if err != nil {
		return line(isBad, shownURL(e.URL), append([]string{err.Error()}, endpointCure(err)...)...)
	}
	text := fmt.Sprintf("%s answered %d in %s%s", shownURL(e.URL), result.Status, brief(took), way(e))
	var notes []string
	if result.ClockKnown && result.ClockOffset.Abs() > time.Minute {
		notes = []string{fmt.Sprintf("this host's clock differs from the endpoint's by %s: set it, best by NTP", result.ClockOffset.Abs().Round(time.Second))}
	}
	return line(isGood, text, notes...)
}

// shownURL is an address for people: a login or query may be secret.
func shownURL(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// way says by what means the endpoint was reached.
func way(e *config.Endpoint) string {
	text := ""
	if e.Format == config.OTLP {
		text += ", as OTLP logs"
	}
	if e.TokenFile != "" || !e.Token.IsZero() {
		text += ", with the token"
	}
	if e.CertFile != "" {
		text += ", with the client certificate"
	}
	if e.Proxy != nil {
		text += ", through " + shownURL(e.Proxy)
	}
	return text
}

// endpointCure says what to do where the failure itself does not.
func endpointCure(err error) []string {
	failure, ok := errors.AsType[*uplink.Failure](err)
	switch {
	case !ok || failure.Class == uplink.Config:
		return nil
	case failure.Class == uplink.Wait:
		return []string{"the endpoint or the way to it is down, or a firewall is between: reports wait in the spool until it answers"}
	default:
		return []string{"it does not take an empty batch: see that url names an endpoint for camwarden"}
	}
}

// brief prints how long something took, as short as people read it.
func brief(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

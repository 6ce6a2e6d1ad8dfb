package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"
)

// A manual is a command with its flags, as the help has them.
type manual struct {
	command
	arguments string // that follow the flags
	flags     []*flag.Flag
}

// commandArguments are what commands take besides flags.
var commandArguments = map[string]string{"capture": "ADDR", "lookup": "MAC...", "completion": "bash|zsh|powershell",
	"service": "install|uninstall|start|stop|restart|status"}

// choices are the words of which a command takes one; none where it takes what
// has no such list.
func (m *manual) choices() []string {
	if !strings.Contains(m.arguments, "|") {
		return nil
	}
	return strings.Split(m.arguments, "|")
}

// manuals asks every command for its flags.
func manuals() []manual {
	var list []manual
	for _, c := range commands() {
		m := manual{command: c, arguments: commandArguments[c.name]}
		describe := stdio{in: strings.NewReader(""), out: io.Discard, err: io.Discard, flags: func(set *flag.FlagSet) {
			set.VisitAll(func(f *flag.Flag) { m.flags = append(m.flags, f) })
		}}
		// It ends with flag.ErrHelp where its flags are asked for.
		if err := c.run(context.Background(), nil, describe); exitCode(err, io.Discard) != exitDone {
			panic(fmt.Sprintf("the command %s does more than to tell its flags: %v", c.name, err))
		}
		list = append(list, m)
	}
	return list
}

// runMan prints the manual page (man 7 man).
func runMan(_ context.Context, args []string, std stdio) error {
	flags := flag.NewFlagSet("man", flag.ContinueOnError)
	if err := parseFlags(flags, args, std, false); err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, ".TH CAMWARDEN 1 \"\" \"camwarden %s\" \"User Commands\"\n", roff(version))
	fmt.Fprintf(&b, ".SH NAME\ncamwarden \\- finds flagged surveillance cameras and where they are plugged in\n")
	fmt.Fprintf(&b, ".SH SYNOPSIS\n.B camwarden\n.I COMMAND\n[flags]\n.SH DESCRIPTION\n%s\n", roff(aboutProgram))
	b.WriteString("It reads the switches over SNMP and never writes to a switch or a camera, logs in to nothing, and opens no listening port.\n.SH COMMANDS\n")
	for _, m := range manuals() {
		fmt.Fprintf(&b, ".SS %s\n%s.\n", roff(strings.TrimSpace("camwarden "+m.name+" "+m.arguments)), roff(m.summary))
		for _, f := range m.flags {
			name, text := flag.UnquoteUsage(f)
			fmt.Fprintf(&b, ".TP\n\\fB\\-%s\\fR", roff(f.Name))
			if name != "" {
				fmt.Fprintf(&b, " \\fI%s\\fR", roff(name))
			}
			fmt.Fprintf(&b, "\n%s%s\n", roff(text), roff(defaultText(f)))
		}
	}
	fmt.Fprintf(&b, ".SH EXIT STATUS\n%s\n", roff(strings.TrimPrefix(aboutCodes, "Exit codes: ")))
	fmt.Fprintf(&b, ".SH FILES\n.TP\n.I /etc/camwarden/camwarden.toml\nthe configuration\n.TP\n.I /var/lib/camwarden\nthe state of the service: reports that wait, what is remembered, the last status (status.json) and the last report as a page (report.html)\n")
	fmt.Fprintf(&b, ".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nif set, nothing is coloured\n"+
		".TP\n.B CREDENTIALS_DIRECTORY\nwhere systemd hands over secrets that the configuration names\n"+
		".TP\n.B HTTPS_PROXY, NO_PROXY\nthe way to the endpoint, where the configuration names no proxy\n")
	_, err := io.WriteString(std.out, b.String())
	return err
}

// defaultText says what a flag is where it is not given.
func defaultText(f *flag.Flag) string {
	if f.DefValue == "" || f.DefValue == "false" || f.DefValue == "0" || f.DefValue == "[]" {
		return ""
	}
	return " (default " + f.DefValue + ")"
}

// roff makes a text mean itself.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	return text
}

package config

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// A NewSwitch is one that is to be added to a configuration.
type NewSwitch struct {
	Address     Address
	Credentials []string // names of tables [credentials.NAME]; at least one
	Name        string   // what it calls itself; may be empty
	Found       string   // how, such as "LLDP neighbour of sw00 port Gi0/24"; empty where somebody named it
}

// AddSwitches writes switches into the text of a configuration: a
// [[switch]] for each behind all that is there, which stays as it is to the
// last octet. An address that is in the text already is left out, so that a
// second time changes nothing. The answer is the text itself where nothing is
// to be added. The error says what is wrong with the text, or with a
// switch; it repeats nothing of the text, which may hold secrets.
func AddSwitches(text []byte, list []NewSwitch) ([]byte, error) {
	here, err := addresses(text)
	if err != nil {
		return nil, err
	}
	end := "\n"
	if bytes.Contains(text, []byte("\r\n")) {
		end = "\r\n"
	}
	var more strings.Builder
	for _, f := range list {
		if err := f.Address.normalise(); err != nil {
			return nil, fmt.Errorf("add the switch %q: %w", f.Address.Host, err)
		}
		if here[f.Address] {
			continue
		}
		here[f.Address] = true
		section, err := f.section()
		if err != nil {
			return nil, err
		}
		more.WriteString(end + strings.ReplaceAll(section, "\n", end))
	}
	if more.Len() == 0 {
		return text, nil
	}
	whole := bytes.Clone(text)
	if len(whole) > 0 && !bytes.HasSuffix(whole, []byte("\n")) {
		whole = append(whole, end...)
	}
	whole = append(whole, more.String()...)
	if _, err := addresses(whole); err != nil {
		return nil, errors.New("switch: this is a list in one piece, to which nothing can be added: write each switch under a [[switch]] of its own")
	}
	return whole, nil
}

// addresses are those of the switches in a configuration. One that is not
// right is none: it is told when the configuration is loaded.
func addresses(text []byte) (map[Address]bool, error) {
	var values struct {
		Switches []struct {
			Address any `toml:"address"`
		} `toml:"switch"`
	}
	if _, err := toml.Decode(string(text), &values); err != nil {
		root, _ := places(text) // where it is no TOML there is an answer too
		return nil, &Error{Mistakes: []Mistake{syntaxMistake("the configuration", text, root, err)}}
	}
	here := make(map[Address]bool)
	for _, s := range values.Switches {
		written, _ := s.Address.(string)
		if a, err := ParseAddress(written); err == nil {
			here[a] = true
		}
	}
	return here, nil
}

// section is what is written of a switch. Its own words go into a comment,
// where they can do nothing: they came off the network.
func (f NewSwitch) section() (string, error) {
	if len(f.Credentials) == 0 {
		return "", fmt.Errorf("add the switch %s: it has no credentials", f.Address)
	}
	names := make([]string, len(f.Credentials))
	for i, name := range f.Credentials {
		if !isBare(name) {
			return "", fmt.Errorf("add the switch %s: its credentials have no name that a table [credentials.NAME] can have", f.Address)
		}
		names[i] = `"` + name + `"`
	}
	address := f.Address.Host
	if f.Address.Port != snmpPort {
		address = f.Address.String()
	}
	comment := ""
	if f.Found != "" {
		comment = "# Found: " + f.Found
		if f.Name != "" {
			comment += "; it calls itself " + f.Name
		}
		comment = lan.CleanString(comment) + "\n"
	}
	return fmt.Sprintf("%s[[switch]]\naddress = %q\ncredentials = [%s]\n", comment, address, strings.Join(names, ", ")), nil
}

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/config"
	"github.com/camwarden/camwarden/agent/internal/snmp"
)

// texts is a flag that may be given several times.
type texts []string

func (t *texts) String() string { return strings.Join(*t, " ") }

func (t *texts) Set(value string) error {
	*t = append(*t, value)
	return nil
}

// accessFlags are the flags that say with what to reach a switch.
type accessFlags struct {
	config, state               string
	communities, communityFiles texts

	editions editions // those that the configuration was held against
}

func (f *accessFlags) define(flags *flag.FlagSet) {
	flags.StringVar(&f.config, "config", "", "read the configuration from `FILE`")
	flags.StringVar(&f.state, "state", defaultState(), "the service's state folder is `DIR`: how it reached each switch last is read there, if it may be; nothing is written")
	flags.Var(&f.communities, "community", "ask with the community `NAME`, v2c before v1 (repeatable; public)")
	flags.Var(&f.communityFiles, "community-file", "read the community from `FILE`, or from standard input when it is - (repeatable)")
}

// loadConfig reads the configuration. The standard one may be missing, unless
// it was asked for by name; it may be wrong as well when it can be done
// without, but that is said.
func (f *accessFlags) loadConfig(dispensable bool, log io.Writer) (*config.Config, error) {
	path := f.config
	if path == "" {
		path = defaultConfig()
	}
	var err error
	if f.editions, err = currentEditions(path, f.state); err != nil {
		return nil, err
	}
	c, err := config.Load(path, f.editions.options())
	switch {
	case err == nil:
		return c, nil
	case f.config == "" && errors.Is(err, fs.ErrNotExist):
		return config.Default(), nil
	case f.config == "" && dispensable:
		fmt.Fprintf(log, "camwarden: %v\ncamwarden: so nothing of that configuration is used, neither its lists nor what it says of the site\n", err)
		return config.Default(), nil
	default:
		return nil, exit{exitUsage, err}
	}
}

// communityCredentials are those of the flags; none when no community is
// given.
func (f *accessFlags) communityCredentials(in io.Reader) ([]snmp.Credential, error) {
	communities := append([]string(nil), f.communities...)
	for _, path := range f.communityFiles {
		community, err := readCommunity(path, in)
		if err != nil {
			return nil, err
		}
		communities = append(communities, community)
	}
	return offer(communities), nil
}

// credentialsFor are the given ones, or else those that the configuration has
// for this very switch, or else the community that switches come with. No
// other switch's credentials are offered: that would give them away.
func credentialsFor(address config.Address, given []snmp.Credential, c *config.Config) []snmp.Credential {
	if len(given) > 0 {
		return given
	}
	for _, s := range c.Switches {
		if s.Address == address {
			return credentials(s.Credentials)
		}
	}
	return offer([]string{"public"})
}

// offer tries each community in v2c, then in v1.
func offer(communities []string) []snmp.Credential {
	var list []snmp.Credential
	for _, version := range []snmp.Version{snmp.V2c, snmp.V1} {
		for i, community := range communities {
			name := "the given community"
			if len(communities) > 1 {
				name = fmt.Sprintf("community %d of %d", i+1, len(communities))
			}
			list = append(list, snmp.Credential{Name: name, Version: version, Community: community})
		}
	}
	return list
}

func readCommunity(path string, in io.Reader) (string, error) {
	name, read := path, readSecret
	if path == "-" {
		name, read = "standard input", func(name string) (string, error) { return readAtMost(name, in, maxSecret) }
	}
	text, err := read(name)
	if err != nil {
		return "", usageError("-community-file: %w", err)
	}
	community := strings.TrimRight(text, "\r\n")
	if community == "" || strings.ContainsAny(community, "\r\n") {
		return "", usageError("-community-file: %s must hold one line, the community", name)
	}
	return community, nil
}

// readSecret reads a file of one secret that a flag names, and that others may
// neither read nor write.
func readSecret(path string) (string, error) { return readPrivate(path, maxSecret) }

// readSecrets reads such a file of many, or of long ones.
func readSecrets(path string) (string, error) { return readPrivate(path, 1<<20) }

const maxSecret = 4096 // bytes

func readPrivate(path string, most int64) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close() // it was only read
	info, err := file.Stat()
	if err == nil {
		err = config.Private(path, info)
	}
	if err != nil {
		return "", err
	}
	return readAtMost(path, file, most)
}

func readAtMost(name string, in io.Reader, most int64) (string, error) {
	text, err := io.ReadAll(io.LimitReader(in, most+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("read %s: %w", name, err)
	case int64(len(text)) > most:
		return "", fmt.Errorf("%s is longer than %d bytes: that is no such secret", name, most)
	default:
		return string(text), nil
	}
}

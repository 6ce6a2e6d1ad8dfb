package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"
)

// runCompletion prints what a shell needs to complete commands and flags.
func runCompletion(_ context.Context, args []string, std stdio) error {
	flags := flag.NewFlagSet("completion", flag.ContinueOnError)
	if err := parseFlags(flags, args, std, true); err != nil {
		return err
	}
	write := map[string]func() string{"bash": bashCompletion, "zsh": zshCompletion, "powershell": powershellCompletion}[flags.Arg(0)]
	if write == nil || flags.NArg() != 1 {
		return usageError("completion: name one shell: bash, zsh or powershell")
	}
	_, err := io.WriteString(std.out, write())
	return err
}

// flagNames are the flags of a command as they are written.
func (m *manual) flagNames() string {
	names := make([]string, len(m.flags))
	for i, f := range m.flags {
		names[i] = "-" + f.Name
	}
	return strings.Join(names, " ")
}

func commandNames(all []manual) string {
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].name
	}
	return strings.Join(names, " ")
}

func bashCompletion() string {
	all := manuals()
	var b strings.Builder
	fmt.Fprintf(&b, `# camwarden in bash: source <(camwarden completion bash)
_camwarden() {
  local word=${COMP_WORDS[COMP_CWORD]} flags=
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "help %s" -- "$word"))
    return
  fi
  case ${COMP_WORDS[1]} in
`, commandNames(all))
	for i := range all {
		if len(all[i].flags) > 0 {
			fmt.Fprintf(&b, "    %s) flags=\"%s\" ;;\n", all[i].name, all[i].flagNames())
		} else if words := all[i].choices(); words != nil {
			fmt.Fprintf(&b, "    %s) COMPREPLY=($(compgen -W \"%s\" -- \"$word\")); return ;;\n", all[i].name, strings.Join(words, " "))
		}
	}
	b.WriteString(`  esac
  case $word in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$word")) ;;
    *) COMPREPLY=($(compgen -f -- "$word")) ;;
  esac
}
complete -o filenames -F _camwarden camwarden
`)
	return b.String()
}

func zshCompletion() string {
	var b strings.Builder
	b.WriteString("#compdef camwarden\n# camwarden in zsh: source <(camwarden completion zsh)\n_camwarden() {\n  local -a commands\n  commands=(\n")
	all := manuals()
	for i := range all {
		fmt.Fprintf(&b, "    %s\n", quoted(all[i].name+":"+all[i].summary))
	}
	b.WriteString("  )\n  if (( CURRENT == 2 )); then\n    _describe command commands\n    return\n  fi\n  local command=$words[2]\n  shift words\n  (( CURRENT-- ))\n  case $command in\n")
	for i := range all {
		m := &all[i]
		fmt.Fprintf(&b, "    %s) _arguments", m.name)
		for _, f := range m.flags {
			value, text := flag.UnquoteUsage(f)
			spec := "*-" + f.Name + "[" + strings.NewReplacer("[", `\[`, "]", `\]`, ":", `\:`).Replace(text) + "]"
			switch {
			case strings.Contains(value, "FILE"):
				spec += ":" + value + ":_files"
			case strings.Contains(value, "DIR"):
				spec += ":" + value + ":_files -/"
			case value != "":
				spec += ":" + strings.NewReplacer("[", "", "]", "", ":", " ").Replace(value) + ":"
			}
			b.WriteString(" \\\n      " + quoted(spec))
		}
		if words := m.choices(); words != nil {
			b.WriteString(" '1:word:(" + strings.Join(words, " ") + ")'")
		} else if m.arguments != "" {
			b.WriteString(" '*:" + m.arguments + ":'")
		}
		b.WriteString(" ;;\n")
	}
	b.WriteString("  esac\n}\nif [ \"$funcstack[1]\" = _camwarden ]; then\n  _camwarden \"$@\"\nelse\n  compdef _camwarden camwarden\nfi\n")
	return b.String()
}

// quoted is a text as a word of a shell.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

func powershellCompletion() string {
	var b strings.Builder
	b.WriteString("# camwarden in PowerShell: camwarden completion powershell | Out-String | Invoke-Expression\n")
	b.WriteString("Register-ArgumentCompleter -Native -CommandName camwarden -ScriptBlock {\n  param($word, $line, $position)\n  $commands = [ordered]@{\n")
	all := manuals()
	for i := range all {
		fmt.Fprintf(&b, "    %s = @(", powershellText(all[i].name))
		words := all[i].choices()
		for _, f := range all[i].flags {
			words = append(words, "-"+f.Name)
		}
		for j, word := range words {
			if j > 0 {
				b.WriteString(", ")
			}
			b.WriteString(powershellText(word))
		}
		b.WriteString(")\n")
	}
	b.WriteString(`  }
  $words = @($line.CommandElements | ForEach-Object { $_.ToString() })
  if ($words.Count -lt 2 -or ($words.Count -eq 2 -and $word -ne '')) { $found = $commands.Keys }
  else { $found = $commands[$words[1]] }
  $found | Where-Object { $_ -like "$word*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
}
`)
	return b.String()
}

func powershellText(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

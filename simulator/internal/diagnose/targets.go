package diagnose

import (
	"cmp"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// String is the target as an address.
func (t Target) String() string {
	if t.Port == 0 {
		return t.Host
	}
	return net.JoinHostPort(t.Host, strconv.Itoa(int(t.Port)))
}

// maxTargets is how many addresses of one container are looked at.
const maxTargets = 4

// letters are in every name, and a dot in every address: "12:30" is neither.
const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

var (
	hostPort = regexp.MustCompile(`^(?:[a-z][a-z0-9+.-]*://)?(?:[^@/\s]*@)?([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?):(\d{1,5})(?:[/?].*)?$`)
	urlHost  = regexp.MustCompile(`^(https?)://(?:[^@/\s]*@)?([A-Za-z0-9][A-Za-z0-9.-]*)(?:[/?].*)?$`)
	devTCP   = regexp.MustCompile(`/dev/(?:tcp|udp)/([A-Za-z0-9.-]+)/(\d+)`)
	hostName = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$`)
	varRef   = regexp.MustCompile(`\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?|\$\(([A-Za-z_][A-Za-z0-9_]*)\)`)
	breaks   = regexp.MustCompile(`[;|&()\n{}]|\$\(|` + "`")
)

// waitsFor reads from a container's command, with its plain variables filled
// in, which addresses it tries.
func waitsFor(u *unit) []Target {
	var out []Target
	add := func(host, port string) {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil && port != "" || !strings.ContainsAny(host, letters+".:") || len(out) >= maxTargets {
			return
		}
		if t := (Target{host, uint16(n)}); !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	for _, words := range commandsOf(u) {
		command(words, add)
	}
	return out
}

// commandsOf are the simple commands of a container: its argument list, or what
// a shell's script is made of.
func commandsOf(u *unit) [][]string {
	argv := u.argv()
	values := map[string]string{}
	for _, e := range u.spec.Env {
		if e.ValueFrom == nil {
			values[e.Name] = e.Value
		}
	}
	fill := func(s string) string {
		return varRef.ReplaceAllStringFunc(s, func(ref string) string {
			if value, ok := values[strings.Trim(ref, "${}()")]; ok {
				return value
			}
			return ref
		})
	}
	var out [][]string
	whole := true
	for _, arg := range argv {
		arg = fill(arg)
		if !strings.ContainsAny(arg, " \n\t") {
			continue
		}
		whole = false
		for _, part := range breaks.Split(arg, -1) {
			out = append(out, strings.FieldsFunc(part, func(r rune) bool { return strings.ContainsRune(" \t\r\"'", r) }))
		}
	}
	if whole {
		words := make([]string, len(argv))
		for i, arg := range argv {
			words[i] = fill(arg)
		}
		out = append(out, words)
	}
	return out
}

// command finds the address in one command.
func command(words []string, add func(host, port string)) {
	for _, word := range words {
		if m := devTCP.FindStringSubmatch(word); m != nil {
			add(m[1], m[2])
		} else if m := hostPort.FindStringSubmatch(word); m != nil {
			add(m[1], m[2])
		} else if m := urlHost.FindStringSubmatch(word); m != nil {
			add(m[2], map[string]string{"http": "80", "https": "443"}[m[1]])
		}
	}
	for i, word := range words {
		rest := words[i+1:]
		switch program(word) {
		case "nc", "ncat", "netcat", "telnet":
			if host, port := twoOperands(rest); hostName.MatchString(host) {
				add(host, port)
			}
		case "nslookup", "host", "dig", "ping", "getent":
			if name := lastName(rest); name != "" {
				add(name, "")
			}
		case "pg_isready", "psql":
			add(option(rest, "-h", "--host"), cmp.Or(option(rest, "-p", "--port"), "5432"))
		case "mysqladmin", "mysql", "mariadb", "mariadb-admin":
			add(option(rest, "-h", "--host"), cmp.Or(option(rest, "-P", "--port"), "3306"))
		case "redis-cli", "valkey-cli":
			add(option(rest, "-h"), cmp.Or(option(rest, "-p"), "6379"))
		default:
			continue
		}
		return
	}
}

// program is a command's name without its directory.
func program(word string) string { return word[strings.LastIndexByte(word, '/')+1:] }

// twoOperands are host and port of a nc: what is no flag and no flag's value.
func twoOperands(words []string) (host, port string) {
	var operands []string
	for i := 0; i < len(words); i++ {
		word := words[i]
		switch {
		case word == "-l" || strings.HasPrefix(word, "-") && strings.Contains(word, "l"):
			return "", "" // it listens itself
		case strings.HasPrefix(word, "-"):
			if strings.ContainsAny(word[len(word)-1:], "wipseqIOTxXW") && len(word) > 1 {
				i++
			}
		case strings.ContainsAny(word, "<>"):
		default:
			operands = append(operands, word)
		}
	}
	if len(operands) < 2 {
		return "", ""
	}
	if _, err := strconv.ParseUint(operands[1], 10, 16); err != nil {
		return "", ""
	}
	return operands[0], operands[1]
}

// lastName is the name that a look-up asks for.
func lastName(words []string) string {
	for _, word := range words {
		switch {
		case strings.HasPrefix(word, "-"), word == "hosts", word == "ahosts":
		case strings.ContainsAny(word, "<>$"):
			return ""
		case hostName.MatchString(word) && strings.ContainsAny(word, letters):
			return word
		}
	}
	return ""
}

// option is the value of a flag: "-h db", "-hdb" or "--host=db".
func option(words []string, names ...string) string {
	for i, word := range words {
		for _, name := range names {
			value := ""
			switch {
			case word == name && i+1 < len(words):
				value = words[i+1]
			case strings.HasPrefix(word, name+"="):
				value = word[len(name)+1:]
			case len(name) == 2 && strings.HasPrefix(word, name) && len(word) > 2:
				value = word[2:]
			default:
				continue
			}
			if hostName.MatchString(value) {
				return value
			}
		}
	}
	return ""
}

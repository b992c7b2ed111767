package diagnose

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// inUse are the words of programs that could not bind.
var inUse = regexp.MustCompile(`(?i)address (is )?already in use|EADDRINUSE|address in use|port \d+ is (already )?(in use|allocated|taken)|only one usage of each socket`)

// portText finds the port in such a line: after an address, a colon or the word.
var portText = regexp.MustCompile(`(?i)(?:\bport[ =:]+|:|\*:)(\d{2,5})\b`)

// saysInUse finds the line that tells of a port in use, and the port if it is in it.
func saysInUse(lines []string) (line string, port uint16) {
	for i := len(lines) - 1; i >= 0; i-- {
		if !inUse.MatchString(lines[i]) {
			continue
		}
		line = lines[i]
		// Times of the log are before the complaint: the last number is the port.
		for _, m := range portText.FindAllStringSubmatch(line, -1) {
			if n, err := strconv.ParseUint(m[1], 10, 16); err == nil && n > 0 {
				port = uint16(n)
			}
		}
		return line, port
	}
	return "", 0
}

// portConflicts finds containers that could not listen since another one does.
func (v *view) portConflicts() {
	for _, u := range v.open() {
		line, port := saysInUse(u.lines())
		if line == "" || u.failed() == nil && u.well() {
			continue
		}
		if _, held := v.holders(u, port); u.runs() && v.SocketsSeen && len(held) == 0 {
			continue // an earlier run said so, and the port is free by now
		}
		v.add(v.conflict(u, port))
	}
}

// conflict is the finding for a container that said that its port is in use.
func (v *view) conflict(u *unit, said uint16) Finding {
	f := u.finding(CausePortConflict)
	if end := u.end(); end != "" {
		f.Details = append(f.Details, u.title()+" "+end)
	}
	port, holders := v.holders(u, said)
	where := "its port"
	if port != 0 {
		where = fmt.Sprintf("port %d", port)
		f.Fix = fmt.Sprintf("give %q another port, or remove one of the two: the containers of a pod share one network", u.name())
	}
	switch {
	case len(holders) > 0:
		f.Summary = fmt.Sprintf("%s cannot listen on %s: %s already does", u.title(), where, holders[0].holder())
	case port != 0:
		if other := v.declarer(u, port); other != "" {
			f.Summary = fmt.Sprintf("%s cannot listen on %s: it is in use, probably by container %q, which declares it too", u.title(), where, other)
			break
		}
		fallthrough
	default:
		f.Summary = fmt.Sprintf("%s cannot listen on %s: the address is already in use", u.title(), where)
		if v.SocketsSeen {
			f.Details = append(f.Details, "listening now: "+v.everybody())
		}
	}
	return f
}

// holders are the sockets of others on the port that u wanted: the one it said,
// else one that it declares, else one that stands in its command.
func (v *view) holders(u *unit, said uint16) (uint16, []Socket) {
	candidates := []uint16{said}
	if said == 0 {
		candidates = wantedPorts(u)
	}
	for _, port := range candidates {
		if held := v.heldByOthers(u, port); len(held) > 0 {
			return port, held
		}
	}
	if said == 0 && len(u.spec.Ports) == 1 {
		return uint16(u.spec.Ports[0].ContainerPort), nil
	}
	if said == 0 {
		for _, port := range candidates {
			if v.declarer(u, port) != "" {
				return port, nil
			}
		}
	}
	return said, nil
}

func (v *view) heldByOthers(u *unit, port uint16) []Socket {
	var out []Socket
	for _, s := range v.Sockets {
		if s.Port == port && port != 0 && s.Container != u.name() && (v.WithHolders || s.Container != "") {
			out = append(out, s)
		}
	}
	return out
}

var number = regexp.MustCompile(`\b\d{2,5}\b`)

// wantedPorts are the ports that a container declares, and then the numbers of
// its command that may be ports.
func wantedPorts(u *unit) []uint16 {
	var out []uint16
	for _, p := range u.spec.Ports {
		out = append(out, uint16(p.ContainerPort))
	}
	words := u.argv()
	for _, e := range u.spec.Env {
		if strings.Contains(strings.ToUpper(e.Name), "PORT") || strings.Contains(strings.ToUpper(e.Name), "ADDR") {
			words = append(words, e.Value)
		}
	}
	for _, word := range words {
		for _, text := range number.FindAllString(word, -1) {
			if n, err := strconv.ParseUint(text, 10, 16); err == nil && n > 0 && !slices.Contains(out, uint16(n)) {
				out = append(out, uint16(n))
			}
		}
	}
	return out
}

// declarer is another container that runs beside u and declares the port.
func (v *view) declarer(u *unit, port uint16) string {
	for i := range v.units {
		other := &v.units[i]
		if other.name() == u.name() || other.init {
			continue
		}
		for _, p := range other.spec.Ports {
			if uint16(p.ContainerPort) == port {
				return other.name()
			}
		}
	}
	return ""
}

// portSuspects finds containers that end badly without saying why, and declare
// a port on which another one listens.
func (v *view) portSuspects() {
	for _, u := range v.open() {
		if u.failed() == nil || u.init || u.runs() && u.well() {
			continue
		}
		for _, p := range u.spec.Ports {
			held := v.heldByOthers(u, uint16(p.ContainerPort))
			if len(held) == 0 || held[0].Protocol != protocolOf(p) {
				continue
			}
			v.add(Finding{
				Cause: CausePortConflict, Container: u.name(),
				Summary: fmt.Sprintf("%s may have found its port %d taken: %s listens on it", u.title(), p.ContainerPort, held[0].holder()),
				Details: []string{u.title() + " " + u.end()},
				Log:     shown(u.lines()),
				Fix:     fmt.Sprintf("give %q another port, or remove one of the two: the containers of a pod share one network", u.name()),
			})
			break
		}
	}
}

// everybody lists who listens where on TCP.
func (v *view) everybody() string {
	var out []string
	for _, s := range v.Sockets {
		if s.Protocol == "tcp" {
			out = append(out, s.holder())
		}
	}
	if len(out) == 0 {
		return "nobody"
	}
	return join(out, "and")
}

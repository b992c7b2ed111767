package diagnose

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"
)

// The notes of a Listening.
const (
	NoteLoopback    = "loopback only"
	NoteNobody      = "declared, nobody listens"
	NotePodIP       = "not on localhost"
	NoteOther       = "declared by container "
	NoteClient      = "may be a client's own port"
	NoteNotDeclared = "not declared"
)

// Listening is a line of the table of who listens where: a socket, or a port
// that is declared and on which nobody listens.
type Listening struct {
	Container string     `json:"container"`
	Process   string     `json:"process,omitempty"`
	PID       int        `json:"pid,omitempty"`
	Protocol  string     `json:"protocol"`
	Address   netip.Addr `json:"address,omitzero"`
	Port      uint16     `json:"port"`
	// Name is that of the declared port; Declared says that there is one.
	Name     string `json:"name,omitempty"`
	Declared bool   `json:"declared"`
	Note     string `json:"note,omitempty"`
}

// clientPorts is where the kernel begins to hand out ports to clients.
const clientPorts = 32768

// Listenings lays out who listens where in a pod, in the order of the spec.
func Listenings(pod *v1.Pod, sockets []Socket, holders bool) []Listening {
	v := newView(Facts{Pod: pod, Sockets: sockets, SocketsSeen: true, WithHolders: holders})
	order := map[string]int{"": len(v.units)}
	for i := range v.units {
		order[v.units[i].name()] = i
	}
	var out []Listening
	for _, s := range sockets {
		out = append(out, v.listening(s))
	}
	for i := range v.units {
		u := &v.units[i]
		if u.init && !u.runs() {
			continue
		}
		for _, p := range u.spec.Ports {
			if len(v.on(protocolOf(p), uint16(p.ContainerPort))) == 0 {
				out = append(out, Listening{
					Container: u.name(), Protocol: protocolOf(p), Port: uint16(p.ContainerPort),
					Name: p.Name, Declared: true, Note: NoteNobody,
				})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Listening) int {
		return cmp.Or(cmp.Compare(order[a.Container], order[b.Container]), cmp.Compare(a.Port, b.Port),
			strings.Compare(a.Protocol, b.Protocol), a.Address.Compare(b.Address))
	})
	return out
}

func (v *view) listening(s Socket) Listening {
	l := Listening{Container: s.Container, Process: s.Process, PID: s.PID, Protocol: s.Protocol, Address: s.Address, Port: s.Port}
	other := ""
	for i := range v.units {
		for _, p := range v.units[i].spec.Ports {
			if uint16(p.ContainerPort) != s.Port || protocolOf(p) != s.Protocol {
				continue
			}
			if v.units[i].name() == s.Container || s.Container == "" {
				l.Declared, l.Name = true, p.Name
			} else {
				other = v.units[i].name()
			}
		}
	}
	switch {
	case s.Address.IsLoopback():
		l.Note = NoteLoopback
	case !v.inside(s):
		l.Note = NotePodIP
	case !l.Declared && other != "":
		l.Note = NoteOther + other
	case !l.Declared && s.Protocol == "udp" && s.Port >= clientPorts:
		l.Note = NoteClient
	case !l.Declared:
		l.Note = NoteNotDeclared
	}
	return l
}

// unreachable notes ports of a ready pod that are declared and that nobody
// reaches.
func (v *view) unreachable() {
	if !v.SocketsSeen || !v.ready() || v.over() {
		return
	}
	for i := range v.units {
		u := &v.units[i]
		if !u.runs() {
			continue
		}
		for _, p := range u.spec.Ports {
			v.unreachablePort(u, p)
		}
	}
}

func (v *view) unreachablePort(u *unit, p v1.ContainerPort) {
	there := v.on(protocolOf(p), uint16(p.ContainerPort))
	f := Finding{Container: u.name(), Note: true}
	switch {
	case len(there) == 0:
		f.Cause = CauseNobody
		f.Summary = fmt.Sprintf("%s declares port %d, and nobody listens on it", u.title(), p.ContainerPort)
		if own := v.of(u.name()); len(own) > 0 {
			f.Details = append(f.Details, "it listens on "+endpoints(own))
		}
	case protocolOf(p) == "tcp" && !slices.ContainsFunc(there, v.outside):
		f.Cause = CauseLoopback
		f.Summary = fmt.Sprintf("%s declares port %d, and %s listens on %s only: nobody outside the pod reaches it", u.title(), p.ContainerPort, whose(there[0], u), there[0].Address)
		f.Fix = fmt.Sprintf("let it listen on 0.0.0.0:%d, unless only containers of the pod are to reach it", p.ContainerPort)
	case there[0].Container != "" && there[0].Container != u.name() && declares(u.spec, there[0].Protocol, there[0].Port):
		f.Cause = CausePortConflict
		f.Summary = fmt.Sprintf("%s declares port %d, on which %s listens", u.title(), p.ContainerPort, there[0].holder())
	default:
		return
	}
	v.add(f)
}

package reference

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// normaliser takes out of texts what differs between any two runs, or belongs
// to the machine or to the container runtime.
type normaliser struct {
	// addresses of the pod and its node, longest first; service is the
	// cluster's own range.
	own     []string
	service string
	dns     string
	node    string
	// domains are the search domains of the node itself.
	domains []string
	// namespaces numbers the kernel's namespaces as they turn up, so that a
	// shared one is seen as shared.
	namespaces map[string]string
	kinds      map[string]int
}

func newNormaliser() *normaliser {
	return &normaliser{namespaces: map[string]string{}, kinds: map[string]int{}}
}

var (
	uid        = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	hexID      = regexp.MustCompile(`\b[0-9a-f]{64}\b`)
	runtimeID  = regexp.MustCompile(`\b(containerd|docker|fake)://`)
	rfc3339    = regexp.MustCompile(`\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`)
	longDate   = regexp.MustCompile(`\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} [\d:]+ \+0000`)
	dataDir    = regexp.MustCompile(`\.\.\d{4}_\d\d_\d\d_\d\d_\d\d_\d\d\.\d+`)
	tokenName  = regexp.MustCompile(`kube-api-access-[a-z0-9]{5}`)
	uptime     = regexp.MustCompile(`\b\d+\.\d\d \d+\.\d\d\b`)
	epoch      = regexp.MustCompile(`\b1[789]\d{8}\b`)
	age        = regexp.MustCompile(`(\(?\b(\d+[dhms])+ ago\)?|\b(\d+[dhms]){1,3})\b?`)
	namespace  = regexp.MustCompile(`\b(ipc|net|pid|uts|mnt|user|cgroup):\[\d+\]`)
	generated  = regexp.MustCompile(`\bgen-[a-z0-9]{5}\b`)
	runtimeErr = regexp.MustCompile(`failed to (create containerd task|create task for container|create shim task|start container "[^"]*")(: failed to create shim task)?: `)
	execErr    = regexp.MustCompile(`failed to exec in container: (failed to start exec "<id>": )?|error executing command in container: `)
	interface_ = regexp.MustCompile(`\beth0@if\d+\b`)
)

// line normalises one line, whatever it is part of.
func (n *normaliser) line(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	for _, ip := range n.own {
		s = strings.ReplaceAll(s, ip, "<ip>")
	}
	if n.dns != "" {
		s = strings.ReplaceAll(s, n.dns, "<dns>")
	}
	if n.service != "" {
		s = strings.ReplaceAll(s, n.service, "<service>")
	}
	if n.node != "" {
		s = regexp.MustCompile(`\b`+regexp.QuoteMeta(n.node)+`\b`).ReplaceAllString(s, "<node>")
	}
	s = uid.ReplaceAllString(s, "<uid>")
	s = hexID.ReplaceAllString(s, "<id>")
	s = runtimeID.ReplaceAllString(s, "<runtime>://")
	s = rfc3339.ReplaceAllString(s, "<time>")
	s = longDate.ReplaceAllString(s, "<time>")
	s = dataDir.ReplaceAllString(s, "..<time>")
	s = tokenName.ReplaceAllString(s, "kube-api-access-<random>")
	s = generated.ReplaceAllString(s, "gen-<random>")
	s = uptime.ReplaceAllString(s, "<uptime>")
	s = epoch.ReplaceAllString(s, "<epoch>")
	s = interface_.ReplaceAllString(s, "eth0")
	s = namespace.ReplaceAllStringFunc(s, n.namespaceNumber)
	s = runtimeErr.ReplaceAllString(s, "")
	return execErr.ReplaceAllString(s, "")
}

func (n *normaliser) namespaceNumber(s string) string {
	if _, ok := n.namespaces[s]; !ok {
		kind, _, _ := strings.Cut(s, ":")
		n.kinds[kind]++
		n.namespaces[s] = fmt.Sprintf("%s:%d", kind, n.kinds[kind])
	}
	return n.namespaces[s]
}

// startError has the runtime's own words, cut where the recording ended.
var startError = regexp.MustCompile(`(?s)(T\(StartError exit=128) msg=.*\)`)

// states normalises the texts within states.
func (n *normaliser) states(states []State) []State {
	var all []State
	for _, s := range states {
		t := State{Pod: s.Pod, At: s.At, Phase: n.line(s.Phase), Conditions: s.Conditions, Containers: map[string]ContainerState{}}
		for name, c := range s.Containers {
			c.Text, c.Last = startError.ReplaceAllString(n.line(c.Text), "$1)"), startError.ReplaceAllString(n.line(c.Last), "$1)")
			t.Containers[name] = c
		}
		all = append(all, t)
	}
	return all
}

// text normalises the output of a command in a container.
func (n *normaliser) text(s string) []string {
	var lines []string
	for _, line := range strings.Split(strings.TrimRight(s, "\n"), "\n") {
		line, keep := shape(line)
		if keep {
			lines = append(lines, n.line(line))
		}
	}
	sortMounts(lines)
	return n.resolver(lines)
}

// resolver makes the cluster's name server and the node's own search domains
// equal: each machine has its own.
func (n *normaliser) resolver(lines []string) []string {
	var all []string
	for _, line := range lines {
		if domains, ok := strings.CutPrefix(line, "search "); ok {
			kept := slices.DeleteFunc(strings.Fields(domains), func(d string) bool { return slices.Contains(n.domains, d) })
			line = "search " + strings.Join(kept, " ")
		}
		all = append(all, line)
	}
	return all
}

// table normalises what kubectl prints: ages, and the width of columns.
func (n *normaliser) table(s string) []string {
	var lines []string
	for _, line := range strings.Split(strings.TrimRight(s, "\n"), "\n") {
		line = age.ReplaceAllString(n.line(line), "<age>")
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	return lines
}

package reference

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
)

// pair is the two sides of one comparison.
type pair struct {
	c               Case
	kubelet, podsim *normaliser
}

// Compare tells every difference between the kubelet's run and podsim's.
func Compare(c Case, kubelet, podsim Recording) []Difference {
	p := &pair{c: c, kubelet: kubeletNormaliser(kubelet), podsim: podsimNormaliser(podsim)}
	var all []Difference
	all = append(all, p.compareOutput("create", kubelet.Create, podsim.Create)...)
	all = append(all, compareStates(p.kubelet.states(kubelet.States), p.podsim.states(podsim.States))...)
	all = append(all, p.compareObjects("status", kubelet.Status, podsim.Objects)...)
	all = append(all, p.compareObjects("final", kubelet.Final, deleted(podsim.Objects))...)
	all = append(all, p.compareEvents(kubelet.Events, podsim.Events)...)
	all = append(all, compareRows(kubelet.Rows, podsim.Rows)...)
	all = append(all, p.compareLogs(kubelet.Logs, podsim.Logs)...)
	for _, key := range keysOf(kubelet.Outputs) {
		k, s := kubelet.Outputs[key], podsim.Outputs[key]
		if isObject(k.Stdout) && isObject(s.Stdout) {
			all = append(all, p.compareJSON(key, k.Stdout, s.Stdout, podsim.Objects)...)
			continue
		}
		if p.rowWasShown(k, s, podsim.Rows) {
			continue
		}
		all = append(all, p.compareOutput(key, k, s)...)
	}
	return all
}

func keysOf[V any](m map[string]V) []string {
	var keys []string
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// kubeletNormaliser knows the network of the recordings.
func kubeletNormaliser(r Recording) *normaliser {
	n := newNormaliser()
	n.own = append(addresses(r.Status), "10.88.0.1")
	n.service, n.dns, n.node = "10.89.0.1", "10.89.0.10", "refnode"
	n.domains = []string{"ref.test"}
	return n
}

var (
	serviceEnv = regexp.MustCompile(`(?m)^KUBERNETES_SERVICE_HOST=(\S+)$`)
	nameserver = regexp.MustCompile(`(?m)^nameserver (\S+)$`)
)

// podsimNormaliser learns podsim's network from what it shows of itself.
func podsimNormaliser(r Recording) *normaliser {
	n := newNormaliser()
	n.own, n.domains = addresses(r.Status), hostDomains()
	if spec, ok := r.Status["spec"].(map[string]any); ok {
		n.node, _ = spec["nodeName"].(string)
	}
	texts := slices.Collect(maps.Values(r.Logs))
	for _, out := range r.Outputs {
		texts = append(texts, out.Stdout)
	}
	for _, text := range texts {
		if m := serviceEnv.FindStringSubmatch(text); m != nil {
			n.service = m[1]
		}
		if m := nameserver.FindStringSubmatch(text); m != nil && strings.Contains(text, "cluster.local") {
			n.dns = m[1]
		}
	}
	return n
}

// addresses are the pod's and its node's, the longest first.
func addresses(pod map[string]any) []string {
	status, _ := pod["status"].(map[string]any)
	var all []string
	for _, key := range []string{"podIP", "hostIP"} {
		if ip, ok := status[key].(string); ok && ip != "" {
			all = append(all, ip)
		}
	}
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	return all
}

func hostDomains() []string {
	text, err := os.ReadFile("/etc/resolv.conf")
	if err != nil {
		return nil
	}
	for _, line := range strings.Split(string(text), "\n") {
		if domains, ok := strings.CutPrefix(line, "search "); ok {
			return strings.Fields(domains)
		}
	}
	return nil
}

func deleted(objects []map[string]any) []map[string]any {
	return slices.DeleteFunc(slices.Clone(objects), func(o map[string]any) bool {
		meta, _ := o["metadata"].(map[string]any)
		return meta["deletionTimestamp"] == nil
	})
}

// unordered are outputs without an order of their own: a kubelet hands
// variables over in none, and find lists as the file system does.
var unordered = regexp.MustCompile(`^exec-.*-(environ|stat|cat)$`)

func (p *pair) compareOutput(where string, kubelet, podsim Output) []Difference {
	of := func(n *normaliser, s string) []string {
		// What a container printed, directly or by way of its log.
		if strings.HasPrefix(where, "exec-") || strings.HasPrefix(where, "kubectl-dlogs") {
			return n.text(s)
		}
		return n.table(s)
	}
	all := differ(where, of(p.kubelet, kubelet.Stdout), of(p.podsim, podsim.Stdout))
	if unordered.MatchString(where) {
		all = differAsSets(where, of(p.kubelet, kubelet.Stdout), of(p.podsim, podsim.Stdout))
	}
	all = append(all, differ(where+" stderr", of(p.kubelet, kubelet.Stderr), of(p.podsim, podsim.Stderr))...)
	if kubelet.Code != podsim.Code {
		all = append(all, Difference{where, codes(kubelet.Code, podsim.Code)})
	}
	return all
}

func (p *pair) compareEvents(kubelet, podsim []Event) []Difference {
	lines := func(n *normaliser, events []Event) []string {
		var all []string
		for _, e := range events {
			all = append(all, n.line(e.String()))
		}
		return all
	}
	return differAsSets("events", lines(p.kubelet, kubelet), lines(p.podsim, podsim))
}

// compareRows compares the STATUS column. Which containers are ready at one
// moment is in the timeline.
func compareRows(kubelet, podsim []Row) []Difference {
	statuses := func(rows []Row, name string) []moment {
		var states []State
		for _, r := range rows {
			if r.Name == name {
				states = append(states, State{At: r.At, Phase: r.Status})
			}
		}
		return project(states, func(s State) string { return s.Phase })
	}
	var names []string
	for _, r := range kubelet {
		names = append(names, r.Name)
	}
	var all []Difference
	for _, name := range sortedSet(names) {
		k, p := statuses(kubelet, name), statuses(podsim, name)
		all = append(all, missing("get-w", name, k, p, func(i int) bool { return waitsInstead(k[i].text, p) })...)
	}
	return all
}

// waitsInstead says that the kubelet showed an end where podsim goes on to the
// back-off at once.
func waitsInstead(status string, podsim []moment) bool {
	prefix, isInit := "", strings.HasPrefix(status, "Init:")
	if isInit {
		prefix = "Init:"
	}
	end := strings.TrimPrefix(status, prefix)
	return (end == "Error" || end == "Completed" || end == "RunContainerError") &&
		slices.ContainsFunc(podsim, func(m moment) bool { return m.text == prefix+"CrashLoopBackOff" })
}

// lostLog is what a kubelet says when a log's container was just removed: an
// accident of its timing.
const lostLog = "unable to retrieve container logs for"

func (p *pair) compareLogs(kubelet, podsim map[string]string) []Difference {
	var all []Difference
	for _, key := range keysOf(kubelet) {
		if strings.HasPrefix(kubelet[key], lostLog) {
			continue
		}
		all = append(all, differ(key, p.logLines(p.kubelet, kubelet[key]), p.logLines(p.podsim, podsim[key]))...)
	}
	return all
}

// logLines drops the time stamps of followed logs, and of lines that repeat,
// as those about probes do, all but the first.
func (p *pair) logLines(n *normaliser, text string) []string {
	var lines []string
	seen := map[string]bool{}
	for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		line, keep := shape(line)
		line = strings.TrimPrefix(clientPort.ReplaceAllString(n.line(line), "$1:<port>"), "<time> ")
		if keep && !seen[line] {
			seen[line] = true
			lines = append(lines, line)
		}
	}
	return lines
}

// clientPort is the port that a probe came from.
var clientPort = regexp.MustCompile(`(<ip>|127\.0\.0\.1):[345]\d{4}\b`)

func isObject(s string) bool {
	s = strings.TrimSpace(s)
	return strings.HasPrefix(s, "{\"") || strings.HasPrefix(s, "[{\"")
}

// compareJSON compares the output of -o jsonpath of a whole status. As in
// compareObjects, the moment does not matter.
func (p *pair) compareJSON(where, kubelet, podsim string, objects []map[string]any) []Difference {
	var k, s any
	if err := json.Unmarshal([]byte(kubelet), &k); err != nil {
		return []Difference{{where, "recording is no JSON: " + err.Error()}}
	}
	if err := json.Unmarshal([]byte(podsim), &s); err != nil {
		return []Difference{{where, "no JSON: " + err.Error()}}
	}
	field := "status"
	if _, list := k.([]any); list {
		field = "containerStatuses"
	}
	candidates := []map[string]any{{"status": map[string]any{field: s}}}
	want := map[string]any{"status": map[string]any{field: k}}
	if field == "status" {
		want, candidates = map[string]any{"status": k}, []map[string]any{{"status": s}}
		for _, o := range objects {
			candidates = append(candidates, map[string]any{"status": o["status"]})
		}
	}
	return p.compareObjects(where, want, candidates)
}

// rowWasShown says that both are a table of pods, and the kubelet's row is one
// that podsim's pod showed at some time.
func (p *pair) rowWasShown(kubelet, podsim Output, shown []Row) bool {
	k, s := parseRows(kubelet.Stdout), parseRows(podsim.Stdout)
	header := func(o Output) []string { return strings.Fields(strings.SplitN(o.Stdout, "\n", 2)[0]) }
	if len(k) == 0 || len(k) != len(s) || !strings.HasPrefix(kubelet.Stdout, "NAME ") ||
		!slices.Equal(header(kubelet), header(podsim)) {
		return false
	}
	for _, row := range k {
		if waitsInstead(row.Status, []moment{{text: s[0].Status}}) {
			continue
		}
		if !slices.ContainsFunc(shown, func(r Row) bool { return r.Name == row.Name && r.Ready == row.Ready && r.Status == row.Status }) {
			return false
		}
	}
	return kubelet.Code == podsim.Code && kubelet.Stderr == podsim.Stderr
}

package wire

import (
	"slices"
	"strconv"
	"strings"
)

// The limits of a resolv.conf (kubelet, pkg/apis/core/validation).
const (
	maxServers     = 3
	maxSearches    = 32
	maxSearchChars = 2048
	maxSearchName  = 253
)

// Text is the pod's resolv.conf, made from what the engine wrote. Warnings are
// the messages of the kubelet's DNSConfigForming events.
func (r Resolv) Text(engine string) (text string, warnings []string) {
	own := ParseResolv(engine)
	servers := r.Servers
	if !r.NoServers && (r.KeepServers || len(servers) == 0) {
		servers = slices.Concat(own.Servers, servers)
	}
	searches := r.Searches
	if r.KeepSearches {
		searches = slices.Concat(searches, own.Searches)
	}
	searches = slices.Concat(searches, r.MoreSearches)
	options := r.Options
	if r.KeepOptions {
		options = append(slices.Clone(own.Options), options...)
	}

	servers, warn := limitServers(unique(servers))
	warnings = append(warnings, warn...)
	searches, warn = limitSearches(unique(searches))
	warnings = append(warnings, warn...)
	var b strings.Builder
	if len(searches) > 0 {
		b.WriteString("search " + strings.Join(searches, " ") + "\n")
	}
	for _, s := range servers {
		b.WriteString("nameserver " + s + "\n")
	}
	if options = lastOfName(options); len(options) > 0 {
		b.WriteString("options " + strings.Join(options, " ") + "\n")
	}
	return b.String(), warnings
}

func limitServers(servers []string) ([]string, []string) {
	if len(servers) <= maxServers {
		return servers, nil
	}
	servers = servers[:maxServers]
	return servers, []string{"Nameserver limits were exceeded, some nameservers have been omitted, " +
		"the applied nameserver line is: " + strings.Join(servers, " ")}
}

func limitSearches(searches []string) ([]string, []string) {
	kept := slices.DeleteFunc(slices.Clone(searches), func(s string) bool { return len(s) > maxSearchName })
	if len(kept) > maxSearches {
		kept = kept[:maxSearches]
	}
	for len(strings.Join(kept, " ")) > maxSearchChars {
		kept = kept[:len(kept)-1]
	}
	if len(kept) == len(searches) {
		return kept, nil
	}
	return kept, []string{"Search Line limits were exceeded, some search paths have been omitted, " +
		"the applied search line is: " + strings.Join(kept, " ")}
}

// ResolvConf is the content of a resolv.conf.
type ResolvConf struct{ Servers, Searches, Options []string }

// Ndots is how many dots make a name one to try as it is first.
func (c ResolvConf) Ndots() int {
	n := 1
	for _, o := range c.Options {
		if v, ok := strings.CutPrefix(o, "ndots:"); ok {
			if i, err := strconv.Atoi(v); err == nil {
				n = i
			}
		}
	}
	return n
}

// ParseResolv reads a resolv.conf as the kubelet does: the last search line
// counts, options add up.
func ParseResolv(text string) ResolvConf {
	var c ResolvConf
	for line := range strings.SplitSeq(text, "\n") {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		switch fields[0] {
		case "nameserver":
			if len(fields) > 1 {
				c.Servers = append(c.Servers, fields[1])
			}
		case "search":
			c.Searches = fields[1:]
		case "options":
			c.Options = append(c.Options, fields[1:]...)
		}
	}
	return c
}

func unique(in []string) []string {
	var out []string
	for _, s := range in {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// lastOfName keeps, of options with one name, the last, where the first stood.
func lastOfName(options []string) []string {
	var out []string
	for _, o := range options {
		name, _, _ := strings.Cut(o, ":")
		i := slices.IndexFunc(out, func(p string) bool {
			n, _, _ := strings.Cut(p, ":")
			return n == name
		})
		if i >= 0 {
			out[i] = o
		} else {
			out = append(out, o)
		}
	}
	return out
}

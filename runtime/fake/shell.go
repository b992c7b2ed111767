package fake

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/runtime/agent/wire"
)

// program finds what a container runs; nil cannot be started. e.mu is held.
func (e *Engine) program(c *container) Program {
	if c.sandbox != nil {
		return pause(c.c.IPs)
	}
	if e.hooks.Program != nil {
		return e.hooks.Program(c.spec)
	}
	return Shell(e.argv(c))
}

func (e *Engine) argv(c *container) []string {
	image := e.images[c.c.Image]
	entry, cmd := c.spec.Entrypoint, c.spec.Cmd
	if entry == nil {
		entry = image.Entrypoint
		if cmd == nil {
			cmd = image.Cmd
		}
	}
	return append(append([]string(nil), entry...), cmd...)
}

// pause is the pause process: it says that it is ready and waits.
func pause(ips []netip.Addr) Program {
	return func(p *Proc) int {
		line, err := json.Marshal(wire.Ready{Ready: true, IPs: texts(ips)})
		if err != nil {
			return 1
		}
		fmt.Fprintf(p.Stdout, "%s\n", line)
		return Serve(0, 0)(p)
	}
}

func texts(ips []netip.Addr) []string {
	var out []string
	for _, ip := range ips {
		out = append(out, ip.String())
	}
	return out
}

// Shell understands a few commands, enough to try podsim without an engine:
// true, false, echo, sleep, exit, and these joined by ; or && after "sh -c".
// Anything else cannot be started.
func Shell(argv []string) Program {
	if len(argv) == 0 {
		return nil
	}
	script := [][]string{argv}
	if len(argv) == 3 && argv[0] == "sh" && argv[1] == "-c" {
		script = parse(argv[2])
	} else if argv[0] == "sh" {
		return Stubborn()
	}
	for _, words := range script {
		if !known[words[0]] {
			return nil
		}
	}
	return func(p *Proc) int {
		code := 0
		for _, words := range script {
			var ended bool
			if code, ended = step(p, words); ended {
				return code
			}
		}
		return code
	}
}

var known = map[string]bool{"true": true, "false": true, "echo": true, "sleep": true, "exit": true, "exec": true}

func parse(line string) [][]string {
	var script [][]string
	for part := range strings.FieldsFuncSeq(strings.ReplaceAll(line, "&&", ";"), func(r rune) bool { return r == ';' || r == '\n' }) {
		if words := strings.Fields(part); len(words) > 0 {
			script = append(script, words)
		}
	}
	return script
}

// step runs one command; ended says that the whole script is over.
func step(p *Proc, words []string) (code int, ended bool) {
	if words[0] == "exec" && len(words) > 1 {
		words = words[1:]
	}
	arg := ""
	if len(words) > 1 {
		arg = words[1]
	}
	switch words[0] {
	case "false":
		return 1, false
	case "echo":
		fmt.Fprintln(p.Stdout, strings.Trim(strings.Join(words[1:], " "), `'"`))
	case "exit":
		code, err := strconv.Atoi(arg)
		if err != nil {
			code = 2
		}
		return code, true
	case "sleep":
		return sleep(p, arg)
	}
	return 0, false
}

// sleep ends early with TERM, as under a shell that was told to.
func sleep(p *Proc, arg string) (code int, ended bool) {
	seconds, err := strconv.ParseFloat(arg, 64)
	if err != nil {
		return 1, false
	}
	t := time.NewTimer(time.Duration(seconds * float64(time.Second)))
	defer t.Stop()
	for {
		select {
		case <-t.C:
			return 0, false
		case <-p.Context.Done():
			return 137, true
		case s := <-p.Signals:
			if s == "TERM" || s == "INT" || s == "QUIT" {
				return 143, true
			}
		}
	}
}

// ShellImage is an image for Shell.
func ShellImage(ref string) runtime.Image {
	return runtime.Image{ID: "sha256:fake-" + ref, Tags: []string{ref}, Cmd: []string{"sh"}, Env: []string{"PATH=/bin"}, Arch: "amd64"}
}

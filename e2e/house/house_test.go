package house

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/podsim/podsim"

// pkg is what "go list" says of a package. Test files are not asked about: they
// may reach for anything.
type pkg struct {
	ImportPath string
	Doc        string
	Imports    []string
	GoFiles    []string
	Dir        string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Doc,Imports,GoFiles,Dir", module+"/...")
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %s", exit.Stderr)
		}
		t.Fatal(err)
	}
	var all []pkg
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p pkg
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if len(p.GoFiles) > 0 && p.Doc == "" {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}

// rule forbids packages below From to import packages below To, but for those
// below Except.
type rule struct {
	why      string
	from, to string
	except   []string
}

var rules = []rule{
	{"only runtime/docker talks to the Docker Engine", "", "github.com/docker/", []string{"runtime/docker", "e2e"}},
	{"the engine knows nothing of pods", "runtime", module + "/simulator", nil},
	{"the engine knows nothing of commands", "runtime", module + "/cmd", nil},
	{"the simulator knows no particular engine", "simulator", module + "/runtime/docker", []string{"simulator/podtest"}},
	{"the simulator knows no particular engine", "simulator", module + "/runtime/fake", []string{"simulator/podtest"}},
	{"the simulator knows nothing of commands", "simulator", module + "/cmd", nil},
	{"a decision talks to nobody", "simulator/internal/lifecycle", module, []string{"->podspec"}},
	{"a status is made from a decision's snapshot alone", "simulator/internal/status", module + "/simulator/internal/", []string{"->lifecycle"}},
	{"a status is made from a decision's snapshot alone", "simulator/internal/status", module + "/runtime", nil},
	{"probes know nothing of pods' lives", "simulator/internal/probe", module + "/simulator", nil},
	{"manifests are read before anything is decided", "simulator/internal/manifest", module, []string{"->near"}},
	{"validation looks at objects alone", "simulator/internal/validate", module, []string{"->podspec"}},
	{"the program in the pause image stays small", "cmd/podsim-agent", module, []string{"->runtime/agent/wire"}},
	{"what both sides of the tunnel share stays small", "runtime/agent/wire", module, nil},
}

// forbids says whether the rule forbids one import.
func (r rule) forbids(from, to string) bool {
	inside := strings.TrimPrefix(from, module+"/")
	if !below(inside, r.from) || !strings.HasPrefix(to, r.to) || below(to, module+"/"+r.from) && r.from != "" {
		return false
	}
	for _, e := range r.except {
		if target, ok := strings.CutPrefix(e, "->"); ok {
			if strings.HasSuffix(to, "/"+target) {
				return false
			}
		} else if below(inside, e) {
			return false
		}
	}
	return true
}

func below(path, dir string) bool {
	return dir == "" || path == dir || strings.HasPrefix(path, dir+"/")
}

func TestImportsGoDownTheHouse(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		for _, to := range p.Imports {
			for _, r := range rules {
				if r.forbids(p.ImportPath, to) {
					t.Errorf("%s imports %s: %s", p.ImportPath, to, r.why)
				}
			}
		}
	}
}

func TestARuleForbidsWhatItSays(t *testing.T) {
	t.Parallel()
	docker := rules[0]
	if !docker.forbids(module+"/simulator", "github.com/docker/docker/client") {
		t.Error("the simulator may import the Docker client")
	}
	if docker.forbids(module+"/runtime/docker", "github.com/docker/docker/client") {
		t.Error("runtime/docker may not import the Docker client")
	}
}

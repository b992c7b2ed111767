package reference

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Case is one recorded pod.
type Case struct {
	Name string
	Dir  string
	// Wait is how long after create the kubelet's pod was looked at.
	Wait  time.Duration
	Steps []Step
	// Files are the recordings by file name.
	Files map[string]string
}

// Step is one thing that was done to the pod after Wait.
type Step struct {
	// Op is "exec", "kubectl", "sleep" or "bg-logs".
	Op        string
	Label     string
	Container string
	Cmd       []string
	Args      []string
	S         float64
}

// Load reads every case below dir, sorted by name.
func Load(dir string) ([]Case, error) {
	specs, err := filepath.Glob(filepath.Join(dir, "*", "steps.json"))
	if err != nil {
		return nil, fmt.Errorf("find cases: %w", err)
	}
	var cases []Case
	for _, spec := range specs {
		c, err := load(filepath.Dir(spec))
		if err != nil {
			return nil, fmt.Errorf("load case %q: %w", filepath.Dir(spec), err)
		}
		cases = append(cases, c)
	}
	return cases, nil
}

func load(dir string) (Case, error) {
	c := Case{Name: filepath.Base(dir), Dir: dir, Files: map[string]string{}}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return c, err
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return c, err
		}
		c.Files[e.Name()] = string(text)
	}
	var steps struct {
		Wait  float64
		Steps []Step
	}
	if err := json.Unmarshal([]byte(c.Files["steps.json"]), &steps); err != nil {
		return c, fmt.Errorf("read steps.json: %w", err)
	}
	c.Wait, c.Steps = seconds(steps.Wait), steps.Steps
	return c, nil
}

// Namespace is the one the pod was recorded in, so that nothing that carries
// it, sizes of files included, needs normalising.
func (c Case) Namespace() string { return "o-" + c.Name }

// Length is about how long playing the case takes.
func (c Case) Length() time.Duration {
	all := c.Wait
	for _, s := range c.Steps {
		all += min(seconds(s.S), longestSleep)
	}
	return all
}

// Has says whether the kubelet's run gave a file.
func (c Case) Has(file string) bool {
	_, ok := c.Files[file]
	return ok
}

// Containers are the containers of which a file "PREFIX-CONTAINER.txt" exists.
func (c Case) containers(prefix, suffix string) []string {
	var names []string
	for file := range c.Files {
		name, ok := strings.CutPrefix(file, prefix)
		if !ok {
			continue
		}
		if name, ok = strings.CutSuffix(name, suffix); ok {
			names = append(names, name)
		}
	}
	return names
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

package reference

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// Refusal is what `create` said to a manifest, usually a bad one.
type Refusal struct {
	Name string
	// File is the manifest's path.
	File string
	// Validate is false where it was called with --validate=false.
	Validate bool
	// Text is all that was printed, Code the exit code.
	Text string
	Code int
}

var createLine = regexp.MustCompile(`^\$ kubectl create (--validate=false )?-f \S+ +\[rc=(\d+)\]$`)

// LoadRefusals reads every NAME.txt below dir: one or two calls each.
func LoadRefusals(dir string) ([]Refusal, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil {
		return nil, fmt.Errorf("find refusals: %w", err)
	}
	var all []Refusal
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read refusal: %w", err)
		}
		base := strings.TrimSuffix(file, ".txt")
		for _, line := range strings.SplitAfter(string(text), "\n") {
			m := createLine.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
			if m == nil {
				if len(all) > 0 {
					all[len(all)-1].Text += line
				}
				continue
			}
			code, _ := strconv.Atoi(m[2])
			r := Refusal{Name: filepath.Base(base), File: base + ".yaml", Validate: m[1] == "", Code: code}
			if !r.Validate {
				r.Name += " without validation"
			}
			all = append(all, r)
		}
	}
	return all, nil
}

// CompareRefusal compares what was printed, line by line.
func CompareRefusal(want Refusal, got Output) []Difference {
	n := newNormaliser()
	all := differ("invalid", n.table(want.Text), n.table(got.Stdout+got.Stderr))
	if want.Code != got.Code {
		all = append(all, Difference{"invalid", codes(want.Code, got.Code)})
	}
	return all
}

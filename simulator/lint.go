package simulator

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/simulator/internal/lifecycle"
	"github.com/podsim/podsim/simulator/internal/lint"
	"github.com/podsim/podsim/simulator/internal/manifest"
	"github.com/podsim/podsim/simulator/internal/validate"
)

// Level says how bad a Problem is.
type Level string

// The levels of problems.
const (
	// LevelError: it is refused.
	LevelError Level = "error"
	// LevelWarning: it is taken, and does not do all it says, or will be
	// refused one day.
	LevelWarning Level = "warning"
	// LevelHint: it is probably not what was meant.
	LevelHint Level = "hint"
)

// Problem is something wrong or doubtful in a file.
type Problem struct {
	File string `json:"file"`
	// Line counts from 1; 0 is not known.
	Line  int   `json:"line,omitempty"`
	Level Level `json:"level"`
	// Object is "Pod/web"; empty for what could not be read.
	Object  string `json:"object,omitempty"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
}

// String is one line: FILE:LINE: LEVEL: FIELD: MESSAGE.
func (p Problem) String() string {
	place := p.File
	if p.Line > 0 {
		place = fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	text := p.Message
	if p.Field != "" {
		text = p.Field + ": " + text
	}
	return fmt.Sprintf("%s: %s: %s", place, p.Level, text)
}

// LintFile is a file of manifests.
type LintFile struct {
	Name string
	Data []byte
}

// LintOptions of Lint.
type LintOptions struct {
	// Namespace of objects that name none.
	Namespace string
	// Lenient takes unknown fields as warnings.
	Lenient bool
	// Simulator is asked for the objects that exist already and for its
	// engine's machine; nil: only the files count.
	Simulator *Simulator
}

// Lint says what is wrong or doubtful in files that belong together, in their
// order and by line.
func Lint(files []LintFile, o LintOptions) []Problem {
	l := linter{options: o}
	for _, file := range files {
		l.read(file)
	}
	l.gather()
	for i := range l.objects {
		l.check(&l.objects[i])
	}
	slices.SortStableFunc(l.problems, func(a, b fileProblem) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.problem.Line, b.problem.Line))
	})
	out := make([]Problem, len(l.problems))
	for i, p := range l.problems {
		out[i] = p.problem
	}
	return out
}

// linter gathers the problems of several files.
type linter struct {
	options  LintOptions
	objects  []lintObject
	problems []fileProblem
	files    int
	// known are the objects of each namespace that pods may name.
	known map[string]*lint.Objects
}

// lintObject is an object and where it came from.
type lintObject struct {
	Object
	decoded manifest.Result
	name    string // of the file
	file    int
}

type fileProblem struct {
	file    int
	problem Problem
}

func (l *linter) add(file int, p Problem) { l.problems = append(l.problems, fileProblem{file, p}) }

// at adds a problem of an object at a field.
func (l *linter) at(o *lintObject, level Level, field, message string) {
	first, _, _ := strings.Cut(field, ", ")
	l.add(o.file, Problem{
		File: o.name, Line: o.decoded.Line(o.Object, first), Level: level,
		Object: string(KindOf(o.Object)) + "/" + o.GetName(), Field: field, Message: message,
	})
}

// read decodes one file.
func (l *linter) read(file LintFile) {
	n := l.files
	l.files++
	decoded, err := manifest.Decode(file.Data, manifest.Options{
		Filename: file.Name, Lenient: l.options.Lenient, DefaultNamespace: l.options.Namespace, NameFromFile: true,
	})
	var errs manifest.Errors
	if errors.As(err, &errs) {
		for _, e := range errs {
			l.add(n, Problem{File: file.Name, Line: e.Line, Level: LevelError, Field: e.Field, Message: e.Text()})
		}
	}
	for _, w := range decoded.Warnings {
		l.add(n, Problem{File: file.Name, Line: w.Line, Level: LevelWarning, Field: w.Field, Message: w.Message})
	}
	for _, obj := range decoded.Objects {
		l.objects = append(l.objects, lintObject{Object: obj, decoded: decoded, name: file.Name, file: n})
	}
}

// gather lists what pods may name: in the files, and what is there already.
func (l *linter) gather() {
	l.known = map[string]*lint.Objects{}
	for _, o := range l.objects {
		known := l.in(o.GetNamespace())
		switch obj := o.Object.(type) {
		case *v1.ConfigMap:
			known.ConfigMaps[obj.Name] = keysOf(obj.Data, obj.BinaryData)
		case *v1.Secret:
			known.Secrets[obj.Name] = keysOf(obj.Data, obj.StringData)
		case *v1.PersistentVolumeClaim:
			known.Claims[obj.Name] = true
		}
	}
}

// in are the objects of a namespace.
func (l *linter) in(ns string) *lint.Objects {
	if known := l.known[ns]; known != nil {
		return known
	}
	known := &lint.Objects{ConfigMaps: map[string][]string{}, Secrets: map[string][]string{}, Claims: map[string]bool{}}
	if s := l.options.Simulator; s != nil {
		there := s.objectNames(ns)
		known.ConfigMaps, known.Secrets = there.ConfigMaps, there.Secrets
		for _, name := range there.Claims {
			known.Claims[name] = true
		}
	}
	l.known[ns] = known
	return known
}

// check looks at one object.
func (l *linter) check(o *lintObject) {
	for _, e := range validateNew(o.Object) {
		l.at(o, LevelError, e.Field, e.ErrorBody())
	}
	switch obj := o.Object.(type) {
	case *v1.Pod:
		l.pod(o, obj)
	case *v1.PersistentVolume:
		for _, e := range validate.PersistentVolumeRefusals(obj) {
			l.at(o, LevelError, e.Field, e.ErrorBody())
		}
	}
}

// pod looks at a pod.
func (l *linter) pod(o *lintObject, pod *v1.Pod) {
	for _, e := range validate.Refusals(pod) {
		l.at(o, LevelError, e.Field, e.ErrorBody())
	}
	var written *v1.Pod
	if given := (&v1.Pod{}); json.Unmarshal(o.decoded.Raw(o.Object), given) == nil {
		written = given
	}
	hints := lint.Pod(pod, written, *l.in(pod.Namespace))
	hinted := map[string]bool{}
	for _, h := range hints {
		hinted[h.Field] = true
	}
	for _, w := range append(validate.APIWarnings(pod), validate.Fidelity(pod)...) {
		if hinted[w.Field] && strings.Contains(w.Message, "port definition with ") {
			continue // the hint names the containers, too
		}
		l.at(o, LevelWarning, w.Field, w.Message)
	}
	if r := lifecycle.Admit(pod, l.machine()); r != nil {
		l.at(o, LevelWarning, "spec", "the pod will fail at once: "+r.Reason+": "+r.Message)
	}
	for _, h := range hints {
		l.at(o, LevelHint, h.Field, h.Message)
	}
}

// machine is the engine's, as far as it is known.
func (l *linter) machine() lifecycle.Node {
	s := l.options.Simulator
	if s == nil {
		return lifecycle.Node{}
	}
	return s.nodeInfo()
}

// PortHints are hints about ports that two containers of a pod declare.
func PortHints(pod *v1.Pod) []string {
	var out []string
	for _, h := range lint.SamePorts(pod) {
		out = append(out, h.Message)
	}
	return out
}

package resource

import (
	"errors"
	"fmt"
	"strings"
)

// Ref names one object, or all of a kind when Name is empty.
type Ref struct {
	Kind Kind
	Name string
}

// String is TYPE/NAME as kubectl prints it.
func (r Ref) String() string { return r.Kind.Singular + "/" + r.Name }

// Selection is what the arguments of a command named.
type Selection struct {
	Refs []Ref
	// Several is true when more than one kind was asked for, so that the output has to tell them apart.
	Several bool
	// Named is true when objects were named one by one, Slashed when as TYPE/NAME.
	Named, Slashed bool
}

// One is true when exactly one object was named: output is then the object itself and not a list.
func (s Selection) One() bool { return s.Named && len(s.Refs) == 1 }

// ErrNoResource says that no kind was given.
var ErrNoResource = errors.New("You must provide one or more resources by argument or filename.\n" +
	"Example resource specifications include:\n" +
	"   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'")

// Parse reads arguments of the forms TYPE[,TYPE], TYPE NAME..., TYPE/NAME...
func Parse(args []string) (Selection, error) {
	if len(args) == 0 {
		return Selection{}, ErrNoResource
	}
	slashes := 0
	for _, arg := range args {
		if strings.Contains(arg, "/") {
			slashes++
		}
	}
	if slashes == 0 {
		return parseTypes(args)
	}
	if slashes != len(args) {
		return Selection{}, errors.New("there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'podsim get resource/<resource_name>' instead of 'podsim get resource resource/<resource_name>'")
	}
	return parseSlashes(args)
}

func parseTypes(args []string) (Selection, error) {
	var kinds []Kind
	for word := range strings.SplitSeq(args[0], ",") {
		found, err := Lookup(word)
		if err != nil {
			return Selection{}, err
		}
		kinds = append(kinds, found...)
	}
	s := Selection{Several: len(kinds) > 1 || args[0] == "all", Named: len(args) > 1}
	for _, k := range kinds {
		if !s.Named {
			s.Refs = append(s.Refs, Ref{Kind: k})
		}
		for _, name := range args[1:] {
			s.Refs = append(s.Refs, Ref{Kind: k, Name: name})
		}
	}
	return s, nil
}

func parseSlashes(args []string) (Selection, error) {
	s := Selection{Named: true, Slashed: true}
	for _, arg := range args {
		ref, err := ParseRef(arg, Kind{})
		if err != nil {
			return Selection{}, err
		}
		if len(s.Refs) > 0 && s.Refs[0].Kind.Name != ref.Kind.Name {
			s.Several = true
		}
		s.Refs = append(s.Refs, ref)
	}
	return s, nil
}

// ParseRef reads NAME or TYPE/NAME; a plain NAME is of the kind given.
func ParseRef(arg string, kind Kind) (Ref, error) {
	word, name, slash := strings.Cut(arg, "/")
	if !slash {
		return Ref{Kind: kind, Name: arg}, nil
	}
	if strings.Contains(name, "/") {
		return Ref{}, errors.New("arguments in resource/name form may not have more than one slash")
	}
	if word == "" || name == "" {
		return Ref{}, errors.New("arguments in resource/name form must have a single resource and name")
	}
	kinds, err := Lookup(word)
	if err != nil {
		return Ref{}, err
	}
	return Ref{Kind: kinds[0], Name: name}, nil
}

// PodName reads the argument of a command that works on a pod: NAME or pod/NAME.
func PodName(arg string) (string, error) {
	ref, err := ParseRef(arg, Pod)
	if err != nil {
		return "", err
	}
	if ref.Kind.Name != Pod.Name {
		return "", fmt.Errorf("cannot use %s: name a pod", ref)
	}
	return ref.Name, nil
}

package args

import (
	"fmt"
	"slices"
	"strings"
)

// Flag is what has to be known of a flag to find its value.
type Flag struct {
	// Names without dashes, the proper one first: names of one letter are short flags.
	Names []string
	// Bool flags take a value only as --name=value.
	Bool bool
	// Bare is the value of a flag that is given without one and may be: --wait means --wait=Bare. Empty for flags that
	// must have a value.
	Bare string
	// Global flags belong before the command's name.
	Global bool
}

// Ordered is a command line in order.
type Ordered struct {
	// Global and Local are flags in the form --name=value.
	Global, Local []string
	// Args are what is left, without "--".
	Args []string
	// Dash is how many of Args stood before "--", or -1 if there was none.
	Dash int
}

// Split returns the arguments before "--" and those behind it.
func (o Ordered) Split() (before, behind []string) {
	if o.Dash < 0 {
		return o.Args, nil
	}
	return o.Args[:o.Dash], o.Args[o.Dash:]
}

// UnknownError says that a flag is not one of the command's.
type UnknownError struct{ Flag string }

func (e *UnknownError) Error() string { return e.Flag }

// Order reads what follows the name of a command. The first flag that bears a name wins, so a command's flags stand
// before the global ones.
func Order(argv []string, flags []Flag) (Ordered, error) {
	o := orderer{flags: flags, out: Ordered{Dash: -1}}
	for o.rest = argv; len(o.rest) > 0; {
		arg := o.rest[0]
		o.rest = o.rest[1:]
		if arg == "--" {
			o.out.Dash = len(o.out.Args)
			o.out.Args = append(o.out.Args, o.rest...)
			break
		}
		if err := o.argument(arg); err != nil {
			return o.out, err
		}
	}
	return o.out, nil
}

// Verb finds the name of the command: the first argument that is no flag. It returns the flags before it in the form
// --name=value and all that follows it.
func Verb(argv []string, flags []Flag) (before []string, verb string, rest []string, err error) {
	o := orderer{flags: flags, out: Ordered{Dash: -1}}
	for o.rest = argv; len(o.rest) > 0; {
		arg := o.rest[0]
		o.rest = o.rest[1:]
		if arg == "--" {
			continue
		}
		if err := o.argument(arg); err != nil {
			return nil, "", nil, err
		}
		if len(o.out.Args) > 0 {
			return append(o.out.Global, o.out.Local...), o.out.Args[0], o.rest, nil
		}
	}
	return append(o.out.Global, o.out.Local...), "", nil, nil
}

type orderer struct {
	flags []Flag
	rest  []string
	out   Ordered
}

func (o *orderer) argument(arg string) error {
	switch {
	case strings.HasPrefix(arg, "--"):
		return o.long(arg[2:])
	case len(arg) > 1 && arg[0] == '-':
		return o.short(arg[1:])
	}
	o.out.Args = append(o.out.Args, arg)
	return nil
}

func (o *orderer) find(name string) (Flag, bool) {
	i := slices.IndexFunc(o.flags, func(f Flag) bool { return slices.Contains(f.Names, name) })
	if i < 0 {
		return Flag{}, false
	}
	return o.flags[i], true
}

func (o *orderer) add(f Flag, value string) {
	text := "--" + f.Names[0] + "=" + value
	if f.Global {
		o.out.Global = append(o.out.Global, text)
	} else {
		o.out.Local = append(o.out.Local, text)
	}
}

func (o *orderer) long(text string) error {
	name, value, given := strings.Cut(text, "=")
	f, ok := o.find(name)
	if !ok {
		return &UnknownError{Flag: "unknown flag: --" + name}
	}
	return o.valued(f, value, given, "--"+name)
}

// short reads the letters behind one dash: bool flags, and at the end one with a value.
func (o *orderer) short(letters string) error {
	all := letters
	for letters != "" {
		name := letters[:1]
		letters = letters[1:]
		f, ok := o.find(name)
		if !ok {
			return &UnknownError{Flag: fmt.Sprintf("unknown shorthand flag: '%s' in -%s", name, all)}
		}
		if value, given := strings.CutPrefix(letters, "="); given {
			return o.valued(f, value, true, "-"+name)
		}
		if !f.Bool && letters != "" {
			o.add(f, letters)
			return nil
		}
		if err := o.valued(f, "", false, fmt.Sprintf("'%s' in -%s", name, all)); err != nil {
			return err
		}
	}
	return nil
}

func (o *orderer) valued(f Flag, value string, given bool, shown string) error {
	switch {
	case given:
	case f.Bool:
		value = "true"
	case f.Bare != "":
		value = f.Bare
	case len(o.rest) == 0:
		return fmt.Errorf("flag needs an argument: %s", shown)
	default:
		value, o.rest = o.rest[0], o.rest[1:]
	}
	o.add(f, value)
	return nil
}

package manifest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Class says at which step a document failed; kubectl introduces the message differently for each.
type Class int

// The classes of errors.
const (
	// ClassSyntax: not YAML or JSON.
	ClassSyntax Class = iota
	// ClassNoKind: no apiVersion or kind.
	ClassNoKind
	// ClassNoMatch: the API has no such kind.
	ClassNoMatch
	// ClassUnsupported: Kubernetes has the kind, podsim does not take it.
	ClassUnsupported
	// ClassUndecodable: what kubectl reads itself, kind and metadata, does not fit its type.
	ClassUndecodable
	// ClassBadRequest: the content does not fit the type.
	ClassBadRequest
)

// Error tells why one document (or one item of a list) could not be read.
type Error struct {
	Class    Class
	Filename string
	// Document counts from 0; Line is the line of the file, from 1.
	Document, Line int
	// APIVersion, Kind, Name and Namespace are those of the document as far as it tells them.
	APIVersion, Kind, Name, Namespace string
	// NoObject: it is a text, a number or a list.
	NoObject bool
	// NoText names apiVersion and kind where they are there and no text.
	NoText []string
	// Field is the path of the field at fault, "" if it is not known.
	Field string
	// Message is the API server's text where it has one.
	Message string
	// Hint is a way out, in podsim's own words; may be empty.
	Hint string
}

// Error gives one line: file, line, field, text, hint.
func (e *Error) Error() string {
	text := e.Text()
	if e.Field != "" && !strings.Contains(e.Message, e.Field) {
		text = e.Field + ": " + text
	}
	return place(e.Filename, e.Line) + ": " + text
}

// Text gives Error without the place: text and hint.
func (e *Error) Text() string {
	var b strings.Builder
	switch e.Class {
	case ClassBadRequest, ClassUndecodable:
		if e.Kind != "" {
			b.WriteString(e.Kind + ": ")
		}
	case ClassNoMatch:
		b.WriteString("no matches for kind " + quote(e.Kind) + " in version " + quote(e.APIVersion))
	}
	switch e.Class {
	case ClassNoMatch:
	case ClassSyntax:
		// The parser counts lines from the beginning of the document.
		b.WriteString(yamlLine.ReplaceAllString(e.Message, ""))
	default:
		b.WriteString(e.Message)
	}
	if e.Hint != "" {
		b.WriteString("; " + e.Hint)
	}
	return b.String()
}

// Kubectl gives the words that kubectl prints on standard error, where doing is "creating" or "applying".
func (e *Error) Kubectl(doing string) string {
	switch e.Class {
	case ClassSyntax:
		return fmt.Sprintf("error: error parsing %s: error converting YAML to JSON: %s", e.Filename, e.Message)
	case ClassNoKind:
		return fmt.Sprintf("error: error validating %q: error validating data: %s; "+
			"if you choose to ignore these errors, turn validation off with --validate=false", e.Filename, e.notSet())
	case ClassNoMatch:
		return fmt.Sprintf("error: resource mapping not found for name: %q namespace: %q from %q: no matches for kind %q in version %q\nensure CRDs are installed first",
			e.Name, e.Namespace, e.Filename, e.Kind, e.APIVersion)
	case ClassUndecodable:
		return fmt.Sprintf("error: unable to decode %q: %s", e.Filename, e.Message)
	case ClassBadRequest:
		return fmt.Sprintf("Error from server (BadRequest): error when %s %q: %s in version %q cannot be handled as a %s: %s",
			doing, e.Filename, e.Kind, e.APIVersion, e.Kind, e.Message)
	}
	return "error: " + e.Error()
}

// Aside is the place and the way out, where Kubectl's words lack them.
func (e *Error) Aside() string {
	if e.Class == ClassUnsupported || e.Hint == "" {
		return ""
	}
	return place(e.Filename, e.Line) + ": " + e.Hint
}

// notSet is kubectl's text about a document that does not say what it is.
func (e *Error) notSet() string {
	if e.NoObject {
		return "invalid object to validate"
	}
	var missing []string
	for _, f := range []struct{ name, value string }{{"apiVersion", e.APIVersion}, {"kind", e.Kind}} {
		switch {
		case slices.Contains(e.NoText, f.name):
			missing = append(missing, f.name+" isn't string type")
		case f.value == "":
			missing = append(missing, f.name+" not set")
		}
	}
	if len(missing) == 1 {
		return missing[0]
	}
	return "[" + strings.Join(missing, ", ") + "]"
}

// Errors holds one Error for each document that could not be read, in the order of the file.
type Errors []*Error

// Error gives a line for each.
func (l Errors) Error() string {
	lines := make([]string, len(l))
	for i, e := range l {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.As find the single errors.
func (l Errors) Unwrap() []error {
	errs := make([]error, len(l))
	for i, e := range l {
		errs[i] = e
	}
	return errs
}

// Warning is something that was accepted, and that its author should know.
type Warning struct {
	Filename string
	Line     int
	Field    string
	Message  string
}

// String gives one line: file, line, field, text.
func (w Warning) String() string {
	text := w.Message
	if w.Field != "" {
		text = w.Field + ": " + text
	}
	return place(w.Filename, w.Line) + ": " + text
}

// place names a line of a file.
func place(filename string, line int) string {
	if filename == "" || filename == "-" {
		filename = "stdin"
	}
	if line <= 0 {
		return filename
	}
	return filename + ":" + strconv.Itoa(line)
}

func quote(s string) string { return strconv.Quote(s) }

package manifest

import (
	"math/rand/v2"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// DefaultNamespace is where an object without a namespace goes when Options say nothing.
const DefaultNamespace = "default"

// maxListDepth bounds lists within lists.
const maxListDepth = 8

// Options say how to read. The zero value reads strictly, into namespace "default".
type Options struct {
	// Filename is used in messages and, with NameFromFile, to name a Pod; "-" or "" is standard input.
	Filename string
	// Lenient drops unknown fields with a warning instead of an error: kubectl --validate=false.
	Lenient bool
	// DefaultNamespace is given to objects that name none.
	DefaultNamespace string
	// NameFromFile names a Pod that has neither name nor generateName after the file, with a warning.
	NameFromFile bool
	// Rand makes the random parts of names; nil uses the process's own source. A fixed seed makes tests repeatable.
	Rand *rand.Rand
}

func (o Options) namespace() string {
	if o.DefaultNamespace != "" {
		return o.DefaultNamespace
	}
	return DefaultNamespace
}

// Object is one of *v1.Pod, *v1.ConfigMap, *v1.Secret, *v1.PersistentVolumeClaim, *v1.PersistentVolume.
type Object = interface {
	metav1.Object
	runtime.Object
}

// Result is what a file gave. Objects are in the order of the file, with defaults filled in.
type Result struct {
	Objects  []Object
	Warnings []Warning

	origins map[Object]origin
}

// origin is the place in the file that an object came from.
type origin struct {
	doc    *document
	prefix string
	raw    []byte
}

// Raw returns an object as it stands in the file, as JSON and without defaults; nil if it is not of this result.
func (r Result) Raw(obj Object) []byte { return r.origins[obj].raw }

// Line returns the line in the file (from 1) of a field of an object of this result, spelled as in field errors
// ("spec.containers[0].image"). For a field that is not there it is the line of the nearest one that encloses it;
// 0 for an object that is not of this result.
func (r Result) Line(obj Object, path string) int {
	from, ok := r.origins[obj]
	if !ok {
		return 0
	}
	return from.doc.line(joinPath(from.prefix, path))
}

// Decode reads all documents of a file. The error, if any, is of type Errors and tells of the documents that could not be
// read; the Result holds the others all the same. No input makes it panic.
func Decode(data []byte, opts Options) (Result, error) {
	d := decoder{opts: opts, result: Result{origins: map[Object]origin{}}}
	for _, doc := range splitDocuments(data) {
		d.document(doc)
	}
	if len(d.errs) > 0 {
		return d.result, d.errs
	}
	return d.result, nil
}

// decoder gathers what the documents of one file give.
type decoder struct {
	opts   Options
	result Result
	errs   Errors
}

func (d *decoder) warn(doc *document, path, message string) {
	d.result.Warnings = append(d.result.Warnings, Warning{
		Filename: d.opts.Filename, Line: doc.line(path), Field: path, Message: message,
	})
}

func (d *decoder) fail(doc *document, e Error) {
	e.Filename, e.Document = d.opts.Filename, doc.index
	if e.Line == 0 {
		e.Line = doc.line(e.Field)
	}
	d.errs = append(d.errs, &e)
}

func (d *decoder) document(doc *document) {
	raw, err := doc.json()
	if err != nil {
		d.fail(doc, Error{Class: ClassSyntax, Line: doc.syntaxLine(err), Message: err.Error(), Hint: syntaxHint(doc.text)})
		return
	}
	if raw == nil {
		return
	}
	for _, dup := range doc.duplicates() {
		d.result.Warnings = append(d.result.Warnings, Warning{
			Filename: d.opts.Filename, Line: dup.line, Field: dup.path,
			Message: "key " + quote(dup.key) + " is given more than once: the last one counts",
		})
	}
	d.value(piece{doc: doc, raw: raw})
}

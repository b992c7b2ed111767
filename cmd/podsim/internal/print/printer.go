package print

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/liggitt/tabwriter"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/cli-runtime/pkg/printers"
)

// Options say how to print. The zero value prints tables.
type Options struct {
	// Output is the value of -o: "", wide, name, json, yaml, jsonpath=T, go-template=T, custom-columns=S ...
	Output string
	// Template is the value of --template, for formats that are given without one.
	Template string

	NoHeaders     bool
	ShowLabels    bool
	WithNamespace bool
	// WithKind puts the kind before names, as tables of several kinds need it.
	WithKind     bool
	LabelColumns []string
	// SortBy is a JSONPath; empty keeps the order.
	SortBy string
	// FailOnMissingKeys makes templates fail on a field that is not there.
	FailOnMissingKeys bool
	// Events puts the kind of a change (ADDED, MODIFIED, DELETED) before what is printed: --output-watch-events.
	Events bool
	// Now is the clock that ages are counted by; nil is the real one.
	Now func() time.Time
}

// Printer prints objects in one form. It remembers widths and headers, so that a watch prints one table.
type Printer struct {
	opts   Options
	format string
	// whole prints one object, or a list as one; nil for tables.
	whole printers.ResourcePrinter
	// each prints a list item by item.
	each bool

	table *printers.HumanReadablePrinter
	kind  string
	out   io.Writer
	tabs  *tabwriter.Writer
}

// IsTable tells whether the format is a table: what is printed depends on the time then.
func (p *Printer) IsTable() bool { return p.whole == nil }

// New checks the format. The error is kubectl's text.
func New(opts Options) (*Printer, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	p := &Printer{opts: opts}
	format, template, _ := strings.Cut(opts.Output, "=")
	if template == "" {
		template = opts.Template
	}
	if format == "" && opts.Template != "" {
		format = "go-template"
	}
	p.format = format
	var err error
	switch format {
	case "", "wide":
		p.newTable()
	case "json":
		p.whole = &printers.JSONPrinter{}
	case "yaml":
		p.whole = &printers.YAMLPrinter{}
	case "kyaml":
		p.whole = &printers.KYAMLPrinter{}
	case "name":
		p.whole, p.each = &printers.NamePrinter{ShortOutput: true}, true
	default:
		p.whole, err = p.templated(format, template)
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// templated makes the printers that take a template.
func (p *Printer) templated(format, template string) (printers.ResourcePrinter, error) {
	kind, file := format, false
	switch format {
	case "jsonpath", "jsonpath-as-json", "go-template", "custom-columns":
	case "template":
		kind = "go-template"
	case "templatefile":
		kind, file = "go-template", true
	case "jsonpath-file", "go-template-file", "custom-columns-file":
		kind, file = strings.TrimSuffix(format, "-file"), true
	default:
		return nil, fmt.Errorf("unable to match a printer suitable for the output format %q, allowed formats are: %s", format, Formats)
	}
	if template == "" {
		if kind == "custom-columns" {
			return nil, fmt.Errorf("custom-columns format specified but no custom columns given")
		}
		return nil, fmt.Errorf("template format specified but no template given")
	}
	if file {
		data, err := os.ReadFile(template)
		if err != nil && kind == "custom-columns" {
			return nil, fmt.Errorf("error reading template %s, %w", template, err)
		}
		if err != nil {
			return nil, fmt.Errorf("error reading --template %s, %w", template, err)
		}
		template = string(data)
	}
	switch kind {
	case "jsonpath", "jsonpath-as-json":
		return newJSONPath(template, kind == "jsonpath-as-json", !p.opts.FailOnMissingKeys)
	case "custom-columns":
		return p.newCustomColumns(template, file)
	}
	t, err := printers.NewGoTemplatePrinter([]byte(template))
	if err != nil {
		return nil, fmt.Errorf("error parsing template %s, %w", template, err)
	}
	t.AllowMissingKeys(!p.opts.FailOnMissingKeys)
	return t, nil
}

// Formats are the values that -o takes.
const Formats = "custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json," +
	"jsonpath-file,kyaml,name,template,templatefile,wide,yaml"

func newJSONPath(template string, asJSON, missing bool) (printers.ResourcePrinter, error) {
	p, err := printers.NewJSONPathPrinter(template)
	if err != nil {
		return nil, fmt.Errorf("error parsing jsonpath %s, %w", template, err)
	}
	p.AllowMissingKeys(missing)
	p.EnableJSONOutput(asJSON)
	return p, nil
}

// Object prints one object.
func (p *Printer) Object(w io.Writer, obj Object) error {
	if p.IsTable() {
		return p.rows(w, "", []Object{obj})
	}
	u, err := generic(obj)
	if err != nil {
		return err
	}
	return p.whole.PrintObj(u, w)
}

// List prints objects of any kinds: tables one after the other, everything else as one v1.List.
func (p *Printer) List(w io.Writer, objs []Object) error {
	if err := p.sort(objs); err != nil {
		return err
	}
	if p.IsTable() {
		return p.tables(w, objs)
	}
	list := &unstructured.UnstructuredList{Object: map[string]any{
		"apiVersion": "v1", "kind": "List", "metadata": map[string]any{"resourceVersion": ""},
	}}
	for _, obj := range objs {
		u, err := generic(obj)
		if err != nil {
			return err
		}
		if p.each {
			if err := p.whole.PrintObj(u, w); err != nil {
				return err
			}
		}
		list.Items = append(list.Items, *u)
	}
	if p.each {
		return nil
	}
	return p.whole.PrintObj(plainList(list), w)
}

// plainList makes the list one object, so that "items" is there even when it is empty.
func plainList(list *unstructured.UnstructuredList) runtime.Object {
	items := make([]any, len(list.Items))
	for i := range list.Items {
		items[i] = list.Items[i].Object
	}
	list.Object["items"] = items
	return &unstructured.Unstructured{Object: list.Object}
}

// Watched prints the objects that are there when a watch begins: each by itself, never as a list.
func (p *Printer) Watched(w io.Writer, objs []Object) error {
	const event = "ADDED"
	if p.IsTable() {
		return p.rows(w, p.event(event), objs)
	}
	for _, obj := range objs {
		if err := p.Change(w, event, obj); err != nil {
			return err
		}
	}
	return nil
}

// Change prints an object that changed: event is ADDED, MODIFIED or DELETED.
func (p *Printer) Change(w io.Writer, event string, obj Object) error {
	if event = p.event(event); p.IsTable() {
		return p.rows(w, event, []Object{obj})
	}
	u, err := generic(obj)
	if err != nil {
		return err
	}
	if event != "" {
		return p.whole.PrintObj(&metav1.WatchEvent{Type: event, Object: runtime.RawExtension{Object: u}}, w)
	}
	return p.whole.PrintObj(u, w)
}

// event is the kind of a change as far as it is to be printed.
func (p *Printer) event(event string) string {
	if p.opts.Events {
		return event
	}
	return ""
}

package print

import (
	"fmt"
	"io"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/cli-runtime/pkg/printers"
)

func (p *Printer) newTable() {
	opts := printers.PrintOptions{
		NoHeaders: p.opts.NoHeaders, WithNamespace: p.opts.WithNamespace, Wide: p.format == "wide",
		ShowLabels: p.opts.ShowLabels, ColumnLabels: p.opts.LabelColumns,
		WithKind: p.opts.WithKind, Kind: schema.GroupKind{Kind: p.kind},
	}
	if table, ok := printers.NewTablePrinter(opts).(*printers.HumanReadablePrinter); ok {
		p.table = table
	}
}

// rows prints objects of one kind below what was printed before.
func (p *Printer) rows(w io.Writer, event string, objs []Object) error {
	if len(objs) == 0 {
		return nil
	}
	if kind := kindOf(objs[0]); kind != p.kind {
		p.kind = kind
		p.newTable()
	}
	table, err := Table(objs, p.opts.Now())
	if err != nil {
		return err
	}
	var printed runtime.Object = table
	if event != "" {
		printed = &metav1.WatchEvent{Type: event, Object: runtime.RawExtension{Object: table}}
	}
	return p.lines(w, printed)
}

// lines prints a table below what was printed before.
func (p *Printer) lines(w io.Writer, table runtime.Object) error {
	if p.tabs == nil || p.out != w {
		p.out, p.tabs = w, printers.GetNewTabWriter(w)
	}
	if err := p.table.PrintObj(table, p.tabs); err != nil {
		return err
	}
	return p.tabs.Flush()
}

// tables prints runs of one kind as a table each, an empty line between them.
func (p *Printer) tables(w io.Writer, objs []Object) error {
	for start := 0; start < len(objs); {
		end := start
		for end < len(objs) && kindOf(objs[end]) == kindOf(objs[start]) {
			end++
		}
		if start > 0 {
			p.tabs = nil
			fmt.Fprintln(w)
		}
		if err := p.rows(w, "", objs[start:end]); err != nil {
			return err
		}
		start = end
	}
	return nil
}

// EventRows prints what `kubectl events` does; it may be called again for more.
func (p *Printer) EventRows(w io.Writer, table *metav1.Table) error { return p.lines(w, table) }

package print

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/cli-runtime/pkg/printers"
	"k8s.io/client-go/util/jsonpath"
)

// customColumns prints a table whose columns are JSONPaths.
type customColumns struct {
	headers   []string
	paths     []*jsonpath.JSONPath
	noHeaders bool
	printed   bool
}

// newCustomColumns reads NAME:.path,NAME:.path, or from a file a line of names and a line of paths.
func (p *Printer) newCustomColumns(spec string, file bool) (printers.ResourcePrinter, error) {
	c := &customColumns{noHeaders: p.opts.NoHeaders}
	names, paths, err := splitColumns(spec, file)
	if err != nil {
		return nil, err
	}
	for i := range names {
		expr, err := relaxed(paths[i])
		if err != nil {
			return nil, err
		}
		path := jsonpath.New(names[i]).AllowMissingKeys(true)
		if err := path.Parse(expr); err != nil {
			return nil, fmt.Errorf("error parsing jsonpath %s, %w", expr, err)
		}
		c.headers, c.paths = append(c.headers, names[i]), append(c.paths, path)
	}
	return c, nil
}

func splitColumns(spec string, file bool) (names, paths []string, err error) {
	if file {
		lines := strings.SplitN(spec, "\n", 3)
		if len(lines) < 2 {
			return nil, nil, fmt.Errorf("missing lines from input, expected 2 lines: names, then paths")
		}
		names, paths = strings.Fields(lines[0]), strings.Fields(lines[1])
		if len(names) != len(paths) {
			return nil, nil, fmt.Errorf("number of headers (%d) and field specifications (%d) don't match", len(names), len(paths))
		}
		return names, paths, nil
	}
	for part := range strings.SplitSeq(spec, ",") {
		name, path, ok := strings.Cut(part, ":")
		if !ok {
			return nil, nil, fmt.Errorf("unexpected custom-columns spec: %s, expected <header>:<json-path-expr>", part)
		}
		names, paths = append(names, name), append(paths, path)
	}
	return names, paths, nil
}

// relaxed reads x.y, .x.y, {x.y} and {.x.y} alike.
func relaxed(path string) (string, error) {
	if path == "" {
		return path, nil
	}
	m := regexp.MustCompile(`^\{\.?([^{}]+)\}$|^\.?([^{}]+)$`).FindStringSubmatch(path)
	if m == nil {
		return "", fmt.Errorf("unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'")
	}
	field := m[1]
	if field == "" {
		field = m[2]
	}
	return "{." + field + "}", nil
}

func (c *customColumns) PrintObj(obj runtime.Object, w io.Writer) error {
	var buf bytes.Buffer
	tabs := printers.GetNewTabWriter(&buf)
	if !c.noHeaders && !c.printed {
		c.printed = true
		fmt.Fprintln(tabs, strings.Join(c.headers, "\t"))
	}
	u, ok := obj.(*unstructured.Unstructured)
	if !ok {
		return fmt.Errorf("print %T in custom columns: not a generic object", obj)
	}
	if items, list := u.Object["items"].([]any); list && u.GetKind() == "List" {
		for _, item := range items {
			if err := c.row(tabs, item); err != nil {
				return err
			}
		}
	} else if err := c.row(tabs, u.Object); err != nil {
		return err
	}
	if err := tabs.Flush(); err != nil {
		return err
	}
	_, err := w.Write(buf.Bytes())
	return err
}

func (c *customColumns) row(w io.Writer, obj any) error {
	cells := make([]string, len(c.paths))
	for i, path := range c.paths {
		found, err := path.FindResults(obj)
		if err != nil {
			return err
		}
		cells[i] = cell(found)
	}
	_, err := fmt.Fprintln(w, strings.Join(cells, "\t"))
	return err
}

func cell(found [][]reflect.Value) string {
	var values []string
	for _, set := range found {
		for _, v := range set {
			if v.IsValid() && v.CanInterface() && v.Interface() != nil {
				values = append(values, printers.EscapeTerminal(fmt.Sprint(v.Interface())))
			} else {
				values = append(values, none)
			}
		}
	}
	if len(values) == 0 {
		return none
	}
	return strings.Join(values, ",")
}

package print

import (
	"fmt"
	"io"
	"strings"

	"k8s.io/cli-runtime/pkg/printers"
)

// Columns prints rows of text under a header, which may be nil, as kubectl aligns them.
func Columns(w io.Writer, header []string, rows [][]string) error {
	tabs := printers.GetNewTabWriter(w)
	if header != nil {
		fmt.Fprintln(tabs, strings.Join(header, "\t"))
	}
	for _, row := range rows {
		fmt.Fprintln(tabs, strings.Join(row, "\t"))
	}
	return tabs.Flush()
}

package validate

import (
	"reflect"
	"strings"
	"testing"

	v1 "k8s.io/api/core/v1"
)

// reachable lists the keys of all fields below a struct; it stops where a row says that everything below is settled.
func reachable(t reflect.Type, rows map[string]Row, found map[string]bool) {
	for _, f := range apiFields(t) {
		next, ours := structOf(t.Field(f.index).Type)
		if f.inline {
			reachable(next, rows, found)
			continue
		}
		if found[f.key()] {
			continue
		}
		found[f.key()] = true
		row, known := rows[f.key()]
		if ours && (!known || row.Support == Honoured || row.Support == Approximated) {
			reachable(next, rows, found)
		}
	}
}

func TestFieldTableHasEveryFieldOfThePodAPI(t *testing.T) {
	t.Parallel()
	rows := rowIndex()
	found := map[string]bool{}
	reachable(reflect.TypeFor[v1.PodSpec](), rows, found)
	for _, key := range sortedKeys(found) {
		if _, ok := rows[key]; !ok {
			t.Errorf("the field table lacks %s", key)
		}
	}
	for _, row := range Fields() {
		if !found[row.key()] {
			t.Errorf("the field table has %s, which a pod cannot reach", row.key())
		}
	}
}

func TestFieldTableHasNoFieldTwiceAndSaysWhy(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, row := range Fields() {
		if seen[row.key()] {
			t.Errorf("%s is there twice", row.key())
		}
		seen[row.key()] = true
		if row.Support != Honoured && row.Note == "" {
			t.Errorf("%s is %s without a note", row.key(), row.Support)
		}
	}
}

func TestMarkdownHasARowForEveryGroup(t *testing.T) {
	t.Parallel()
	lines := strings.Split(strings.TrimSpace(Markdown()), "\n")
	if len(lines) != len(fieldTable) {
		t.Errorf("%d lines for %d groups", len(lines), len(fieldTable))
	}
	for _, line := range lines {
		if strings.Count(strings.ReplaceAll(line, `\|`, ""), "|") != 5 {
			t.Errorf("not four columns: %s", line)
		}
	}
}

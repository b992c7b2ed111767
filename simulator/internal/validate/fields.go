package validate

import (
	"reflect"
	"strings"

	v1 "k8s.io/api/core/v1"
)

// Support says what podsim does with a field.
type Support int

// What podsim does with a field.
const (
	// Honoured: as on a node.
	Honoured Support = iota
	// Approximated: in the way that the note tells.
	Approximated
	// Ignored: accepted, and of no effect on a single machine.
	Ignored
	// Refused: a pod that uses it is not run; the note says what to use instead.
	Refused
)

// String is the word of the README's table.
func (s Support) String() string {
	return [...]string{"honoured", "approximated", "ignored", "refused"}[s]
}

// Row is what podsim does with one field of the API. A field that is ignored or refused speaks for all below it.
type Row struct {
	// Struct is the Go name of the API type (v1.Struct), Field the name in YAML.
	Struct, Field string
	Support       Support
	// Note tells how, why or what to do instead; empty for most of the honoured ones.
	Note string
}

// key names a row.
func (r Row) key() string { return r.Struct + "." + r.Field }

// Fields returns the table, a row for every field that a v1.PodSpec can hold.
func Fields() []Row {
	var rows []Row
	for _, g := range fieldTable {
		for _, field := range strings.Fields(g.fields) {
			rows = append(rows, Row{Struct: g.of, Field: field, Support: g.support, Note: g.note})
		}
	}
	return rows
}

// rowIndex maps keys to rows.
func rowIndex() map[string]Row {
	index := map[string]Row{}
	for _, row := range Fields() {
		index[row.key()] = row
	}
	return index
}

// Markdown renders the table as rows of a README's table with the columns object, fields, what podsim does, note.
func Markdown() string {
	var b strings.Builder
	for _, g := range fieldTable {
		b.WriteString("| " + g.of + " | " + strings.Join(strings.Fields(g.fields), ", ") + " | " + g.support.String() + " | " +
			strings.ReplaceAll(g.note, "|", `\|`) + " |\n")
	}
	return b.String()
}

// apiField is a field of a struct of the API.
type apiField struct {
	of, name string
	index    int
	inline   bool
}

func (f apiField) key() string { return f.of + "." + f.name }

// apiFields lists a struct's fields by their names in YAML. An embedded struct without a name of its own is inline.
func apiFields(t reflect.Type) []apiField {
	fields := make([]apiField, t.NumField())
	for i := range fields {
		f := t.Field(i)
		name := jsonName(f)
		fields[i] = apiField{of: t.Name(), name: name, index: i, inline: f.Anonymous && name == ""}
	}
	return fields
}

// jsonName is a field's name in YAML.
func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// corePackage is the home of the types that the table is about; others (quantities, selectors) are leaves.
var corePackage = reflect.TypeFor[v1.PodSpec]().PkgPath()

// structOf follows pointers, slices and maps to a struct of the API, if that is what they lead to.
func structOf(t reflect.Type) (reflect.Type, bool) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	return t, t.Kind() == reflect.Struct && t.PkgPath() == corePackage
}

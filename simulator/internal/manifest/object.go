package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kjson "sigs.k8s.io/json"
)

// piece is a JSON value of a document: the whole of it, or an item of a list.
type piece struct {
	doc    *document
	prefix string
	raw    []byte
	// kind is what an item of a typed list is, when it does not say so itself.
	kind  string
	depth int
}

// header is what has to be known of a value before its type is.
type header struct {
	metav1.TypeMeta
	Metadata struct {
		Name, Namespace string
	}
	// noText are the fields that should be a text, and are none.
	noText []string
}

// readHeader reads it leniently: whatever is of a wrong type is left empty.
func readHeader(raw []byte) (h header, object bool) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return h, false
	}
	text := func(of map[string]json.RawMessage, name string) (s string) {
		if raw, ok := of[name]; ok && json.Unmarshal(raw, &s) != nil {
			h.noText = append(h.noText, name)
		}
		return s
	}
	h.APIVersion, h.Kind = text(fields, "apiVersion"), text(fields, "kind")
	var meta map[string]json.RawMessage
	if json.Unmarshal(fields["metadata"], &meta) == nil {
		h.Metadata.Name, h.Metadata.Namespace = text(meta, "name"), text(meta, "namespace")
	}
	return h, true
}

// value reads one value: a list is taken apart, anything else becomes an object or an error.
func (d *decoder) value(p piece) {
	h, object := readHeader(p.raw)
	if p.kind != "" {
		if h.APIVersion == "" {
			h.APIVersion = "v1"
		}
		if h.Kind == "" {
			h.Kind = p.kind
		}
	}
	e := Error{APIVersion: h.APIVersion, Kind: h.Kind, Name: h.Metadata.Name, Namespace: h.Metadata.Namespace, NoText: h.noText}
	e.Line = p.doc.line(p.prefix)
	switch {
	case !object:
		e.NoObject = true
		e.Class, e.Message = ClassNoKind, "a document has to be an object with apiVersion and kind"
	case h.Kind == "":
		e.Class, e.Message, e.Hint = ClassNoKind, "Object 'Kind' is missing", noKindHint(p.raw)
		if d.opts.Lenient {
			e.Class, e.Message = ClassUndecodable, fmt.Sprintf("%s in '%s'", e.Message, bytes.TrimSpace(p.raw))
		}
	case h.APIVersion == "":
		e.Class, e.Message, e.Hint = ClassNoKind, "Object 'apiVersion' is missing", takes
	default:
		if item, list := listItemKind(h.APIVersion, h.Kind); list {
			d.list(p, item)
			return
		}
		if obj := newObject(h.APIVersion, h.Kind); obj != nil {
			d.object(p, obj, e)
			return
		}
		e.Line = p.doc.line(joinPath(p.prefix, "kind"))
		e.Class, e.Hint = ClassNoMatch, kindHint(h.APIVersion, h.Kind)
		if foreign(h.APIVersion, h.Kind) {
			e.Class, e.Hint = ClassUnsupported, foreignHint(h.Kind)
			e.Message = fmt.Sprintf("podsim does not take kind %s (%s)", h.Kind, h.APIVersion)
		}
	}
	d.fail(p.doc, e)
}

func (d *decoder) list(p piece, item string) {
	var list struct {
		Items []json.RawMessage `json:"items"`
	}
	err := json.Unmarshal(p.raw, &list)
	if err == nil && p.depth >= maxListDepth {
		err = errors.New("lists are nested too deep")
	}
	if err != nil {
		d.fail(p.doc, Error{
			Class: ClassBadRequest, APIVersion: "v1", Kind: "List",
			Line: p.doc.line(joinPath(p.prefix, "items")), Message: err.Error(),
		})
		return
	}
	for i, raw := range list.Items {
		if bytes.Equal(bytes.TrimSpace(raw), []byte("null")) {
			continue
		}
		prefix := joinPath(p.prefix, "items["+strconv.Itoa(i)+"]")
		d.value(piece{doc: p.doc, prefix: prefix, raw: raw, kind: item, depth: p.depth + 1})
	}
}

// object decodes one value into its type and fills in the defaults.
func (d *decoder) object(p piece, obj Object, e Error) {
	e.Class = ClassBadRequest
	unknown, err := kjson.UnmarshalStrict(p.raw, obj, kjson.DisallowUnknownFields)
	if err != nil {
		e.Message, e.Hint = err.Error(), typeHint(err.Error())
		e.Field = faultyField(p.raw, err)
		if m := structField.FindStringSubmatch(e.Message); m != nil && (m[2] == "metadata" || strings.HasPrefix(m[2], "metadata.")) {
			e.Class = ClassUndecodable
			// kubectl's own type for it.
			e.Message = strings.Replace(e.Message, "field "+e.Kind+".metadata ", "field metadataOnlyObject.metadata ", 1)
		}
		e.Line = p.doc.line(joinPath(p.prefix, e.Field))
		d.fail(p.doc, e)
		return
	}
	if len(unknown) > 0 && !d.opts.Lenient {
		e.Message, e.Field = strictMessage(unknown)
		e.Hint = unknownHint(obj, e.Field)
		e.Line = p.doc.line(joinPath(p.prefix, e.Field))
		d.fail(p.doc, e)
		return
	}
	for _, field := range unknown {
		path := unknownField(field)
		d.warn(p.doc, joinPath(p.prefix, path), "unknown field is dropped")
	}
	obj.GetObjectKind().SetGroupVersionKind(v1.SchemeGroupVersion.WithKind(e.Kind))
	d.identify(p, obj)
	for _, dropped := range SetDefaults(obj, d.opts.Rand) {
		d.warn(p.doc, joinPath(p.prefix, dropped.Field), dropped.Message)
	}
	d.result.Objects = append(d.result.Objects, obj)
	d.result.origins[obj] = origin{doc: p.doc, prefix: p.prefix, raw: p.raw}
}

// identify gives the object its namespace and, where it asks for one, a name.
func (d *decoder) identify(p piece, obj Object) {
	if _, clusterWide := obj.(*v1.PersistentVolume); !clusterWide && obj.GetNamespace() == "" {
		obj.SetNamespace(d.opts.namespace())
	}
	if obj.GetName() != "" {
		return
	}
	if base := obj.GetGenerateName(); base != "" {
		obj.SetName(GenerateName(base, d.opts.Rand))
		return
	}
	if _, pod := obj.(*v1.Pod); !pod || !d.opts.NameFromFile {
		return
	}
	if name := NameFromFile(d.opts.Filename); name != "" {
		obj.SetName(name)
		d.warn(p.doc, joinPath(p.prefix, "metadata"), "no name given: the pod is called "+quote(name)+" after the file")
	}
}

// strictMessage gives the API server's text for unknown fields, and the first of them.
func strictMessage(unknown []error) (message, field string) {
	texts := make([]string, len(unknown))
	for i, err := range unknown {
		texts[i] = err.Error()
	}
	return "strict decoding error: " + strings.Join(texts, ", "), unknownField(unknown[0])
}

// unknownField takes the path out of an unknown field's error.
func unknownField(err error) string {
	var fe kjson.FieldError
	if errors.As(err, &fe) {
		return fe.FieldPath()
	}
	return ""
}

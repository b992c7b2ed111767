package manifest

import (
	"bytes"
	"regexp"
	"strconv"

	yamlnode "go.yaml.in/yaml/v3"
	"sigs.k8s.io/yaml"
)

// document is one part of a file.
type document struct {
	// index counts the documents of the file from 0; start is the number of lines before this one.
	index, start int
	text         []byte

	parsed bool
	root   *yamlnode.Node
}

// splitDocuments cuts a file at lines that are a YAML document marker. Markers inside JSON or quoted text do not occur:
// a marker stands at the very start of a line, where YAML allows nothing else.
func splitDocuments(data []byte) []*document {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	var docs []*document
	current := &document{}
	flush := func(next int) {
		if len(bytes.TrimSpace(current.text)) > 0 {
			current.index = len(docs)
			docs = append(docs, current)
		}
		current = &document{start: next}
	}
	for n, line := range bytes.SplitAfter(data, []byte("\n")) {
		rest, marker := cutMarker(line)
		if !marker {
			current.text = append(current.text, line...)
			continue
		}
		if len(rest) == 0 {
			n++
		}
		flush(n)
		current.text = append(current.text, rest...)
	}
	flush(0)
	return docs
}

// cutMarker reports whether a line is "---" or "..." and returns what stays of it: the content that may follow three
// dashes, in its place.
func cutMarker(line []byte) (rest []byte, marker bool) {
	if len(line) < 3 {
		return nil, false
	}
	head, tail := string(line[:3]), line[3:]
	if head != "---" && head != "..." {
		return nil, false
	}
	if len(tail) > 0 && !bytes.ContainsRune([]byte(" \t\r\n"), rune(tail[0])) {
		return nil, false
	}
	if trimmed := bytes.TrimSpace(tail); len(trimmed) == 0 || trimmed[0] == '#' {
		return nil, true
	}
	if head == "..." {
		return nil, false
	}
	return append([]byte("   "), tail...), true
}

// json converts the document; nil without an error means that it is empty.
func (d *document) json() ([]byte, error) {
	raw, err := yaml.YAMLToJSON(d.text)
	if err != nil {
		return nil, err
	}
	if bytes.Equal(bytes.TrimSpace(raw), []byte("null")) {
		return nil, nil
	}
	return raw, nil
}

// yamlLine finds the line that the YAML parser's message names.
var yamlLine = regexp.MustCompile(`\bline (\d+): `)

// syntaxLine returns the line of the file that a YAML error points at.
func (d *document) syntaxLine(err error) int {
	m := yamlLine.FindStringSubmatch(err.Error())
	if m == nil {
		return d.start + 1
	}
	n, convErr := strconv.Atoi(m[1])
	if convErr != nil {
		return d.start + 1
	}
	return d.start + n
}

package manifest

import (
	"strconv"
	"strings"

	yamlnode "go.yaml.in/yaml/v3"
)

// maxNodeDepth bounds the walk through a document; aliases could make it endless.
const maxNodeDepth = 200

// tree parses the document once more into nodes that know their lines. It is for messages only: nil when it fails.
func (d *document) tree() *yamlnode.Node {
	if d.parsed {
		return d.root
	}
	d.parsed = true
	var node yamlnode.Node
	if err := yamlnode.Unmarshal(d.text, &node); err != nil || len(node.Content) == 0 {
		return nil
	}
	d.root = node.Content[0]
	return d.root
}

// line returns the line in the file of a field path, or of the nearest enclosing field.
func (d *document) line(path string) int {
	node := d.tree()
	if node == nil {
		return d.start + 1
	}
	line := node.Line
	for _, step := range splitPath(path) {
		next, at := child(node, step)
		if next == nil {
			break
		}
		node, line = next, at
	}
	return d.start + line
}

// child returns the value of a key or an index, and the line on which it begins.
func child(node *yamlnode.Node, step string) (*yamlnode.Node, int) {
	if node.Kind == yamlnode.AliasNode && node.Alias != nil {
		node = node.Alias
	}
	switch node.Kind {
	case yamlnode.MappingNode:
		for i := len(node.Content) - 2; i >= 0; i -= 2 {
			if node.Content[i].Value == step {
				return node.Content[i+1], node.Content[i].Line
			}
		}
	case yamlnode.SequenceNode:
		if n, err := strconv.Atoi(step); err == nil && n >= 0 && n < len(node.Content) {
			return node.Content[n], node.Content[n].Line
		}
	}
	return nil, 0
}

// splitPath cuts `spec.nodeSelector[a.b/c].x[0]` into its steps; a bracket holds one step whatever is in it.
func splitPath(path string) []string {
	var steps []string
	for path != "" {
		switch path[0] {
		case '.':
			path = path[1:]
		case '[':
			inner, rest, _ := strings.Cut(path[1:], "]")
			steps, path = append(steps, inner), rest
		default:
			end := strings.IndexAny(path, ".[")
			if end < 0 {
				end = len(path)
			}
			steps, path = append(steps, path[:end]), path[end:]
		}
	}
	return steps
}

// joinPath puts a prefix before a path.
func joinPath(prefix, path string) string {
	switch {
	case prefix == "":
		return path
	case path == "" || path[0] == '[':
		return prefix + path
	}
	return prefix + "." + path
}

// duplicate is a key that a mapping holds twice.
type duplicate struct {
	path, key string
	line      int
}

// duplicates lists the keys that are given more than once, at the place of the later one.
func (d *document) duplicates() []duplicate {
	root := d.tree()
	if root == nil {
		return nil
	}
	var found []duplicate
	var walk func(node *yamlnode.Node, path string, depth int)
	walk = func(node *yamlnode.Node, path string, depth int) {
		if depth > maxNodeDepth {
			return
		}
		switch node.Kind {
		case yamlnode.MappingNode:
			seen := map[string]bool{}
			for i := 0; i+1 < len(node.Content); i += 2 {
				key := node.Content[i]
				at := joinPath(path, key.Value)
				if seen[key.Value] && key.Value != "<<" {
					found = append(found, duplicate{path: at, key: key.Value, line: d.start + key.Line})
				}
				seen[key.Value] = true
				walk(node.Content[i+1], at, depth+1)
			}
		case yamlnode.SequenceNode:
			for i, item := range node.Content {
				walk(item, path+"["+strconv.Itoa(i)+"]", depth+1)
			}
		}
	}
	walk(root, "", 0)
	return found
}

package manifest

import (
	"encoding/json"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
)

// structField finds the field in a decoder's complaint about a type; its path has no indices.
var structField = regexp.MustCompile(`cannot unmarshal (\w+)(?: [^ ]+)? into Go struct field \w+\.([\w.]+) of type`)

// faultyField returns the path of the field that a decoding error is about, or "". The decoder does not tell which item of
// a list it stumbled over, so the value is looked for: the first one at that path with the JSON type it complains of.
func faultyField(raw []byte, err error) string {
	var value any
	if json.Unmarshal(raw, &value) != nil {
		return ""
	}
	if m := structField.FindStringSubmatch(err.Error()); m != nil {
		return findField(value, "", func(path string, v any) bool {
			return jsonType(v) == m[1] && plainPath(path) == m[2]
		})
	}
	if strings.Contains(err.Error(), "quantit") || strings.Contains(err.Error(), "suffix") {
		return findField(value, "", badQuantity)
	}
	return ""
}

// findField returns the path of the first value that match accepts, parents first, keys in order.
func findField(v any, path string, match func(path string, v any) bool) string {
	if path != "" && match(path, v) {
		return path
	}
	switch v := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		for _, k := range keys {
			if found := findField(v[k], joinPath(path, k), match); found != "" {
				return found
			}
		}
	case []any:
		for i, item := range v {
			if found := findField(item, path+"["+strconv.Itoa(i)+"]", match); found != "" {
				return found
			}
		}
	}
	return ""
}

var pathIndex = regexp.MustCompile(`\[\d+\]`)

// plainPath is a path without indices.
func plainPath(path string) string { return pathIndex.ReplaceAllString(path, "") }

func jsonType(v any) string {
	switch v.(type) {
	case string:
		return "string"
	case float64:
		return "number"
	case bool:
		return "bool"
	case map[string]any:
		return "object"
	case []any:
		return "array"
	}
	return ""
}

// quantityField matches the places where the Pod API has a quantity.
var quantityField = regexp.MustCompile(`(\.(limits|requests|overhead|capacity)\.[^.]+|\.sizeLimit|\.divisor)$`)

func badQuantity(path string, v any) bool {
	if !quantityField.MatchString(path) {
		return false
	}
	s, ok := v.(string)
	if !ok {
		return v != nil && jsonType(v) != "number"
	}
	_, err := resource.ParseQuantity(s)
	return err != nil
}

package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	v1 "k8s.io/api/core/v1"
	"k8s.io/client-go/util/jsonpath"
)

// conditionMet tells whether a pod's condition has a value, for the generation
// that is asked for now.
func conditionMet(name, value string) func(Object) (bool, error) {
	return func(o Object) (bool, error) {
		pod, ok := o.(*v1.Pod)
		if !ok {
			return false, nil
		}
		for _, c := range pod.Status.Conditions {
			if !strings.EqualFold(string(c.Type), name) {
				continue
			}
			observed := c.ObservedGeneration
			if observed == 0 {
				observed = pod.Status.ObservedGeneration
			}
			if observed != 0 && observed < pod.Generation {
				return false, nil
			}
			return strings.EqualFold(string(c.Status), value), nil
		}
		return false, nil
	}
}

// jsonpathMet tells whether what a path finds has a value; without "=value",
// whether it finds anything.
func jsonpathMet(text string) (func(Object) (bool, error), error) {
	expr, value, given, err := splitJSONPath(text)
	if err != nil {
		return nil, err
	}
	path := jsonpath.New("wait").AllowMissingKeys(true)
	if err := path.Parse(expr); err != nil {
		return nil, err
	}
	return func(o Object) (bool, error) {
		plain, err := asMap(o)
		if err != nil {
			return false, err
		}
		found, err := path.FindResults(plain)
		if err != nil || len(found) == 0 || len(found[0]) == 0 {
			return false, err
		}
		if !given {
			return true, nil
		}
		return matchesValue(found, value)
	}, nil
}

// splitJSONPath takes "{.status.phase}=Running" apart. Braces and the leading
// dot may be left out; an "=" inside braces belongs to the path.
func splitJSONPath(text string) (expr, value string, given bool, err error) {
	if text == "" {
		return "", "", false, errors.New("jsonpath expression cannot be empty")
	}
	expr = text
	if strings.HasPrefix(text, "{") {
		end := strings.LastIndex(text, "}")
		if end < 0 {
			return "", "", false, errors.New("unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'")
		}
		expr, value = text[:end+1], text[end+1:]
		value, given = strings.CutPrefix(value, "=")
	} else {
		expr, value, given = strings.Cut(text, "=")
		expr = "{." + strings.TrimPrefix(expr, ".") + "}"
	}
	value = strings.Trim(value, `'"`)
	if given && value == "" {
		return "", "", false, errors.New("jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3")
	}
	return expr, value, given, nil
}

func asMap(o Object) (map[string]any, error) {
	data, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	plain := map[string]any{}
	return plain, json.Unmarshal(data, &plain)
}

func matchesValue(found [][]reflect.Value, value string) (bool, error) {
	if len(found) > 1 || len(found[0]) > 1 {
		return false, errors.New("given jsonpath expression matches more than one value")
	}
	switch v := found[0][0].Interface().(type) {
	case map[string]any, []any:
		return false, errors.New("jsonpath leads to a nested object or list which is not supported")
	default:
		return fmt.Sprint(v) == value, nil
	}
}

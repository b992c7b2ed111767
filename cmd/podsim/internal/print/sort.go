package print

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/fvbommel/sortorder"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/client-go/util/jsonpath"
)

// sort orders objects by the field that SortBy names.
func (p *Printer) sort(objs []Object) error {
	if p.opts.SortBy == "" || len(objs) == 0 {
		return nil
	}
	expr, err := relaxed(p.opts.SortBy)
	if err != nil {
		return err
	}
	path := jsonpath.New("sort").AllowMissingKeys(true)
	if err := path.Parse(expr); err != nil {
		return fmt.Errorf("error parsing jsonpath %s, %w", expr, err)
	}
	keys := map[Object]any{}
	for _, obj := range objs {
		u, err := generic(obj)
		if err != nil {
			return err
		}
		found, err := path.FindResults(u.Object)
		if err != nil {
			return err
		}
		if len(found) > 0 && len(found[0]) > 0 && found[0][0].CanInterface() {
			keys[obj] = found[0][0].Interface()
		}
	}
	if len(keys) == 0 {
		return fmt.Errorf("couldn't find any field with path %q in the list of objects", expr)
	}
	slices.SortStableFunc(objs, func(a, b Object) int { return compare(keys[a], keys[b]) })
	return nil
}

// compare orders two field values: what is missing comes first, numbers by value, strings as quantities if they are and
// else naturally (p2 before p10).
func compare(a, b any) int {
	switch x := a.(type) {
	case int64:
		if y, ok := b.(int64); ok {
			return cmp.Compare(x, y)
		}
	case float64:
		if y, ok := b.(float64); ok {
			return cmp.Compare(x, y)
		}
	case string:
		if y, ok := b.(string); ok {
			return compareStrings(x, y)
		}
	}
	if (a == nil) != (b == nil) {
		if a == nil {
			return -1
		}
		return 1
	}
	return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b))
}

func compareStrings(a, b string) int {
	qa, errA := resource.ParseQuantity(a)
	qb, errB := resource.ParseQuantity(b)
	switch {
	case errA == nil && errB == nil:
		return qa.Cmp(qb)
	case sortorder.NaturalLess(a, b):
		return -1
	case sortorder.NaturalLess(b, a):
		return 1
	}
	return 0
}

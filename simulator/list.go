package simulator

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/podsim/podsim/simulator/internal/store"
)

// ListOptions select objects.
type ListOptions struct {
	// Namespace "" is the Simulator's own; AllNamespaces wins.
	Namespace     string
	AllNamespaces bool
	// Name selects one object.
	Name string
	// Labels and Fields are selectors as kubectl's -l and --field-selector
	// take them ("app=web,tier!=db"; "status.phase=Running").
	Labels string
	Fields string
}

// List reads the objects of a kind in the order of namespace and name. An empty
// list is no error. With an error it still returns those that could be read.
func (s *Simulator) List(_ context.Context, kind Kind, o ListOptions) ([]Object, error) {
	sel, err := newSelection(kind, o)
	if err != nil {
		return nil, err
	}
	all, err := s.listAll(kind, s.listed(o))
	var out []Object
	for _, obj := range all {
		if sel.matches(obj) {
			out = append(out, obj)
		}
	}
	return out, err
}

// PodList is List for pods.
func (s *Simulator) PodList(ctx context.Context, o ListOptions) ([]*v1.Pod, error) {
	list, err := s.List(ctx, Pods, o)
	out := make([]*v1.Pod, 0, len(list))
	for _, obj := range list {
		out = append(out, obj.(*v1.Pod))
	}
	return out, err
}

// listed is the namespace of a list, "" for all.
func (s *Simulator) listed(o ListOptions) string {
	if o.AllNamespaces {
		return ""
	}
	return s.ns(o.Namespace)
}

// listAll reads every object of a kind of a namespace or of all.
func (s *Simulator) listAll(kind Kind, ns string) ([]Object, error) {
	var out []Object
	switch kind {
	case Pods:
		pods, err := s.store.Pods(ns)
		for _, p := range pods {
			out = append(out, shown(p))
		}
		return out, err
	case EventKind:
		events, err := s.store.Events(ns)
		sortByName(events)
		for i := range events {
			out = append(out, &events[i])
		}
		return out, err
	}
	return s.store.List(store.Kind(kind), ns)
}

// sortByName puts events in the order in which an API server lists them. Their
// names end with when they happened first.
func sortByName(events []v1.Event) {
	slices.SortFunc(events, func(a, b v1.Event) int {
		return cmp.Or(strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
	})
}

// selection is what ListOptions select, apart from the namespace.
type selection struct {
	name   string
	labels labels.Selector
	fields fields.Selector
}

func newSelection(kind Kind, o ListOptions) (selection, error) {
	if store.Kind(kind).Resource().Resource == "" {
		return selection{}, unsupported(kind)
	}
	byLabel, err := labels.Parse(o.Labels)
	if err != nil {
		return selection{}, o.unfit(kind, err.Error())
	}
	byField, err := fields.ParseSelector(o.Fields)
	if err != nil {
		return selection{}, o.unfit(kind, err.Error())
	}
	for _, r := range byField.Requirements() {
		if !knownField(kind, r.Field) {
			return selection{}, o.unfit(kind, unknownField(kind, r.Field))
		}
	}
	return selection{name: o.Name, labels: byLabel, fields: byField}, nil
}

// unfit is kubectl's error about selectors that the API server refuses.
func (o ListOptions) unfit(kind Kind, why string) error {
	return apierrors.NewBadRequest(fmt.Sprintf("Unable to find %q that match label selector %q, field selector %q: %s",
		"/v1, Resource="+kind.Resource(), o.Labels, o.Fields, why))
}

func (s selection) matches(o Object) bool {
	if s.name != "" && o.GetName() != s.name {
		return false
	}
	return s.labels.Matches(labels.Set(o.GetLabels())) && s.fields.Matches(fieldsOf(o))
}

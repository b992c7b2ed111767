package simulator

import (
	"fmt"
	"strconv"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/fields"

	"github.com/podsim/podsim/simulator/internal/store"
)

// fieldsOf are the fields of an object that a field selector may name
// (pkg/registry/core/pod/strategy.go and its neighbours).
func fieldsOf(o Object) fields.Set {
	set := fields.Set{"metadata.name": o.GetName(), "metadata.namespace": o.GetNamespace()}
	switch o := o.(type) {
	case *v1.Pod:
		podFields(o, set)
	case *v1.Secret:
		set["type"] = string(o.Type)
	case *v1.PersistentVolume:
		set["name"] = o.Name
	case *v1.PersistentVolumeClaim:
		set["name"] = o.Name
	case *v1.Event:
		eventFields(o, set)
	}
	return set
}

func podFields(p *v1.Pod, set fields.Set) {
	set["spec.nodeName"] = p.Spec.NodeName
	set["spec.restartPolicy"] = string(p.Spec.RestartPolicy)
	set["spec.schedulerName"] = p.Spec.SchedulerName
	set["spec.serviceAccountName"] = p.Spec.ServiceAccountName
	set["spec.hostNetwork"] = strconv.FormatBool(p.Spec.HostNetwork)
	set["status.phase"] = string(p.Status.Phase)
	set["status.podIP"] = p.Status.PodIP
	set["status.podIPs"] = p.Status.PodIP
	set["status.nominatedNodeName"] = p.Status.NominatedNodeName
}

func eventFields(e *v1.Event, set fields.Set) {
	source := e.Source.Component
	if source == "" {
		source = e.ReportingController
	}
	set["involvedObject.kind"] = e.InvolvedObject.Kind
	set["involvedObject.namespace"] = e.InvolvedObject.Namespace
	set["involvedObject.name"] = e.InvolvedObject.Name
	set["involvedObject.uid"] = string(e.InvolvedObject.UID)
	set["involvedObject.apiVersion"] = e.InvolvedObject.APIVersion
	set["involvedObject.resourceVersion"] = e.InvolvedObject.ResourceVersion
	set["involvedObject.fieldPath"] = e.InvolvedObject.FieldPath
	set["reason"] = e.Reason
	set["reportingComponent"] = e.ReportingController
	set["source"] = source
	set["type"] = e.Type
}

func knownField(kind Kind, field string) bool {
	var empty Object = &v1.Event{}
	if kind != EventKind {
		empty = store.Kind(kind).New()
	}
	_, known := fieldsOf(empty)[field]
	return known
}

// unknownField is the API server's text: some kinds have fields of their own
// and say so otherwise than those that have not.
func unknownField(kind Kind, field string) string {
	if kind == Configs {
		return fmt.Sprintf("%q is not a known field selector: only %q, %q", field, "metadata.name", "metadata.namespace")
	}
	return "field label not supported: " + field
}

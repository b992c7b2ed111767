package node

import (
	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/simulator/internal/config"
	"github.com/podsim/podsim/simulator/internal/store"
)

// readObjects reads what the pod may mount and read. An object that cannot be
// read is missing, and the log says why.
func (w *worker) readObjects() config.Objects {
	ns := w.key.Namespace
	return config.Objects{
		ConfigMaps: byName[*v1.ConfigMap](w, store.KindConfigMap, ns),
		Secrets:    byName[*v1.Secret](w, store.KindSecret, ns),
		Claims:     byName[*v1.PersistentVolumeClaim](w, store.KindClaim, ns),
		Volumes:    byName[*v1.PersistentVolume](w, store.KindVolume, ""),
	}
}

func byName[T store.Object](w *worker, kind store.Kind, ns string) map[string]T {
	list, err := w.n.Store.List(kind, ns)
	if err != nil {
		w.log.Warn("read objects", "kind", kind, "error", err)
	}
	m := make(map[string]T, len(list))
	for _, o := range list {
		if t, ok := o.(T); ok {
			m[t.GetName()] = t
		}
	}
	return m
}

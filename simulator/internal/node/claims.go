package node

import (
	"context"
	"errors"
	"fmt"
	"slices"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/component-helpers/storage/ephemeral"

	"github.com/podsim/podsim/runtime"
	"github.com/podsim/podsim/simulator/internal/config"
	"github.com/podsim/podsim/simulator/internal/lifecycle"
	"github.com/podsim/podsim/simulator/internal/manifest"
	"github.com/podsim/podsim/simulator/internal/store"
)

// claim is a claim of the pod's namespace, nil if there is none.
func (w *worker) claim(name string) *v1.PersistentVolumeClaim {
	claim, err := w.n.Store.Claim(w.key.Namespace, name)
	if err != nil && !apierrors.IsNotFound(err) {
		w.log.Warn("read claim", "claim", name, "error", err)
	}
	return claim
}

// makeClaims makes the claims of the pod's ephemeral volumes, as a controller
// of a cluster does (pkg/controller/volume/ephemeral, syncHandler).
func (w *worker) makeClaims() {
	p := w.pod.Object
	if p.DeletionTimestamp != nil {
		return
	}
	for i := range p.Spec.Volumes {
		v := &p.Spec.Volumes[i]
		if v.Ephemeral == nil {
			continue
		}
		if err := w.makeClaim(v); err != nil {
			w.claimProblem(fmt.Sprintf("ephemeral volume %s: %v", v.Name, err))
			return
		}
	}
	w.claimProblem("")
}

// claimProblem tells once why a claim cannot be made.
func (w *worker) claimProblem(text string) {
	if text != "" && text != w.unclaimed {
		e := warning("", "FailedBinding", text)
		e.Source = lifecycle.SourceEphemeral
		w.tell(e)
	}
	w.unclaimed = text
}

func (w *worker) makeClaim(v *v1.Volume) error {
	p, name := w.pod.Object, ephemeral.VolumeClaimName(w.pod.Object, v)
	if there := w.claim(name); there != nil {
		return ephemeral.VolumeIsForPod(p, there)
	}
	template := v.Ephemeral.VolumeClaimTemplate.DeepCopy()
	claim := &v1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: p.Namespace, Name: name, Labels: template.Labels, Annotations: template.Annotations,
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(p, v1.SchemeGroupVersion.WithKind("Pod"))},
		},
		Spec: template.Spec,
	}
	manifest.SetDefaults(claim, nil)
	if err := w.n.Store.Create(claim); err != nil {
		return fmt.Errorf("create PVC %s: %w", name, err)
	}
	return w.n.Store.BindClaim(claim.Namespace, claim.Name, false)
}

// FinishClaims takes away the claims of a namespace (or of all, "") that were
// deleted while pods used them and that none uses any more, with their data,
// and those of pods that are gone
// (pkg/controller/volume/pvcprotection, pkg/controller/garbagecollector).
func FinishClaims(ctx context.Context, e runtime.Engine, s Store, ns string) error {
	list, err := s.List(store.KindClaim, ns)
	if err != nil || !slices.ContainsFunc(list, mayGo) {
		return err
	}
	pods, err := s.Pods(ns)
	if err != nil {
		return err // a pod that cannot be read may use any of them
	}
	var errs []error
	for _, o := range list {
		if claim := o.(*v1.PersistentVolumeClaim); mayGo(o) && finished(claim, pods) {
			errs = append(errs, finishClaim(ctx, e, s, claim))
		}
	}
	return errors.Join(errs...)
}

func mayGo(claim store.Object) bool {
	return claim.GetDeletionTimestamp() != nil || ownerOf(claim) != ""
}

// ownerOf is the UID of the pod for whose ephemeral volume a claim was made, ""
// of every other claim.
func ownerOf(claim store.Object) types.UID {
	if ref := metav1.GetControllerOf(claim); ref != nil && ref.Kind == string(store.KindPod) {
		return ref.UID
	}
	return ""
}

// finished says that a claim has to go and that no pod keeps it.
func finished(claim *v1.PersistentVolumeClaim, pods []store.Pod) bool {
	owner := ownerOf(claim)
	owned := owner != "" && slices.ContainsFunc(pods, func(p store.Pod) bool { return p.Object.UID == owner })
	if owner != "" && !owned {
		return true
	}
	return claim.DeletionTimestamp != nil && !slices.ContainsFunc(pods, func(p store.Pod) bool { return usesClaim(p.Object, claim) })
}

// finishClaim holds the claim's lock: when another process finished it, what
// bears its name now is not to go.
func finishClaim(ctx context.Context, e runtime.Engine, s Store, claim *v1.PersistentVolumeClaim) error {
	ns, name, uid := claim.Namespace, claim.Name, string(claim.UID)
	release, ok, err := s.Own(ns, name, uid)
	if err != nil || !ok {
		return err
	}
	defer release()
	there, err := s.Claim(ns, name)
	if apierrors.IsNotFound(err) || err == nil && there.UID != claim.UID {
		return nil
	}
	if err != nil {
		return err
	}
	if ownerOf(claim) == "" && claim.Annotations[store.KeepData] == "" { // a pod's own go with the pod
		err := e.RemoveVolume(ctx, config.ClaimVolumeName(s.Home(), ns, name))
		if err != nil && !errors.Is(err, runtime.ErrNotFound) {
			return fmt.Errorf("delete the data of persistentvolumeclaim %q: %w", name, err)
		}
	}
	if err := s.Delete(store.KindClaim, ns, name, uid); err != nil && !apierrors.IsNotFound(err) {
		return err
	}
	return s.ReleaseVolumes(ns, name)
}

// usesClaim says whether a pod keeps a claim from going: one that was never
// scheduled does not.
func usesClaim(pod *v1.Pod, claim *v1.PersistentVolumeClaim) bool {
	if pod.Spec.NodeName == "" {
		return false
	}
	for i := range pod.Spec.Volumes {
		v := &pod.Spec.Volumes[i]
		if v.PersistentVolumeClaim != nil && v.PersistentVolumeClaim.ClaimName == claim.Name {
			return true
		}
		if v.Ephemeral != nil && ephemeral.VolumeClaimName(pod, v) == claim.Name && ephemeral.VolumeIsForPod(pod, claim) == nil {
			return true
		}
	}
	return false
}

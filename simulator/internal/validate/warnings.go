package validate

import (
	"fmt"
	"net/netip"
	"strings"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	netutils "k8s.io/utils/net"
)

// Warning is about a field that is accepted, and that its author should know of.
type Warning struct {
	// Field is its path; empty when Message already begins with it.
	Field   string
	Message string
}

// String prints it as the API server does: path, colon, text.
func (w Warning) String() string {
	if w.Field == "" {
		return w.Message
	}
	return w.Field + ": " + w.Message
}

// warnings gathers what the API server would say beside accepting a pod.
type warnings struct {
	list []Warning
}

func (w *warnings) add(at *field.Path, format string, args ...any) {
	w.list = append(w.list, Warning{Field: at.String(), Message: fmt.Sprintf(format, args...)})
}

// APIWarnings returns the warnings that the API server sends along with a pod that it takes; kubectl prints each after
// "Warning: ".
func APIWarnings(pod *v1.Pod) []Warning {
	w := &warnings{}
	spec := &pod.Spec
	w.hostname(pod.Name)
	w.scheduling(spec)
	w.annotations(pod)
	w.volumes(spec.Volumes)
	w.list = append(w.list, overlappingPaths(spec.Volumes)...)
	w.names(spec)
	w.wholeBytes(specPath.Child("overhead"), spec.Overhead)
	for _, ctr := range allContainers(spec) {
		w.wholeBytes(ctr.at.Child("resources", "limits"), ctr.Resources.Limits)
		w.wholeBytes(ctr.at.Child("resources", "requests"), ctr.Resources.Requests)
		w.env(ctr)
	}
	w.ports(spec)
	w.portNames(spec)
	w.podTerms(spec.Affinity)
	w.addresses(spec)
	return w.list
}

// hostname warns of a name that is none for a host.
func (w *warnings) hostname(name string) {
	if details := validation.IsDNS1123Label(name); name != "" && len(details) > 0 {
		w.add(metadataPath.Child("name"), "this is used in the Pod's hostname, which can result in surprising behavior; "+
			"a DNS label is recommended: %v", details)
	}
}

// wholeBytes puts both limits before both requests, as memory and ephemeral storage do.
func (w *warnings) wholeBytes(at *field.Path, list v1.ResourceList) {
	for _, name := range []v1.ResourceName{v1.ResourceMemory, v1.ResourceEphemeralStorage} {
		if quantity, ok := list[name]; ok && fractional(quantity) {
			w.add(at.Key(string(name)), "fractional byte value %q is invalid, must be an integer", quantity.String())
		}
	}
}

func fractional(q resource.Quantity) bool { return q.MilliValue()%1000 != 0 }

func (w *warnings) annotations(pod *v1.Pod) {
	at := metadataPath.Child("annotations")
	gone := []struct{ key, message string }{
		{"scheduler.alpha.kubernetes.io/critical-pod", `non-functional in v1.16+; use the "priorityClassName" field instead`},
		{"security.alpha.kubernetes.io/sysctls", `non-functional in v1.11+; use the "sysctls" field instead`},
		{"security.alpha.kubernetes.io/unsafe-sysctls", `non-functional in v1.11+; use the "sysctls" field instead`},
	}
	for _, g := range gone {
		if _, ok := pod.Annotations[g.key]; ok {
			w.add(at.Key(g.key), "%s", g.message)
		}
	}
	const useField = `non-functional in v1.27+; use the "seccompProfile" field instead`
	if sc := pod.Spec.SecurityContext; sc == nil || sc.SeccompProfile == nil {
		if _, ok := pod.Annotations[seccompPodAnnotation]; ok {
			w.add(at.Key(seccompPodAnnotation), useField)
		}
	}
	for _, ctr := range allContainers(&pod.Spec) {
		_, ok := pod.Annotations[seccompPrefix+ctr.Name]
		if sc := ctr.SecurityContext; ok && (sc == nil || sc.SeccompProfile == nil) {
			w.add(at.Key(seccompPrefix+ctr.Name), useField)
		}
	}
}

func (w *warnings) volumes(volumes []v1.Volume) {
	for i, v := range volumes {
		at := specPath.Child("volumes").Index(i)
		old := func(used bool, name, message string) {
			if used {
				w.add(at.Child(name), "%s", message)
			}
		}
		old(v.PhotonPersistentDisk != nil, "photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+")
		old(v.GitRepo != nil, "gitRepo", "deprecated in v1.11, and disabled by default in v1.33+")
		old(v.ScaleIO != nil, "scaleIO", "deprecated in v1.16, non-functional in v1.22+")
		old(v.Flocker != nil, "flocker", "deprecated in v1.22, non-functional in v1.25+")
		old(v.StorageOS != nil, "storageOS", "deprecated in v1.22, non-functional in v1.25+")
		old(v.Quobyte != nil, "quobyte", "deprecated in v1.22, non-functional in v1.25+")
		old(v.Glusterfs != nil, "glusterfs", "deprecated in v1.25, non-functional in v1.26+")
		if v.Ephemeral != nil && v.Ephemeral.VolumeClaimTemplate != nil {
			w.claim(at.Child("ephemeral", "volumeClaimTemplate", "spec"), &v.Ephemeral.VolumeClaimTemplate.Spec)
		}
		old(v.CephFS != nil, "cephfs", "deprecated in v1.28, non-functional in v1.31+")
		old(v.RBD != nil, "rbd", "deprecated in v1.28, non-functional in v1.31+")
	}
}

func (w *warnings) claim(at *field.Path, spec *v1.PersistentVolumeClaimSpec) {
	const format = "fractional byte value %q is invalid, must be an integer"
	storage := string(v1.ResourceStorage)
	if size := spec.Resources.Requests[v1.ResourceStorage]; fractional(size) {
		w.add(at.Child("resources", "requests").Key(storage), format, size.String())
	}
	if size := spec.Resources.Limits[v1.ResourceStorage]; fractional(size) {
		w.add(at.Child("resources", "limits").Key(storage), format, size.String())
	}
}

// names warns of repeated names in lists that are merged by name.
func (w *warnings) names(spec *v1.PodSpec) {
	ips := sets.New[string]()
	for i, alias := range spec.HostAliases {
		if ips.Has(alias.IP) {
			w.add(specPath.Child("hostAliases").Index(i).Child("ip"), "duplicate ip %q", alias.IP)
		}
		ips.Insert(alias.IP)
	}
	secrets := sets.New[string]()
	for i, ref := range spec.ImagePullSecrets {
		if secrets.Has(ref.Name) {
			w.add(specPath.Child("imagePullSecrets").Index(i).Child("name"), "duplicate name %q", ref.Name)
		}
		secrets.Insert(ref.Name)
	}
	for i, ref := range spec.ImagePullSecrets {
		if ref.Name == "" {
			w.add(specPath.Child("imagePullSecrets").Index(i).Child("name"), `invalid empty name ""`)
		}
	}
}

// env warns of a variable that is given twice, unless the later one is built on the earlier.
func (w *warnings) env(ctr placed) {
	names := sets.New[string]()
	for i, env := range ctr.Env {
		ref := "$(" + env.Name + ")"
		builds := env.ValueFrom == nil && env.Value != ref && strings.Contains(env.Value, ref)
		if names.Has(env.Name) && !builds {
			w.add(ctr.at.Child("env").Index(i), "hides previous definition of %q, which may be dropped when using apply", env.Name)
		}
		names.Insert(env.Name)
	}
}

func (w *warnings) addresses(spec *v1.PodSpec) {
	if spec.DNSConfig != nil {
		for i, server := range spec.DNSConfig.Nameservers {
			w.address(specPath.Child("dnsConfig", "nameservers").Index(i), server)
		}
	}
	for i, alias := range spec.HostAliases {
		w.address(specPath.Child("hostAliases").Index(i).Child("ip"), alias.IP)
	}
}

// address warns of spellings that are taken for now: leading zeros, IPv4 within IPv6, long forms of IPv6.
func (w *warnings) address(at *field.Path, value string) {
	ip := netutils.ParseIPSloppy(value)
	if ip == nil {
		return
	}
	addr, err := netip.ParseAddr(value)
	switch {
	case err != nil || addr.Is4In6():
		w.add(at, "non-standard IP address %q will be considered invalid in a future Kubernetes release: use %q", value, ip.String())
	case addr.Is6() && addr.String() != value:
		w.add(at, "IPv6 address %q should be in RFC 5952 canonical format (%q)", value, addr.String())
	}
}

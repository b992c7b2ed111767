package validate_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/utils/ptr"

	"github.com/podsim/podsim/simulator/internal/manifest"
	"github.com/podsim/podsim/simulator/internal/validate"
)

func object(t *testing.T, text string) manifest.Object {
	t.Helper()
	result, err := manifest.Decode([]byte("apiVersion: v1\n"+text), manifest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return result.Objects[0]
}

func errorsOf(obj manifest.Object) field.ErrorList {
	switch obj := obj.(type) {
	case *v1.ConfigMap:
		return validate.ConfigMap(obj)
	case *v1.Secret:
		return validate.Secret(obj)
	case *v1.PersistentVolumeClaim:
		return validate.PersistentVolumeClaim(obj)
	case *v1.PersistentVolume:
		return append(validate.PersistentVolume(obj), validate.PersistentVolumeRefusals(obj)...)
	}
	return nil
}

func TestOtherObjects(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		text string
		want []string
	}{
		"a good ConfigMap": {"kind: ConfigMap\nmetadata: {name: c}\ndata: {a.b: c}\n", nil},
		"a ConfigMap's keys": {
			"kind: ConfigMap\nmetadata: {name: c}\ndata: {a/b: c, d: e}\nbinaryData: {d: MQ==}\n",
			[]string{
				`data[a/b]: Invalid value: "a/b": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`,
				`data[d]: Invalid value: "d": duplicate of key present in binaryData`,
			},
		},
		"a good Secret": {"kind: Secret\nmetadata: {name: s}\nstringData: {a: b}\n", nil},
		"a certificate": {"kind: Secret\nmetadata: {name: s}\ntype: kubernetes.io/tls\n", []string{"data[tls.crt]: Required value", "data[tls.key]: Required value"}},
		"credentials":   {"kind: Secret\nmetadata: {name: s}\ntype: kubernetes.io/basic-auth\n", []string{"data[username]: Required value", "data[password]: Required value"}},
		"a key":         {"kind: Secret\nmetadata: {name: s}\ntype: kubernetes.io/ssh-auth\n", []string{"data[ssh-privatekey]: Required value"}},
		"a Secret's content is not shown": {
			"kind: Secret\nmetadata: {name: s}\ntype: kubernetes.io/dockerconfigjson\nstringData: {.dockerconfigjson: geheim}\n",
			[]string{`data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": invalid character 'g' looking for beginning of value`},
		},
		"a good claim": {"kind: PersistentVolumeClaim\nmetadata: {name: c}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n", nil},
		"a claim for nothing": {
			"kind: PersistentVolumeClaim\nmetadata: {name: c}\nspec: {accessModes: [ReadWriteOnce, ReadWriteOncePod, Any], resources: {requests: {storage: 0}}}\n",
			[]string{
				`spec.accessModes: Unsupported value: "Any": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"`,
				`spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes`,
				`spec.resources[storage]: Invalid value: "0": must be greater than zero`,
			},
		},
		"a good volume": {"kind: PersistentVolume\nmetadata: {name: v}\nspec: {accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, hostPath: {path: /x}}\n", nil},
		"a volume of nothing": {
			"kind: PersistentVolume\nmetadata: {name: v}\nspec: {accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}}\n",
			[]string{"spec: Required value: must specify a volume type"},
		},
		"a volume of a storage system": {
			"kind: PersistentVolume\nmetadata: {name: v}\nspec: {accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, nfs: {server: s, path: /x}}\n",
			[]string{"spec.nfs: Forbidden: podsim mounts no storage systems: mount it on the engine's machine and use hostPath, or use persistentVolumeClaim"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, texts(errorsOf(object(t, c.text)))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestImmutableObjectsStay(t *testing.T) {
	t.Parallel()
	old, _ := object(t, "kind: ConfigMap\nmetadata: {name: c, resourceVersion: \"1\"}\nimmutable: true\ndata: {a: b}\n").(*v1.ConfigMap)
	updated := old.DeepCopy()
	updated.Data["a"], updated.Immutable = "c", ptr.To(false)
	want := []string{
		"immutable: Forbidden: field is immutable when `immutable` is set",
		"data: Forbidden: field is immutable when `immutable` is set",
	}
	if diff := cmp.Diff(want, texts(validate.ConfigMapUpdate(updated, old))); diff != "" {
		t.Error(diff)
	}
	secret, _ := object(t, "kind: Secret\nmetadata: {name: s, resourceVersion: \"1\"}\nimmutable: true\nstringData: {a: b}\n").(*v1.Secret)
	other := secret.DeepCopy()
	other.Data["a"], other.Type = []byte("c"), "mine"
	want = []string{
		`type: Invalid value: "mine": field is immutable`,
		"data: Forbidden: field is immutable when `immutable` is set",
	}
	if diff := cmp.Diff(want, texts(validate.SecretUpdate(other, secret))); diff != "" {
		t.Error(diff)
	}
}

func TestABoundClaimMayGrow(t *testing.T) {
	t.Parallel()
	claim := func(size, phase string) *v1.PersistentVolumeClaim {
		c, _ := object(t, "kind: PersistentVolumeClaim\nmetadata: {name: c, resourceVersion: \"1\"}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: "+
			size+"}}}\nstatus: {phase: "+phase+", capacity: {storage: 1Gi}}\n").(*v1.PersistentVolumeClaim)
		return c
	}
	if errs := validate.PersistentVolumeClaimUpdate(claim("2Gi", "Bound"), claim("1Gi", "Bound")); len(errs) > 0 {
		t.Error(errs.ToAggregate())
	}
	errs := texts(validate.PersistentVolumeClaimUpdate(claim("2Gi", "Pending"), claim("1Gi", "Pending")))
	const want = "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n"
	if len(errs) != 1 || !strings.HasPrefix(errs[0], want) || !strings.Contains(errs[0], `+   "storage": "2Gi"`) {
		t.Errorf("%q", errs)
	}
	errs = texts(validate.PersistentVolumeClaimUpdate(claim("512Mi", "Bound"), claim("1Gi", "Bound")))
	if diff := cmp.Diff([]string{"spec.resources.requests.storage: Forbidden: field can not be less than status.capacity"}, errs); diff != "" {
		t.Error(diff)
	}
}

package resource

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"pods":                   "pod/",
		"po":                     "pod/",
		"Pod web":                "pod/web",
		"pod/web":                "pod/web",
		"pods web db":            "pod/web pod/db",
		"pods,cm":                "pod/ configmap/",
		"pods,cm x":              "pod/x configmap/x",
		"pod/web cm/settings":    "pod/web configmap/settings",
		"all":                    "pod/",
		"pvc":                    "persistentvolumeclaim/",
		"pods.v1. web":           "pod/web",
		"secrets/s":              "secret/s",
		"persistentvolumes data": "persistentvolume/data",
	} {
		s, err := Parse(strings.Fields(args))
		var got []string
		for _, ref := range s.Refs {
			got = append(got, ref.String())
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%q: got %q, %v, want %q", args, got, err, want)
		}
	}
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"":             "You must provide one or more resources by argument or filename.",
		"deployments":  `the server doesn't have a resource type "deployments"`,
		"pods pod/web": "there is no need to specify a resource type as a separate argument",
		"pod/":         "must have a single resource and name",
		"pod/a/b":      "may not have more than one slash",
		"svc/web":      `the server doesn't have a resource type "svc"`,
	} {
		_, err := Parse(strings.Fields(args))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", args, err, want)
		}
	}
}

func TestPodName(t *testing.T) {
	t.Parallel()
	for _, arg := range []string{"web", "pod/web", "po/web"} {
		if name, err := PodName(arg); err != nil || name != "web" {
			t.Errorf("%q: got %q, %v", arg, name, err)
		}
	}
	if _, err := PodName("cm/web"); err == nil {
		t.Error("a ConfigMap was taken for a pod")
	}
}

package docker

import (
	"net/http"
	"testing"

	"github.com/podsim/podsim/runtime"
)

func TestAVolumeFromBeforeTheEnginesRestartIsStillOurs(t *testing.T) {
	t.Parallel()
	m := runtime.Meta{Kind: runtime.KindVolume, Home: "here", Pod: runtime.PodRef{UID: "u"}}
	l, err := labels(m)
	if err != nil {
		t.Fatal(err)
	}
	e := mustDaemon(t, "1.41", map[string]http.HandlerFunc{
		// 20.10 answers what it read from its disk at start without labels.
		"POST /volumes/create": answer(map[string]any{"Name": "v"}),
		"GET /volumes/v":       answer(map[string]any{"Name": "v", "Labels": l}),
	})
	v, err := e.CreateVolume(t.Context(), runtime.VolumeSpec{Name: "v", Meta: m})
	if err != nil || v.Meta.Home != "here" {
		t.Errorf("volume %v, error %v", v, err)
	}
}

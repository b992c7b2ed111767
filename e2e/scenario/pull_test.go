package scenario

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/podsim/podsim/e2e/harness"
)

func pulling(name, ref string) string {
	return fmt.Sprintf(`
apiVersion: v1
kind: Pod
metadata: {name: %s}
spec:
  restartPolicy: Never
  containers: [{name: app, image: %q, imagePullPolicy: Always, command: [echo, pulled and run]}]
`, name, ref)
}

// removeImage takes the pulled image from the engine again.
func removeImage(t *testing.T, h *harness.Home, ref string) {
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := h.Engine.Call(ctx, http.MethodDelete, "/images/"+ref+"?force=1", nil, nil); err != nil {
			t.Logf("remove image: %v", err)
		}
	})
}

func TestPullFromARegistry(t *testing.T) {
	t.Parallel()
	h, registry := harness.New(t), harness.NewRegistry(t)
	removeImage(t, h, registry.Image)
	r := h.Run("run", h.Write("pod.yaml", pulling("pull", registry.Image)))
	if r.Code != 0 || !strings.Contains(r.Stdout, "pulled and run") {
		t.Errorf("%s", r)
	}
	h.NothingLeft()
}

func TestPullWithThePasswordOfTheDockerConfiguration(t *testing.T) {
	t.Parallel()
	h, registry := harness.New(t), harness.NewRegistry(t)
	registry.User, registry.Password = "robot", "secret-of-the-test"
	removeImage(t, h, registry.Image)
	h.Env = append(h.Env, "DOCKER_CONFIG="+registry.DockerConfig(t))
	r := h.Run("run", h.Write("pod.yaml", pulling("auth", registry.Image)))
	if r.Code != 0 || !strings.Contains(r.Stdout, "pulled and run") {
		t.Errorf("%s", r)
	}
	if strings.Contains(r.Stdout+r.Stderr, registry.Password) {
		t.Error("the password was printed")
	}
	h.NothingLeft()
}

func TestInterruptDuringPullLeavesNothing(t *testing.T) {
	t.Parallel()
	h, registry := harness.New(t), harness.NewRegistry(t)
	registry.Hold = make(chan struct{})
	t.Cleanup(func() { close(registry.Hold) })
	p := h.Start("run", h.Write("pod.yaml", pulling("slow", registry.Image)))
	harness.WaitFor(t, "the pull began", time.Minute, func() bool {
		return strings.Contains(p.Stdout()+p.Stderr(), registry.Image)
	})
	p.Signal(os.Interrupt)
	if r, inTime := p.WaitTimeout(30 * time.Second); !inTime || r.Code != 130 {
		t.Errorf("want code 130: %s", r)
	}
	h.NothingLeft()
}

func TestMissingImageIsErrImagePullThenBackOff(t *testing.T) {
	t.Parallel()
	h, registry := harness.New(t), harness.NewRegistry(t)
	missing := registry.Host() + "/team/nosuch:1"
	h.Must("apply", "-f", h.Write("pod.yaml", pulling("missing", missing)))
	watch := h.Start("get", "pods", "-w")
	for _, status := range []string{"ErrImagePull", "ImagePullBackOff"} {
		harness.WaitFor(t, status, time.Minute, func() bool { return strings.Contains(watch.Stdout(), status) })
	}
	events := h.Must("events", "--for", "pod/missing")
	for _, text := range []string{
		`Pulling image "` + missing + `"`, `Failed to pull image "` + missing + `"`,
		"Error: ErrImagePull", `Back-off pulling image "` + missing + `"`, "Error: ImagePullBackOff",
	} {
		if !strings.Contains(events, text) {
			t.Errorf("no event %q in:\n%s", text, events)
		}
	}
	h.Must("delete", "pod", "missing")
	h.NothingLeft()
}

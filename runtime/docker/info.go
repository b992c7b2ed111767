package docker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/docker/docker/api/types/system"

	"github.com/podsim/podsim/runtime"
)

// infoTime is how long an engine may take to tell about itself. One that takes
// longer hangs (20.10 sometimes does, in its network code).
const infoTime = 30 * time.Second

// Info is asked once for each Engine.
func (e *Engine) Info(ctx context.Context) (runtime.Info, error) {
	e.info.mu.Lock()
	defer e.info.mu.Unlock()
	if e.info.info == nil {
		asking, cancel := context.WithTimeout(ctx, infoTime)
		defer cancel()
		answer, err := e.cli.Info(asking)
		if asking.Err() != nil && ctx.Err() == nil {
			text := fmt.Sprintf("docker engine at %s (%s) answers, but has not told about itself for %s: it hangs, and may have to be restarted",
				e.endpoint.host, e.endpoint.origin, infoTime)
			return runtime.Info{}, &engineError{class: runtime.ErrUnavailable, text: text, err: err}
		}
		if err != nil {
			return runtime.Info{}, classify(err)
		}
		info := toInfo(answer)
		info.Endpoint = e.endpoint.host
		info.APIVersion = e.cli.ClientVersion()
		info.Local = isLocal(e.endpoint.host, answer)
		e.info.info = &info
	}
	return *e.info.info, nil
}

func toInfo(i system.Info) runtime.Info {
	return runtime.Info{
		ID:       engineID(i),
		Name:     i.Name,
		Version:  i.ServerVersion,
		Arch:     i.Architecture,
		NCPU:     i.NCPU,
		MemTotal: i.MemTotal,
		NoAppArmor: !slices.ContainsFunc(i.SecurityOptions, func(option string) bool {
			return strings.HasPrefix(option, "name=apparmor")
		}),
	}
}

// engineID tells engines apart. Until Docker 23 the engine's ID is a key in
// /etc/docker that all daemons of a machine share, so the directory that holds
// its containers belongs to it as well. Neither changes on a restart, nor with
// the way the engine is reached.
func engineID(i system.Info) string {
	sum := sha256.Sum256([]byte(i.ID + "\n" + i.DockerRootDir))
	return hex.EncodeToString(sum[:8])
}

// isLocal says that the engine shares this machine's files: it listens on a
// socket here and runs on the same kernel under the same name. A virtual
// machine has another kernel, a container another name.
func isLocal(host string, i system.Info) bool {
	if !strings.HasPrefix(host, "unix://") {
		return false
	}
	name, err := os.Hostname()
	return err == nil && name == i.Name && kernelRelease() == i.KernelVersion
}

// kernelRelease is empty where the kernel is not Linux.
func kernelRelease() string {
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(release))
}

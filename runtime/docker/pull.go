package docker

import (
	"context"
	"errors"
	"fmt"

	"github.com/distribution/reference"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/api/types/registry"

	"github.com/podsim/podsim/runtime"
)

// dockerHub is the name under which credentials for docker.io are kept.
const dockerHub = "https://index.docker.io/v1/"

// PullImage tries the given credentials in turn, and without any those of the
// user's docker configuration. The error of the last try is returned as the
// engine said it.
func (e *Engine) PullImage(ctx context.Context, ref string, o runtime.PullOptions) error {
	named, err := reference.ParseDockerRef(ref)
	if err != nil {
		return fmt.Errorf("%w: %w", err, runtime.ErrInvalid)
	}
	auths := o.Auth
	if len(auths) == 0 {
		auths = []runtime.RegistryAuth{e.configuredAuth(reference.Domain(named))}
	}
	for _, auth := range auths {
		err = e.pull(ctx, named.String(), auth, o.Progress)
		if !errors.Is(err, runtime.ErrDenied) && !errors.Is(err, runtime.ErrNotFound) {
			return err
		}
	}
	return err
}

func (e *Engine) pull(ctx context.Context, ref string, auth runtime.RegistryAuth, tell func(runtime.PullProgress)) error {
	var header string
	if auth != (runtime.RegistryAuth{}) {
		text, err := registry.EncodeAuthConfig(registry.AuthConfig{
			Username:      auth.Username,
			Password:      auth.Password,
			IdentityToken: auth.IdentityToken,
			ServerAddress: auth.ServerAddress,
		})
		if err != nil {
			return err
		}
		header = text
	}
	body, err := e.cli.ImagePull(ctx, ref, image.PullOptions{RegistryAuth: header})
	if err != nil {
		return classify(err)
	}
	defer body.Close()
	return e.messages(ctx, body, tell)
}

// configuredAuth asks the docker configuration and its helpers. What they do
// not know, or cannot tell, is pulled without credentials, and the registry
// says whether it needs some.
func (e *Engine) configuredAuth(host string) runtime.RegistryAuth {
	key := host
	if host == "docker.io" {
		key = dockerHub
	}
	found, err := e.endpoint.config.GetAuthConfig(key)
	if err != nil || (found.Username == "" && found.IdentityToken == "") {
		return runtime.RegistryAuth{}
	}
	return runtime.RegistryAuth{
		Username:      found.Username,
		Password:      found.Password,
		IdentityToken: found.IdentityToken,
		ServerAddress: key,
	}
}

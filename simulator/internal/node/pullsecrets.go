package node

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/runtime"
)

// pullSecrets reads the credentials that the pod's imagePullSecrets hold. The
// problem names those that are missing; it is the text of the event.
func (w *worker) pullSecrets() (auth []runtime.RegistryAuth, problem string) {
	var missing []string
	for _, ref := range w.pod.Object.Spec.ImagePullSecrets {
		s := w.objects.Secrets[ref.Name]
		if s == nil {
			missing = append(missing, ref.Name)
			continue
		}
		auth = append(auth, credentials(s)...)
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		problem = fmt.Sprintf("Unable to retrieve some image pull secrets (%s); attempting to pull the image may not succeed.", strings.Join(missing, ", "))
	}
	return auth, problem
}

// dockerAuth is one registry of a docker configuration.
type dockerAuth struct {
	Username      string `json:"username"`
	Password      string `json:"password"`
	Auth          string `json:"auth"`
	IdentityToken string `json:"identitytoken"`
}

// credentials reads a Secret of either docker type; one that cannot be read
// holds none.
func credentials(s *v1.Secret) []runtime.RegistryAuth {
	var file struct {
		Auths map[string]dockerAuth `json:"auths"`
	}
	switch s.Type {
	case v1.SecretTypeDockerConfigJson:
		if json.Unmarshal(s.Data[v1.DockerConfigJsonKey], &file) != nil {
			return nil
		}
	case v1.SecretTypeDockercfg:
		if json.Unmarshal(s.Data[v1.DockerConfigKey], &file.Auths) != nil {
			return nil
		}
	}
	var out []runtime.RegistryAuth
	for server, a := range file.Auths {
		if plain, err := base64.StdEncoding.DecodeString(a.Auth); err == nil && a.Username == "" {
			a.Username, a.Password, _ = strings.Cut(string(plain), ":")
		}
		out = append(out, runtime.RegistryAuth{
			Username: a.Username, Password: a.Password, IdentityToken: a.IdentityToken, ServerAddress: server,
		})
	}
	return out
}

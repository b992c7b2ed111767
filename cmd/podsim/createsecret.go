package main

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/urfave/cli/v2"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// secretForm fills a Secret from the flags of one `create secret FORM`.
type secretForm func(c *cli.Context, s *v1.Secret) error

var secretForms = map[string]secretForm{
	"generic":         genericSecret,
	"docker-registry": registrySecret,
	"tls":             tlsSecret,
}

func literalSecret(c *cli.Context, meta metav1.ObjectMeta, fill secretForm) (*v1.Secret, error) {
	s := &v1.Secret{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"}, ObjectMeta: meta}
	err := fill(c, s)
	if err == nil && c.Bool("append-hash") {
		s.Name, err = hashedName(s.Name, map[string]any{"kind": "Secret", "type": s.Type, "name": s.Name, "data": s.Data})
	}
	return s, err
}

func genericSecret(c *cli.Context, s *v1.Secret) (err error) {
	s.Type = v1.SecretType(c.String("type"))
	s.Data, err = literalData(c, secretKeys)
	return err
}

// registrySecret holds what `docker login` would write, or a file that does.
func registrySecret(c *cli.Context, s *v1.Secret) (err error) {
	s.Type = v1.SecretTypeDockerConfigJson
	if len(c.StringSlice("from-file")) > 0 {
		s.Data, err = literalData(c, secretKeys)
		return err
	}
	user, password, server := c.String("docker-username"), c.String("docker-password"), c.String("docker-server")
	if user == "" || password == "" || server == "" {
		return errors.New("either --from-file or the combination of --docker-username, --docker-password and --docker-server is required")
	}
	type login struct {
		Username string `json:"username,omitempty"`
		Password string `json:"password,omitempty"`
		Email    string `json:"email,omitempty"`
		Auth     string `json:"auth,omitempty"`
	}
	text, err := json.Marshal(map[string]map[string]login{"auths": {server: {
		user, password, c.String("docker-email"), base64.StdEncoding.EncodeToString([]byte(user + ":" + password)),
	}}})
	s.Data = map[string][]byte{v1.DockerConfigJsonKey: text}
	return err
}

func tlsSecret(c *cli.Context, s *v1.Secret) error {
	s.Type = v1.SecretTypeTLS
	if c.String("cert") == "" || c.String("key") == "" {
		return errors.New("key and cert must be specified")
	}
	cert, err := os.ReadFile(c.String("cert"))
	if err != nil {
		return fmt.Errorf("Cannot read file %s, %w", c.String("cert"), err) //nolint:staticcheck // kubectl's words
	}
	key, err := os.ReadFile(c.String("key"))
	if err != nil {
		return fmt.Errorf("Cannot read file %s, %w", c.String("key"), err) //nolint:staticcheck // kubectl's words
	}
	if _, err := tls.X509KeyPair(cert, key); err != nil {
		return err
	}
	s.Data = map[string][]byte{v1.TLSCertKey: cert, v1.TLSPrivateKeyKey: key}
	return nil
}

// hashedName is a name with a hash of what --append-hash looks at, in letters
// that make up no words. (kubectl, pkg/util/hash)
func hashedName(name string, content map[string]any) (string, error) {
	text, err := json.Marshal(content)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	letters := strings.NewReplacer("0", "g", "1", "h", "3", "k", "a", "m", "e", "t")
	return name + "-" + letters.Replace(hex.EncodeToString(sum[:5])), nil
}

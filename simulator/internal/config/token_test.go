package config

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
)

const tokenPod = `
serviceAccountName: default
volumes:
- name: kube-api-access-x
  projected:
    defaultMode: 420
    sources:
    - serviceAccountToken: {path: token, expirationSeconds: 3607}
    - configMap: {name: kube-root-ca.crt, items: [{key: ca.crt, path: ca.crt}]}
    - downwardAPI: {items: [{path: namespace, fieldRef: {fieldPath: metadata.namespace}}]}
containers:
- {name: c, image: i, volumeMounts: [{name: kube-api-access-x, mountPath: /var/run/secrets/kubernetes.io/serviceaccount, readOnly: true}]}
`

func tokenOf(t *testing.T, in Input) (text string, v Volume) {
	t.Helper()
	v = mustVolumes(t, in)[0]
	i := slices.IndexFunc(v.Payload.Files, func(f File) bool { return f.Path == "token" })
	return string(v.Payload.Files[i].Data), v
}

// decodeToken returns header, claims, the signed text and the signature.
func decodeToken(t *testing.T, text string) (header, claims map[string]any, signed string, signature []byte) {
	t.Helper()
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		t.Fatalf("%d parts", len(parts))
	}
	for i, into := range []*map[string]any{&header, &claims} {
		data, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, into); err != nil {
			t.Fatal(err)
		}
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		t.Fatal(err)
	}
	return header, claims, parts[0] + "." + parts[1], signature
}

func TestTokenIsSignedAndLocal(t *testing.T) {
	t.Parallel()
	in := inputOf(t, tokenPod)
	text, v := tokenOf(t, in)
	header, claims, signed, signature := decodeToken(t, text)
	digest := sha256.Sum256([]byte(signed))
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	if header["alg"] != "ES256" || !ecdsa.Verify(&testKey().PublicKey, digest[:], r, s) {
		t.Errorf("the signature does not fit: %v", header)
	}
	if claims["iss"] != "https://podsim.local" || claims["sub"] != "system:serviceaccount:ns:default" {
		t.Errorf("claims: %v", claims)
	}
	if aud := claims["aud"].([]any); len(aud) != 1 || aud[0] != TokenIssuer {
		t.Errorf("audience: %v", aud)
	}
	private := claims["kubernetes.io"].(map[string]any)
	issued := claims["iat"].(float64)
	if year := claims["exp"].(float64) - issued; year != 31536000 || private["warnafter"] != issued+3607 {
		t.Errorf("lives %v s, claims %v", year, private)
	}
	pod := private["pod"].(map[string]any)
	if pod["name"] != "p" || pod["uid"] != "u1" {
		t.Errorf("pod: %v", pod)
	}
	if !v.Engine.Memory || !v.ReadOnly {
		t.Errorf("a token lies in memory, read-only: %+v", v)
	}
}

func TestTokenOfAnotherAudienceAndKey(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	in := inputOf(t, strings.Replace(tokenPod, "path: token,", "path: token, audience: vault,", 1))
	in.Key = key
	text, _ := tokenOf(t, in)
	header, claims, signed, signature := decodeToken(t, text)
	digest := sha256.Sum256([]byte(signed))
	if err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], signature); err != nil || header["alg"] != "RS256" {
		t.Errorf("%v %v", header, err)
	}
	if aud := claims["aud"].([]any); aud[0] != "vault" {
		t.Errorf("audience: %v", aud)
	}
	if life := claims["exp"].(float64) - claims["iat"].(float64); life != 3607 || claims["kubernetes.io"].(map[string]any)["warnafter"] != nil {
		t.Errorf("lives %v s: %v", life, claims)
	}
}

func TestTokenStaysUntilFourFifthsOfItsLife(t *testing.T) {
	t.Parallel()
	in := inputOf(t, tokenPod)
	first, v := tokenOf(t, in)
	step := 2885 * time.Second
	if at := RefreshAt([]Volume{v}); !at.Equal(testTime.Add(step)) {
		t.Errorf("refreshed at %v", at)
	}
	in.Now = testTime.Add(step - time.Second)
	if again, _ := tokenOf(t, in); again != first {
		t.Error("another token before its time")
	}
	in.Now = testTime.Add(step)
	next, _ := tokenOf(t, in)
	if next == first {
		t.Error("the same token after its time")
	}
	if _, claims, _, _ := decodeToken(t, next); int64(claims["iat"].(float64)) != in.Now.Unix() {
		t.Errorf("issued at %v", claims["iat"])
	}
}

func TestTokenBelongsToTheUserOfAllContainers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		more     string
		mode     uint32
		uid, gid int
	}{
		"nobody":          {"", 0o644, 0, 0},
		"one user":        {"securityContext: {runAsUser: 1000}", 0o600, 1000, 0},
		"a group":         {"securityContext: {fsGroup: 2000}", 0o640, 0, 2000},
		"both":            {"securityContext: {runAsUser: 1000, fsGroup: 2000}", 0o640, 1000, 2000},
		"different users": {"initContainers: [{name: i, image: i, securityContext: {runAsUser: 1}}]\nsecurityContext: {runAsUser: 1000}", 0o644, 0, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, v := tokenOf(t, inputOf(t, tokenPod+test.more))
			i := slices.IndexFunc(v.Payload.Files, func(f File) bool { return f.Path == "token" })
			f := v.Payload.Files[i]
			if f.Mode != test.mode || f.UID != test.uid || f.GID != test.gid {
				t.Errorf("got %o %d:%d, want %o %d:%d", f.Mode, f.UID, f.GID, test.mode, test.uid, test.gid)
			}
		})
	}
}

func TestRootCertificateIsMadeUpUnlessDeclared(t *testing.T) {
	t.Parallel()
	in := inputOf(t, tokenPod)
	ca := func() string {
		_, v := tokenOf(t, in)
		i := slices.IndexFunc(v.Payload.Files, func(f File) bool { return f.Path == "ca.crt" })
		return string(v.Payload.Files[i].Data)
	}
	first := ca()
	block, _ := pem.Decode([]byte(first))
	if block == nil {
		t.Fatalf("no PEM: %q", first)
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil || !cert.IsCA || cert.CheckSignatureFrom(cert) != nil {
		t.Errorf("certificate: %v", err)
	}
	if ca() != first {
		t.Error("the same key gives another certificate")
	}
	in.Objects.ConfigMaps["kube-root-ca.crt"] = &v1.ConfigMap{Data: map[string]string{"ca.crt": "mine"}}
	if ca() != "mine" {
		t.Error("the declared one is not used")
	}
}

func TestWithoutAKeyThereIsNoToken(t *testing.T) {
	t.Parallel()
	in := inputOf(t, tokenPod)
	in.Key = nil
	_, problems := Volumes(in)
	if len(problems) != 1 || problems[0].Message != `[make service account token: no key to sign with, configmap "kube-root-ca.crt" not found]` {
		t.Errorf("got %v", problems)
	}
}

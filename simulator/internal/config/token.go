package config

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"time"

	v1 "k8s.io/api/core/v1"
)

// TokenIssuer is the issuer of podsim's own tokens, and their audience when
// none is asked for: nobody in a cluster trusts it.
const TokenIssuer = "https://podsim.local"

// defaultTokenSeconds is the lifetime of a token that names none.
const defaultTokenSeconds = 3600

// admittedTokenSeconds is what admission asks for. An API server gives such a
// token extendedLife, and the time after which a use is warned of, for the sake
// of old clients that never read the file again.
// (pkg/registry/core/serviceaccount/storage/token.go; --service-account-extend-token-expiration)
const (
	admittedTokenSeconds = 3607
	extendedLife         = 365 * 24 * time.Hour
)

// token is a signed service account token.
type token struct {
	text    string
	refresh time.Time
}

type tokenHeader struct {
	Alg string `json:"alg"`
	Kid string `json:"kid"`
}

type tokenClaims struct {
	Audiences []string        `json:"aud"`
	Expires   int64           `json:"exp"`
	Issued    int64           `json:"iat"`
	Issuer    string          `json:"iss"`
	ID        string          `json:"jti"`
	Private   kubernetesClaim `json:"kubernetes.io"`
	NotBefore int64           `json:"nbf"`
	Subject   string          `json:"sub"`
}

type kubernetesClaim struct {
	Namespace      string      `json:"namespace"`
	Node           *claimedRef `json:"node,omitempty"`
	Pod            claimedRef  `json:"pod"`
	ServiceAccount claimedRef  `json:"serviceaccount"`
	WarnAfter      int64       `json:"warnafter,omitempty"`
}

type claimedRef struct {
	Name string `json:"name"`
	UID  string `json:"uid"`
}

// newToken makes a token for the pod's service account. Its life begins at a
// multiple of four fifths of its lifetime (at most a day) after the pod's
// creation, the time after which a kubelet asks for a new one: so the same pod
// has the same token until then, without anybody remembering it.
func newToken(in Input, src *v1.ServiceAccountTokenProjection) (token, error) {
	life := defaultTokenSeconds * time.Second
	if src.ExpirationSeconds != nil && *src.ExpirationSeconds > 0 {
		life = time.Duration(*src.ExpirationSeconds) * time.Second
	}
	step := max(min(life*4/5, 24*time.Hour).Truncate(time.Second), time.Second)
	issued := in.Pod.CreationTimestamp.Time
	if age := in.Now.Sub(issued); age > 0 {
		issued = issued.Add(age.Truncate(step))
	}
	audience := src.Audience
	if audience == "" {
		audience = TokenIssuer
	}
	account := in.Pod.Spec.ServiceAccountName
	if account == "" {
		account = "default"
	}
	claims := tokenClaims{
		Audiences: []string{audience},
		Expires:   issued.Add(life).Unix(),
		Issued:    issued.Unix(),
		NotBefore: issued.Unix(),
		Issuer:    TokenIssuer,
		Subject:   "system:serviceaccount:" + in.Pod.Namespace + ":" + account,
		Private: kubernetesClaim{
			Namespace:      in.Pod.Namespace,
			Pod:            claimedRef{Name: in.Pod.Name, UID: string(in.Pod.UID)},
			ServiceAccount: claimedRef{Name: account, UID: derivedUID("serviceaccount", in.Pod.Namespace, account)},
		},
	}
	if audience == TokenIssuer && life == admittedTokenSeconds*time.Second {
		claims.Expires, claims.Private.WarnAfter = issued.Add(extendedLife).Unix(), claims.Expires
	}
	if node := in.nodeName(); node != "" {
		claims.Private.Node = &claimedRef{Name: node, UID: derivedUID("node", node)}
	}
	claims.ID = derivedUID("token", string(in.Pod.UID), audience, fmt.Sprint(claims.Issued, claims.Expires))
	text, err := sign(in.Key, claims)
	return token{text: text, refresh: issued.Add(step)}, err
}

// derivedUID is a UID that is always the same for the same parts.
func derivedUID(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	sum := h.Sum(nil)
	sum[6] = sum[6]&0x0f | 0x80 // version 8: made from something else
	sum[8] = sum[8]&0x3f | 0x80
	s := hex.EncodeToString(sum[:16])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

// sign makes a JSON web token, always the same one of the same claims.
func sign(key crypto.Signer, claims any) (string, error) {
	if key == nil {
		return "", errors.New("no key to sign with")
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return "", err
	}
	id := sha256.Sum256(public)
	header := tokenHeader{Kid: base64.RawURLEncoding.EncodeToString(id[:])}
	switch k := key.(type) {
	case *ecdsa.PrivateKey:
		if k.Params().BitSize != 256 {
			return "", errors.New("an ECDSA key must be of the curve P-256")
		}
		header.Alg = "ES256"
	case *rsa.PrivateKey:
		header.Alg = "RS256"
	default:
		return "", fmt.Errorf("cannot sign with a key of type %T", key)
	}
	head, err := json.Marshal(header)
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	text := base64.RawURLEncoding.EncodeToString(head) + "." + base64.RawURLEncoding.EncodeToString(body)
	digest := sha256.Sum256([]byte(text))
	// No source of randomness: both signatures are then deterministic.
	signature, err := key.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		return "", err
	}
	if header.Alg == "ES256" {
		if signature, err = plainSignature(signature); err != nil {
			return "", err
		}
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

// plainSignature is an ECDSA signature as web tokens want it: both numbers, 32
// bytes each.
func plainSignature(der []byte) ([]byte, error) {
	var s struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &s); err != nil {
		return nil, err
	}
	out := make([]byte, 64)
	s.R.FillBytes(out[:32])
	s.S.FillBytes(out[32:])
	return out, nil
}

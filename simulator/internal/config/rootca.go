package config

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"time"

	v1 "k8s.io/api/core/v1"
)

// rootCAName is the ConfigMap every namespace of a cluster has, with the
// certificate of the cluster's authority.
const rootCAName = "kube-root-ca.crt"

// madeUpRootCA is the ConfigMap for a pod that nobody declared one for: a
// certificate of podsim's own key, the same as long as the key is.
func madeUpRootCA(in Input) (*v1.ConfigMap, bool) {
	if in.Key == nil {
		return nil, false
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "podsim local authority"},
		NotBefore:             time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:              time.Date(2120, 1, 1, 0, 0, 0, 0, time.UTC),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(nil, template, template, in.Key.Public(), in.Key)
	if err != nil {
		return nil, false
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return &v1.ConfigMap{Data: map[string]string{"ca.crt": string(text)}}, true
}

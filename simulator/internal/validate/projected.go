package validate

import (
	"slices"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Bounds of a projected token's lifetime in seconds.
const (
	minTokenSeconds = 10 * 60
	maxTokenSeconds = 1 << 32
)

// items checks which keys become which files.
func (f *findings) items(at *field.Path, items []v1.KeyToPath) {
	for i, item := range items {
		f.need(at.Index(i).Child("key"), item.Key)
		f.need(at.Index(i).Child("path"), item.Path)
		f.payloadPath(at.Index(i).Child("path"), item.Path)
		f.fileMode(at.Index(i).Child("mode"), item.Mode)
	}
}

// downwardFile reports at the volume, not at its item: so does the API server.
func (c *podCheck) downwardFile(at *field.Path, file *v1.DownwardAPIVolumeFile) {
	c.need(at.Child("path"), file.Path)
	c.payloadPath(at.Child("path"), file.Path)
	switch {
	case file.FieldRef != nil:
		c.fieldRef(at.Child("fieldRef"), file.FieldRef, volumeFieldPaths)
		if file.ResourceFieldRef != nil {
			c.invalid(at, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously")
		}
	case file.ResourceFieldRef != nil:
		c.resourceFieldRef(at.Child("resourceFieldRef"), file.ResourceFieldRef, true)
	default:
		c.required(at, "one of fieldRef and resourceFieldRef is required")
	}
	c.fileMode(at.Child("mode"), file.Mode)
}

// projection is one look at one projected volume: two sources may not write one file.
type projection struct {
	*podCheck
	at    *field.Path
	taken sets.Set[string]
}

func (c *podCheck) projected(at *field.Path, source *v1.ProjectedVolumeSource) {
	c.fileMode(at.Child("defaultMode"), source.DefaultMode)
	p := projection{podCheck: c, at: at, taken: sets.New[string]()}
	for i := range source.Sources {
		p.source(at.Child("sources").Index(i), &source.Sources[i])
	}
}

func (p *projection) source(at *field.Path, s *v1.VolumeProjection) {
	count := 0
	if s.Secret != nil {
		count++
		p.object(at.Child("secret"), s.Secret.Name, s.Secret.Items)
	}
	if s.ConfigMap != nil {
		count++
		p.object(at.Child("configMap"), s.ConfigMap.Name, s.ConfigMap.Items)
	}
	if s.DownwardAPI != nil {
		count++
		for i := range s.DownwardAPI.Items {
			file := &s.DownwardAPI.Items[i]
			p.downwardFile(at.Child("downwardAPI"), file)
			p.take(file.Path, file.Path)
		}
	}
	if s.ServiceAccountToken != nil {
		count++
		p.token(at.Child("serviceAccountToken"), s.ServiceAccountToken)
	}
	if s.ClusterTrustBundle != nil {
		count++
		p.trustBundle(at.Child("clusterTrustBundle"), s.ClusterTrustBundle)
	}
	if s.PodCertificate != nil {
		count++
		p.certificate(at.Child("podCertificate"), s.PodCertificate)
	}
	p.forbidIf(count > 1, at, "may not specify more than 1 volume type per source")
}

// take reserves a path of the volume; called is what the message names.
func (p *projection) take(path, called string) {
	if path == "" {
		return
	}
	if p.taken.Has(path) {
		p.invalid(p.at, called, "conflicting duplicate paths")
	}
	p.taken.Insert(path)
}

func (p *projection) object(at *field.Path, name string, items []v1.KeyToPath) {
	p.need(at.Child("name"), name)
	p.items(at.Child("items"), items)
	for _, item := range items {
		p.take(item.Path, name)
	}
}

func (p *projection) token(at *field.Path, token *v1.ServiceAccountTokenProjection) {
	var seconds int64
	if token.ExpirationSeconds != nil {
		seconds = *token.ExpirationSeconds
	}
	if seconds < minTokenSeconds {
		p.invalid(at.Child("expirationSeconds"), seconds, "may not specify a duration less than 10 minutes")
	}
	if seconds > maxTokenSeconds {
		p.invalid(at.Child("expirationSeconds"), seconds, "may not specify a duration larger than 2^32 seconds")
	}
	// The path is reported at the volume, as the API server does.
	if token.Path == "" {
		p.required(p.at.Child("path"), "")
	} else {
		p.payloadPath(p.at.Child("path"), token.Path)
	}
}

func (p *projection) trustBundle(at *field.Path, bundle *v1.ClusterTrustBundleProjection) {
	switch {
	case bundle.Name != nil && bundle.SignerName != nil:
		p.invalid(at, internal(*bundle), "only one of name and signerName may be used")
	case bundle.Name != nil:
		if *bundle.Name == "" {
			p.required(at.Child("name"), "must be a valid object name")
		}
		if bundle.LabelSelector != nil {
			p.invalid(at.Child("labelSelector"), bundle.LabelSelector, "labelSelector must be unset if name is specified")
		}
	case bundle.SignerName != nil:
		if *bundle.SignerName == "" {
			p.required(at.Child("signerName"), "must be a valid signer name")
		}
		p.labelSelector(at.Child("labelSelector"), bundle.LabelSelector)
	default:
		p.required(at, "either name or signerName must be specified")
	}
	p.need(at.Child("path"), bundle.Path)
	p.payloadPath(at.Child("path"), bundle.Path)
	p.take(bundle.Path, bundle.Path)
}

func (p *projection) certificate(at *field.Path, cert *v1.PodCertificateProjection) {
	keyTypes := []string{"RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519"}
	if !slices.Contains(keyTypes, cert.KeyType) {
		p.add(field.NotSupported(at.Child("keyType"), cert.KeyType, keyTypes))
	}
	if seconds := cert.MaxExpirationSeconds; seconds != nil && *seconds < 3600 {
		p.invalid(at.Child("maxExpirationSeconds"), *seconds, "if provided, maxExpirationSeconds must be >= 3600")
	}
	paths := 0
	file := func(name, path string) {
		if path != "" {
			paths++
			p.payloadPath(at.Child(name), path)
			p.take(path, path)
		}
	}
	file("credentialBundlePath", cert.CredentialBundlePath)
	file("keyPath", cert.KeyPath)
	file("certificateChainPath", cert.CertificateChainPath)
	if paths == 0 {
		p.required(at, "specify at least one of credentialBundlePath, keyPath, and certificateChainPath")
	}
}

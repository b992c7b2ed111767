package validate

import (
	"fmt"
	"strings"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/utils/ptr"
)

// Limits of a resolver's configuration.
const (
	maxNameservers  = 3
	maxSearches     = 32
	maxSearchLength = 2048
	maxHostname     = 64
)

func (c *podCheck) dnsConfig() {
	config, at := c.pod.Spec.DNSConfig, specPath.Child("dnsConfig")
	if c.pod.Spec.DNSPolicy == v1.DNSNone {
		if config == nil {
			c.required(at, "must provide `dnsConfig` when `dnsPolicy` is None")
			return
		}
		if len(config.Nameservers) == 0 {
			c.required(at.Child("nameservers"), "must provide at least one DNS nameserver when `dnsPolicy` is None")
			return
		}
	}
	if config == nil {
		return
	}
	servers, searches := at.Child("nameservers"), at.Child("searches")
	if len(config.Nameservers) > maxNameservers {
		c.invalid(servers, config.Nameservers, fmt.Sprintf("must not have more than %v nameservers", maxNameservers))
	}
	for i, server := range config.Nameservers {
		c.add(validation.IsValidIPForLegacyField(servers.Index(i), server, false, nil)...)
	}
	if len(config.Searches) > maxSearches {
		c.invalid(searches, config.Searches, fmt.Sprintf("must not have more than %v search paths", maxSearches))
	}
	if len(strings.Join(config.Searches, " ")) > maxSearchLength {
		c.invalid(searches, config.Searches,
			fmt.Sprintf("must not have more than %v characters (including spaces) in the search list", maxSearchLength))
	}
	for i, search := range config.Searches {
		if search != "." {
			search = strings.TrimSuffix(search, ".")
			c.all(searches.Index(i), search, validation.IsDNS1123SubdomainWithUnderscore(search))
		}
	}
	for i, option := range config.Options {
		if option.Name == "" {
			c.required(at.Child("options").Index(i), "must not be empty")
		}
	}
}

func (c *podCheck) hostAliases() {
	for i, alias := range c.pod.Spec.HostAliases {
		at := specPath.Child("hostAliases").Index(i)
		c.add(validation.IsValidIPForLegacyField(at.Child("ip"), alias.IP, false, nil)...)
		for j, name := range alias.Hostnames {
			c.subdomain(at.Child("hostnames").Index(j), name)
		}
	}
}

func (c *podCheck) hostnameOverride() {
	spec := &c.pod.Spec
	if spec.HostnameOverride == nil {
		return
	}
	at := specPath.Child("hostnameOverride")
	c.forbidIf(ptr.Deref(spec.SetHostnameAsFQDN, false), at, "may not be specified when setHostnameAsFQDN is true")
	c.forbidIf(spec.HostNetwork, at, "may not be specified when hostNetwork is true")
	if len(*spec.HostnameOverride) > maxHostname {
		c.tooLong(at, maxHostname)
	}
	c.subdomain(at, *spec.HostnameOverride)
}

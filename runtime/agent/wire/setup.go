package wire

import (
	"encoding/json"
	"errors"
)

// SetupEnv is the environment variable that holds a Setup for process 1.
const SetupEnv = "PODSIM_SETUP"

// Setup is what process 1 does before any container of the pod runs. The zero
// value does nothing. It never holds a secret: the engine shows it.
type Setup struct {
	Hosts   *Hosts   `json:"hosts,omitempty"`
	Resolv  *Resolv  `json:"resolv,omitempty"`
	Volumes []Volume `json:"volumes,omitempty"`
	Files   []File   `json:"files,omitempty"`
	// Payload: after its line process 1 reads payloads from its standard input,
	// each a Swap with what follows it, up to a Swap without a volume or the end
	// of the input. Then it prints a second line, a Filled.
	Payload bool `json:"payload,omitempty"`
}

// Env returns the setup as an entry of the sandbox's environment.
func (s Setup) Env() (string, error) {
	b, err := json.Marshal(s)
	return SetupEnv + "=" + string(b), err
}

// ParseSetup reads the value of SetupEnv; empty is the zero Setup.
func ParseSetup(value string) (Setup, error) {
	var s Setup
	if value == "" {
		return s, nil
	}
	return s, json.Unmarshal([]byte(value), &s)
}

// Hosts is the pod's /etc/hosts. Nil leaves the file to the engine.
type Hosts struct {
	// HostNetwork keeps the node's file and adds the aliases to it.
	HostNetwork bool   `json:"hostNetwork,omitempty"`
	Hostname    string `json:"hostname,omitempty"`
	// FQDN is HOSTNAME.SUBDOMAIN.NAMESPACE.svc.DOMAIN, only with a subdomain.
	FQDN    string  `json:"fqdn,omitempty"`
	Aliases []Alias `json:"aliases,omitempty"`
	// IPs are the pod's addresses; empty are those of the sandbox's interface.
	IPs []string `json:"ips,omitempty"`
}

// Alias is one entry of hostAliases.
type Alias struct {
	IP    string   `json:"ip"`
	Names []string `json:"names"`
}

// Resolv is the pod's resolv.conf. Nil leaves the file to the engine.
type Resolv struct {
	// Servers replace the engine's, or with KeepServers come after them; empty
	// keeps the engine's.
	Servers     []string `json:"servers,omitempty"`
	KeepServers bool     `json:"keepServers,omitempty"`
	// NoServers drops the engine's and writes none (dnsPolicy None).
	NoServers bool     `json:"noServers,omitempty"`
	Searches  []string `json:"searches,omitempty"`
	// KeepSearches and KeepOptions add the engine's own, before MoreSearches. Of
	// two options of one name that of Options wins.
	KeepSearches bool     `json:"keepSearches,omitempty"`
	MoreSearches []string `json:"moreSearches,omitempty"`
	Options      []string `json:"options,omitempty"` // "name" or "name:value"
	KeepOptions  bool     `json:"keepOptions,omitempty"`
}

// Volume is a mounted volume of the pod whose owner and mode are set.
type Volume struct {
	Path string `json:"path"`
	// Mode of the root, with setuid, setgid and sticky as chmod(2) has them;
	// nil leaves it.
	Mode *uint32 `json:"mode,omitempty"`
	UID  *int    `json:"uid,omitempty"`
	GID  *int    `json:"gid,omitempty"`
	// FSGroup gives everything below to the group, as the kubelet does: group
	// read and write (only read if ReadOnly), setgid on directories.
	FSGroup  *int `json:"fsGroup,omitempty"`
	ReadOnly bool `json:"readOnly,omitempty"`
	// OnRootMismatch skips that when the root is already as it should be.
	OnRootMismatch bool `json:"onRootMismatch,omitempty"`
}

// File is an empty file to make; missing parents become directories 0755. An
// old file of that name is emptied.
type File struct {
	Path string `json:"path"`
	Mode uint32 `json:"mode"`
}

// Ready is the one line process 1 prints when it is done.
type Ready struct {
	Ready bool `json:"ready,omitempty"`
	// Payload: it now reads payloads, as the setup asked.
	Payload bool `json:"payload,omitempty"`
	// IPs are the pod's addresses, IPv4 first.
	IPs []string `json:"ips,omitempty"`
	// Warnings are messages of DNSConfigForming events.
	Warnings []string `json:"warnings,omitempty"`
	Error    string   `json:"error,omitempty"`
}

// Filled is what process 1 prints when it has written the payloads.
type Filled struct {
	Error string `json:"error,omitempty"`
}

// ParseReady reads that line. A failed setup is an error.
func ParseReady(line []byte) (Ready, error) {
	var r Ready
	if err := json.Unmarshal(line, &r); err != nil {
		return r, err
	}
	if r.Error != "" {
		return r, errors.New(r.Error)
	}
	if !r.Ready {
		return r, errors.New("not a ready line")
	}
	return r, nil
}

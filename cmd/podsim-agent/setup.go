//go:build linux

package main

import (
	"os"

	"golang.org/x/sys/unix"

	"github.com/podsim/podsim/runtime/agent/wire"
)

const (
	hostsPath  = "/etc/hosts"
	resolvPath = "/etc/resolv.conf"
)

// applySetup does what the environment asks for, in an order in which nothing
// is seen half done: volumes and files first, names last.
func applySetup(value string) (wire.Ready, error) {
	unix.Umask(0) // modes are exact
	setup, err := wire.ParseSetup(value)
	if err != nil {
		return wire.Ready{}, wrap("read "+wire.SetupEnv, err)
	}
	ready := wire.Ready{Ready: true, Payload: setup.Payload}
	if ready.IPs, err = podIPs(setup.Hosts != nil && setup.Hosts.HostNetwork); err != nil {
		return ready, wrap("read addresses", err)
	}
	for _, v := range setup.Volumes {
		if err := setOwnership(v); err != nil {
			return ready, wrap("prepare volume "+v.Path, err)
		}
	}
	if err := makeFiles(setup.Files); err != nil {
		return ready, err
	}
	if setup.Resolv != nil {
		if ready.Warnings, err = writeResolv(*setup.Resolv); err != nil {
			return ready, err
		}
	}
	if setup.Hosts != nil {
		err = writeHosts(*setup.Hosts, ready.IPs)
	}
	return ready, err
}

func writeHosts(h wire.Hosts, ips []string) error {
	var node []byte
	if h.HostNetwork {
		var err error
		if node, err = os.ReadFile(hostsPath); err != nil {
			return err
		}
	}
	if len(h.IPs) > 0 {
		ips = h.IPs
	}
	return writeInPlace(hostsPath, h.Text(ips, string(node)))
}

func writeResolv(r wire.Resolv) (warnings []string, err error) {
	engine, err := os.ReadFile(resolvPath)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	text, warnings := r.Text(string(engine))
	return warnings, writeInPlace(resolvPath, text)
}

// writeInPlace keeps the inode: the file is a bind mount that all containers
// of the pod share.
func writeInPlace(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	if _, err = f.WriteString(text); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

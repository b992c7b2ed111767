//go:build linux

package main

import (
	"net/netip"
	"testing"
)

func TestAddressText(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"10.88.0.79", "0.0.0.0", "fd00::1", "::", "::1", "1::", "2001:db8:0:1:1:1:1:1", "2001:0:0:1::1", "1:0:0:2:0:0:0:3", "fe80::1:0:0:1", "1:2:3:4:5:6:7:8",
	} {
		want := netip.MustParseAddr(text)
		if got := address(want.AsSlice()).String(); got != want.String() {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestGlobalAddresses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"10.88.0.79": true, "192.0.2.1": true, "fd00::2": true, "2001:db8::1": true,
		"127.0.0.1": false, "169.254.1.1": false, "::1": false, "::": false, "fe80::1": false,
	} {
		if got := address(netip.MustParseAddr(text).AsSlice()).global(); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
	if address(nil).global() {
		t.Error("no address is global")
	}
}

func TestThisMachinesAddresses(t *testing.T) {
	t.Parallel()
	all, err := interfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		if _, err := netip.ParseAddr(a.String()); err != nil {
			t.Error(err)
		}
	}
}

package main

import "testing"

// The sums are those of kubectl's own tests.
func TestAHashedNameIsThatOfKubectl(t *testing.T) {
	t.Parallel()
	for want, content := range map[string]map[string]any{
		"-42745tchd9": {"kind": "ConfigMap", "name": "", "data": map[string]string{}},
		"-9g67k2htb6": {"kind": "ConfigMap", "name": "", "data": map[string]string{"one": ""}},
		"-t75bgf6ctb": {"kind": "Secret", "type": "my-type", "name": "", "data": map[string][]byte{}},
	} {
		if got, err := hashedName("", content); got != want || err != nil {
			t.Errorf("%v: got %s, %v; want %s", content, got, err, want)
		}
	}
}

package config

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	"pgregory.net/rapid"
)

// listing maps paths below a directory to "mode uid gid [-> target]".
type listing map[string]string

var timestamped = regexp.MustCompile(`\.\.\d{4}(_\d\d){5}\.\d+`)

// recordedListing reads what ls -lanR /v printed.
func recordedListing(text string) listing {
	l := listing{}
	dir := ""
	for line := range strings.Lines(timestamped.ReplaceAllString(text, "..TIME")) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "/") {
			dir = strings.TrimSuffix(line, ":")
			continue
		}
		f := strings.Fields(line)
		if len(f) < 9 || f[8] == "." || f[8] == ".." {
			continue
		}
		name := path.Join(dir, f[8])
		if name == "/v/"+f[8] && !strings.HasPrefix(f[0], "d") {
			continue
		}
		entry := f[0] + " " + f[2] + " " + f[3]
		if len(f) > 10 {
			entry += " -> " + f[10]
		}
		l[strings.TrimPrefix(name, "/v/")] = entry
	}
	return l
}

// madeListing is the same of what podsim sets up.
func madeListing(t *testing.T, volumes []Volume) listing {
	t.Helper()
	l := listing{}
	for _, v := range volumes {
		l[v.Name] = "d" + modeText(*v.Setup.Mode) + fmt.Sprintf(" %d %d", *v.Setup.UID, *v.Setup.GID)
	}
	data, err := Tar(volumes, testTime)
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(bytes.NewReader(data)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return l
		}
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(strings.TrimSuffix(h.Name, "/"), "podsim/volumes/")
		entry := map[byte]string{tar.TypeDir: "d", tar.TypeReg: "-", tar.TypeSymlink: "l"}[h.Typeflag]
		entry += modeText(uint32(h.Mode)) + fmt.Sprintf(" %d %d", h.Uid, h.Gid)
		if h.Typeflag == tar.TypeSymlink {
			entry += " -> " + timestamped.ReplaceAllString(h.Linkname, "..TIME")
		}
		l[timestamped.ReplaceAllString(name, "..TIME")] = entry
	}
}

// modeText is a mode as ls prints it.
func modeText(mode uint32) string {
	b := []byte("rwxrwxrwx")
	for i := range b {
		if mode&(1<<(8-i)) == 0 {
			b[i] = '-'
		}
	}
	if mode&modeSetgid != 0 {
		b[5] = map[byte]byte{'x': 's', '-': 'S'}[b[5]]
	}
	if mode&modeSticky != 0 {
		b[8] = map[byte]byte{'x': 't', '-': 'T'}[b[8]]
	}
	return string(b)
}

func TestVolumesLookAsInTheRecordedContainer(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"volumes-plain", "volumes-fsgroup"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := recordedListing(output(t, name, "ls.txt"))
			got := madeListing(t, mustVolumes(t, recorded(t, name)))
			if len(want) < 50 {
				t.Fatalf("only %d paths recorded", len(want))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("files (-recorded +got):\n%s", diff)
			}
		})
	}
}

func TestContentIsThatOfTheRecordedContainer(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	in := recorded(t, "volumes-plain")
	in.Pod.CreationTimestamp.Time = testTime
	files := map[string]string{}
	for _, v := range mustVolumes(t, in) {
		for _, f := range v.Payload.Files {
			files["/v/"+v.Name+"/"+f.Path] = string(f.Data)
		}
	}
	want := output(t, "volumes-plain", "cat.txt")
	seen := regexp.MustCompile(`config.seen="[^"]*"`)
	want = seen.ReplaceAllString(want, `config.seen="2026-11-22T17:49:40Z"`)
	for _, m := range regexp.MustCompile(`(?m)^== (.*)$`).FindAllStringSubmatch(want, -1) {
		data, ok := files[m[1]]
		if !ok {
			t.Errorf("no file %s", m[1])
		}
		got.WriteString("== " + m[1] + "\n" + data + "|\n")
	}
	if diff := cmp.Diff(want, strings.ToValidUTF8(got.String(), "\uFFFD")); diff != "" {
		t.Errorf("content (-recorded +got):\n%s", diff)
	}
}

func TestTarIsTheSameOfTheSame(t *testing.T) {
	t.Parallel()
	in := recorded(t, "volumes-plain")
	a, err := Tar(mustVolumes(t, in), testTime)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Tar(mustVolumes(t, in), testTime)
	if err != nil || !bytes.Equal(a, b) {
		t.Errorf("two tars of one input differ (%v)", err)
	}
}

func TestNoPayloadIsNoTar(t *testing.T) {
	t.Parallel()
	in := inputOf(t, `
volumes: [{name: e, emptyDir: {}}]
containers: [{name: c, image: i, volumeMounts: [{name: e, mountPath: /e}]}]`)
	if data, err := Tar(mustVolumes(t, in), testTime); err != nil || data != nil {
		t.Errorf("got %d bytes, %v", len(data), err)
	}
}

// Whatever an item's path is: it is refused, or everything that is written lies
// in the volume's own directory behind ..data.
func TestNoPathLeadsOutOfAVolume(t *testing.T) {
	t.Parallel()
	part := rapid.SampledFrom([]string{"", ".", "..", "a", "b", "..data", "...", "..x", "\x00", " ", "é"})
	rapid.Check(t, func(t *rapid.T) {
		files := projection{}
		for range rapid.IntRange(1, 4).Draw(t, "files") {
			name := strings.Join(rapid.SliceOfN(part, 1, 5).Draw(t, "parts"), "/")
			files[name] = projected{data: []byte(name), mode: 0o644}
		}
		in := Input{Pod: &v1.Pod{}}
		p, err := newPayload(in, files)
		if err != nil {
			return
		}
		data, err := Tar([]Volume{{Name: "v", Path: VolumePath("v"), Source: SourcePayload, Payload: p}}, testTime)
		if err != nil {
			t.Fatal(err)
		}
		links := map[string]bool{}
		for r := tar.NewReader(bytes.NewReader(data)); ; {
			h, err := r.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			name := strings.TrimSuffix(h.Name, "/")
			rest, ok := strings.CutPrefix(name, "podsim/volumes/v/")
			if !ok || path.Clean(name) != name || links[name] {
				t.Fatalf("%q of %v", h.Name, files)
			}
			links[name] = true
			inside := timestamped.FindString(rest) != "" && strings.HasPrefix(rest, "..2026")
			isLink := h.Typeflag == tar.TypeSymlink
			if inside == isLink || isLink && rest != "..data" && (strings.HasPrefix(rest, "..") || h.Linkname != "..data/"+rest) {
				t.Fatalf("%q -> %q of %v", h.Name, h.Linkname, files)
			}
		}
	})
}

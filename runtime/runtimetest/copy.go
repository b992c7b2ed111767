package runtimetest

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"

	"github.com/podsim/podsim/runtime"
)

func copyCases() []testCase {
	return []testCase{
		{"a copied archive comes back with owners, modes and links", copyRoundTrip},
		{"a process sees what was copied", copySeen},
		{"copying from a missing path is not found", copyMissing},
	}
}

// archived is what matters of an archive's entry.
type archived struct {
	Mode     int64
	UID, GID int
	Link     string
	Body     string
}

func (w *world) tar(entries map[string]archived, order ...string) io.Reader {
	w.Helper()
	var buf bytes.Buffer
	tw := tar.NewWriter(&buf)
	for _, name := range order {
		e := entries[name]
		h := &tar.Header{Name: name, Mode: e.Mode, Uid: e.UID, Gid: e.GID, Size: int64(len(e.Body)), Typeflag: tar.TypeReg}
		switch {
		case e.Link != "":
			h.Typeflag, h.Linkname = tar.TypeSymlink, e.Link
		case name[len(name)-1] == '/':
			h.Typeflag = tar.TypeDir
		}
		w.must(tw.WriteHeader(h), "write archive")
		_, err := tw.Write([]byte(e.Body))
		w.must(err, "write archive")
	}
	w.must(tw.Close(), "write archive")
	return &buf
}

func (w *world) untar(r io.Reader) map[string]archived {
	w.Helper()
	found := map[string]archived{}
	tr := tar.NewReader(r)
	for {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return found
		}
		w.must(err, "read archive")
		body, err := io.ReadAll(tr)
		w.must(err, "read archive")
		found[h.Name] = archived{Mode: h.Mode & 0o7777, UID: h.Uid, GID: h.Gid, Link: h.Linkname, Body: string(body)}
	}
}

func copyRoundTrip(w *world) {
	id := w.start(w.spec("app", Program{Wait: true}))
	want := map[string]archived{
		"dir/":        {Mode: 0o750, UID: 1000, GID: 2000},
		"dir/file":    {Mode: 0o640, UID: 1000, GID: 2000, Body: "text"},
		"dir/..data":  {Mode: 0o777, Link: "..2024"},
		"dir/program": {Mode: 0o4755, Body: "#!"},
	}
	archive := w.tar(want, "dir/", "dir/file", "dir/..data", "dir/program")
	w.must(w.Engine.CopyTo(w.ctx, id, "/tmp", archive), "copy to")
	body, err := w.Engine.CopyFrom(w.ctx, id, "/tmp/dir")
	w.must(err, "copy from")
	defer body.Close()
	w.same("archive", want, w.untar(body))
}

func copySeen(w *world) {
	id := w.create(w.spec("app", Program{ReadFile: "/tmp/greeting"}))
	w.must(w.Engine.CopyTo(w.ctx, id, "/tmp", w.tar(map[string]archived{"greeting": {Mode: 0o644, Body: "hello\n"}}, "greeting")), "copy to")
	w.must(w.Engine.StartContainer(w.ctx, id), "start")
	if c := w.ended(id); c.ExitCode != 0 {
		w.Errorf("exit code %d", c.ExitCode)
	}
	if out, _ := w.logs(id, runtime.LogOptions{Tail: -1}); out != "hello\n" {
		w.Errorf("the process read %q", out)
	}
}

func copyMissing(w *world) {
	id := w.start(w.spec("app", Program{Wait: true}))
	_, err := w.Engine.CopyFrom(w.ctx, id, "/no/such/path")
	w.wantClass("copy from", err, runtime.ErrNotFound)
	err = w.Engine.CopyTo(w.ctx, id, "/no/such/path", w.tar(map[string]archived{"a": {}}, "a"))
	w.wantClass("copy to", err, runtime.ErrNotFound)
}

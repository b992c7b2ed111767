package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/podsim/podsim/simulator"
)

// manifestExtensions are those of the files that are read from a directory.
const manifestExtensions = ".json .yaml .yml"

// manifestOptions say what to read and how.
type manifestOptions struct {
	// files are paths, directories, URLs, or "-" for standard input.
	files     []string
	recursive bool
	lenient   bool
	namespace string
	// verb wants objects: files without any are an error that names it. Empty takes none too.
	verb string
	// nameFromFile names a pod without a name after its file.
	nameFromFile bool
}

// manifest is one object and where it came from.
type manifest struct {
	object simulator.Object
	file   string
	// raw is the object as it stands in the file.
	raw []byte
}

// manifests are what all files gave together, and everything that could not be read of them.
type manifests struct {
	objects  []manifest
	warnings []string
	err      error
}

// readManifests reads files; what one of them fails with does not hide the others.
func (a *app) readManifests(ctx context.Context, o manifestOptions) manifests {
	var out manifests
	for _, name := range o.files {
		paths, err := expand(name, o.recursive)
		if err != nil {
			out.err = errors.Join(out.err, err)
			continue
		}
		for _, path := range paths {
			out.add(a.readManifest(ctx, path, o))
		}
	}
	if out.err == nil && len(out.objects) == 0 && o.verb != "" {
		out.err = errors.New("no objects passed to " + o.verb)
	}
	return out
}

func (all *manifests) add(one manifests) {
	all.objects = append(all.objects, one.objects...)
	all.warnings = append(all.warnings, one.warnings...)
	all.err = errors.Join(all.err, one.err)
}

func (a *app) readManifest(ctx context.Context, path string, o manifestOptions) manifests {
	data, shown, err := a.readFile(ctx, path)
	if err != nil {
		return manifests{err: err}
	}
	decoded, err := simulator.Decode(data, simulator.DecodeOptions{
		Filename: shown, Lenient: o.lenient, DefaultNamespace: o.namespace,
		NameFromFile: o.nameFromFile && path != "-", // standard input has no name to give
	})
	out := manifests{err: err}
	for _, w := range decoded.Warnings {
		out.warnings = append(out.warnings, w.String())
	}
	for _, obj := range decoded.Objects {
		if ns := obj.GetNamespace(); o.namespace != "" && ns != "" && ns != o.namespace {
			out.err = errors.Join(out.err, fmt.Errorf("the namespace from the provided object %q does not match the namespace %q. "+
				"You must pass '--namespace=%s' to perform this operation.", ns, o.namespace, ns)) //nolint:staticcheck // kubectl's text
			continue
		}
		out.objects = append(out.objects, manifest{object: obj, file: shown, raw: decoded.Raw(obj)})
	}
	return out
}

// readFile reads a file, standard input or a URL, and tells how messages call it.
func (a *app) readFile(ctx context.Context, path string) (data []byte, shown string, err error) {
	switch {
	case path == "-":
		data, err = io.ReadAll(a.stdin)
		return data, "STDIN", err
	case strings.HasPrefix(path, "http://"), strings.HasPrefix(path, "https://"):
		data, err = fetch(ctx, path)
		return data, path, err
	}
	data, err = os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("the path %q does not exist", path)
	}
	return data, path, err
}

func fetch(ctx context.Context, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("unable to read URL %q, server reported %s, status code=%d", url, resp.Status, resp.StatusCode)
	}
	return io.ReadAll(resp.Body)
}

// expand lists the manifests of a directory in the order of their names; everything else is itself.
func expand(path string, recursive bool) ([]string, error) {
	if path == "-" || strings.Contains(path, "://") {
		return []string{path}, nil
	}
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return []string{path}, nil // reading it tells what is wrong
	}
	var files []string
	err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && p != path && !recursive:
			return fs.SkipDir
		case !d.IsDir() && slices.Contains(strings.Fields(manifestExtensions), filepath.Ext(p)):
			files = append(files, p)
		}
		return nil
	})
	if err == nil && len(files) == 0 {
		return nil, fmt.Errorf("error reading [%s]: recognized file extensions are [.json .yaml .yml]", path)
	}
	return files, err
}

// warn prints lines as an API server's warnings.
func (a *app) warn(lines ...string) {
	for _, line := range lines {
		fmt.Fprintln(a.stderr, "Warning: "+line)
	}
}

package manifest_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/podsim/podsim/simulator/internal/manifest"
	"github.com/podsim/podsim/simulator/internal/validate"
)

// The recorded cases are what `kubectl create` of Kubernetes 1.35 said to a file, strictly and with --validate=false.

func TestFilesAreTakenOrRefusedInTheRecordedWords(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/recorded/*.yaml")
	if err != nil || len(files) != 78 {
		t.Fatalf("recorded cases: %d, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			t.Parallel()
			data := readFile(t, file)
			existing := map[string]bool{}
			for _, run := range recordedRuns(t, strings.TrimSuffix(file, ".yaml")+".txt") {
				got := create(data, manifest.Options{Filename: filepath.Base(file), Lenient: run.lenient}, existing)
				if diff := cmp.Diff(plainNames(run.output), plainNames(got)); diff != "" {
					t.Errorf("lenient %v (-recorded +got):\n%s", run.lenient, diff)
				}
			}
		})
	}
}

type recordedRun struct {
	lenient bool
	output  string
}

var commandLine = regexp.MustCompile(`^\$ kubectl create (--validate=false )?-f .*\[rc=\d+\]$`)

func recordedRuns(t *testing.T, file string) []recordedRun {
	t.Helper()
	var runs []recordedRun
	for _, line := range strings.SplitAfter(string(readFile(t, file)), "\n") {
		if m := commandLine.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			runs = append(runs, recordedRun{lenient: m[1] != ""})
			continue
		}
		if len(runs) == 0 {
			t.Fatalf("%s: output before a command: %q", file, line)
		}
		runs[len(runs)-1].output += line
	}
	return runs
}

// create does what kubectl create does, short of storing anything: what went well, then warnings and errors.
func create(data []byte, opts manifest.Options, existing map[string]bool) string {
	result, err := manifest.Decode(data, opts)
	var out, warnings strings.Builder
	var short, long []string
	fail := func(one, several string) {
		short, long = append(short, one), append(long, several)
	}
	var decodeErrs manifest.Errors
	errors.As(err, &decodeErrs)
	for _, e := range decodeErrs {
		fail(e.Kubectl("creating"), e.Kubectl("creating"))
	}
	for _, obj := range result.Objects {
		pod, ok := obj.(*v1.Pod)
		if !ok {
			continue
		}
		errs, warned := validate.Pod(pod)
		if len(errs) > 0 {
			invalid := apierrors.NewInvalid(schema.GroupKind{Kind: "Pod"}, pod.Name, errs)
			fail(printed(pod.Name, errs), fmt.Sprintf("Error from server (Invalid): error when creating %q: %s", opts.Filename, invalid))
			continue
		}
		if existing[pod.Name] {
			text := fmt.Sprintf("Error from server (AlreadyExists): error when creating %q: pods %q already exists", opts.Filename, pod.Name)
			fail(text, text)
			continue
		}
		existing[pod.Name] = true
		fmt.Fprintf(&out, "pod/%s created\n", pod.Name)
		for _, w := range warned {
			fmt.Fprintf(&warnings, "Warning: %s\n", w)
		}
	}
	out.WriteString(warnings.String())
	if len(short) == 1 {
		long = short
	}
	for _, line := range long {
		out.WriteString(line + "\n")
	}
	return out.String()
}

var generated = regexp.MustCompile(`pod/gen-[a-z0-9]{5} created`)

// plainNames hides what is random.
func plainNames(text string) string {
	return generated.ReplaceAllString(text, "pod/gen-xxxxx created")
}

func readFile(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// printed are the errors of one pod as kubectl prints them: one line for one, a bullet for each of several, none twice.
func printed(pod string, errs field.ErrorList) string {
	var lines []string
	for _, err := range errs {
		if text := err.Error(); !slices.Contains(lines, text) {
			lines = append(lines, text)
		}
	}
	head := fmt.Sprintf("The Pod %q is invalid: ", pod)
	if len(lines) == 1 {
		return head + lines[0]
	}
	return head + "\n* " + strings.Join(lines, "\n* ")
}

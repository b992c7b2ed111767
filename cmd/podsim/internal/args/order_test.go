package args

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func flags() []Flag {
	return []Flag{
		{Names: []string{"container", "c"}},
		{Names: []string{"follow", "f"}, Bool: true},
		{Names: []string{"stdin", "i"}, Bool: true},
		{Names: []string{"tty", "t"}, Bool: true},
		{Names: []string{"output", "o"}},
		{Names: []string{"wait"}, Bare: "ready"},
		{Names: []string{"namespace", "n"}, Global: true},
	}
}

func TestOrder(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		argv []string
		want Ordered
	}{
		"flags after arguments": {
			argv: []string{"web", "-c", "app", "-f"},
			want: Ordered{Local: []string{"--container=app", "--follow=true"}, Args: []string{"web"}, Dash: -1},
		},
		"everything after two dashes is an argument": {
			argv: []string{"p", "-c", "a", "--", "sh", "-c", "echo"},
			want: Ordered{Local: []string{"--container=a"}, Args: []string{"p", "sh", "-c", "echo"}, Dash: 1},
		},
		"joined bool flags": {
			argv: []string{"-it", "p"},
			want: Ordered{Local: []string{"--stdin=true", "--tty=true"}, Args: []string{"p"}, Dash: -1},
		},
		"a value joined to a short flag": {
			argv: []string{"pods", "-ojson", "-nfoo"},
			want: Ordered{Local: []string{"--output=json"}, Global: []string{"--namespace=foo"}, Args: []string{"pods"}, Dash: -1},
		},
		"a bool flag and then one with a value in one word": {
			argv: []string{"-fc", "app"},
			want: Ordered{Local: []string{"--follow=true", "--container=app"}, Dash: -1},
		},
		"an equals sign behind a short flag": {
			argv: []string{"-o=json", "-f=false"},
			want: Ordered{Local: []string{"--output=json", "--follow=false"}, Dash: -1},
		},
		"one dash is an argument, also as a value": {
			argv: []string{"-", "-c", "-"},
			want: Ordered{Local: []string{"--container=-"}, Args: []string{"-"}, Dash: -1},
		},
		"a flag whose value may be left out takes no argument": {
			argv: []string{"--wait", "p", "--wait=deleted"},
			want: Ordered{Local: []string{"--wait=ready", "--wait=deleted"}, Args: []string{"p"}, Dash: -1},
		},
		"a value that begins with a dash": {
			argv: []string{"--container", "-1"},
			want: Ordered{Local: []string{"--container=-1"}, Dash: -1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Order(tc.argv, flags())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestOrderSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for want, argv := range map[string][]string{
		"unknown flag: --nope":                {"--nope=1"},
		"unknown shorthand flag: 'z' in -fz":  {"-fz"},
		"flag needs an argument: --container": {"--container"},
		"flag needs an argument: 'c' in -ic":  {"-ic"},
	} {
		_, err := Order(argv, flags())
		if err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", argv, err, want)
		}
	}
}

func TestVerb(t *testing.T) {
	t.Parallel()
	before, verb, rest, err := Verb([]string{"-n", "foo", "get", "pods", "-o", "json"}, flags())
	if err != nil || verb != "get" {
		t.Fatalf("got verb %q, %v", verb, err)
	}
	if diff := cmp.Diff([]string{"--namespace=foo"}, before); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"pods", "-o", "json"}, rest); diff != "" {
		t.Error(diff)
	}
}

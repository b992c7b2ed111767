package lint

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"

	"github.com/podsim/podsim/simulator/internal/manifest"
)

// known is what exists beside the pods of these tests.
func known() Objects {
	return Objects{
		ConfigMaps: map[string][]string{"settings": {"COLOUR", "size"}},
		Secrets:    map[string][]string{"login": {"password"}},
		Claims:     map[string]bool{"data": true},
	}
}

// hintsOf decodes a pod's spec and returns its hints as lines.
func hintsOf(t *testing.T, spec string) []string {
	t.Helper()
	text := "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n" + spec
	decoded, err := manifest.Decode([]byte(text), manifest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	pod, _ := decoded.Objects[0].(*v1.Pod)
	var out []string
	for _, h := range Pod(pod, nil, known()) {
		out = append(out, strings.TrimPrefix(h.Field, "spec.")+": "+h.Message)
	}
	return out
}

type lintCase struct {
	name, spec string
	want       []string
}

func run(t *testing.T, cases []lintCase) {
	t.Helper()
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, hintsOf(t, tc.spec)); diff != "" {
				t.Errorf("hints (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPorts(t *testing.T) {
	t.Parallel()
	run(t, []lintCase{
		{"two containers declare one port", `
  containers:
  - {name: a, image: x, ports: [{containerPort: 8080}]}
  - {name: b, image: x, ports: [{containerPort: 8080}]}
`, []string{`containers[1].ports[0]: containers "a" and "b" both declare port 8080/TCP: they share one network, so if both listen on it, the second cannot`}},
		{"another protocol is another port", `
  containers:
  - {name: a, image: x, ports: [{containerPort: 53}]}
  - {name: b, image: x, ports: [{containerPort: 53, protocol: UDP}]}
`, nil},
		{"an init container has ended by then", `
  initContainers: [{name: i, image: x, ports: [{containerPort: 80}]}]
  containers: [{name: a, image: x, ports: [{containerPort: 80}]}]
`, nil},
		{"a sidecar has not", `
  initContainers: [{name: s, image: x, restartPolicy: Always, ports: [{containerPort: 80}]}]
  containers: [{name: a, image: x, ports: [{containerPort: 80}]}]
`, []string{`containers[0].ports[0]: containers "s" and "a" both declare port 80/TCP: they share one network, so if both listen on it, the second cannot`}},
		{"a probe names a port that is not declared", `
  containers: [{name: a, image: x, ports: [{name: http, containerPort: 80}], readinessProbe: {httpGet: {port: web}}}]
`, []string{`containers[0].readinessProbe.httpGet.port: the readinessProbe asks port "web", which container "a" does not declare: it can only fail (it declares http)`}},
		{"a probe asks another number than the declared one", `
  containers: [{name: a, image: x, ports: [{containerPort: 80}], livenessProbe: {tcpSocket: {port: 8080}}}]
`, []string{`containers[0].livenessProbe.tcpSocket.port: the livenessProbe asks port 8080, and container "a" declares 80: it may be the wrong one`}},
		{"a hook names a port that is not declared", `
  containers: [{name: a, image: x, lifecycle: {preStop: {httpGet: {port: admin}}}}]
`, []string{`containers[0].lifecycle.preStop.httpGet.port: the preStop hook asks port "admin", which container "a" does not declare: it can only fail`}},
		{"ports need not be declared, and a number in quotes is one", `
  containers: [{name: a, image: x, readinessProbe: {httpGet: {port: 8080}}, livenessProbe: {httpGet: {port: "8080"}}}]
`, nil},
	})
}

func TestVariables(t *testing.T) {
	t.Parallel()
	run(t, []lintCase{
		{"used before it is defined", `
  containers: [{name: a, image: x, env: [{name: URL, value: "http://$(HOST)"}, {name: HOST, value: h}]}]
`, []string{`containers[0].env[0].value: $(HOST) stays as it is: HOST is defined after it, and a value sees only those before it`}},
		{"never defined, but nearly", `
  containers: [{name: a, image: x, env: [{name: DB_HOST, value: h}, {name: URL, value: "$(DB_HSOT)"}]}]
`, []string{`containers[0].env[1].value: $(DB_HSOT) stays as it is: no variable of this name is defined (is DB_HOST meant?)`}},
		{"itself", `
  containers: [{name: a, image: x, env: [{name: PATH, value: "/opt:$(PATH)"}]}]
`, []string{`containers[0].env[0].value: $(PATH) stays as it is: it refers to itself, and nothing before it defines it`}},
		{"from a ConfigMap at hand", `
  containers: [{name: a, image: x, envFrom: [{prefix: P_, configMapRef: {name: settings}}], args: ["$(P_COLOUR)"]}]
`, nil},
		{"of a source that is not at hand it is not sure", `
  containers: [{name: a, image: x, envFrom: [{configMapRef: {name: other, optional: true}}], args: ["$(COLOUR)"]}]
`, []string{`containers[0].args[0]: $(COLOUR) may stay as it is: no variable of this name is declared, unless envFrom gives it`}},
		{"a Service's", `
  containers: [{name: a, image: x, args: ["$(REDIS_SERVICE_HOST)", "$(KUBERNETES_SERVICE_HOST)"]}]
`, []string{`containers[0].args[0]: $(REDIS_SERVICE_HOST) stays as it is here: it is a Service's variable, and there are no Services`}},
		{"what a shell runs is no variable", `
  containers: [{name: a, image: x, command: [sh, -c, "echo $(date) $(cat /x) $$(NOT) $HOME"], env: [{name: X, value: "$(hostname)"}]}]
`, nil},
	})
}

func TestInitContainersThatNeverEnd(t *testing.T) {
	t.Parallel()
	const hint = `init container "i" never ends, and nothing starts before it has: a helper that goes on needs restartPolicy: Always`
	for command, certain := range map[string]bool{
		`[sleep, infinity]`:                                               true,
		`[tail, -f, /dev/null]`:                                           true,
		`[sh, -c, "echo x; sleep infinity"]`:                              true,
		`[sh, -c, "while true; do echo x; sleep 1; done"]`:                true,
		`[sh, -c, "while :; do date; done"]`:                              true,
		`[sh, -c, "while true; do test -e /x && break; sleep 1; done"]`:   false,
		`[sh, -c, "until nc -z db 5432; do sleep 1; done"]`:               false,
		`[sh, -c, "test -e /x || sleep infinity"]`:                        false,
		`[sh, -c, "if a; then exit; fi; sleep infinity"]`:                 false,
		`[sh, -c, "sleep infinity & wait"]`:                               false,
		`[timeout, "5", sleep, infinity]`:                                 false,
		`[sleep, "5"]`:                                                    false,
		`[bash, -c, "set -e; while true; do mount | grep x; done; true"]`: false,
	} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			got := hintsOf(t, "  initContainers: [{name: i, image: x, command: "+command+"}]\n  containers: [{name: a, image: x}]\n")
			if want := []string{"initContainers[0].command: " + hint}; certain && !cmp.Equal(want, got) || !certain && got != nil {
				t.Errorf("hints %q", got)
			}
		})
	}
	run(t, []lintCase{{"a sidecar may", `
  initContainers: [{name: s, image: x, restartPolicy: Always, command: [sleep, infinity]}]
  containers: [{name: a, image: x}]
`, nil}})
}

func TestVolumes(t *testing.T) {
	t.Parallel()
	run(t, []lintCase{
		{"every mount of an emptyDir is readOnly", `
  volumes: [{name: v, emptyDir: {}}]
  containers: [{name: a, image: x, volumeMounts: [{name: v, mountPath: /v, readOnly: true}]}]
`, []string{`volumes[0]: every mount of emptyDir "v" is readOnly: it stays empty`}},
		{"nobody mounts it", `
  volumes: [{name: v, emptyDir: {}}]
  containers: [{name: a, image: x}]
`, []string{`volumes[0]: no container mounts volume "v"`}},
		{"a mount below a read-only one", `
  volumes: [{name: v, configMap: {name: settings}}, {name: w, emptyDir: {}}]
  containers: [{name: a, image: x, volumeMounts: [{name: v, mountPath: /etc/app}, {name: w, mountPath: /etc/app/cache}]}]
`, []string{`containers[0].volumeMounts[1].mountPath: /etc/app/cache lies in the mount of volume "v" at /etc/app, which is read-only: the container may not start, unless cache is there already`}},
		{"a mount below one that another container shares", `
  volumes: [{name: v, emptyDir: {}}, {name: w, emptyDir: {}}]
  containers:
  - {name: a, image: x, volumeMounts: [{name: v, mountPath: /v}, {name: w, mountPath: /v/w}]}
  - {name: b, image: x, volumeMounts: [{name: v, mountPath: /v}]}
`, []string{`containers[0].volumeMounts[1].mountPath: /v/w lies in the mount of volume "v" at /v: container "b", which mounts "v" too, does not see what is in "w" there`}},
		{"a claim of a user who is not root", `
  securityContext: {runAsUser: 999}
  volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]
  containers: [{name: a, image: x, volumeMounts: [{name: v, mountPath: /v}]}]
`, []string{`containers[0].volumeMounts[0]: container "a" runs as uid 999 and may not be allowed to write to "v": a fresh claim belongs to root; set spec.securityContext.fsGroup, or let an init container that runs as root prepare it`}},
		{"not with fsGroup, and not when root prepares it", `
  securityContext: {fsGroup: 999}
  volumes: [{name: v, persistentVolumeClaim: {claimName: data}}, {name: w, hostPath: {path: /srv}}]
  initContainers: [{name: i, image: x, volumeMounts: [{name: w, mountPath: /w}]}]
  containers: [{name: a, image: x, securityContext: {runAsUser: 999}, volumeMounts: [{name: v, mountPath: /v}, {name: w, mountPath: /w}]}]
`, nil},
	})
}

func TestReferences(t *testing.T) {
	t.Parallel()
	run(t, []lintCase{
		{"what is not there", `
  imagePullSecrets: [{name: registry}]
  volumes: [{name: v, configMap: {name: setting}}, {name: w, secret: {secretName: login, items: [{key: pasword, path: p}]}}, {name: c, persistentVolumeClaim: {claimName: other}}]
  containers:
  - name: a
    image: x
    envFrom: [{secretRef: {name: nope}}]
    env: [{name: C, valueFrom: {configMapKeyRef: {name: settings, key: colour}}}]
    volumeMounts: [{name: v, mountPath: /v}, {name: w, mountPath: /w}, {name: c, mountPath: /c}]
`, []string{
			`containers[0].envFrom[0].secretRef.name: Secret "nope" is not in the files: the container waits for it`,
			`containers[0].env[0].valueFrom.configMapKeyRef.key: ConfigMap "settings" has no key "colour": the container waits for it (is "COLOUR" meant?)`,
			`volumes[0].configMap.name: ConfigMap "setting" is not in the files: the pod waits for it (is "settings" meant?)`,
			`volumes[1].secret.items[0].key: Secret "login" has no key "pasword": the pod waits for it (is "password" meant?)`,
			`volumes[2].persistentVolumeClaim.claimName: PersistentVolumeClaim "other" is not in the files: podsim makes one, in a cluster the pod would stay Pending`,
			`imagePullSecrets[0].name: Secret "registry" is not in the files: images are pulled without it`,
		}},
		{"what is there, is optional, or is in every namespace", `
  volumes: [{name: v, projected: {sources: [{configMap: {name: kube-root-ca.crt}}, {secret: {name: login}}]}}]
  containers:
  - name: a
    image: x
    env: [{name: C, valueFrom: {secretKeyRef: {name: nope, key: k, optional: true}}}]
    volumeMounts: [{name: v, mountPath: /v}]
`, nil},
	})
}

func TestImagesPulledAnew(t *testing.T) {
	t.Parallel()
	decoded, err := manifest.Decode([]byte(`
apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {containers: [{name: a, image: "r:5000/x", imagePullPolicy: Always}, {name: b, image: "x:1", imagePullPolicy: Always}, {name: c, image: x}]}
`), manifest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	pod, _ := decoded.Objects[0].(*v1.Pod)
	written := pod.DeepCopy()
	written.Spec.Containers[2].ImagePullPolicy = ""
	got := Pod(pod, written, known())
	want := []Hint{{
		Field:   "spec.containers[0].imagePullPolicy",
		Message: `image "r:5000/x" is pulled at every start and may be another each time; one that was only built here cannot be pulled`,
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("hints (-want +got):\n%s", diff)
	}
}

func TestImagesThatAreNone(t *testing.T) {
	t.Parallel()
	run(t, []lintCase{
		{"a variable that nobody fills in", `
  containers: [{name: a, image: "registry.test/app:${TAG}"}]
`, []string{`containers[0].image: "registry.test/app:${TAG}" is no name of an image: the container waits with InvalidImageName; no variables are filled in here (envsubst < FILE | podsim run - does)`}},
		{"capitals", `
  initContainers: [{name: a, image: App}]
  containers: [{name: b, image: "registry.test:5000/app:TAG@sha256:4bcd31a1e6cf6a9bd5ab1d9a4fb23ee2cc4c2ad1e2a4b7c1cc5d4f77a5c1f8e0"}]
`, []string{`initContainers[0].image: "App" is no name of an image: the container waits with InvalidImageName`}},
	})
}

func TestWordsOfCommands(t *testing.T) {
	t.Parallel()
	run(t, []lintCase{
		{"a command line in one word", `
  containers: [{name: a, image: x, command: ["npm start"]}]
`, []string{`containers[0].command[0]: "npm start" is taken for the name of one program: write its words apart, or [sh, -c, ...]`}},
		{"a script in several words", `
  containers: [{name: a, image: x, command: [sh, -c], args: [echo, hello]}]
`, []string{`containers[0].command: sh -c takes "echo" alone as its script, and the words after it as $0, $1 ...: put them into one word`}},
		{"words that the script asks for", `
  containers: [{name: a, image: x, command: [sh, -c, '"$@"', sh, echo, hello]}, {name: b, image: x, command: [sh, -c, "echo hello", ignored]}]
`, nil},
	})
}

func TestSubPaths(t *testing.T) {
	t.Parallel()
	run(t, []lintCase{
		{"a file that is not there", `
  volumes: [{name: v, configMap: {name: settings}}]
  containers: [{name: a, image: x, volumeMounts: [{name: v, mountPath: /etc/size, subPath: sise}]}]
`, []string{`containers[0].volumeMounts[0].subPath: ConfigMap "settings" has no "sise": an empty directory is mounted at /etc/size (is "size" meant?)`}},
		{"one that is, under its own name or another", `
  volumes: [{name: v, configMap: {name: settings}}, {name: w, secret: {secretName: login, items: [{key: password, path: pw}]}}]
  containers: [{name: a, image: x, volumeMounts: [{name: v, mountPath: /a, subPath: size}, {name: w, mountPath: /b, subPath: pw}]}]
`, nil},
	})
}

func TestCapabilitiesThatHaveNoEffect(t *testing.T) {
	t.Parallel()
	run(t, []lintCase{
		{"as the kernel spells them, or not at all", `  containers: [{name: a, image: "i:1", securityContext: {capabilities: {add: [NET_ADMIN, CAP_NET_RAW], drop: [all, FLY]}}}]`, []string{
			`containers[0].securityContext.capabilities.add[1]: there is no capability "CAP_NET_RAW": it has no effect; a Pod says NET_RAW`,
			`containers[0].securityContext.capabilities.drop[1]: there is no capability "FLY": it has no effect`,
		}},
	})
}

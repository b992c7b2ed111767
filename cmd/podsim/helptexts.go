package main

// helpGroup are verbs that belong together.
type helpGroup struct {
	title string
	verbs []string
}

// helpGroups are all verbs in the order of the help.
var helpGroups = []helpGroup{
	{"Run a pod", []string{"run"}},
	{"Find out what is wrong", []string{"lint", "diagnose", "ports"}},
	{"As with kubectl", []string{
		"apply", "create", "replace", "delete", "get", "describe", "events", "wait", "logs", "exec", "attach", "cp",
		"port-forward", "top", "debug", "label", "annotate", "patch", "set", "api-resources",
	}},
	{"Housekeeping", []string{"gc", "node", "version", "completion"}},
}

// helpExamples are by verb, each a comment and a command.
var helpExamples = map[string]string{
	"run": `
# With the logs of all containers, until it ends or Ctrl-C
podsim run pod.yaml
# In the background, and return when it is ready
podsim run -d --wait=ready pod.yaml
# In CI: the pod's exit code, and nothing left
podsim run --timeout 5m test.yaml
# With another image, and port 8080 at localhost
podsim run --image web=web:dev -p 8080:80 pod.yaml
# From standard input
generate | podsim run -`,
	"lint": `
podsim lint pod.yaml
# A directory and all below it, for a program to read
podsim lint -R manifests/ -o json`,
	"diagnose": `
podsim diagnose web`,
	"ports": `
podsim ports web
# With process ids
podsim ports web -o wide`,
	"apply": `
podsim apply -f pod.yaml
podsim apply -f manifests/ --dry-run=client
generate | podsim apply -f -`,
	"create": `
podsim create -f pod.yaml
podsim create configmap settings --from-literal=colour=green --from-file=app.conf
podsim create secret generic login --from-literal=password=swordfish`,
	"replace": `
podsim replace -f pod.yaml
# Delete it first, which may change everything
podsim replace --force -f pod.yaml`,
	"delete": `
podsim delete pod web
podsim delete -f pod.yaml
# At once
podsim delete pod web --grace-period=0 --force
podsim delete pods --all`,
	"get": `
podsim get pods -o wide
podsim get pod web -o yaml
podsim get pod web -o jsonpath={.status.podIP}
podsim get pods -w`,
	"describe": `
podsim describe pod web
podsim describe pods -l app=web`,
	"logs": `
podsim logs web -c app -f
# Of the run before the last restart
podsim logs web -c app --previous
podsim logs web --all-containers --prefix --tail=20`,
	"exec": `
podsim exec web -c app -- ls -l /data
podsim exec -it web -- sh`,
	"attach": `
podsim attach web -c app -it`,
	"cp": `
podsim cp web:/etc/app.conf app.conf -c app
podsim cp page.html web:/www/`,
	"port-forward": `
podsim port-forward web 8080
podsim port-forward web 9000:80
# On a free port
podsim port-forward web :80`,
	"wait": `
podsim wait pod/web --for=condition=Ready --timeout=60s
podsim wait pod/job --for=jsonpath={.status.phase}=Succeeded
podsim wait pod/web --for=delete`,
	"events": `
podsim events --for pod/web
podsim events -w`,
	"top": `
podsim top pod
podsim top pod web --containers`,
	"debug": `
podsim debug web --image=busybox:1.36 --target=app -it -- sh`,
	"label": `
podsim label pod web tier=front
podsim label pod web tier-`,
	"annotate": `
podsim annotate pod web note='looked at'`,
	"patch": `
podsim patch configmap settings -p '{"data":{"colour":"blue"}}'
podsim patch pod web --type=json -p '[{"op":"remove","path":"/metadata/labels/tier"}]'`,
	"set": `
podsim set image pod/web app=web:2`,
	"gc": `
podsim gc --dry-run
podsim gc`,
	"completion": `
source <(podsim completion bash)`,
}

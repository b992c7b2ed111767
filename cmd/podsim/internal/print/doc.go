// Package print turns objects into what a user reads: tables as `kubectl get` prints them (with STATUS, READY and
// RESTARTS of a pod computed as kubectl's server does), wide tables, YAML, JSON, names, JSONPath, Go templates and
// custom columns, and the sections of `kubectl describe`. It decides nothing, asks nobody, and the time is an argument.
//
// Secret values are printed only where kubectl prints them: in -o yaml, json and the templates of a Secret itself.
package print

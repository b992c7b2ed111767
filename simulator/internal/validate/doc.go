// Package validate says what is wrong or doubtful with an object before anything runs.
//
// It answers three questions, and keeps them apart:
//
//   - Would the API server of Kubernetes 1.35 take it? Pod, PodUpdate, ConfigMap, Secret, ... return its field errors, in its
//     words and its order, all of them at once; APIWarnings returns the warnings it would send along.
//   - Does podsim do what the object asks for? The field table (Fields) has a row for every field of the Pod API: honoured,
//     approximated, ignored or refused. Refusals returns errors for the fields that podsim refuses, Fidelity a warning for
//     those that it approximates or ignores. A test walks the API types, so that the table can lose no field.
//   - What does the README say? Markdown renders the table.
//
// Objects are expected as package manifest returns them, with defaults filled in. The package changes nothing and knows
// nothing of files, engines or nodes.
package validate

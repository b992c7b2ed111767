// Package manifest turns bytes into typed Kubernetes objects, the way kubectl and the API server do together.
//
// A file holds any number of YAML or JSON documents. Each one is split off, converted to JSON, decoded strictly into
// its type and filled with the defaults that the API server and its admission plugins of Kubernetes 1.35 would write, so
// that the spec of a decoded Pod equals what `kubectl get pod -o yaml` shows on a cluster (the node's name aside).
//
//	bytes -> documents -> JSON -> typed object -> defaults -> Result
//	             \-> lines of fields (for messages)
//
// One bad document does not hide the others: Decode returns every object that could be read, and an Errors value with
// one entry for each document that could not. Every entry knows its file, line and field, and the words kubectl prints.
//
// The package decides nothing about what an object may say (see package validate) and nothing about what becomes of it.
package manifest

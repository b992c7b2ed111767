// Package lint gives hints about a pod before anything of it runs: what is
// accepted and is probably not what its author means.
//
// It is pure, and knows only the manifest and the objects beside it. A hint is
// right, or says "may": what depends on an image, a program or a cluster is
// never stated as a fact. What the API server refuses or warns of is package
// validate's.
package lint

// Package resource knows the kinds that podsim keeps, by all the names that kubectl takes for them, and reads the
// arguments that name objects: "pods", "po,cm", "pod web", "pod/web cm/settings". It reads no object.
package resource

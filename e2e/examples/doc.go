// Package examples runs every pod of the examples folder as its README says,
// and looks at what a user would look at. The public image that they name is
// replaced by one that the tests make, so no registry is needed.
package examples

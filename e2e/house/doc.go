// Package house holds the rules of the project's own structure as tests: who
// may import whom, and that every package says what it is for.
package house

// Package near guesses which name was meant by one that does not exist.
package near

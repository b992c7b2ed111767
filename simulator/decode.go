package simulator

import "github.com/podsim/podsim/simulator/internal/manifest"

// DecodeOptions say how to read a file of manifests.
type DecodeOptions = manifest.Options

// Decoded is what a file gave: objects with defaults filled in, in the order of
// the file, and warnings. Raw gives an object as it stands in the file.
type Decoded = manifest.Result

// ManifestErrors are what could not be read of a file; each has a line, and the
// words that kubectl prints.
type ManifestErrors = manifest.Errors

// ManifestError is one of ManifestErrors.
type ManifestError = manifest.Error

// Decode reads all documents of a file, strictly. The error is of type
// ManifestErrors; Decoded holds the documents that could be read all the same.
func Decode(data []byte, o DecodeOptions) (Decoded, error) { return manifest.Decode(data, o) }

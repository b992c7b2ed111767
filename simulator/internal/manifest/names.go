package manifest

import (
	"math/rand/v2"
	"path"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

const (
	// suffixLength and suffixLetters are those of the API server's random names: no vowels, so that no words appear.
	suffixLength  = 5
	suffixLetters = "bcdfghjklmnpqrstvwxz2456789"
	// maxGenerateBase is as much of generateName as is kept before the suffix.
	maxGenerateBase = validation.DNS1123LabelMaxLength - suffixLength
)

// GenerateName makes a name from metadata.generateName. A nil source is the process's own.
func GenerateName(base string, rnd *rand.Rand) string {
	if len(base) > maxGenerateBase {
		base = base[:maxGenerateBase]
	}
	pick := rand.IntN
	if rnd != nil {
		pick = rnd.IntN
	}
	suffix := make([]byte, suffixLength)
	for i := range suffix {
		suffix[i] = suffixLetters[pick(len(suffixLetters))]
	}
	return base + string(suffix)
}

// NameFromFile makes a valid object name from a file's base name without its extension; "" if nothing is left.
func NameFromFile(filename string) string {
	if filename == "" || filename == "-" {
		return ""
	}
	base := path.Base(strings.ReplaceAll(filename, `\`, "/"))
	for _, ext := range []string{".yaml", ".yml", ".json"} {
		base = strings.TrimSuffix(base, ext)
	}
	var b strings.Builder
	for _, r := range strings.ToLower(base) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
			continue
		}
		b.WriteByte('-')
	}
	name := strings.Trim(b.String(), "-")
	if len(name) > validation.DNS1123LabelMaxLength {
		name = strings.TrimRight(name[:validation.DNS1123LabelMaxLength], "-")
	}
	return name
}

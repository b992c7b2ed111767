package near

import "testing"

func TestNameThatWasMeant(t *testing.T) {
	t.Parallel()
	names := []string{"app-config", "db-secret", "tls"}
	for word, want := range map[string]string{
		"app_config": "app-config", "appconfig": "app-config", "app-confg": "app-config", "DB-SECRET": "db-secret", "nothing": "", "tls": "",
	} {
		if got := Name(word, names); got != want {
			t.Errorf("near %q: %q, want %q", word, got, want)
		}
	}
}

package images

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// The references of images that stand in for public ones: they take the same
// commands, arguments and variables as far as the examples use them, and fail
// where the original would.
const (
	// Postgres stands in for postgres.
	Postgres = "podsim.test/postgres:1"
	// PgBouncer stands in for edoburu/pgbouncer.
	PgBouncer = "podsim.test/pgbouncer:1"
	// PostgresExporter stands in for prometheuscommunity/postgres-exporter.
	PostgresExporter = "podsim.test/postgres-exporter:1"
	// NodeExporter stands in for prom/node-exporter.
	NodeExporter = "podsim.test/node-exporter:1"
	// IPTables stands in for images with the iptables command. It holds the one
	// of this machine, so it is made where that has one.
	IPTables = "podsim.test/iptables:1"
)

// standins are busybox with scripts, by reference.
func standins() map[string]func(*Image) {
	return map[string]func(*Image){
		Postgres: func(i *Image) {
			program(i, "docker-entrypoint.sh", postgresScript)
			script(i, "pg-answer", pgAnswerScript)
			script(i, "pg_isready", pgReadyScript)
			script(i, "pg_dump", pgDumpScript)
		},
		PgBouncer:        func(i *Image) { program(i, "entrypoint.sh", bouncerScript) },
		PostgresExporter: func(i *Image) { program(i, "postgres_exporter", exporterScript); i.Config.User = "65534" },
		NodeExporter:     func(i *Image) { program(i, "node_exporter", nodeExporterScript); i.Config.User = "65534" },
	}
}

// program makes a script the image's entrypoint.
func program(i *Image, name, text string) {
	script(i, name, text)
	i.Config.Entrypoint, i.Config.Cmd = []string{name}, nil
}

func script(i *Image, name, body string) {
	i.Files = append(i.Files, File{Path: "bin/" + name, Mode: 0o755, Body: []byte("#!/bin/sh\n" + body)})
}

// postgresScript refuses what initdb refuses, and keeps its data: how often it
// was started.
const postgresScript = `
export PGDATA=${PGDATA:-/var/lib/postgresql/data}
mkdir -p "$PGDATA" || exit 1
chmod 0700 "$PGDATA" || :
if [ ! -s "$PGDATA/PG_VERSION" ]; then
	if [ -z "$POSTGRES_PASSWORD" ]; then
		echo "Error: Database is uninitialized and superuser password is not specified." >&2
		exit 1
	fi
	if [ "$(id -u)" != 0 ] && [ "$(stat -c %u "$PGDATA")" != "$(id -u)" ]; then
		echo "initdb: error: could not change permissions of directory \"$PGDATA\": Operation not permitted" >&2
		exit 1
	fi
	echo 16 > "$PGDATA/PG_VERSION"
fi
echo start >> "$PGDATA/starts"
echo 'LOG:  listening on IPv4 address "0.0.0.0", port 5432'
nc -ll -p 5432 -e /bin/pg-answer &
trap "kill $!; exit 0" TERM INT
wait
`

const pgAnswerScript = `
echo "-- started $(wc -l < "$PGDATA/starts") times"
`

const pgOptions = `
host=localhost port=5432
while getopts h:p:U:d:q option; do
	case $option in h) host=$OPTARG ;; p) port=$OPTARG ;; esac
done
`

const pgReadyScript = pgOptions + `
if nc -w 2 "$host" "$port" < /dev/null > /dev/null 2>&1; then
	echo "$host:$port - accepting connections"
else
	echo "$host:$port - no response"
	exit 2
fi
`

const pgDumpScript = pgOptions + `
answer=$(nc -w 2 "$host" "$port" < /dev/null) || { echo "pg_dump: error: connection to server at \"$host\", port $port failed: Connection refused" >&2; exit 1; }
echo "-- PostgreSQL database dump"
echo "$answer"
`

const bouncerScript = `
echo "LOG listening on 0.0.0.0:${LISTEN_PORT:-5432}, server $DB_HOST:${DB_PORT:-5432}"
printf '#!/bin/sh\nexec nc %s %s\n' "$DB_HOST" "${DB_PORT:-5432}" > /tmp/forward
chmod +x /tmp/forward
nc -ll -p "${LISTEN_PORT:-5432}" -e /tmp/forward &
trap "kill $!; exit 0" TERM INT
wait
`

const exporterScript = `
case $DATA_SOURCE_NAME in
postgresql://*:?*@*) up=1 ;;
*) echo "no DATA_SOURCE_NAME" >&2; exit 1 ;;
esac
case $DATA_SOURCE_NAME in *'$('*) echo "a reference in DATA_SOURCE_NAME stayed as it is" >&2; up=0 ;; esac
mkdir -p /tmp/www && echo "pg_up $up" > /tmp/www/metrics
httpd -f -p 9187 -h /tmp/www &
trap "kill $!; exit 0" TERM INT
wait
`

const nodeExporterScript = `
proc=/proc
for word; do
	case $word in --path.procfs=*) proc=${word#*=} ;; esac
done
mkdir -p /tmp/www
while :; do
	{
		echo "node_load1 $(cut -d' ' -f1 "$proc/loadavg")"
		awk '/^MemTotal:/ { printf "node_memory_MemTotal_bytes %.0f\n", $2 * 1024 }' "$proc/meminfo"
	} > /tmp/www/new
	mv /tmp/www/new /tmp/www/metrics
	sleep 1
done &
httpd -f -p 9100 -h /tmp/www &
trap "kill %1 %2; exit 0" TERM INT
wait
`

// library finds what "ldd" lists.
var library = regexp.MustCompile(`(/\S+) \(0x`)

// extensions are the parts of iptables that examples use.
var extensions = []string{"libxt_standard.so", "libxt_tcp.so", "libxt_REDIRECT.so"}

// iptables is busybox with this machine's iptables and its libraries.
func iptables(base Image) (Image, error) {
	path, err := exec.LookPath("iptables")
	if err != nil {
		return Image{}, err
	}
	files := map[string]string{"/usr/sbin/iptables": path}
	list, err := exec.Command("ldd", path).Output()
	if err != nil {
		return Image{}, fmt.Errorf("list the libraries of iptables: %w", err)
	}
	for _, m := range library.FindAllStringSubmatch(string(list), -1) {
		files[m[1]] = m[1]
	}
	for _, name := range extensions {
		found, err := filepath.Glob("/usr/lib/*/xtables/" + name)
		if err != nil || len(found) == 0 {
			return Image{}, fmt.Errorf("find %s of iptables: %v", name, err)
		}
		files[found[0]] = found[0]
	}
	dirs := map[string]bool{"usr": true, "usr/sbin": true}
	for to, from := range files {
		body, err := os.ReadFile(from)
		if err != nil {
			return Image{}, err
		}
		to = strings.TrimPrefix(to, "/")
		base.Files = append(base.Files, File{Path: to, Mode: 0o755, Body: body})
		for d := filepath.Dir(to); d != "."; d = filepath.Dir(d) {
			if !dirs[d] {
				dirs[d] = true
				base.Files = append(base.Files, dir(d))
			}
		}
	}
	base.Files = append(base.Files, dir("run"))
	return base, nil
}

// all are the images made of busybox.
func all() map[string]func(*Image) {
	out := variants()
	maps.Copy(out, standins())
	return out
}

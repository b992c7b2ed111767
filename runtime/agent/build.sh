#!/bin/sh
# Builds the pause image's program for each architecture into artefacts/,
# the same bytes every time for one toolchain. "build.sh -check" builds again
# and compares with what is committed instead.
set -eu
cd "$(dirname "$0")"
out=artefacts
if [ "${1-}" = -check ]; then
	out=$(mktemp -d)
	trap 'rm -rf "$out"' EXIT
fi
go=$(go env GOVERSION)
if [ "$out" != artefacts ] && [ "$go" != "$(cat artefacts/toolchain)" ]; then
	echo "built with $(cat artefacts/toolchain), this is $go: nothing to compare" >&2
	exit 0
fi
mkdir -p "$out"
for arch in amd64 arm64; do
	file=$out/podsim-agent-linux-$arch
	CGO_ENABLED=0 GOOS=linux GOARCH=$arch GOAMD64=v1 GOARM64=v8.0 GOFLAGS=-mod=readonly GOEXPERIMENT='' \
		go build -trimpath -buildvcs=false -ldflags '-s -w -buildid=' -o "$file" ../../cmd/podsim-agent
	if [ "$out" = artefacts ]; then
		gzip -9 -n -f "$file" && chmod 644 "$file.gz"
	elif ! gzip -dc "artefacts/podsim-agent-linux-$arch.gz" | cmp - "$file"; then
		echo "artefacts/podsim-agent-linux-$arch.gz is stale: run go generate ./runtime/agent" >&2
		exit 1
	fi
done
[ "$out" != artefacts ] || echo "$go" >artefacts/toolchain

package agent

//go:generate ./build.sh

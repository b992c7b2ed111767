# `make help` lists the targets.

GO      ?= go
BIN     ?= bin
PREFIX  ?= /usr/local

LDFLAGS   := -s -w
PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

# Tests that watch a real engine's clock run apart from the ones that burn CPU.
REAL_PACKAGES = ./e2e/...
UNIT_PACKAGES = $(shell $(GO) list ./... | grep -v -E '/e2e(/|$$)')

SCRIPTS  ?= 10000
FUZZTIME ?= 60s
ROUNDS   ?= 200
CASES    ?= TestReference

export CGO_ENABLED = 0

.DEFAULT_GOAL := help

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build bin/podsim
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN)/podsim ./cmd/podsim

install: build ## install podsim into $(PREFIX)/bin
	install -D -m 0755 $(BIN)/podsim $(DESTDIR)$(PREFIX)/bin/podsim

demo: build ## run a pod of three containers, getting an engine first if none answers
	@.ci/engine --with-test-tools
	@$(GO) run ./e2e/images/cmd/testimages
	$(BIN)/podsim run --timeout 2m --image busybox:1.36=podsim.test/busybox:1 examples/demo/pod.yaml

test: ## run all tests, the real-engine ones included (installs an engine on Debian)
	@.ci/engine --with-test-tools
	@$(GO) run ./e2e/images/cmd/testimages
	PODSIM_E2E=require $(GO) test -timeout 15m $(UNIT_PACKAGES)
	PODSIM_E2E=require $(GO) test -count=1 -short -p 1 -timeout 20m -skip '^TestReference$$' $(REAL_PACKAGES)

unit: ## run the tests that need no engine
	$(GO) test -short ./...

check: fmt vet cross static ## gofmt, vet, builds for every platform, static binary

fmt:
	@files=$$(gofmt -l $$(git ls-files '*.go')); \
	if [ -n "$$files" ]; then echo "gofmt -w these:"; echo "$$files"; exit 1; fi

vet:
	$(GO) vet ./...

cross:
	@for platform in $(PLATFORMS); do \
		echo "build $$platform"; \
		GOOS=$${platform%/*} GOARCH=$${platform#*/} $(GO) build -trimpath -o /dev/null ./cmd/podsim || exit 1; \
	done

static: build
	@if [ "$$($(GO) env GOOS)" = linux ] && command -v readelf >/dev/null; then \
		if readelf -l $(BIN)/podsim | grep -q INTERP; then echo "$(BIN)/podsim is not static"; exit 1; fi; \
	fi

agent: ## rebuild the program inside the pause image and its committed artefacts
	$(GO) generate ./runtime/agent/...

sim: ## simulate SCRIPTS random pod lives in virtual time, and plant bugs to see that they are found
	PODSIM_SIM_SCRIPTS=$(SCRIPTS) $(GO) test -count=1 -v -timeout 60m -run 'Simulation|PlantedBug|EveryCall' ./simulator/internal/node

reference: ## run the recorded pods of a real kubelet and compare (CASES=TestReference/NAME for one)
	@.ci/engine --with-test-tools
	@$(GO) run ./e2e/images/cmd/testimages
	PODSIM_E2E=require $(GO) test -count=1 -v -timeout 20m -run '$(CASES)' ./e2e/reference

bench: ## measure podsim against the engine's own calls
	@.ci/engine --with-test-tools
	@$(GO) run ./e2e/images/cmd/testimages
	PODSIM_E2E=require $(GO) test -count=1 -timeout 20m -run '^$$' -bench . ./e2e/...

soak: ## start, delete and crash again and again (ROUNDS)
	@.ci/engine --with-test-tools
	@$(GO) run ./e2e/images/cmd/testimages
	PODSIM_E2E=require $(GO) test -count=1 -v -timeout 60m -run 'Again|Killed' ./e2e/scenario -rounds $(ROUNDS)

crash: ## kill podsim, its engine and its disk at bad moments (ROUNDS)
	@.ci/engine --with-test-tools
	@$(GO) run ./e2e/images/cmd/testimages
	PODSIM_E2E=require $(GO) test -count=1 -v -timeout 120m ./e2e/crash -rounds $(ROUNDS)

fuzz: ## fuzz the manifest reader for FUZZTIME
	$(GO) test -run '^$$' -fuzz Fuzz -fuzztime $(FUZZTIME) ./simulator/internal/manifest

clean: ## remove what make built
	rm -rf $(BIN) coverage

.PHONY: help build install demo test unit check fmt vet cross static agent sim reference bench soak crash fuzz clean

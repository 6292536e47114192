# Everything that is done to this tree is a target here; `make help` lists them.
# Needed beforehand: Go (the version in go.mod) and Node (the version in
# web/package.json). What tests need besides is installed by tools/setup.sh.

.DEFAULT_GOAL := help
.PHONY: help demo check dev test browser fuzz bench assets release clean \
        setup binary lint docs docs-check
.DELETE_ON_ERROR:
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

# Warder is one static file on every machine, so nothing is ever built with C.
export CGO_ENABLED := 0

# The revision is stamped into the binary where there is one to be had.
STAMP := $(shell git rev-parse HEAD >/dev/null 2>&1 && echo true || echo false)
BUILD := go build -trimpath -buildvcs=$(STAMP)
VERSION = $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

# Tests that run the real program run this one.
export WARDER_BINARY := $(CURDIR)/build/warder

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1 \t/' | expand -t 18

demo: binary ## build, and run a made-up department on this machine (data in ./warder-demo)
	exec build/warder demo

dev: binary ## the same with data that is thrown away at the end
	@folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; cd "$$folder" && "$(CURDIR)/build/warder" demo

check: setup lint docs-check test browser fuzz ## everything that must hold before a commit; CI runs this and nothing else
# Here nothing may be skipped because the machine lacks it, and the order of tests must not matter.
check: export WARDER_REQUIRE_POSTGRES := 1
check: export WARDER_REQUIRE_ASSETS := 1
check: export WARDER_REQUIRE_NGINX := 1
check: SHUFFLE := -shuffle=on

test: binary ## the Go tests, as far as this machine can (what has not changed comes from the cache)
	go test $(SHUFFLE) ./...

browser: binary ## the stories in a real browser, and axe on every page
	node test/browser/run.mjs

fuzz: assets ## each fuzz target for a few seconds (FUZZ_EACH=20s for longer)
	go run ./tools/fuzz -each $(or $(FUZZ_EACH),2s) -budget $(or $(FUZZ_BUDGET),9m)

bench: binary ## the benchmarks, one after the other; the table goes to build/bench.txt
	go run ./tools/bench -out build/bench.txt

assets: build/assets.stamp ## build the style sheet and the scripts from web/

release: assets ## static binaries for linux/amd64 and linux/arm64 with their checksums, in build/release
	@rm -rf build/release; mkdir -p build/release
	for arch in amd64 arm64; do \
	  GOOS=linux GOARCH=$$arch $(BUILD) -ldflags "-s -w -X main.version=$(VERSION)" -o "build/release/warder-$(VERSION)-linux-$$arch" ./cmd/warder; \
	done
	cd build/release && sha256sum warder-* > SHA256SUMS && cat SHA256SUMS

clean: ## remove what was built (not the data of make demo: warder demo --reset does that)
	rm -rf build web/node_modules test/browser/output
	find internal/base/web/assets/dist -mindepth 1 -not -name README.md -not -name .gitignore -delete 2>/dev/null || true

# What the targets above are made of.

setup:
	@tools/setup.sh

binary: assets
	@mkdir -p build
	$(BUILD) -o build/warder ./cmd/warder

docs: ## write again what is generated in docs/
	go run ./tools/docs

docs-check:
	go run ./tools/docs -check

lint: assets
	@unformatted=$$(find . -name '*.go' -not -path './web/*' -not -path './build/*' -exec gofmt -l {} +); \
	  if [ -n "$$unformatted" ]; then echo "run gofmt -w on:" >&2; echo "$$unformatted" >&2; exit 1; fi
	go vet ./...
	go tool -modfile=tools/lint/go.mod staticcheck ./...
	go tool -modfile=tools/lint/go.mod exhaustive -d -typeignore '^(go/|reflect|net/|golang\.org/x/|github\.com/go-webauthn/)' ./...

web/node_modules/.stamp: web/package-lock.json
	cd web && npm ci --no-audit --no-fund
	@touch $@

build/assets.stamp: web/node_modules/.stamp $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*')
	cd web && npm run --silent build
	@mkdir -p build && touch $@

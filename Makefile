# arch2vec: `make help` explains the targets. Needs Go 1.26, git and make; what
# else a target needs it installs itself where Debian's apt and root are there.
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -ec
.DEFAULT_GOAL := help
.PHONY: help run build test conformance install uninstall jupyter notebooks generate lint bench bench-kernel fuzz clean jupyter-client jupyter-notebook

GO       ?= go
BIN      := bin/arch2vec
BUILD    := build
NOTEBOOK ?= notebooks/02_pretraining.ipynb
NAME     := $(notdir $(basename $(NOTEBOOK)))
VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
FUZZ     ?= ./kernel/... ./native/...
FUZZTIME ?= 10s

help: ## explain the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## pretrain on all of NAS-Bench-201 in a notebook, through our own kernel
	@mkdir -p $(BUILD)
	@exec $(BIN) run $(NOTEBOOK) --out $(BUILD)/$(NAME).ipynb --html $(BUILD)/$(NAME).html --images $(BUILD)/$(NAME)

# go build says nothing for minutes on a cold machine: count the packages aloud.
build: ## build bin/arch2vec
	@echo "Building $(BIN) (a first build compiles some 500 packages and takes a few minutes)"
	@tty="$$([ -t 1 ] && echo 1 || echo 0)"; \
	$(GO) build -v -ldflags '-s -w -X main.version=$(VERSION)' -o $(BIN) ./kernel/cmd/arch2vec 2>&1 | awk -v tty="$$tty" \
	  'function say(s) { if (tty) printf "\r  %-70.70s", s; else if (n % 50 == 1) print "  " s; fflush() } \
	   /^go: downloading/ { n++; say("downloading " $$3); next } \
	   /^[A-Za-z0-9._\/-]+$$/ { n++; say(n " packages, " $$0); next } \
	   { print } END { if (n && tty) printf "\r%-75s\r", "" }'

test: jupyter-client ## run every test, a real Jupyter client among them
	@$(GO) vet ./... && GOOS=darwin $(GO) vet ./kernel/...
	@$(GO) tool gotestsum --format pkgname -- -timeout 20m ./...

conformance: build ## run the Go distribution's own test programs, interpreted
	@$(GO) run ./kernel/session/conformance -bin $(BIN) -report $(BUILD)/conformance.txt

install: build ## install the binary (go env GOBIN) and the Jupyter kernel for this user
	@dir="$$($(GO) env GOBIN)"; dir="$${dir:-$$($(GO) env GOPATH)/bin}"; mkdir -p "$$dir"; \
	  install -m 755 $(BIN) "$$dir/arch2vec"; "$$dir/arch2vec" kernel install --user

uninstall: build ## remove the Jupyter kernel of this user
	@$(BIN) kernel uninstall --user

jupyter: install jupyter-notebook ## open the notebooks in Jupyter
	@if command -v jupyter-lab >/dev/null; then exec jupyter-lab notebooks; \
	 elif command -v jupyter-notebook >/dev/null; then exec jupyter-notebook notebooks; \
	 else echo "Jupyter is not installed: pip install jupyterlab, then make jupyter"; exit 1; fi

notebooks: export ARCH2VEC_SPACES := nasbench101 nasbench201 darts
notebooks: build ## execute every notebook in place, on all spaces (an hour)
	@for nb in notebooks/*.ipynb; do $(BIN) run "$$nb" --out "$$nb"; done

generate: ## regenerate symbol tables, type information and SIMD kernels
	@$(GO) generate ./...

lint: ## gofmt, go vet (also for macOS), staticcheck
	@bad="$$(gofmt -l $$(git ls-files '*.go'))"; [ -z "$$bad" ] || { echo "gofmt would change:"; echo "$$bad"; exit 1; }
	@$(GO) vet ./... && GOOS=darwin $(GO) vet ./kernel/...
	@$(GO) tool staticcheck ./kernel/... ./native/... ./stdlib/recipes/... ./stdlib/extract/... ./stdlib/generate/...

bench: ## run the benchmarks
	@$(GO) test -run '^$$' -bench . -benchmem ./native/... ./kernel/...

bench-kernel: build jupyter-client ## measure the Jupyter kernel through a real client
	@dir="$$(mktemp -d)"; trap 'rm -rf "$$dir"' EXIT; $(BIN) kernel install --prefix "$$dir" >/dev/null; \
	  JUPYTER_PATH="$$dir/share/jupyter" XDG_STATE_HOME="$$dir" /usr/bin/python3 -B kernel/cmd/arch2vec/testdata/measure.py

fuzz: ## run every fuzz test of FUZZ (./kernel/... ./native/...) for FUZZTIME (10s)
	@$(GO) list -f '{{.Dir}}' $(FUZZ) | while read -r dir; do \
	  { grep -hoE '^func Fuzz[A-Za-z0-9_]+' "$$dir"/*_test.go 2>/dev/null || true; } | awk '{ print $$2 }' | while read -r f; do \
	    echo "$$f ($${dir#$(CURDIR)/})"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) "$$dir"; done; done

clean: ## remove what make built
	@rm -rf bin $(BUILD)

# Debian's packages; without apt or root the tests that drive a real client are
# skipped, and say so.
jupyter-client:
	@if /usr/bin/python3 -c 'import jupyter_client, nbclient, nbconvert' 2>/dev/null; then :; \
	 elif command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	   echo "Installing Debian's Jupyter client for the tests"; \
	   { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	     python3-jupyter-client python3-nbclient python3-nbconvert python3-nbformat python3-jupyter-kernel-test jupyter-nbconvert jupyter-client; } >/dev/null 2>&1 \
	   || echo "That failed: tests that drive a real Jupyter client will be skipped"; \
	 else echo "No Jupyter client here: tests that drive one will be skipped"; fi

jupyter-notebook:
	@if command -v jupyter-lab >/dev/null || command -v jupyter-notebook >/dev/null; then :; \
	 elif command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	   echo "Installing Debian's Jupyter Notebook"; \
	   { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq jupyter-notebook; } >/dev/null; \
	 fi

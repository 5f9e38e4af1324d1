# make with no target shows what there is.
.DEFAULT_GOAL := help
SHELL := bash

PROGRAMS := ingest scorer tierchange notifier tierctl
MODULES  := $(shell go list -m -f '{{.Dir}}')
FUZZTIME ?= 20s
SEEDS    ?= 20000

.PHONY: help
help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build every program into bin/
	@mkdir -p bin
	go build -trimpath -o bin/ $(addprefix ./services/cmd/,$(PROGRAMS))

.PHONY: demo
demo: ## Two years of a trading company through every service, on embedded servers (ARGS=--exit to end by itself)
	@mkdir -p bin
	go build -trimpath -o bin/tierctl ./services/cmd/tierctl
	bin/tierctl demo $(ARGS)

.PHONY: test
test: ## Every test; needs Go alone
	@for m in $(MODULES); do (cd $$m && go test ./...) || exit 1; done

.PHONY: test-long
test-long: ## The step model over many more fault seeds (SEEDS=20000)
	SEEDS=$(SEEDS) go test -timeout 3h -count 1 ./pkg/processor/model/

.PHONY: fuzz
fuzz: ## Each fuzz target for FUZZTIME
	@for p in $$(grep -rl --include='*_test.go' '^func Fuzz' pkg | xargs -n1 dirname | sort -u); do \
	  for t in $$(grep -rhoE --include='*_test.go' '^func Fuzz[A-Za-z]+' $$p | cut -c6- | sort -u); do \
	    go test -run '^$$' -fuzz "^$$t$$" -fuzztime $(FUZZTIME) ./$$p || exit 1; \
	  done; \
	done

.PHONY: bench
bench: ## The benchmarks of every package
	go test -run '^$$' -bench . -benchmem ./...

.PHONY: lint
lint: ## golangci-lint with the rules of .golangci.yml
	@PATH=$$(scripts/tools golangci-lint):$$PATH && golangci-lint run ./...

.PHONY: fmt
fmt: ## Format every Go file
	gofmt -w $$(git ls-files '*.go' | grep -v '\.pb\.go$$')

.PHONY: proto
proto: ## Generate the Go code of the contract
	scripts/proto generate

.PHONY: proto-check
proto-check: ## The contract: lint, compatibility, generated code current
	scripts/proto check

.PHONY: proto-baseline
proto-baseline: ## Take the present contract as what later ones stay compatible with
	scripts/proto baseline

.PHONY: standalone
standalone: ## Each module builds by itself, without the workspace
	@for m in $(MODULES); do (cd $$m && GOWORK=off go build ./... && GOWORK=off go vet ./...) || exit 1; done

.PHONY: clean
clean: ## Remove what was built
	rm -rf bin

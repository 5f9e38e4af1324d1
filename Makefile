# make with no target shows what there is.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -o pipefail -c

PROGRAMS := ingest scorer tierchange notifier tierctl
FUZZTIME ?= 20s
SEEDS    ?= 20000

# Runs a command in the folder of each module of the workspace; ends at the first that fails.
each-module = go list -m -f '{{.Dir}}' | while IFS= read -r m; do (cd "$$m" && $(1)) </dev/null || exit 1; done

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
	@$(call each-module,go test ./...)

.PHONY: test-long
test-long: ## The step model over many more fault seeds (SEEDS=20000)
	SEEDS=$(SEEDS) go test -timeout 3h -count 1 ./pkg/processor/model/

# On the servers that run now.
conformance = TIERSTREAM_TEST_BROKERS=$$TIERSTREAM_BROKERS TIERSTREAM_TEST_REDIS=$$TIERSTREAM_REDIS \
	  go test -count 1 -run "Conformance$$" ./pkg/kafkalog ./pkg/redisstate

.PHONY: test-servers
test-servers: ## The ports' suites, the replay and the kill test on real Kafka and Redis (scripts/servers), open and secured
	@scripts/servers with bash -ec '$(conformance); \
	  go test -count 1 -tags servers -skip Secured -timeout 30m ./deploy/e2e/...'
	@scripts/servers with --secure bash -ec '$(conformance); \
	  go test -count 1 -tags servers -run Secured -timeout 10m ./deploy/e2e/...'

.PHONY: fuzz
fuzz: ## Each fuzz target for FUZZTIME
	@for p in $$(grep -rl --include='*_test.go' '^func Fuzz' pkg | xargs -n1 dirname | sort -u); do \
	  for t in $$(grep -rhoE --include='*_test.go' '^func Fuzz[A-Za-z]+' $$p | cut -c6- | sort -u); do \
	    go test -run '^$$' -fuzz "^$$t$$" -fuzztime $(FUZZTIME) ./$$p || exit 1; \
	  done; \
	done

.PHONY: bench
bench: ## The whole pipeline on real Kafka and Redis, beside what they can do by themselves (about 4 minutes)
	@scripts/servers with sh -c ' \
	  go test -tags servers -run "^$$" -bench "Replay|Latency" -benchtime 1x -timeout 15m ./deploy/e2e && \
	  go test -tags servers -run "^$$" -bench Raw ./deploy/e2e'

.PHONY: bench-peer
bench-peer: ## The same backlog with Tierstream and with programs for Kafka Streams, which Maven builds (about 3 minutes)
	@scripts/servers with go test -tags servers -run '^$$' -bench Peer -benchtime 1x -timeout 15m ./deploy/e2e

.PHONY: bench-packages
bench-packages: ## The benchmarks of every package
	@$(call each-module,go test -run '^$$' -bench . -benchmem ./...)

.PHONY: lint
lint: ## golangci-lint with the rules of .golangci.yml
	@bin=$$(scripts/tools golangci-lint) && $(call each-module,"$$bin/golangci-lint" run --build-tags servers ./...)

.PHONY: fmt
fmt: ## Format every Go file
	git ls-files -co --exclude-standard -z '*.go' ':!*.pb.go' | xargs -0 gofmt -w

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
	@$(call each-module,GOWORK=off go build ./... && GOWORK=off go vet ./...)

.PHONY: clean
clean: ## Remove what was built
	rm -rf bin

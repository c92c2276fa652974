# The two commands are `make demo` and `make test`; both install what they need first.
SWIFT_BUILD := swift build -c release
BANYAN := .build/release/banyan
# A package of its own compiles everything below it again; without the optimiser that is cheapest.
EXAMPLES := swift build --package-path Examples --scratch-path .build/examples

.PHONY: demo test build examples interop end-to-end arm64 fuzz bench lint format clean

demo: ## Train a model and ask one among eight processes; some cheat and are caught
	@Scripts/setup demo
	$(SWIFT_BUILD) --product banyan
	$(BANYAN) demo $(ARGS)

test: ## Run everything: unit tests, simulations, foreign peers, whole processes
	@Scripts/setup test
	Scripts/check-imports
	Scripts/check-fuzz
	$(SWIFT_BUILD) --build-tests
	swift test -c release --skip-build
	$(EXAMPLES)
	Tests/Interop/run $(BANYAN)
	Tests/EndToEnd/run $(BANYAN)

build: ## Build the release binary
	@Scripts/setup demo
	$(SWIFT_BUILD) --product banyan

examples: build ## The programs of Examples/
	$(EXAMPLES)

interop: build ## Only the go-libp2p and py-libp2p peers
	@Scripts/setup test
	Tests/Interop/run $(BANYAN)

end-to-end: examples ## Only the tests that start whole processes
	Tests/EndToEnd/run $(BANYAN)

arm64: ## The C kernels compiled for arm64 and run in an emulator: the same bits as here
	Tests/Arm64/run

fuzz: ## A million mutated inputs for every decoder of foreign bytes
	@Scripts/setup demo
	$(SWIFT_BUILD) --product banyan-fuzz
	.build/release/banyan-fuzz $(ARGS)

bench: ## Figures of docs/performance.md
	@Scripts/setup demo
	Benchmarks/compare-numerics
	$(SWIFT_BUILD) --product banyan
	Benchmarks/measure-network $(BANYAN)

lint: ## Formatting and the map of imports
	swift format lint --strict --recursive Sources Tests Examples Package.swift
	Scripts/check-imports
	Scripts/check-fuzz

format: ## Rewrite sources in the project's format
	swift format --in-place --recursive Sources Tests Examples Package.swift

clean:
	rm -rf .build

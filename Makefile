.DEFAULT_GOAL := help
RUST_VERSION = $(shell sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
.PHONY: help demo serve test test-llm bench accuracy weights lint msrv install wheel header openapi format setup

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## Hold an interview, keep it in SQLite, and write its scorecard
	@scripts/setup compiler
	@mkdir -p target/demo
	@echo 'Building the library (a few minutes the first time) ...'
	@cargo build --release -q -p vivavoce-example
	@cargo run --release -q -p vivavoce-example -- examples/interviews/technical.json \
		--transcript examples/interviews/technical.transcript.txt \
		--database target/demo/interviews.db --html target/demo/scorecard.html

serve: ## Start the HTTP service on 127.0.0.1:8080, in memory (ARGS='--store sqlite:interviews.db' for more)
	@scripts/setup compiler
	@echo 'Building the service (some minutes the first time) ...'
	@cargo build --release -q -p vivavoce-rest
	@cargo run --release -q -p vivavoce-rest -- $(ARGS)

test: setup ## Run everything: formatting, lints, the tests on all three stores and in all languages
	@$(MAKE) --no-print-directory lint
	scripts/test

test-llm: ## Hold and judge interviews with a real, small language model (fetches 1.2 GB the first time)
	@scripts/setup
	python3 tests/real_model/install.py target/real-model
	cargo run --release -q -p vivavoce-real-model -- target/real-model > target/real-model/report.md
	@cp target/real-model/report.md docs/real-model.md
	@cat docs/real-model.md

bench: ## Measure, and print the figures as ratios
	@scripts/setup
	cargo bench -p vivavoce
	cargo bench -p vivavoce-ffi
	cargo bench -p vivavoce-python
	@scripts/setup bench
	cargo bench -p vivavoce-rest

DATA ?= ../shared/data
accuracy: ## Measure the built-in evaluator against people (DATA=folder, ../shared/data by default), and write docs/accuracy.md
	@scripts/setup compiler
	@scripts/environment target/accuracy tests/accuracy/requirements.txt
	@cargo build --release -q -p vivavoce-accuracy
	@target/accuracy/bin/python tests/accuracy/measure.py target/release/vivavoce-accuracy "$(DATA)" docs/accuracy.md

weights: ## Learn the built-in evaluator's weights anew from DATA
	@scripts/setup compiler
	@scripts/environment target/accuracy tests/accuracy/requirements.txt
	@cargo build --release -q -p vivavoce-accuracy
	@target/accuracy/bin/python tests/accuracy/learn.py target/release/vivavoce-accuracy "$(DATA)" core/src/evaluator/builtin/weights.rs
	@cargo fmt -p vivavoce

lint: ## Check formatting, lints, documentation, and the build without the optional stores
	cargo fmt --check
	cargo clippy --workspace --all-targets --all-features -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --all-features
	cargo check -p vivavoce --no-default-features
	cargo check -p vivavoce-rest

msrv: ## Check that the oldest Rust that is said to do does (rustup installs it)
	rustup toolchain install $(RUST_VERSION) --profile minimal
	CARGO_TARGET_DIR=target/msrv cargo +$(RUST_VERSION) check --workspace --all-targets

install: ## Build the C library and install it: make install PREFIX=...
	@scripts/setup compiler
	@ffi/install "$(PREFIX)"

wheel: ## Build the Python wheel and the source distribution into target/wheels
	@scripts/setup compiler
	@python/wheel target/wheels

header: ## Write include/vivavoce.h anew
	VIVAVOCE_WRITE_HEADER=1 cargo test -q -p vivavoce-ffi --test header the_
	VIVAVOCE_WRITE_HEADER=1 cargo test -q -p vivavoce-ffi --test abi the_

openapi: ## Write docs/openapi.yaml anew
	VIVAVOCE_WRITE_OPENAPI=1 cargo test -q -p vivavoce-rest --test openapi the_committed

format: ## Format the code
	cargo fmt

setup: ## Install what the tests need (on Debian and Ubuntu, as root)
	@scripts/setup

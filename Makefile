# Everything that is done with this repository, one target each. The work is in scripts/.

.PHONY: help setup build run test compose-test prove check bench bench-feeds bench-latency bench-idle bench-fetch replay-pages fmt

help: ## lists the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

setup: ## installs what building and testing need (Debian packages)
	@scripts/setup test

build: ## builds target/release/khobor
	@scripts/setup build
	cargo build --release --locked

run: ## runs the demo: articles on screen, nothing to install; Ctrl-C ends it
	@exec scripts/run

test: ## runs every test against a real Kafka broker, and checks the compose file
	@exec scripts/test

compose-test: ## starts deploy/compose.yaml for real, in a Docker engine of its own; needs root
	@exec scripts/compose-test

prove: ## kills khobor 20 times and its broker twice; the last line says what was lost, twice or reordered
	@scripts/setup test
	@exec scripts/prove

check: ## runs everything that CI runs
	@exec .ci/run

bench: build ## runs the benches and compares them with their floors, where ../shared is
	@exec scripts/bench-floors

bench-feeds: ## measures the feed reader's speed and memory beside feed-rs and Python's feedparser
	@scripts/setup build
	@exec scripts/bench-feeds

bench-latency: ## measures from a fetched page to a committed record, at 20 articles a second, with a real broker
	@scripts/setup test
	@exec scripts/bench-latency

bench-idle: ## measures the memory of a service with 1,000 feeds that were polled, and nothing to do
	@scripts/setup build
	cargo build --release --locked --bin khobor --example idle
	@exec target/release/examples/idle

bench-fetch: build ## measures manners and defences against the servers of ../shared; FETCH=full adds the simulated weeks
	@exec scripts/bench-fetch

replay-pages: ## sends the bench's saved pages through the service to Kafka; each has to arrive, or a dead letter
	@scripts/setup test
	@exec scripts/replay-pages

fmt: ## formats the code
	cargo fmt --all

# Millwright. `make` alone prints what there is to do.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# What swift-format looks at.
FORMATTED := Package.swift Sources Tests Migrations Fixtures Benchmarks
# What a soak lasts.
SOAK_MINUTES ?= 30
# Which random walks the sessions take.
SEEDS ?= 1-20
# Which sanitizers to build with, one after the other.
SANITIZERS ?= thread address

.PHONY: help setup build release demo test bench bench-index soak soak-sessions format lint sanitize clean

help: ## Prints this list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## Installs what is missing: C libraries, PostgreSQL, Redis, PgBouncer, HAProxy, nginx (Debian and Ubuntu; asks for sudo).
	@scripts/setup

build: setup ## Builds everything for debugging.
	swift build

release: setup ## Builds the `manage` executable, optimized: .build/release/manage.
	swift build --configuration release --product manage

demo: build ## Starts private servers, loads an ERP with faults in it, and shows what `manage tune` finds.
	@scripts/demo

test: setup lint ## Runs what CI runs: format check, build with import check, examples, all tests against real private servers.
	swift build --build-tests --explicit-target-dependency-import-check error
	@scripts/examples
	@scripts/test

bench: release ## Measures what is promised, beside C programs and other clients; BENCHMARKS names some of them.
	swift build --configuration release --product benchmarks
	swift build --configuration release --product hello-peer
	@scripts/bench $(BENCHMARKS)

bench-index: setup ## Measures the index advisor on TPC-H at scale 1 beside the best sets known; its data comes from PyPI's tpchgen-cli.
	swift build --configuration release --product benchmarks
	@scripts/bench-index

soak: setup ## Puts the drivers through a million operations, then repeats all tests for SOAK_MINUTES (30).
	swift build --build-tests
	@scripts/soak $(SOAK_MINUTES)

soak-sessions: setup ## Takes the sessions through random faults of real servers, 10,000 steps with each of SEEDS (1-20).
	swift build --build-tests
	@scripts/soak-sessions $(SEEDS)

format: ## Formats every Swift file in place.
	swift format --in-place --recursive --parallel $(FORMATTED)

lint: ## Checks the format of every Swift file and changes nothing.
	swift format lint --strict --recursive --parallel $(FORMATTED)

sanitize: setup ## Runs the event loop, the pools and the drivers under the thread and the address sanitizer.
	@for kind in $(SANITIZERS); do scripts/sanitize $$kind; done

clean: ## Removes what was built; private servers and their data stay (manage sandbox stop).
	rm -rf .build

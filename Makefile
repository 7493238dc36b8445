# kai's front door: `make` lists what it can do. The work is in setup/build.sh.
# Q and ARGS as they were typed: make expands nothing in them, and the shell sees Q only as "$Q".
override export Q := $(value Q)
override ARGS := $(value ARGS)
SEED ?= 1
SEEDS ?= 1
PREFIX ?= $(HOME)/.local
export KAI_BACKEND KAI_WERROR
.DEFAULT_GOAL := help
.PHONY: help setup build ask web test sim bench bench-quality bench-pc bench-machine bench-load bench-web report sanitize fuzz torture format install clean distclean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

setup: ## install and fetch what kai needs (KAI_BACKEND=cpu|vulkan|cuda to choose by hand)
	@setup/build.sh setup

build: ## build kai and its worker
	@setup/build.sh ask

ask: ## ask the models: make ask Q="your question" [ARGS="options of kai ask"]
	@test -n "$$Q" || { echo 'usage: make ask Q="your question" [ARGS="options of kai ask"]' >&2; exit 2; }
	@setup/build.sh ask
	@build/release/kai ask $(ARGS) -- "$$Q"

web: ## build kai with its page, the dashboard in web/
	@setup/build.sh web

test: ## build and run all tests [ARGS="options of ctest"]
	@setup/build.sh test
	@ctest --test-dir build/release --output-on-failure --no-tests=error -j2 $(ARGS)

sim: ## a PC in virtual time: make sim [SEED=n] [SEEDS=how many]
	@setup/build.sh sim
	@build/release/kai-sim --seed $(SEED) --seeds $(SEEDS)

bench: ## build and run the benchmarks: make bench [ARGS="options of kai-bench"]
	@setup/build.sh bench
	@build/release/kai-bench $(ARGS)

bench-quality: ## decisions on recorded answers: make bench-quality [ARGS="options of kai-bench-quality"]
	@setup/build.sh bench-quality
	@build/release/kai-bench-quality $(ARGS)

bench-pc: ## the original way, the best order and kai on a PC in virtual time: make bench-pc [ARGS="options of kai-bench-pc"]
	@setup/build.sh bench-pc
	@build/release/kai-bench-pc $(ARGS)

bench-machine: ## what the scheduler gains, real workers: make bench-machine [ARGS="options of kai-bench-machine"]
	@setup/build.sh bench-machine
	@build/release/kai-bench-machine $(ARGS)

bench-load: ## what the server costs between a client and an engine; setup/peers.sh brings gateways of others
	@setup/build.sh bench-load
	@build/release/kai-bench-load $(ARGS)

bench-web: ## what the page takes of a browser: make bench-web [ARGS="--only NAME,… --json FILE"]
	@setup/build.sh bench-web
	@KAI_BINARY=build/release/kai KAI_WORKER=build/release/kai-worker KAI_BENCH_FILL=build/release/kai-bench-fill \
	  .deps/node/bin/node bench/web/main.mjs $(ARGS)

# Those that the origin had installed; the file's others are the same at three bits a weight. By kai's
# defaults, whatever this user's kai.toml says.
REFERENCE_MODELS := tinyllama:1.1b,gemma:2b,llama3.2:3b,phi3:3.8b,qwen:4b,mistral:7b,llama3.1:8b,gemma2:9b,codellama:13b,phi3:14b,mixtral:8x7b
report: ## write docs/performance.md anew, of the reference PC in virtual time
	@setup/build.sh ask
	@XDG_CONFIG_HOME=/none build/release/kai report --pc examples/reference-pc.json --out docs --models $(REFERENCE_MODELS)

sanitize: ## build and run all tests under address and undefined-behaviour sanitizers
	@setup/build.sh sanitize
	@ctest --test-dir build/asan --output-on-failure --no-tests=error -j2 $(ARGS)

fuzz: ## give every decoder of outside bytes random ones: make fuzz [ARGS=seconds each, 30]
	@setup/build.sh fuzz
	@tests/fuzz/run.sh $(ARGS)

torture: ## what kai must survive, for some three hours: make torture [ARGS="options of tests/torture/torture.py"]
	@setup/build.sh torture
	@setup/build.sh fuzz
	@tests/torture/torture.py --kai build/release/kai --worker build/release/kai-worker --models "$${KAI_MODELS:-$$HOME/.local/share/kai/models}" $(ARGS)

format: ## format the C++ sources
	@setup/packages.sh test
	@git ls-files -z --cached --others --exclude-standard '*.h' '*.cpp' | xargs -0 clang-format-19 -i

install: build ## install kai: make install [PREFIX=~/.local]
	@cmake --install build/release --prefix "$(PREFIX)"

clean: ## remove what was built
	rm -rf build

distclean: clean ## remove what was built and fetched here (models in the data folder stay)
	rm -rf .deps web/node_modules

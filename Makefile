# Needs make and a Python of 3.12 or newer. `make help` lists what there is.
.POSIX:
.DEFAULT_GOAL := help
.PHONY: help setup run test lint check bench bench-china bench-scaling bench-peers bench-sweep bench-app kill-test calibrate validate validate-regions trial docs clean
PYTHON =

help:
	@echo 'make setup   make .venv with the locked packages (the other targets do it when needed)'
	@echo 'make run     simulate the village of Cangtian; results and figures go to out/cangtian'
	@echo 'make test    run the tests and the notebooks'
	@echo 'make lint    check style, types and who imports whom'
	@echo 'make check   lint, then the tests with their coverage'
	@echo 'make bench   measure speed and memory; numbers go to benchmarks/results'
	@echo 'make bench-china  measure the whole country: half an hour and 20 GB of memory'
	@echo 'make bench-scaling  measure how cost grows with households, and draw it'
	@echo 'make bench-peers  measure the core of the model here and in Mesa, mesa-frames and Starsim'
	@echo 'make bench-sweep  measure sweeps beside other runners; numbers go to benchmarks/results'
	@echo 'make bench-app  measure the page in the browser: needs Chromium'
	@echo 'make kill-test  kill a sweep of 2,000 runs again and again, and compare what it leaves'
	@echo 'make calibrate  fit parameters of villages to published history up to 2016: 40 minutes; see docs/calibration.md'
	@echo 'make validate  hold 30 seeds against published facts; tables go to docs/validation'
	@echo 'make validate-regions  score forecasts of the lists of 2017 to 2019: half a processor hour'
	@echo 'make trial  hold the trial by lot, and ask what the platform of Cangtian did; tables go to docs/validation/trial'
	@echo 'make docs    write the generated pages of the documentation anew'
	@echo 'make clean   remove .venv, out and all caches'

setup: .venv/installed

# Only a changed lock, project file or install script makes the installation run again.
.venv/installed: requirements.lock pyproject.toml scripts/install
	PYTHON='$(PYTHON)' scripts/install

run: setup
	.venv/bin/villagesim run cangtian --out out/cangtian

test: setup
	scripts/test

lint: setup
	scripts/lint

check: setup
	scripts/check

bench: setup
	.venv/bin/python -m benchmarks
	.venv/bin/python -m benchmarks.regions cixi zhejiang --commands

bench-china: setup
	.venv/bin/python -m benchmarks.regions china

bench-scaling: setup
	.venv/bin/python -m benchmarks.scaling

bench-peers: setup .venv-peers/installed
	.venv/bin/python -m benchmarks.peers

# Peers live in an environment of their own: they are no part of the project.
.venv-peers/installed: benchmarks/peers/requirements.lock
	.venv/bin/python -m venv --clear .venv-peers
	.venv-peers/bin/python -m pip --disable-pip-version-check install --quiet --quiet \
		--no-deps --require-hashes --requirement benchmarks/peers/requirements.lock
	touch .venv-peers/installed

bench-sweep: setup
	.venv/bin/python -m benchmarks.sweep

bench-app: setup
	.venv/bin/python -m benchmarks.app

kill-test: setup
	.venv/bin/python -m benchmarks.sweep_kills

# Villages: behaviour and markets. For regions see docs/calibration.md.
calibrate: setup
	.venv/bin/villagesim calibrate --block village --population 120 --generations 7 --mix 34 \
		--no-adjust --predict 40 --out out/calibrate-village
	scripts/ship_posterior out/calibrate-village --draws
	scripts/docs

validate: setup
	.venv/bin/villagesim validate --seeds 30 --out docs/validation
	scripts/docs

# The same command goes on with what is in the folder.
validate-regions: setup
	.venv/bin/villagesim validate --block region --draws 14 --ablation-draws 4 \
		--out out/validate-regions
	scripts/ship_validation out/validate-regions
	scripts/docs

trial: setup
	scripts/tabulate_trial

docs: setup
	scripts/docs

clean:
	rm -rf .venv .venv-peers out build dist .coverage .coverage.* .hypothesis .import_linter_cache
	rm -rf .mypy_cache .numba_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

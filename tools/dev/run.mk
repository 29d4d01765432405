# SPDX-License-Identifier: MIT
# The virtual machine: run, debug, deps, root. tools/dev/run-root says what the variables mean.

# EMU=tcg is QEMU with AMD's processor, EMU=bochs is Bochs with Intel's: slower, by default smaller.
EMU ?= tcg
ifeq ($(EMU),bochs)
SMP ?= 1
MEM ?= 512
CPU ?= corei7_skylake_x
else ifneq ($(EMU),tcg)
$(error EMU is tcg or bochs)
endif
SMP ?= 2
MEM ?= 1024
CPU ?= max
RUN_ROOT := tools/dev/$(if $(filter bochs,$(EMU)),run-bochs,run-root) --smp $(SMP) --mem $(MEM) --cpu '$(CPU)' $(if $(SHARE),--share '$(SHARE)') \
	$(if $(EXTRA),--extra '$(EXTRA)') $(if $(LOG),--log '$(LOG)') $(if $(TIMEOUT),--timeout $(TIMEOUT)) \
	$(if $(APPEND),--append '$(APPEND)') $(if $(filter 0,$(NACELLE)),--bare) $(RUN_ARGS)
# The command reaches the shell unchanged, dollar signs included.
export RUN_COMMAND := $(value CMD)

.PHONY: run bench debug deps root build-for-run
build-for-run: deps
	@$(MAKE) --no-print-directory -s all >&2

run: build-for-run ## boot Debian on Nacelle; CMD='…' [SHARE=DIR] [SMP=n] [MEM=MiB] [EMU=bochs] [NACELLE=0] [CPU=…] [APPEND=…] [TIMEOUT=s]
	@$(RUN_ROOT) $(if $(RUN_COMMAND),-- "$$RUN_COMMAND")

bench: build-for-run ## count instructions of everything that has a promise; writes build/bench.json
	@tests/bench/run

debug: build-for-run ## the same machine, stopped at its first instruction, with gdb attached to the hypervisor
	@tools/dev/debug $(RUN_ROOT)

deps: ## install the Debian packages that are missing (root, apt)
	@tools/dev/deps

root: deps ## build the cached Debian root and kernel for `make run`
	@tools/dev/mkroot

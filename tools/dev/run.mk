# SPDX-License-Identifier: MIT
# The virtual machine: run, debug, deps, root. tools/dev/run-root says what the variables mean.

# EMU: auto, kvm, tcg (QEMU with AMD's processor) or bochs (Intel's, slower); tools/dev/emulator decides.
EMU ?= auto
RUN_OPTIONS = $(if $(SMP),--smp $(SMP)) $(if $(MEM),--mem $(MEM)) $(if $(CPU),--cpu '$(CPU)') \
	$(if $(SHARE),--share '$(SHARE)') $(if $(EXTRA),--extra '$(EXTRA)') $(if $(LOG),--log '$(LOG)') \
	$(if $(TIMEOUT),--timeout $(TIMEOUT)) $(if $(APPEND),--append '$(APPEND)') $(if $(filter 0,$(NACELLE)),--bare) \
	$(RUN_ARGS)
# The command reaches the shell unchanged, dollar signs included.
export RUN_COMMAND := $(value CMD)

# `make run` ends with the status of what it ran, not with make's 2: see exit_with.c.
RUN_STATUS := $(O)/run/status
EXIT_WITH := $(O)/tools/dev/exit_with.so
ifeq ($(MAKECMDGOALS),run)
-load $(EXIT_WITH)
endif
$(EXIT_WITH): tools/dev/exit_with.c
	@tools/dev/deps
	@mkdir -p $(@D)
	$(call say,CC,$@) >&2
	$(Q)$(CC) -std=gnu11 -O2 $(WARNINGS) -fPIC -shared -o $@ $<

.PHONY: run run-machine bench debug deps root build-for-run
build-for-run: deps
	@$(MAKE) --no-print-directory -s all >&2

run: run-machine ## boot Debian on Nacelle; CMD='…' [SHARE=DIR] [SMP=n] [MEM=MiB] [EMU=kvm|tcg|bochs] [NACELLE=0] [CPU=…] [APPEND=…] [TIMEOUT=s]
	@$(exit-with $(RUN_STATUS))exit 2

run-machine: build-for-run
	@mkdir -p $(dir $(RUN_STATUS))
	@status=0; tools/dev/emulator '$(EMU)' $(RUN_OPTIONS) $(if $(RUN_COMMAND),-- "$$RUN_COMMAND") || status=$$?; \
		echo $$status >$(RUN_STATUS).$$PPID

bench: build-for-run ## count instructions of everything that has a promise; writes build/bench.json
	@tests/bench/run

debug: build-for-run ## the same machine, stopped at its first instruction, with gdb attached to the hypervisor
	@tools/dev/debug tools/dev/run-root $(RUN_OPTIONS)

deps: ## install the Debian packages that are missing (root, apt)
	@tools/dev/deps

root: deps ## build the cached Debian root and kernel for `make run`
	@tools/dev/mkroot

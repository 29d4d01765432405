# SPDX-License-Identifier: MIT
# Targets that test, check and measure the source; included by the top Makefile. tests/run does the work.

C_FILES = $(shell git -C $(TOP) ls-files '*.c' '*.h')

.PHONY: test stress test-svm test-unit test-guest test-syscall test-runtime test-boot test-vmx test-programs check fmt fmt-check \
	reproducible size fuzz test-install

test: build-for-run ## run all tests, on both vendors; the last line counts them
	@tests/run

test-unit: ## unit tests on this machine, under AddressSanitizer and UBSan, built with gcc and clang
	@tests/run unit

test-svm: build-for-run ## all that runs on AMD's processor, in QEMU
	@tests/run unit guest syscall runtime programs boot

test-guest test-syscall test-runtime test-programs test-boot test-vmx test-install: test-%: build-for-run
	@tests/run $*
test-guest: ## tiny guests and hypercall tests below the hypervisor
test-syscall: ## system call tests on Linux and in a utility VM
test-runtime: ## the nacelle command against generated bundles
test-programs: ## Debian's programs in utility VMs: shells, python, redis, nginx, node, git, gcc …
test-boot: ## starting with and without what we need
test-vmx: ## the same on Intel's processor, in Bochs
test-install: ## docs/install.md, followed in an emulated installed Debian; by name only

check: check-headers fmt-check reproducible test-unit size ## everything that needs no virtual machine

check-headers: ## compile each header alone, for every consumer, with gcc and clang
	@tools/dev/check-headers

fmt: ## format the C files
	@cd $(TOP) && clang-format -i $(C_FILES)

fmt-check:
	@cd $(TOP) && clang-format --dry-run -Werror $(C_FILES)

reproducible: ## build twice and compare every byte
	@tools/dev/check-reproducible

size: ## lines per part, image sizes, longest functions
	@tools/dev/size

stress: build-for-run ## a container of two processors and 64 MiB under load for STRESS_SECONDS (300)
	@$(MAKE) --no-print-directory -C tests/syscall
	@SYSCALL_CONTAINERS=smp SYSCALL_MEMORY=67108864 SECONDS_MAX=$$(($${STRESS_SECONDS:-300} + 400)) \
		TEST_WORD="-d /work -s $${STRESS_SECONDS:-300} load/" tests/syscall/inside

fuzz: ## run each fuzz target for FUZZ_SECONDS (60) with clang's libFuzzer
	@$(MAKE) --no-print-directory -C tests/fuzz run

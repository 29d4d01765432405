# SPDX-License-Identifier: MIT
# Every target of the project; `make help` lists them. Each part has a short Makefile of its own and
# builds under build/.

TOP := $(CURDIR)
O := $(TOP)/build
include tools/dev/build.mk
export TOP O CC V

PARTS := hv uvm-kernel boot tools/worker tools/runtime tools/hvctl tools/kmod
.DEFAULT_GOAL := all

.PHONY: all $(PARTS) run test bench check check-headers fmt size debug clean distclean deps help
all: $(PARTS) ## build everything (CC=clang for the other compiler, V=1 for full commands)

$(PARTS):
	@$(MAKE) --no-print-directory -C $@
boot: hv # whose image becomes a part of nacelle.efi

include tools/dev/run.mk
include tests/tests.mk

clean: ## remove what was built; keep downloaded packages and root images
	rm -rf $(addprefix $(O)/,$(PARTS) tests esp)

distclean: ## remove all of build/
	rm -rf $(O)

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | sort | \
		awk -F'\t' '{ printf "  make %-14s %s\n", $$1, $$2 }'

# SPDX-License-Identifier: MIT
# Shared by every part's Makefile: compiler, warnings, output directory, quiet lines.
# A part includes it with TOP set to the project's root, and builds into $(O)/<part>.

TOP ?= $(abspath $(dir $(lastword $(MAKEFILE_LIST)))/../..)
O ?= $(TOP)/build
CC ?= gcc
ifeq ($(origin CC),default)
CC := gcc
endif
OBJCOPY ?= objcopy
AR ?= ar

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wundef -Werror
# Builds do not depend on where the tree lies, on the day, or on the machine.
REPRODUCIBLE := -ffile-prefix-map=$(TOP)/= -gno-record-gcc-switches
ifneq (,$(findstring clang,$(CC)))
REPRODUCIBLE := -ffile-prefix-map=$(TOP)/=
endif
BASE_CFLAGS := -std=gnu11 -O2 -g $(WARNINGS) $(REPRODUCIBLE) -I$(TOP)/hv/include -MMD -MP

# No libc, no host: hv and uvm-kernel add their own code model to it.
FREESTANDING_CFLAGS := $(BASE_CFLAGS) -ffreestanding -fno-stack-protector -fno-strict-aliasing \
	-fno-asynchronous-unwind-tables -fcf-protection=none -mno-red-zone -mgeneral-regs-only -nostdlib

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-7s %s\n' $(1) $(patsubst $(TOP)/%,%,$(2))
endif

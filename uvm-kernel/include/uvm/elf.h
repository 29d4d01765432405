/* SPDX-License-Identifier: MIT */
/*
 * ELF64 images: the structures, and the checks that need no machine (host-built by the unit tests too).
 */
#pragma once

#include <uvm/types.h>

#define ELF_PHDRS_MAX (65536 / 56)
#define ELF_HEADER_READ 256 /* bytes of the file that exec looks at first */

enum { ET_EXEC = 2, ET_DYN = 3, EM_X86_64 = 62 };
enum { PT_LOAD = 1, PT_INTERP = 3, PT_PHDR = 6, PT_GNU_STACK = 0x6474e551 };
enum { PF_X = 1, PF_W = 2, PF_R = 4 };

struct elf_header {
	u8 ident[16];
	u16 type, machine;
	u32 version;
	u64 entry, phoff, shoff;
	u32 flags;
	u16 ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};
ABI_SIZE(struct elf_header, 64);

struct elf_phdr {
	u32 type, flags;
	u64 offset, vaddr, paddr, filesz, memsz, align;
};
ABI_SIZE(struct elf_phdr, 56);

/* What the program headers say, checked: the loader can act on it without further doubt. */
struct elf_plan {
	u64 low, high; /* page-aligned span of all PT_LOAD; for ET_DYN relative to 0 */
	u64 align;     /* greatest PT_LOAD alignment, at least a page */
	u64 phdr_addr; /* where the program headers appear in memory, 0: nowhere */
	u64 end;       /* highest vaddr + memsz */
	u64 code_start, code_end, data_start, data_end;
	u64 interp_offset, interp_size; /* size 0: none */
	bool exec_stack;
};

/* 0 or -ENOEXEC. */
int elf_check_header(const struct elf_header *h);
/* 0, -ENOEXEC or -EINVAL. user_end: first address that may not be used. */
int elf_check_phdrs(const struct elf_header *h, const struct elf_phdr *ph, u64 user_end,
		    struct elf_plan *plan);

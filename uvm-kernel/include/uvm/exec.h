/* SPDX-License-Identifier: MIT */
/*
 * The steps of execve: arguments, image, stack; each in a file of its own.
 */
#pragma once

#include <uvm/elf.h>
#include <uvm/fsapi.h>
#include <uvm/mm.h>

#define EXEC_ARG_MAX (128 * 1024)	/* one string */
#define EXEC_ARGS_MAX (2 * 1024 * 1024) /* all strings and pointers */

/* All strings, one after the other: argc of argv, then envc of the environment. */
struct exec_args {
	char *buf;
	size_t len, room;
	u32 argc, envc;
	size_t argv_len; /* bytes that belong to argv */
};

struct exec_image {
	struct mm *mm;
	u64 entry;
	u64 program_entry, phdr_addr, base, vdso; /* for auxv */
	u16 phnum;
	u64 sp;
	bool exec_stack;
};

int exec_args_add(struct exec_args *a, const char *s, bool env);
int exec_args_user(struct exec_args *a, u64 argv, u64 envp);
/* #!: argv[0] becomes interp, optional argument, path. */
int exec_args_script(struct exec_args *a, const char *interp, const char *argument, const char *path);
void exec_args_free(struct exec_args *a);

/* Where stack and mappings of a new address space begin. */
void exec_layout(struct mm *mm);

/* Maps program and interpreter into image->mm. 0 or -errno. */
int exec_load(struct exec_image *image, struct file *f, const struct elf_header *h);
/* The stack with strings, auxv and pointers. name: AT_EXECFN. */
struct cred;
int exec_stack(struct exec_image *image, const struct exec_args *a, const char *name, const struct cred *cred,
	       bool secure);

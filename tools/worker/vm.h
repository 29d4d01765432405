/* SPDX-License-Identifier: MIT */
/*
 * vm.h: the virtual machine as the worker needs it. vm_mshv.c implements it on /dev/mshv (the product);
 * tests/dev/kvm/vm_kvm.c implements it on /dev/kvm so that uvm-kernel can be developed anywhere.
 * Whatever fails here ends the worker with one line (die.h); nothing returns an error.
 */
#ifndef WORKER_VM_H
#define WORKER_VM_H

#include <abi/types.h>
#include <stdbool.h>

#define VM_VPS_MAX 64

#define VM_ACCESS_WRITE 0x1u
#define VM_ACCESS_EXECUTE 0x2u

struct vm;

/* What only the backend knows about the machine. */
struct vm_facts {
	u64 tsc_hz;
	u64 tsc_now;	    /* the guest's TSC, now */
	u64 xcr0;	    /* components that the guest may enable */
	u64 cr4_offered;    /* optional CR4 bits that the guest's processor has */
	u32 hypercall_insn; /* as in struct boot_block */
};

/* Registers of a VP before its first instruction; all others as boot_block.h fixes them. */
struct vm_start {
	u64 rip;
	u64 rdi;
	u64 rsi;
	u64 cr0;
	u64 cr3;
	u64 cr4;
	u64 efer;
	u64 xcr0;
};

enum vm_exit_kind {
	VM_EXIT_AGAIN = 1, /* nothing to do, run again */
	VM_EXIT_PORT,	   /* 32-bit OUT; the guest goes on behind it */
	VM_EXIT_SHUTDOWN,  /* triple fault */
	VM_EXIT_MEMORY,	   /* access to guest physical memory that is not there or is not allowed */
	VM_EXIT_UNKNOWN,   /* anything else; `code` is the backend's number */
};

struct vm_exit {
	enum vm_exit_kind kind;
	u16 port;
	u32 value;
	u64 gpa;
	u64 rip;
	u32 code;
	bool write;
};

/* A machine with VPs 0..vp_count-1 and no memory. */
struct vm *vm_create(unsigned int vp_count);

void vm_facts(struct vm *vm, struct vm_facts *facts);

/* Makes [host, host+size) the guest's memory at gpa; page-aligned, never overlapping. */
void vm_map(struct vm *vm, u64 gpa, void *host, u64 size, unsigned int access);

/* Undoes one vm_map(), with the same values. Both from any thread, also while the machine runs. */
void vm_unmap(struct vm *vm, u64 gpa, void *host, u64 size);

void vm_start(struct vm *vm, unsigned int vp, const struct vm_start *start);

/* Runs a VP until something needs the worker. Called by one thread per VP. */
void vm_run(struct vm *vm, unsigned int vp, struct vm_exit *exit);

/* Asserts a fixed interrupt on VP 0. From any thread. */
void vm_interrupt(struct vm *vm, u8 vector);

#endif

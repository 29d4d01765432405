/* SPDX-License-Identifier: MIT */
/*
 * A VM exit in neutral words. The vendor's vp_run fills it; root.c and dispatch.c act on it.
 */
#ifndef HV_EXIT_H
#define HV_EXIT_H

#include <abi/hypercall.h>
#include <hv/phys.h>
#include <stdbool.h>

enum exit_kind {
	EXIT_UNSET, /* never seen by handlers: asserted */
	EXIT_HANDLED,
	EXIT_INTERRUPT,
	EXIT_NMI,
	EXIT_HYPERCALL,
	EXIT_CPUID,
	EXIT_MSR,
	EXIT_IO,
	EXIT_MEMORY,
	EXIT_HALT,
	EXIT_EXCEPTION,	 /* intercepted exception */
	EXIT_WINDOW,	 /* interrupts can be injected now */
	EXIT_SHUTDOWN,	 /* triple fault */
	EXIT_INIT,	 /* a physical INIT */
	EXIT_UNDEFINED,	 /* an instruction the guest does not have: #UD */
	EXIT_PRIVILEGED, /* one it may not use: #GP */
	EXIT_NOP,	 /* one without effect in a guest (WBINVD, INVD) */
	EXIT_XSETBV,
	EXIT_DEBUG_REGISTER, /* MOV DR while the debug registers are the root's */
	EXIT_INVALID,	     /* the processor refused the guest state */
	EXIT_UNKNOWN,
	EXIT_KINDS
};

#define ACCESS_READ 1u
#define ACCESS_WRITE 2u
#define ACCESS_EXECUTE 4u

struct vp_exit {
	enum exit_kind kind;
	u32 code;	/* the vendor's number, for trace and messages */
	u8 length;	/* of the instruction, 0 = unknown */
	bool vectoring; /* it happened while an event was being delivered */
	u8 vectoring_vector;
	u64 info; /* the vendor's first detail, for trace */
	union {
		struct {
			u16 port;
			u8 size;
			bool in, string, rep;
		} io;
		struct {
			bool write;
		} msr;
		struct {
			gpa_t gpa;
			u32 access; /* ACCESS_* */
			bool present;
			u8 bytes; /* of the instruction, 0 = not known */
			u8 instruction[15];
		} memory;
		struct {
			u8 vector;
			bool has_error;
			u32 error;
			u64 parameter;
		} exception;
	};
};

/* The counter that this exit belongs to. */
enum hv_exit_kind exit_stat(const struct vp_exit *exit);

/* What decides how a guest's virtual addresses translate. */
struct paging_state {
	u64 cr0, cr3, cr4, efer;
	u64 cs_base;
	u8 cpl;
	bool code64;
};

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A VM exit in neutral words. The vendor's vp_run fills it; root.c and dispatch.c act on it.
 */
#pragma once

#include <abi/hypercall.h>
#include <hv/phys.h>
#include <stdbool.h>

/* The first ones stand in the order of enum hv_exit_kind, by which exits are counted. */
enum exit_kind {
	EXIT_INTERRUPT = HV_EXIT_INTERRUPT + 1,
	EXIT_NMI,
	EXIT_HYPERCALL,
	EXIT_CPUID,
	EXIT_MSR,
	EXIT_IO,
	EXIT_MEMORY,
	EXIT_APIC, /* the root's write to its local APIC page: root.c tells it from EXIT_MEMORY */
	EXIT_HALT,
	EXIT_EXCEPTION,	 /* intercepted exception */
	EXIT_WINDOW,	 /* interrupts can be injected now */
	EXIT_SHUTDOWN,	 /* triple fault */
	EXIT_UNDEFINED,	 /* an instruction the guest does not have: #UD */
	EXIT_HANDLED,	 /* the vendor's code has dealt with it */
	EXIT_INIT,	 /* a physical INIT */
	EXIT_PRIVILEGED, /* one it may not use: #GP */
	EXIT_NOP,	 /* one without effect in a guest (WBINVD, INVD) */
	EXIT_XSETBV,
	EXIT_DEBUG_REGISTER, /* MOV DR while the debug registers are the root's */
	EXIT_INVALID,	     /* the processor refused the guest state */
	EXIT_UNKNOWN
};
_Static_assert(EXIT_UNDEFINED == HV_EXIT_VIRTUALIZATION + 1, "enum hv_exit_kind");

/* As SLAT_*. */
#define ACCESS_READ 1u
#define ACCESS_WRITE 2u
#define ACCESS_EXECUTE 4u

struct vp_exit {
	enum exit_kind kind;
	u32 code;	/* the vendor's number, for trace and messages */
	u8 length;	/* of the instruction, 0 = unknown */
	u8 access;	/* ACCESS_*: of memory, ports, MSRs */
	bool vectoring; /* it happened while an event was being delivered */
	u64 info;	/* the vendor's first detail, for trace */
	union {
		struct {
			u16 port;
			u8 size;
			bool string, rep;
		} io;
		struct {
			gpa_t gpa;
			u8 bytes; /* of the instruction, 0 = not known */
			u8 instruction[15];
		} memory;
		struct {
			u8 vector;
			u32 error;
			u64 parameter;
		} exception;
	};
};

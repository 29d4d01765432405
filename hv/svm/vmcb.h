/* SPDX-License-Identifier: MIT */
/*
 * The virtual machine control block: layout, bits, and setters that cannot forget the clean bits.
 * APM2 appendix B "Layout of VMCB", 15.15 "VMCB State Caching".
 */
#pragma once

#include <abi/types.h>

#define MSR_VM_CR 0xc0010114u
#define MSR_VM_HSAVE_PA 0xc0010117u
#define VM_CR_LOCK (1ULL << 3)
#define VM_CR_SVMDIS (1ULL << 4)

#define TLB_FLUSH_NOTHING 0u
#define TLB_FLUSH_ALL 1u
#define TLB_FLUSH_ASID 3u

/* v_intr */
#define V_IRQ (1ULL << 8)
#define V_INTR_PRIORITY (0xfULL << 16)
#define V_IGNORE_TPR (1ULL << 20)
#define V_INTR_MASKING (1ULL << 24)

#define INTERRUPT_SHADOW 1ULL

/* Clean bits: set = the processor may use its cached copy. */
#define CLEAN_INTERCEPTS (1u << 0)
#define CLEAN_ASID (1u << 2)
#define CLEAN_TPR (1u << 3)
#define CLEAN_NESTED (1u << 4)
#define CLEAN_CR (1u << 5)
#define CLEAN_DR (1u << 6)
#define CLEAN_DT (1u << 7)
#define CLEAN_SEGMENTS (1u << 8)
#define CLEAN_CR2 (1u << 9)
#define CLEAN_ALL 0x7ffu

/* Exit codes that hv names (the others: exit.c), and their bits of intercept_misc1 and 2, seen as one word.
 */
#define SVM_EXIT_EXCEPTION 0x40
#define SVM_EXIT_FIRST_MISC 0x60
#define SVM_EXIT_VINTR 0x64
#define SVM_EXIT_IRET 0x74
#define SVM_EXIT_IOIO 0x7b
#define SVM_EXIT_MSR 0x7c
#define SVM_EXIT_VMRUN 0x80
#define SVM_EXIT_NPF 0x400
#define SVM_INTERCEPT(code) (1ULL << ((code)-SVM_EXIT_FIRST_MISC))

/* EXITINFO1 of a nested page fault: a #PF error code, and what was walked. */
#define NPF_WRITE (1ULL << 1)
#define NPF_FETCH (1ULL << 4)

/* EXITINFO1 of IOIO. */
#define IOIO_IN (1u << 0)
#define IOIO_STRING (1u << 2)
#define IOIO_REP (1u << 3)

struct vmcb_segment {
	u16 selector;
	u16 attributes; /* 7:0 as descriptor bits 47:40, 11:8 as 55:52 */
	u32 limit;
	u64 base;
};

struct vmcb {
	/* Control area. Fields with a trailing underscore are cached: use the setters. */
	u32 intercept_cr_;	   /* 000: reads, writes */
	u32 intercept_dr_;	   /* 004: reads, writes */
	u32 intercept_exceptions_; /* 008 */
	u32 intercept_misc1_;	   /* 00c */
	u32 intercept_misc2_;	   /* 010 */
	u8 reserved014[0x40 - 0x14];
	u64 iopm_base_;	 /* 040 */
	u64 msrpm_base_; /* 048 */
	u64 tsc_offset_; /* 050 */
	u32 asid_;	 /* 058 */
	u8 tlb_control;	 /* 05c */
	u8 reserved05d[3];
	u64 v_intr_;	     /* 060: 7:0 TPR, 8 IRQ, 39:32 vector, … */
	u64 interrupt_state; /* 068 */
	u64 exit_code;	     /* 070 */
	u64 exit_info1;	     /* 078 */
	u64 exit_info2;	     /* 080 */
	u64 exit_int_info;   /* 088 */
	u64 np_enable_;	     /* 090 */
	u64 reserved098[2];
	u64 event_inject; /* 0a8 */
	u64 n_cr3_;	  /* 0b0 */
	u64 reserved0b8;
	u32 clean; /* 0c0 */
	u32 reserved0c4;
	u64 next_rip;		  /* 0c8 */
	u8 instruction_count;	  /* 0d0 */
	u8 instruction_bytes[15]; /* 0d1 */
	u8 reserved0e0[0x400 - 0xe0];

	/* State save area. */
	struct vmcb_segment es_, cs_, ss_, ds_; /* 400 */
	struct vmcb_segment fs, gs;		/* 440: VMLOAD, VMSAVE */
	struct vmcb_segment gdtr_;		/* 460 */
	struct vmcb_segment ldtr;		/* 470: VMLOAD, VMSAVE */
	struct vmcb_segment idtr_;		/* 480 */
	struct vmcb_segment tr;			/* 490: VMLOAD, VMSAVE */
	u8 reserved4a0[0x4cb - 0x4a0];
	u8 cpl_; /* 4cb */
	u32 reserved4cc;
	u64 efer_; /* 4d0 */
	u8 reserved4d8[0x548 - 0x4d8];
	u64 cr4_;   /* 548 */
	u64 cr3_;   /* 550 */
	u64 cr0_;   /* 558 */
	u64 dr7_;   /* 560 */
	u64 dr6_;   /* 568 */
	u64 rflags; /* 570 */
	u64 rip;    /* 578 */
	u8 reserved580[0x5d8 - 0x580];
	u64 rsp; /* 5d8 */
	u8 reserved5e0[0x5f8 - 0x5e0];
	u64 rax; /* 5f8 */
	/* 600: VMLOAD, VMSAVE */
	u64 star, lstar, cstar, sfmask, kernel_gs_base, sysenter_cs, sysenter_esp, sysenter_eip;
	u64 cr2_; /* 640 */
	u8 reserved648[0x668 - 0x648];
	u64 g_pat_; /* 668 */
	u8 reserved670[0x1000 - 0x670];
};

#define LAYOUT(field, offset) ABI_OFFSET(struct vmcb, field, offset)
LAYOUT(intercept_misc1_, 0x00c);
LAYOUT(iopm_base_, 0x040);
LAYOUT(asid_, 0x058);
LAYOUT(v_intr_, 0x060);
LAYOUT(exit_code, 0x070);
LAYOUT(np_enable_, 0x090);
LAYOUT(event_inject, 0x0a8);
LAYOUT(clean, 0x0c0);
LAYOUT(instruction_bytes, 0x0d1);
LAYOUT(es_, 0x400);
LAYOUT(tr, 0x490);
LAYOUT(cpl_, 0x4cb);
LAYOUT(efer_, 0x4d0);
LAYOUT(cr4_, 0x548);
LAYOUT(rip, 0x578);
LAYOUT(rsp, 0x5d8);
LAYOUT(rax, 0x5f8);
LAYOUT(cr2_, 0x640);
LAYOUT(g_pat_, 0x668);
ABI_SIZE(struct vmcb, 4096);
#undef LAYOUT

#define VMCB_CACHED(type, name, bit)                                   \
	static inline void vmcb_set_##name(struct vmcb *v, type value) \
	{                                                              \
		v->name##_ = value;                                    \
		v->clean &= ~(bit);                                    \
	}

VMCB_CACHED(u32, intercept_dr, CLEAN_INTERCEPTS)
VMCB_CACHED(u32, intercept_exceptions, CLEAN_INTERCEPTS)
VMCB_CACHED(u32, intercept_misc1, CLEAN_INTERCEPTS)
VMCB_CACHED(u32, asid, CLEAN_ASID)
VMCB_CACHED(u64, v_intr, CLEAN_TPR)
#undef VMCB_CACHED

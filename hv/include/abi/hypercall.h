/* SPDX-License-Identifier: MIT */
/*
 * hypercall.h: calls, structures, status codes and CPUID leaves of the hypervisor. Names, codes and
 * layouts follow the Hyper-V Top-Level Functional Specification (TLFS); what is our own is marked
 * "Nacelle" and lies in the extended range. docs/abi.md says what each call means.
 *
 * Calling convention (TLFS "Hypercall Interface"): VMMCALL on AMD, VMCALL on Intel, in 64-bit mode at
 * CPL 0. RCX = input value, RDX = input GPA (or first 8 bytes, fast), R8 = output GPA (or next 8 bytes,
 * fast); result in RAX. Every other register is preserved. Lists are 8-byte aligned and do not cross a
 * page; only the root has them: what a child may call, it calls fast.
 */
#ifndef ABI_HYPERCALL_H
#define ABI_HYPERCALL_H

#include <abi/types.h>
#include <abi/version.h>

/* ---- Discovery: CPUID ------------------------------------------------------------------------- */

#define HV_CPUID_VENDOR 0x40000000u
#define HV_CPUID_INTERFACE 0x40000001u
#define HV_CPUID_VERSION 0x40000002u
#define HV_CPUID_FEATURES 0x40000003u
#define HV_CPUID_RECOMMENDATIONS 0x40000004u
#define HV_CPUID_LIMITS 0x40000005u
#define HV_CPUID_VS_VENDOR 0x40000080u
#define HV_CPUID_VS_INTERFACE 0x40000081u /* EAX "VS#1", EBX HV_ABI_VERSION */
#define HV_CPUID_VS_PROPERTIES 0x40000082u

/* "Nacelle Hv#1" in EBX, ECX, EDX of leaf 0x40000000. */
#define HV_VENDOR_EBX 0x6563614eu
#define HV_VENDOR_ECX 0x20656c6cu
#define HV_VENDOR_EDX 0x31237648u
#define HV_INTERFACE_HV1 0x31237648u
#define HV_INTERFACE_VS1 0x31235356u

/* ---- Privileges: leaf 3 EBX:EAX and HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS ----------------------- */

#define HV_PRIV_TIME_REF_COUNT (1ULL << 1)
#define HV_PRIV_SYNTHETIC_TIMERS (1ULL << 3)
#define HV_PRIV_INTR_CTRL (1ULL << 4)
#define HV_PRIV_VP_INDEX (1ULL << 6)
#define HV_PRIV_CREATE_PARTITIONS (1ULL << 32)
#define HV_PRIV_MEMORY_POOL (1ULL << 34)
#define HV_PRIV_SIGNAL_EVENTS (1ULL << 37)
#define HV_PRIV_EXTENDED_CALLS (1ULL << 52)

/* ---- Input and result value --------------------------------------------------------------------- */

#define HV_CALL_CODE_MASK 0xffffULL
#define HV_CALL_FAST (1ULL << 16)
#define HV_CALL_VARHEAD_SHIFT 17
#define HV_CALL_VARHEAD_MASK (0x3ffULL << 17)
#define HV_CALL_NESTED (1ULL << 31)
#define HV_CALL_REP_COUNT_SHIFT 32
#define HV_CALL_REP_COUNT_MASK (0xfffULL << 32)
#define HV_CALL_REP_START_SHIFT 48
#define HV_CALL_REP_START_MASK (0xfffULL << 48)
#define HV_CALL_RESERVED_MASK 0xf000f00078000000ULL

#define HV_RESULT_STATUS_MASK 0xffffULL
#define HV_RESULT_REPS_SHIFT 32
#define HV_RESULT_REPS_MASK (0xfffULL << 32)

/* Status codes, TLFS appendix. */
#define HV_STATUS_SUCCESS 0x0
#define HV_STATUS_INVALID_HYPERCALL_CODE 0x2
#define HV_STATUS_INVALID_HYPERCALL_INPUT 0x3
#define HV_STATUS_INVALID_ALIGNMENT 0x4
#define HV_STATUS_INVALID_PARAMETER 0x5
#define HV_STATUS_ACCESS_DENIED 0x6
#define HV_STATUS_INVALID_PARTITION_STATE 0x7
#define HV_STATUS_OPERATION_DENIED 0x8
#define HV_STATUS_UNKNOWN_PROPERTY 0x9
#define HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE 0xa
#define HV_STATUS_INSUFFICIENT_MEMORY 0xb
#define HV_STATUS_INVALID_PARTITION_ID 0xd
#define HV_STATUS_INVALID_VP_INDEX 0xe
#define HV_STATUS_NOT_FOUND 0x10
#define HV_STATUS_INVALID_PORT_ID 0x11
#define HV_STATUS_INVALID_CONNECTION_ID 0x12
#define HV_STATUS_INVALID_VP_STATE 0x15
#define HV_STATUS_INVALID_SYNIC_STATE 0x18
#define HV_STATUS_OBJECT_IN_USE 0x19
#define HV_STATUS_NO_DATA 0x1b
#define HV_STATUS_NO_RESOURCES 0x1d
#define HV_STATUS_FEATURE_UNAVAILABLE 0x1e
#define HV_STATUS_INVALID_REGISTER_VALUE 0x50
#define HV_STATUS_OPERATION_FAILED 0x71
#define HV_STATUS_INSUFFICIENT_ROOT_MEMORY 0x73
#define HV_STATUS_UNKNOWN_REGISTER_NAME 0x87

#define HV_PARTITION_ID_INVALID 0ULL
#define HV_PARTITION_ID_SELF 0xffffffffffffffffULL
#define HV_PARTITION_ID_ROOT 1ULL
#define HV_VP_INDEX_SELF 0xfffffffeu
#define HV_MAX_VPS 64 /* virtual processors in one child */
#define HV_PAGE_SIZE 4096

/* ---- Call codes --------------------------------------------------------------------------------- */

#define HVCALL_NOTIFY_LONG_SPIN_WAIT 0x0008 /* any partition; fast */
#define HVCALL_CREATE_PARTITION 0x0040
#define HVCALL_INITIALIZE_PARTITION 0x0041
#define HVCALL_FINALIZE_PARTITION 0x0042
#define HVCALL_DELETE_PARTITION 0x0043
#define HVCALL_GET_PARTITION_PROPERTY 0x0044
#define HVCALL_SET_PARTITION_PROPERTY 0x0045
#define HVCALL_DEPOSIT_MEMORY 0x0048  /* rep */
#define HVCALL_WITHDRAW_MEMORY 0x0049 /* rep, output list */
#define HVCALL_MAP_GPA_PAGES 0x004b   /* rep */
#define HVCALL_UNMAP_GPA_PAGES 0x004c /* rep, no list */
#define HVCALL_INSTALL_INTERCEPT 0x004d
#define HVCALL_CREATE_VP 0x004e
#define HVCALL_DELETE_VP 0x004f
#define HVCALL_GET_VP_REGISTERS 0x0050 /* rep */
#define HVCALL_SET_VP_REGISTERS 0x0051 /* rep */
#define HVCALL_SIGNAL_EVENT 0x005d     /* a child; fast */
#define HVCALL_ASSERT_VIRTUAL_INTERRUPT 0x0094
#define HVCALL_DISPATCH_VP 0x00c2
#define HVCALL_GET_GPA_PAGES_ACCESS_STATES 0x00c9 /* rep */
#define HVCALL_MAP_VP_STATE_PAGE 0x00e1
#define HVCALL_UNMAP_VP_STATE_PAGE 0x00e2

/* Extended calls of Nacelle (root only). */
#define HV_EXT_CALL_READ_LOG 0x8100	     /* struct hv_ext_read_log -> struct hv_ext_log_chunk */
#define HV_EXT_CALL_GET_STATS 0x8101	     /* struct hv_ext_get_stats -> struct hv_ext_stats */
#define HV_EXT_CALL_GET_MEMORY_LEDGER 0x8102 /* nothing -> struct hv_ext_ledger */

/* ---- Partitions --------------------------------------------------------------------------------- */

#define HV_PARTITION_CREATE_EXO (1ULL << 8)
#define HV_PARTITION_CREATE_LAPIC (1ULL << 13)
#define HV_PARTITION_CREATE_INTERCEPT_MESSAGE_PAGE (1ULL << 19)
#define HV_PARTITION_CREATE_X2APIC (1ULL << 22)
#define HV_PARTITION_CREATE_KNOWN                                                                           \
	(HV_PARTITION_CREATE_EXO | HV_PARTITION_CREATE_LAPIC | HV_PARTITION_CREATE_INTERCEPT_MESSAGE_PAGE | \
	 HV_PARTITION_CREATE_X2APIC)

struct hv_proximity {
	u32 domain;
	u32 flags;
};

struct hv_input_create_partition { /* -> u64 partition id */
	u64 flags;
	struct hv_proximity proximity;
	u32 compatibility_version;
	u32 padding;
	u64 disabled_processor_features[2];
	u64 disabled_xsave_features;
	u64 isolation;
};
ABI_SIZE(struct hv_input_create_partition, 56);

struct hv_input_partition { /* Initialize, Finalize, Delete */
	u64 partition_id;
};

struct hv_input_get_partition_property { /* -> u64 value */
	u64 partition_id;
	u32 property_code;
	u32 padding;
};

struct hv_input_set_partition_property {
	u64 partition_id;
	u32 property_code;
	u32 padding;
	u64 value;
};
ABI_SIZE(struct hv_input_set_partition_property, 24);

#define HV_PROPERTY_PRIVILEGE_FLAGS 0x00010000
#define HV_PROPERTY_SUSPEND 0x00020000			/* 1: no VP of the partition is dispatched */
#define HV_PROPERTY_REFERENCE_TIME 0x00030005		/* 100 ns since creation; read-only */
#define HV_PROPERTY_UNIMPLEMENTED_MSR_ACTION 0x00050017 /* 0 #GP, 1 read 0 and ignore writes */
#define HV_PROPERTY_PROCESSOR_VENDOR 0x00060000		/* 0 AMD, 1 Intel; read-only */
/* Hz of the TSC. Settable on the root itself (the module does it once, from the kernel's calibration),
 * read-only on children. Children can be created only once it is known. */
#define HV_PROPERTY_PROCESSOR_CLOCK_FREQUENCY 0x00060009

/* ---- Memory ------------------------------------------------------------------------------------- */

struct hv_input_deposit_memory { /* rep; root page frame numbers follow */
	u64 partition_id;
	u64 pfn[];
};
#define HV_DEPOSIT_MAX_REPS 511

struct hv_input_withdraw_memory { /* rep; output: u64 pfn per completed rep, zeroed pages */
	u64 partition_id;
	struct hv_proximity proximity;
};
#define HV_WITHDRAW_MAX_REPS 512

#define HV_MAP_GPA_READABLE 0x1u
#define HV_MAP_GPA_WRITABLE 0x2u
#define HV_MAP_GPA_KERNEL_EXECUTABLE 0x4u
#define HV_MAP_GPA_USER_EXECUTABLE 0x8u
/* Execute rights come in both flavours or none; a mapping is at least readable. */

struct hv_input_map_gpa_pages { /* rep; root page frame numbers follow */
	u64 partition_id;
	u64 gpa_pfn;
	u32 map_flags;
	u32 padding;
	u64 source_pfn[];
};
#define HV_MAP_GPA_MAX_REPS 509

struct hv_input_unmap_gpa_pages { /* rep without list */
	u64 partition_id;
	u64 gpa_pfn;
	u32 unmap_flags; /* 0 */
	u32 padding;
};
#define HV_UNMAP_GPA_MAX_REPS 4095

#define HV_GPA_ACCESS_CLEAR_ACCESSED 0x1u
#define HV_GPA_ACCESS_CLEAR_DIRTY 0x4u
struct hv_input_get_gpa_pages_access_state { /* rep; output: u8 {0 accessed, 1 dirty} each */
	u64 partition_id;
	u64 flags;
	u64 gpa_pfn;
};

/* Guest physical addresses of a child lie below this (39 bits). */
#define HV_CHILD_GPA_BITS 39

/* ---- Virtual processors ------------------------------------------------------------------------- */

struct hv_input_create_vp {
	u64 partition_id;
	u32 vp_index;
	u8 padding[3];
	u8 subnode_type;
	u64 subnode_id;
	struct hv_proximity proximity;
	u64 flags;
};
ABI_SIZE(struct hv_input_create_vp, 40);

struct hv_input_delete_vp {
	u64 partition_id;
	u32 vp_index;
	u32 padding;
};

union hv_register_value {
	u64 reg64;
	u32 reg32;
	struct {
		u64 low;
		u64 high;
	} reg128;
	struct {
		u64 base;
		u32 limit;
		u16 selector;
		u16 attributes; /* 3:0 type, 4 S, 6:5 DPL, 7 P, 12 AVL, 13 L, 14 D, 15 G */
	} segment;
	struct {
		u16 padding[3];
		u16 limit;
		u64 base;
	} table;
};
ABI_SIZE(union hv_register_value, 16);

struct hv_input_get_vp_registers { /* rep; output: union hv_register_value each */
	u64 partition_id;
	u32 vp_index;
	u8 input_vtl;
	u8 padding[3];
	u32 names[];
};

struct hv_register_assoc {
	u32 name;
	u32 reserved1;
	u64 reserved2;
	union hv_register_value value;
};
ABI_SIZE(struct hv_register_assoc, 32);

struct hv_input_set_vp_registers { /* rep */
	u64 partition_id;
	u32 vp_index;
	u8 input_vtl;
	u8 padding[3];
	struct hv_register_assoc elements[];
};
ABI_OFFSET(struct hv_input_set_vp_registers, elements, 16);

enum hv_vp_state_page_type {
	HV_VP_STATE_PAGE_REGISTERS = 0,
	HV_VP_STATE_PAGE_INTERCEPT_MESSAGE = 1,
};

#define HV_VP_STATE_PAGE_LOCATION_GIVEN 0x1
struct hv_input_map_vp_state_page { /* -> u64 pfn. The root gives the page: flags must be 1 */
	u64 partition_id;
	u32 vp_index;
	u16 type;
	u8 input_vtl;
	u8 flags;
	u64 requested_pfn;
};
ABI_SIZE(struct hv_input_map_vp_state_page, 24);

struct hv_input_unmap_vp_state_page {
	u64 partition_id;
	u32 vp_index;
	u16 type;
	u8 input_vtl;
	u8 reserved;
};

#define HV_DISPATCH_CLEAR_INTERCEPT_SUSPEND 0x1u
#define HV_DISPATCH_ENABLE_CALLER_INTERRUPTS 0x2u
struct hv_input_dispatch_vp {
	u64 partition_id;
	u32 vp_index;
	u32 flags;
	u64 time_slice; /* 100 ns; 0 = until an event. Nacelle: only 0 (the root's timer ends it) */
	u64 spec_ctrl;
};
ABI_SIZE(struct hv_input_dispatch_vp, 32);

enum hv_vp_dispatch_state { HV_VP_DISPATCH_BLOCKED = 1, HV_VP_DISPATCH_READY = 2 };
enum hv_vp_dispatch_event {
	HV_VP_DISPATCH_EVENT_NONE = 0,
	HV_VP_DISPATCH_EVENT_SUSPEND = 1,
	HV_VP_DISPATCH_EVENT_INTERCEPT = 2,
	/* Nacelle, while READY: the VP spins for what another one holds (NotifyLongSpinWait). */
	HV_EXT_VP_DISPATCH_EVENT_LONG_SPIN = 0x8000,
};
struct hv_output_dispatch_vp {
	u32 dispatch_state;
	u32 dispatch_event;
	/* Nacelle: the VP's next timer deadline as a TSC value of the root, 0 = none. The module arms a
	 * timer for it while the VP is BLOCKED or READY. */
	u64 deadline_tsc;
};
ABI_SIZE(struct hv_output_dispatch_vp, 16);

/* ---- Interrupts, events --------------------------------------------------------------------------- */

struct hv_input_assert_virtual_interrupt {
	u64 partition_id;
	u32 interrupt_type;	 /* 0 fixed, 4 NMI */
	u32 level_and_dest_mode; /* bit 0 level (must be 0), bit 1 logical destination (must be 0) */
	u64 dest_addr;		 /* APIC id of the VP = its index */
	u32 requested_vector;	 /* 16..255 */
	u8 target_vtl;
	u8 reserved[3];
};
ABI_SIZE(struct hv_input_assert_virtual_interrupt, 32);

struct hv_input_signal_event { /* fast: the 8 bytes in RDX */
	u32 connection_id;     /* 1..15: that SINT of the root VP which dispatches the caller */
	u16 flag_number;       /* 0..2047 */
	u16 reserved;
};

/* ---- Intercepts ---------------------------------------------------------------------------------- */

#define HV_INTERCEPT_TYPE_IO_PORT 0
#define HV_INTERCEPT_TYPE_MSR 1
#define HV_INTERCEPT_TYPE_CPUID 2
#define HV_INTERCEPT_TYPE_EXCEPTION 3
struct hv_input_install_intercept {
	u64 partition_id;
	u32 access_type; /* 1 read, 2 write, 4 execute; 0 removes */
	u32 intercept_type;
	u64 parameter;
};

/* ---- Nacelle's own calls -------------------------------------------------------------------------- */

struct hv_ext_read_log {
	u64 position; /* bytes ever logged, from 0; too old a position is moved forward */
};
#define HV_EXT_LOG_CHUNK 4072
struct hv_ext_log_chunk {
	u64 position; /* of text[0] */
	u64 next;     /* give this as the next position */
	u32 length;   /* 0 = nothing newer */
	u32 reserved;
	char text[HV_EXT_LOG_CHUNK];
};
ABI_SIZE(struct hv_ext_log_chunk, 4096);

/* Kinds of exits that hv counts, the same on both vendors. */
enum hv_exit_kind {
	HV_EXIT_INTERRUPT, /* physical interrupt */
	HV_EXIT_NMI,
	HV_EXIT_HYPERCALL,
	HV_EXIT_CPUID,
	HV_EXIT_MSR,
	HV_EXIT_IO,
	HV_EXIT_MEMORY, /* nested page fault */
	HV_EXIT_APIC,	/* write to the root's local APIC page */
	HV_EXIT_HALT,
	HV_EXIT_EXCEPTION,
	HV_EXIT_INTERRUPT_WINDOW,
	HV_EXIT_SHUTDOWN,	/* triple fault */
	HV_EXIT_VIRTUALIZATION, /* VMRUN, VMXON and their kin */
	HV_EXIT_OTHER,
	HV_EXIT_KINDS
};

struct hv_ext_get_stats {
	u64 partition_id; /* HV_PARTITION_ID_SELF = the root */
};
struct hv_ext_stats {
	u64 partition_id;
	u32 partition_state; /* 0 created, 1 initialized, 2 active, 3 finalized */
	u32 vp_count;
	u64 pages_deposited;
	u64 pages_in_use;
	u64 pages_mapped; /* GPA mappings of root frames */
	u64 dispatches;
	u64 exits[32]; /* by enum hv_exit_kind; the rest 0 */
};
ABI_SIZE(struct hv_ext_stats, 304);

/* Every 4 KiB frame of RAM counted once, by its owner; the sum is total_frames. */
struct hv_ext_ledger {
	u64 total_frames;
	u64 hypervisor;	       /* the reservation of hv */
	u64 firmware;	       /* not RAM to the OS */
	u64 root;	       /* only the root's */
	u64 deposited;	       /* out of the root's sight */
	u64 child_rw;	       /* root frames that one child may write */
	u64 child_ro;	       /* root frames mapped read-only in children */
	u64 state_pages;       /* root frames that hv writes messages to */
	u64 partitions;	       /* children alive */
	u64 root_tables_total; /* frames of the reservation for splitting the root's nested tables */
	u64 root_tables_free;
};

#endif

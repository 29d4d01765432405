/* SPDX-License-Identifier: MIT */
/*
 * message.h: why a VP stopped. hv writes one struct hv_message into the VP's intercept message page when
 * DispatchVp returns BLOCKED with event INTERCEPT; kicks for blocked VPs go to the root's SIMP page.
 * Types and layouts: TLFS "Intercept Messages", "Scheduler Messages".
 */
#ifndef ABI_MESSAGE_H
#define ABI_MESSAGE_H

#include <abi/types.h>

#define HVMSG_NONE 0x00000000u
#define HVMSG_UNMAPPED_GPA 0x80000000u
#define HVMSG_GPA_INTERCEPT 0x80000001u /* mapped, but without the right the access needs */
#define HVMSG_INVALID_VP_REGISTER_VALUE 0x80000020u
#define HVMSG_UNRECOVERABLE_EXCEPTION 0x80000021u /* triple fault */
#define HVMSG_UNSUPPORTED_FEATURE 0x80000022u
#define HVMSG_SCHEDULER_VP_SIGNAL_BITSET 0x80000100u
#define HVMSG_X64_IO_PORT_INTERCEPT 0x80010000u
#define HVMSG_X64_MSR_INTERCEPT 0x80010001u
#define HVMSG_X64_CPUID_INTERCEPT 0x80010002u
#define HVMSG_X64_EXCEPTION_INTERCEPT 0x80010003u
#define HVMSG_X64_HALT 0x80010007u

#define HV_MESSAGE_PAYLOAD_MAX 240

struct hv_message {
	u32 type;
	u8 payload_size;
	u8 flags; /* bit 0: another one is pending */
	u16 reserved;
	u64 sender; /* partition or port id */
	u8 payload[HV_MESSAGE_PAYLOAD_MAX];
};
ABI_SIZE(struct hv_message, 256);

#define HV_INTERCEPT_ACCESS_READ 0
#define HV_INTERCEPT_ACCESS_WRITE 1
#define HV_INTERCEPT_ACCESS_EXECUTE 2

struct hv_x64_segment {
	u64 base;
	u32 limit;
	u16 selector;
	u16 attributes;
};

struct hv_x64_intercept_header {
	u32 vp_index;
	u8 instruction_length; /* 3:0 length (0 = unknown), 7:4 CR8 */
	u8 access_type;
	u16 execution_state; /* 1:0 CPL, 2 PE, 3 AM, 4 LMA, 5 debug, 6 interruption pending */
	struct hv_x64_segment cs;
	u64 rip;
	u64 rflags;
};
ABI_SIZE(struct hv_x64_intercept_header, 40);

struct hv_x64_memory_intercept {
	struct hv_x64_intercept_header header;
	u32 cache_type;
	u8 instruction_byte_count;
	u8 info; /* 0 GVA valid, 1 GVA and GPA valid */
	u8 tpr;
	u8 reserved;
	u64 gva;
	u64 gpa;
	u8 instruction_bytes[16];
};
ABI_OFFSET(struct hv_x64_memory_intercept, gpa, 56);

struct hv_x64_io_port_intercept {
	struct hv_x64_intercept_header header;
	u16 port;
	u8 info; /* 2:0 size in bytes, 3 string, 4 rep */
	u8 instruction_byte_count;
	u32 reserved;
	u64 rax;
	u8 instruction_bytes[16];
	struct hv_x64_segment ds;
	struct hv_x64_segment es;
	u64 rcx;
	u64 rsi;
	u64 rdi;
};
ABI_OFFSET(struct hv_x64_io_port_intercept, rax, 48);
ABI_OFFSET(struct hv_x64_io_port_intercept, rdi, 120);

struct hv_x64_msr_intercept {
	struct hv_x64_intercept_header header;
	u32 msr;
	u32 reserved;
	u64 rdx;
	u64 rax;
};

struct hv_x64_cpuid_intercept {
	struct hv_x64_intercept_header header;
	u64 rax;
	u64 rcx;
	u64 rdx;
	u64 rbx;
	u64 default_rax; /* what hv would have answered */
	u64 default_rcx;
	u64 default_rdx;
	u64 default_rbx;
};

struct hv_x64_exception_intercept {
	struct hv_x64_intercept_header header;
	u16 vector;
	u8 info; /* 0 error code valid */
	u8 instruction_byte_count;
	u32 error_code;
	u64 parameter; /* CR2 for #PF */
	u64 reserved;
};

/* A kick: these VPs of one partition are blocked no more; wake the root threads that run them. */
struct hv_scheduler_bitset_message {
	u64 partition_id;
	u32 overflow_count; /* not 0: some kicks did not fit, wake everything */
	u16 vp_count;
	u16 reserved;
	u64 format;	 /* VP set: 0 = sparse */
	u64 valid_banks; /* bit 0: VPs 0..63 */
	u64 bank0;
};

#endif

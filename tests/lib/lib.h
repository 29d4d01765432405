/* SPDX-License-Identifier: MIT */
/*
 * lib.h: what the tests of the hypervisor need, running as the root: a UEFI application started by
 * nacelle.efi, one boot for all tests. TAP and messages go to the serial port.
 */
#ifndef TESTS_LIB_H
#define TESTS_LIB_H

#include <abi/hypercall.h>
#include <abi/message.h>
#include <abi/registers.h>
#include <stdarg.h>
#include <stdbool.h>

#define PAGE 4096ULL

/* ---- Verdicts ---------------------------------------------------------------------------------- */

/* "ok N - name" or "not ok N - name"; returns good. */
bool check(bool good, const char *name, ...) __attribute__((format(printf, 2, 3)));
/* check() that also prints both values when they differ. */
bool check_equal(u64 got, u64 wanted, const char *name, ...) __attribute__((format(printf, 3, 4)));
void skip(const char *why, const char *name, ...) __attribute__((format(printf, 2, 3)));
void note(const char *text, ...) __attribute__((format(printf, 1, 2)));
/* "1..N" */
void plan(void);

/* ---- Memory: whole pages, zeroed --------------------------------------------------------------- */

void memory_give(u64 base, u64 pages); /* what the library may hand out */
void *page_alloc(void);
void page_free(void *page);
/* 2 MiB aligned, 512 pages; a few only. */
void *large_alloc(void);
u64 pages_left(void);
static inline u64 pfn_of(const void *p)
{
	return (u64)p / PAGE;
}

/* ---- Exceptions --------------------------------------------------------------------------------- */

/* Vectors 6, 13 and 14 are caught while one of these runs. -1: no exception. */
void trap_install(void);
void trap_load(void); /* on another processor */
/* This processor's local APIC raises nothing any more, and what is pending is taken and dropped: then
 * only kicks between processors end a dispatch made with interrupts off. */
void trap_silence(void);
int trap_read(u64 address);
int trap_write(u64 address, u64 value);
int trap_call(void (*function)(void));
int trap_rdmsr(u32 index, u64 *value);
int trap_wrmsr(u32 index, u64 value);
/* Instructions by name. */
void insn_vmrun(void), insn_vmload(void), insn_vmsave(void), insn_stgi(void), insn_clgi(void),
	insn_skinit(void), insn_invlpga(void);
void insn_vmxon(void), insn_vmptrld(void), insn_vmread(void), insn_vmlaunch(void), insn_invept(void),
	insn_getsec(void), insn_set_vmxe(void), insn_invd(void);

/* ---- Hypercalls ---------------------------------------------------------------------------------- */

/* VMCALL instead of VMMCALL. */
bool intel(void);
u64 hypercall(u64 value, u64 in, u64 out);
static inline u32 status_of(u64 result)
{
	return (u32)(result & HV_RESULT_STATUS_MASK);
}
static inline u32 reps_of(u64 result)
{
	return (u32)((result & HV_RESULT_REPS_MASK) >> HV_RESULT_REPS_SHIFT);
}
/* A call with its input in a page of ours; the output is in call_output() then. */
u64 call_simple(u16 code, const void *in, u64 size);
u64 call_rep(u16 code, u32 reps, const void *header, u64 header_size, const void *list, u64 list_size);
void *call_output(void);
struct hv_ext_ledger ledger(void);
bool ledger_equal(const struct hv_ext_ledger *a, const struct hv_ext_ledger *b);

/* ---- Virtual machines ------------------------------------------------------------------------------ */

#define VM_CODE 0x100000ULL /* GPA of the payload, read and execute */
#define VM_DATA 0x200000ULL /* one page per VP, read and write */
#define VM_STACK 0x280000ULL
#define VM_IDT 0x2c0000ULL
#define VM_GDT 0x2c0800ULL /* in the same page: vectors up to 0x7f only */
#define VM_TABLES 0x1000ULL
#define VM_VPS 4
#define VM_PAGES 64

struct vm {
	u64 id;
	u32 vps;
	u64 *data[VM_VPS];
	struct hv_message *message[VM_VPS];
	struct hv_vp_register_page *registers[VM_VPS];
	struct hv_output_dispatch_vp last;
	void *pages[VM_PAGES]; /* to be freed */
	u32 page_count;
};

/* A partition with flat 64-bit page tables, the payload at VM_CODE and its VPs stopped there: RDI = GPA
 * of its data page, RSI = VP index. False: something refused; then a "not ok" was printed. */
bool vm_create(struct vm *vm, u32 vps, void (*payload)(void));
/* Finalize, withdraw everything, delete; checks that all pages come back, zeroed. */
void vm_destroy(struct vm *vm);
u32 vm_map(struct vm *vm, u64 gpa, void *page, u32 flags);
u32 vm_unmap(struct vm *vm, u64 gpa, u32 pages);
u32 vm_set(struct vm *vm, u32 vp, u32 name, u64 value);
u32 vm_set_full(struct vm *vm, u32 vp, u32 name, union hv_register_value value);
u32 vm_get(struct vm *vm, u32 vp, u32 name, u64 *value);
/* One DispatchVp: the status; vm->last has the rest. */
u32 vm_dispatch(struct vm *vm, u32 vp, u32 flags);
/* Dispatches until the VP is blocked. The intercept's message type, or 0 when it waits in HLT; ~0 when it
 * never blocks within many dispatches. clear: leave the last intercept first. */
u32 vm_run(struct vm *vm, u32 vp, bool clear);
u32 vm_interrupt(struct vm *vm, u32 vp, u8 vector);
struct hv_message *simp(void);

/* ---- Other processors ------------------------------------------------------------------------------- */

u32 cpu_total(void);
/* Runs function(argument) on another processor and returns; cpu_wait waits for its end. */
bool cpu_start(void (*function)(void *), void *argument);
void cpu_wait(void);
void cpu_pause(void);

u64 tsc(void);

#endif

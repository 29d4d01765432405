/* SPDX-License-Identifier: MIT */
/* From VMX's exit reasons to struct vp_exit. What only VMX knows (control registers, the root's XSETBV,
 * INVD, task switches, windows) is finished here. SDM appendix C, 28.2 "Recording VM-Exit Information". */
#include "vmx.h"
#include <hv/log.h>
#include <x86/asm.h>
#include <x86/defs.h>

/* EPT violations, table 28-7. */
#define VIOLATION_WRITE (1u << 1)
#define VIOLATION_FETCH (1u << 2)
#define VIOLATION_RIGHTS (7u << 3)
#define VIOLATION_NMI_UNBLOCKED (1u << 12)

/* I/O instructions, table 28-5. */
#define IO_IN (1u << 3)
#define IO_STRING (1u << 4)
#define IO_REP (1u << 5)

/* #DB: bits for DR6 (table 28-1). */
#define DEBUG_BITS 0x600full

static void inject_gp(struct vp *vp)
{
	vmx_set_event(vp, EXC_GP | EVENT_EXCEPTION | EVENT_HAS_ERROR | EVENT_VALID, 0);
}

/* An access that sets a flag in the guest's own page table counts as a write of that table. */
static void memory_exit(struct vp *vp, struct vp_exit *exit)
{
	u64 q = exit->info;

	exit->kind = EXIT_MEMORY;
	exit->length = 0;
	exit->memory.gpa = gpa(vmread(VMCS_GUEST_PHYSICAL));
	exit->memory.present = q & VIOLATION_RIGHTS;
	exit->memory.access = q & VIOLATION_FETCH   ? ACCESS_EXECUTE
			      : q & VIOLATION_WRITE ? ACCESS_WRITE
						    : ACCESS_READ;
	exit->memory.bytes = 0;
	/* The IRET that faulted had ended the blocking of NMIs already (28.2.3). */
	if (q & VIOLATION_NMI_UNBLOCKED && !exit->vectoring)
		vmx_vp(vp)->interruptibility |= BLOCKED_NMI;
}

static void io_exit(struct vp_exit *exit)
{
	exit->kind = EXIT_IO;
	exit->io.port = (u16)(exit->info >> 16);
	exit->io.size = (exit->info & 7) + 1;
	exit->io.in = exit->info & IO_IN;
	exit->io.string = exit->info & IO_STRING;
	exit->io.rep = exit->info & IO_REP;
}

static void msr_exit(struct vp_exit *exit, bool write)
{
	exit->kind = EXIT_MSR;
	exit->msr.write = write;
}

/* A #DB that exits has not updated DR6 and DR7 (28.1.2). */
static void debug_exception(u64 bits)
{
	write_dr6((read_dr6() | (bits & DEBUG_BITS)) & ~(bits & 1ULL << 16));
	vmwrite(VMCS_GUEST_DR7, vmread(VMCS_GUEST_DR7) & ~(1ULL << 13));
}

static void exception_exit(struct vp *vp, struct vp_exit *exit)
{
	u32 event = (u32)vmread(VMCS_EXIT_EVENT);
	u8 vector = (u8)event;

	exit->length = 0;
	if ((event & EVENT_TYPE) == EVENT_NMI) {
		exit->kind = EXIT_NMI;
		return;
	}
	exit->kind = EXIT_EXCEPTION;
	exit->exception.vector = vector;
	exit->exception.has_error = event & EVENT_HAS_ERROR;
	exit->exception.error = exit->exception.has_error ? (u32)vmread(VMCS_EXIT_ERROR) : 0;
	exit->exception.parameter = vector == EXC_PF || vector == EXC_DB ? exit->info : 0;
	if (vector == EXC_DB && !vmx_is_root(vp))
		debug_exception(exit->info);
	if (event & EVENT_NMI_UNBLOCKED && !exit->vectoring && vector != EXC_DF)
		vmx_vp(vp)->interruptibility |= BLOCKED_NMI;
}

/* ---- What the root may do though it exits ----------------------------------------------------------- */

/* XSETBV's own rules; SDM 13.3 "Enabling the XSAVE Feature Set and XSAVE-Enabled Features". */
static bool valid_xcr0(u64 value)
{
	struct cpuid offered = cpuid(0xd, 0);
	u64 avx512 = value >> 5 & 7, tiles = value >> 17 & 3;

	if (value & ~(offered.eax | (u64)offered.edx << 32) || !(value & XCR0_X87))
		return false;
	if (value & XCR0_AVX && !(value & XCR0_SSE))
		return false;
	if (avx512 && (avx512 != 7 || !(value & XCR0_AVX)))
		return false;
	return (tiles == 0 || tiles == 3) && (value >> 3 & 1) == (value >> 4 & 1);
}

static void root_xsetbv(struct vp *vp, struct vp_exit *exit)
{
	u64 value = (u32)vp->gpr[RAX] | vp->gpr[RDX] << 32;

	exit->kind = EXIT_HANDLED;
	if ((u32)vp->gpr[RCX] || !valid_xcr0(value))
		return inject_gp(vp);
	xsetbv(value);
	vp_skip(vp, exit->length);
}

/* INVD would drop hv's own writes: written back instead, which the root cannot tell apart. */
static void root_invd(struct vp *vp, struct vp_exit *exit)
{
	__asm__ volatile("wbinvd" : : : "memory");
	exit->kind = EXIT_HANDLED;
	vp_skip(vp, exit->length);
}

static void root_exit(struct vp *vp, struct vp_exit *exit)
{
	switch (exit->kind) {
	case EXIT_XSETBV:
		return root_xsetbv(vp, exit);
	case EXIT_NOP:
		return root_invd(vp, exit);
	case EXIT_WINDOW: /* for NMIs: the entry looks again */
		exit->kind = EXIT_HANDLED;
		return;
	case EXIT_PRIVILEGED: /* a task switch through a gate or a far call: no 64-bit system does that */
		log_warning("the root's processor %u tried a task switch", vp->index);
		exit->kind = EXIT_HANDLED;
		return inject_gp(vp);
	default:
		return;
	}
}

/* ---- The table --------------------------------------------------------------------------------------- */

static enum exit_kind simple_kind(u32 reason)
{
	switch (reason) {
	case REASON_INTERRUPT:
	case REASON_PREEMPTION_TIMER:
		return EXIT_INTERRUPT;
	case REASON_TRIPLE_FAULT:
		return EXIT_SHUTDOWN;
	case REASON_INIT:
		return EXIT_INIT;
	case REASON_INTERRUPT_WINDOW:
	case REASON_NMI_WINDOW:
		return EXIT_WINDOW;
	case REASON_TASK_SWITCH:
	case REASON_RDPMC:
		return EXIT_PRIVILEGED;
	case REASON_CPUID:
		return EXIT_CPUID;
	case REASON_HLT:
		return EXIT_HALT;
	case REASON_INVD:
	case REASON_WBINVD:
		return EXIT_NOP;
	case REASON_VMCALL:
		return EXIT_HYPERCALL;
	case REASON_MOV_DR:
		return EXIT_DEBUG_REGISTER;
	case REASON_XSETBV:
		return EXIT_XSETBV;
	case REASON_GETSEC:
	case REASON_MWAIT:
	case REASON_MONITOR:
	case REASON_INVEPT:
	case REASON_INVVPID:
	case REASON_VMFUNC:
		return EXIT_UNDEFINED;
	case REASON_GUEST_STATE:
	case REASON_MSR_LOADING:
	case REASON_ENTRY_MACHINE_CHECK:
		return EXIT_INVALID;
	default:
		return reason > REASON_VMCALL && reason <= REASON_VMXON ? EXIT_UNDEFINED : EXIT_UNKNOWN;
	}
}

/* Exits whose instruction length the processor records (28.2.5). */
static bool has_length(u32 reason)
{
	return (reason >= REASON_CPUID && reason <= REASON_WRMSR) || reason == REASON_MWAIT ||
	       reason == REASON_MONITOR || reason == REASON_WBINVD || reason == REASON_XSETBV;
}

/* An event whose delivery was cut short must be delivered again. Software interrupts and INT1, INT3, INTO
 * happen again by themselves: RIP still points to them. */
static void keep_lost_event(struct vp *vp, struct vp_exit *exit)
{
	u32 event = (u32)vmread(VMCS_VECTORING);

	exit->vectoring = event & EVENT_VALID;
	exit->vectoring_vector = (u8)event;
	if (!exit->vectoring || (event & EVENT_TYPE) >= EVENT_SOFTWARE)
		return;
	vmx_vp(vp)->event = event & (EVENT_VALID | EVENT_HAS_ERROR | EVENT_TYPE | 0xff);
	vmx_vp(vp)->event_error = event & EVENT_HAS_ERROR ? (u32)vmread(VMCS_VECTORING_ERROR) : 0;
	/* Delivering an NMI blocked NMIs; delivering it again wants them open (27.2.1.3). */
	if ((event & EVENT_TYPE) == EVENT_NMI)
		vmx_vp(vp)->interruptibility &= ~BLOCKED_NMI;
}

void vmx_translate_exit(struct vp *vp, struct vp_exit *exit, u32 reason)
{
	exit->kind = EXIT_UNSET;
	exit->code = reason & 0xffff;
	exit->vectoring = false;
	exit->length = 0;
	exit->info = 0;
	if (reason == REASON_ABORTED) {
		exit->kind = EXIT_HANDLED;
		return;
	}
	exit->info = vmread(VMCS_QUALIFICATION);
	if (!(reason & REASON_ENTRY_FAILED)) {
		keep_lost_event(vp, exit);
		exit->length = has_length(exit->code) ? (u8)vmread(VMCS_EXIT_LENGTH) : 0;
	}
	switch (exit->code) {
	case REASON_EXCEPTION:
		return exception_exit(vp, exit);
	case REASON_CR:
		return vmx_cr_exit(vp, exit);
	case REASON_IO:
		return io_exit(exit);
	case REASON_RDMSR:
	case REASON_WRMSR:
		return msr_exit(exit, exit->code == REASON_WRMSR);
	case REASON_EPT_VIOLATION:
		return memory_exit(vp, exit);
	default:
		exit->kind = simple_kind(exit->code);
	}
	if (vmx_is_root(vp))
		root_exit(vp, exit);
}

/* SPDX-License-Identifier: MIT */
/* From VMX's exit reasons to struct vp_exit. What only VMX knows (control registers) is
 * finished in control.c. SDM appendix C, 28.2 "Recording VM-Exit Information". */
#include "vmx.h"
#include <x86/asm.h>
#include <x86/defs.h>

/* EPT violations, table 28-7. */
#define VIOLATION_WRITE (1u << 1)
#define VIOLATION_FETCH (1u << 2)
#define VIOLATION_NMI_UNBLOCKED (1u << 12)

/* I/O instructions, table 28-5. */
#define IO_IN (1u << 3)
#define IO_STRING (1u << 4)
#define IO_REP (1u << 5)

/* #DB: bits for DR6 (table 28-1). */
#define DEBUG_BITS 0x600full

/* An access that sets a flag in the guest's own page table counts as a write of that table. */
static void memory_exit(struct vp *vp, struct vp_exit *exit)
{
	u64 q = exit->info;

	exit->kind = EXIT_MEMORY;
	exit->memory.gpa = gpa(vmread(VMCS_GUEST_PHYSICAL));
	exit->access = q & VIOLATION_FETCH   ? ACCESS_EXECUTE
		       : q & VIOLATION_WRITE ? ACCESS_WRITE
					     : ACCESS_READ;
	exit->memory.bytes = 0;
	/* The IRET that faulted had ended the blocking of NMIs already (28.2.3). */
	if (q & VIOLATION_NMI_UNBLOCKED && !exit->vectoring)
		vp->nmi_masked = true;
}

static void io_exit(struct vp_exit *exit)
{
	exit->io.port = (u16)(exit->info >> 16);
	exit->io.size = (exit->info & 7) + 1;
	exit->access = exit->info & IO_IN ? ACCESS_READ : ACCESS_WRITE;
	exit->io.string = exit->info & IO_STRING;
	exit->io.rep = exit->info & IO_REP;
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

	if ((event & EVENT_TYPE) == EVENT_NMI) {
		exit->kind = EXIT_NMI;
		return;
	}
	exit->kind = EXIT_EXCEPTION;
	exit->exception.vector = vector;
	exit->exception.error = event & EVENT_HAS_ERROR ? (u32)vmread(VMCS_EXIT_ERROR) : 0;
	exit->exception.parameter = vector == EXC_PF || vector == EXC_DB ? exit->info : 0;
	if (vector == EXC_DB && !vmx_is_root(vp))
		debug_exception(exit->info);
	/* INT1 is over when its #DB is delivered, and no longer in a shadow; the exit came before (28.3.3).
	 */
	if ((event & EVENT_TYPE) == EVENT_INT1) {
		vp->rip += vmread(VMCS_EXIT_LENGTH);
		vp->shadow = false;
	}
	if (event & EVENT_NMI_UNBLOCKED && !exit->vectoring && vector != EXC_DF)
		vp->nmi_masked = true;
}

/* Exits that need no more than a name; for some the processor records the instruction's length (28.2.5). */
static const struct {
	u8 kind;
	bool has_length;
} simple_exits[] = {
	[1] = {EXIT_INTERRUPT, false},	       /* external interrupt */
	[2] = {EXIT_SHUTDOWN, false},	       /* triple fault */
	[3] = {EXIT_INIT, false},	       /* INIT */
	[7 ... 8] = {EXIT_WINDOW, false},      /* interrupt window, NMI window */
	[9] = {EXIT_PRIVILEGED, false},	       /* task switch */
	[10] = {EXIT_CPUID, true},	       /* CPUID */
	[11] = {EXIT_UNDEFINED, false},	       /* GETSEC */
	[12] = {EXIT_HALT, true},	       /* HLT */
	[13] = {EXIT_NOP, true},	       /* INVD */
	[15] = {EXIT_PRIVILEGED, false},       /* RDPMC */
	[18] = {EXIT_HYPERCALL, true},	       /* VMCALL */
	[19 ... 27] = {EXIT_UNDEFINED, false}, /* VMCLEAR to VMXON */
	[REASON_CR] = {EXIT_UNKNOWN, true},
	[29] = {EXIT_DEBUG_REGISTER, false}, /* MOV DR */
	[REASON_IO] = {EXIT_IO, true},
	[REASON_RDMSR... REASON_WRMSR] = {EXIT_MSR, true},
	[33 ... 34] = {EXIT_INVALID, false},   /* VM-entry failure: guest state, MSR loading */
	[36] = {EXIT_UNDEFINED, false},	       /* MWAIT */
	[39] = {EXIT_UNDEFINED, false},	       /* MONITOR */
	[41] = {EXIT_INVALID, false},	       /* VM-entry failure: machine check */
	[50] = {EXIT_UNDEFINED, false},	       /* INVEPT */
	[52] = {EXIT_INTERRUPT, false},	       /* preemption timer */
	[53] = {EXIT_UNDEFINED, false},	       /* INVVPID */
	[54] = {EXIT_NOP, true},	       /* WBINVD */
	[55] = {EXIT_XSETBV, true},	       /* XSETBV */
	[59] = {EXIT_UNDEFINED, false},	       /* VMFUNC */
	[76 ... 77] = {EXIT_UNDEFINED, false}, /* SEAMCALL, TDCALL: exit wherever the processor knows them */
};

static void table_exit(struct vp_exit *exit)
{
	exit->kind = EXIT_UNKNOWN;
	if (exit->code >= sizeof(simple_exits) / sizeof(simple_exits[0]) || !simple_exits[exit->code].kind)
		return;
	exit->kind = simple_exits[exit->code].kind;
	if (simple_exits[exit->code].has_length)
		exit->length = (u8)vmread(VMCS_EXIT_LENGTH);
}

void vmx_translate_exit(struct vp *vp, struct vp_exit *exit, u32 reason)
{
	u64 event = reason & REASON_ENTRY_FAILED ? 0 : vmread(VMCS_VECTORING);

	exit->code = reason & 0xffff;
	exit->length = 0;
	exit->access = ACCESS_EXECUTE;
	exit->info = vmread(VMCS_QUALIFICATION);
	if (event & EVENT_HAS_ERROR)
		event |= vmread(VMCS_VECTORING_ERROR) << 32;
	exit->vectoring = event & EVENT_VALID;
	if (exit->vectoring)
		vp_keep_event(vp, event);
	table_exit(exit);
	switch (exit->code) {
	case REASON_EXCEPTION:
		return exception_exit(vp, exit);
	case REASON_CR:
		return vmx_cr_exit(vp, exit);
	case REASON_IO:
		return io_exit(exit);
	case REASON_RDMSR:
	case REASON_WRMSR:
		exit->access = exit->code == REASON_WRMSR ? ACCESS_WRITE : ACCESS_READ;
		return;
	case REASON_EPT_VIOLATION:
		return memory_exit(vp, exit);
	}
}

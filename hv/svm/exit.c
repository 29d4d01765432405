/* SPDX-License-Identifier: MIT */
/* From SVM's exit codes to struct vp_exit. What only SVM knows (EFER.SVME, VM_CR, IRET after an NMI)
 * is finished here. */
#include "svm.h"
#include <x86/defs.h>

static u8 length(const struct vmcb *v, u8 usual)
{
	/* Without NRIP save the plain encoding is assumed. */
	return svm_features.nrips && v->next_rip > v->rip && v->next_rip - v->rip <= 15
		       ? (u8)(v->next_rip - v->rip)
		       : usual;
}

static void memory_exit(const struct vmcb *v, struct vp_exit *exit)
{
	exit->kind = EXIT_MEMORY;
	exit->memory.gpa = gpa(v->exit_info2);
	exit->access = v->exit_info1 & NPF_FETCH   ? ACCESS_EXECUTE
		       : v->exit_info1 & NPF_WRITE ? ACCESS_WRITE
						   : ACCESS_READ;
	exit->memory.bytes =
		svm_features.decode_assists && v->instruction_count <= 15 ? v->instruction_count : 0;
	for (u8 i = 0; i < exit->memory.bytes; i++)
		exit->memory.instruction[i] = v->instruction_bytes[i];
}

static void io_exit(const struct vmcb *v, struct vp_exit *exit)
{
	u32 info = (u32)v->exit_info1;

	exit->kind = EXIT_IO;
	exit->length = (u8)(v->exit_info2 - v->rip);
	exit->io.port = (u16)(info >> 16);
	exit->io.size = info >> 4 & 7;
	exit->access = info & IOIO_IN ? ACCESS_READ : ACCESS_WRITE;
	exit->io.string = info & IOIO_STRING;
	exit->io.rep = info & IOIO_REP;
}

static void exception_exit(const struct vmcb *v, struct vp_exit *exit, u8 vector)
{
	exit->kind = EXIT_EXCEPTION;
	exit->exception.vector = vector;
	exit->exception.error = EXC_WITH_ERROR >> vector & 1 ? (u32)v->exit_info1 : 0;
	exit->exception.parameter = vector == EXC_PF ? v->exit_info2 : 0;
}

/* False: #GP. LMA follows LME and CR0.PG; the processor keeps it while paging is on. */
static bool write_efer(struct vp *vp, u64 value)
{
	u64 old = svm_read(vp, REG_EFER);

	if (value & ~state_efer_bits() || ((value ^ old) & EFER_LME && svm_read(vp, REG_CR0) & CR0_PG))
		return false;
	svm_write(vp, REG_EFER, (value & ~EFER_LMA) | (old & EFER_LMA));
	return true;
}

/* The MSRs that hide SVM, and a child's PAT, which is the VMCB's. Others are the neutral code's. */
static void msr_exit(struct vp *vp, struct vp_exit *exit)
{
	struct vmcb *v = svm_vmcb(vp);
	u64 value = (u32)vp->gpr[RAX] | vp->gpr[RDX] << 32, old = VM_CR_LOCK | VM_CR_SVMDIS;
	bool good = !(v->exit_info1 & 1);

	exit->kind = EXIT_MSR;
	exit->length = length(v, 2);
	exit->access = good ? ACCESS_READ : ACCESS_WRITE;
	switch ((u32)vp->gpr[RCX]) {
	case MSR_EFER:
		old = svm_read(vp, REG_EFER);
		good = good || write_efer(vp, value);
		break;
	case MSR_VM_CR: /* as on a processor whose firmware locked SVM away */
		good = good || value == old;
		break;
	case MSR_VM_HSAVE_PA:
		good = false;
		break;
	case MSR_PAT:
		old = svm_read(vp, REG_PAT);
		if (!good && state_valid_pat(value)) {
			svm_write(vp, REG_PAT, value);
			good = true;
		}
		break;
	default:
		return;
	}
	exit->kind = EXIT_HANDLED;
	if (!good)
		return vp_fault(vp, EXC_GP);
	if (exit->access == ACCESS_READ) {
		vp->gpr[RAX] = (u32)old;
		vp->gpr[RDX] = old >> 32;
	}
	vp_skip(vp, exit->length);
}

/* Exits that need no more than a name, and the length of their instruction without NRIP save. */
static const struct {
	u8 kind;
	u8 length;
} simple_exits[0x90] = {
	[SVM_EXIT_DR_FIRST... SVM_EXIT_DR_LAST] = {EXIT_DEBUG_REGISTER, 0},
	[0x60] = {EXIT_INTERRUPT, 0},  /* INTR */
	[0x61] = {EXIT_NMI, 0},	       /* NMI */
	[0x63] = {EXIT_INIT, 0},       /* INIT */
	[0x64] = {EXIT_WINDOW, 0},     /* VINTR */
	[0x6f] = {EXIT_PRIVILEGED, 0}, /* RDPMC */
	[0x72] = {EXIT_CPUID, 2},      /* CPUID */
	[0x76] = {EXIT_NOP, 2},	       /* INVD */
	[0x78] = {EXIT_HALT, 1},       /* HLT */
	[0x7a] = {EXIT_UNDEFINED, 0},  /* INVLPGA */
	[0x7d] = {EXIT_PRIVILEGED, 0}, /* TASK_SWITCH */
	[0x7f] = {EXIT_SHUTDOWN, 0},   /* SHUTDOWN */
	[0x80] = {EXIT_UNDEFINED, 0},  /* VMRUN */
	[0x81] = {EXIT_HYPERCALL, 3},  /* VMMCALL */
	[0x82] = {EXIT_UNDEFINED, 0},  /* VMLOAD */
	[0x83] = {EXIT_UNDEFINED, 0},  /* VMSAVE */
	[0x84] = {EXIT_UNDEFINED, 0},  /* STGI */
	[0x85] = {EXIT_UNDEFINED, 0},  /* CLGI */
	[0x86] = {EXIT_UNDEFINED, 0},  /* SKINIT */
	[0x87] = {EXIT_UNDEFINED, 0},  /* RDTSCP */
	[0x89] = {EXIT_NOP, 2},	       /* WBINVD */
	[0x8a] = {EXIT_UNDEFINED, 0},  /* MONITOR */
	[0x8b] = {EXIT_UNDEFINED, 0},  /* MWAIT */
	[0x8c] = {EXIT_UNDEFINED, 0},  /* MWAIT_ARMED */
	[0x8d] = {EXIT_XSETBV, 3},     /* XSETBV */
	[0x8e] = {EXIT_UNDEFINED, 0},  /* RDPRU */
};

static void table_exit(struct vp *vp, struct vp_exit *exit)
{
	u32 code = exit->code;

	if (code >= SVM_EXIT_EXCEPTION && code < SVM_EXIT_EXCEPTION + 32)
		return exception_exit(svm_vmcb(vp), exit, (u8)(code - SVM_EXIT_EXCEPTION));
	exit->kind = code == ~0u ? EXIT_INVALID : EXIT_UNKNOWN;
	if (code >= sizeof(simple_exits) / sizeof(simple_exits[0]) || !simple_exits[code].kind)
		return;
	exit->kind = simple_exits[code].kind;
	if (simple_exits[code].length)
		exit->length = length(svm_vmcb(vp), simple_exits[code].length);
}

void svm_translate_exit(struct vp *vp, struct vp_exit *exit)
{
	struct vmcb *v = svm_vmcb(vp);

	exit->kind = EXIT_UNSET;
	exit->code = (u32)v->exit_code;
	exit->info = v->exit_info1;
	exit->length = 0;
	exit->access = ACCESS_EXECUTE;
	vp_keep_event(vp, exit, v->exit_int_info);
	switch (exit->code) {
	case SVM_EXIT_NPF:
		memory_exit(v, exit);
		break;
	case SVM_EXIT_IOIO:
		io_exit(v, exit);
		break;
	case SVM_EXIT_MSR:
		msr_exit(vp, exit);
		break;
	case SVM_EXIT_IRET: /* the guest is about to return from its NMI handler */
		vp->nmi_masked = false;
		exit->kind = EXIT_HANDLED;
		break;
	default:
		table_exit(vp, exit);
	}
}

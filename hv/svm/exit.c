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

/* Exits by code (APM2 appendix C): what they are, the length of the instruction where NRIP save does not tell
 * it, and whether they are intercepted always. */
enum { ROOT = 1, CHILD = 2, BOTH = 3 };

static const struct {
	u8 kind, length, whose;
} exits[0x90] = {
	[0x20 ... 0x3f] = {EXIT_DEBUG_REGISTER, 0, 0}, /* MOV DR: by intercept_dr */
	[0x60] = {EXIT_INTERRUPT, 0, CHILD},	       /* INTR */
	[0x61] = {EXIT_NMI, 0, BOTH},		       /* NMI */
	[0x63] = {EXIT_INIT, 0, BOTH},		       /* INIT */
	[0x64] = {EXIT_WINDOW, 0, 0},		       /* VINTR: set_windows() */
	[0x6f] = {EXIT_PRIVILEGED, 0, CHILD},	       /* RDPMC */
	[0x72] = {EXIT_CPUID, 2, BOTH},		       /* CPUID */
	[0x74] = {EXIT_HANDLED, 0, 0},		       /* IRET: set_windows() */
	[0x76] = {EXIT_NOP, 2, CHILD},		       /* INVD */
	[0x78] = {EXIT_HALT, 1, CHILD},		       /* HLT */
	[0x7a] = {EXIT_UNDEFINED, 0, BOTH},	       /* INVLPGA */
	[0x7b] = {EXIT_IO, 0, CHILD},		       /* IOIO */
	[0x7c] = {EXIT_MSR, 2, BOTH},		       /* MSR */
	[0x7d] = {EXIT_PRIVILEGED, 0, CHILD},	       /* task switch */
	[0x7e] = {EXIT_UNKNOWN, 0, CHILD},	       /* FERR_FREEZE */
	[0x7f] = {EXIT_SHUTDOWN, 0, BOTH},	       /* shutdown */
	[0x80] = {EXIT_UNDEFINED, 0, BOTH},	       /* VMRUN */
	[0x81] = {EXIT_HYPERCALL, 3, BOTH},	       /* VMMCALL */
	[0x82 ... 0x86] = {EXIT_UNDEFINED, 0, BOTH},   /* VMLOAD, VMSAVE, STGI, CLGI, SKINIT */
	[0x87] = {EXIT_UNDEFINED, 0, CHILD},	       /* RDTSCP */
	[0x89] = {EXIT_NOP, 2, CHILD},		       /* WBINVD */
	[0x8a ... 0x8c] = {EXIT_UNDEFINED, 0, CHILD},  /* MONITOR, MWAIT, MWAIT while armed */
	[0x8d] = {EXIT_XSETBV, 3, CHILD},	       /* XSETBV */
	[0x8e] = {EXIT_UNDEFINED, 0, CHILD},	       /* RDPRU */
};

/* intercept_misc1 and 2: a bit for each of the codes 60 to 9f. */
u64 svm_intercepts(bool root)
{
	u64 bits = 0;

	for (u32 code = SVM_EXIT_FIRST_MISC; code < sizeof(exits) / sizeof(exits[0]); code++)
		bits |= exits[code].whose & (root ? ROOT : CHILD) ? SVM_INTERCEPT(code) : 0;
	return bits;
}

static void table_exit(struct vp *vp, struct vp_exit *exit)
{
	u32 code = exit->code;

	if (code >= SVM_EXIT_EXCEPTION && code < SVM_EXIT_EXCEPTION + 32)
		return exception_exit(svm_vmcb(vp), exit, (u8)(code - SVM_EXIT_EXCEPTION));
	exit->kind = code == ~0u ? EXIT_INVALID : EXIT_UNKNOWN;
	if (code >= sizeof(exits) / sizeof(exits[0]) || !exits[code].kind)
		return;
	exit->kind = exits[code].kind;
	if (exits[code].length)
		exit->length = length(svm_vmcb(vp), exits[code].length);
}

void svm_translate_exit(struct vp *vp, struct vp_exit *exit)
{
	struct vmcb *v = svm_vmcb(vp);

	exit->code = (u32)v->exit_code;
	exit->info = v->exit_info1;
	exit->length = 0;
	exit->access = ACCESS_EXECUTE;
	exit->vectoring = v->exit_int_info & EVENT_VALID;
	if (exit->vectoring)
		vp_keep_event(vp, v->exit_int_info);
	if (exit->code == SVM_EXIT_NPF)
		return memory_exit(v, exit);
	table_exit(vp, exit);
	if (exit->code == SVM_EXIT_IOIO)
		io_exit(v, exit);
	else if (exit->code == SVM_EXIT_MSR)
		msr_exit(vp, exit);
	else if (exit->code == SVM_EXIT_IRET) /* the guest is about to return from its NMI handler */
		vp->nmi_masked = false;
}

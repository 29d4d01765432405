/* SPDX-License-Identifier: MIT */
/* From SVM's exit codes to struct vp_exit. What only SVM knows (EFER.SVME, VM_CR, IRET after an NMI)
 * is finished here. */
#include "svm.h"
#include <hv/assert.h>
#include <x86/asm.h>
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
	exit->memory.present = v->exit_info1 & NPF_PRESENT;
	exit->memory.access = v->exit_info1 & NPF_FETCH	  ? ACCESS_EXECUTE
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
	exit->io.in = info & IOIO_IN;
	exit->io.string = info & IOIO_STRING;
	exit->io.rep = info & IOIO_REP;
}

static void exception_exit(const struct vmcb *v, struct vp_exit *exit, u8 vector)
{
	exit->kind = EXIT_EXCEPTION;
	exit->exception.vector = vector;
	exit->exception.has_error = vector == EXC_AC;
	exit->exception.error = (u32)v->exit_info1;
	exit->exception.parameter = 0;
}

static void set_rax_rdx(struct vp *vp, u64 value)
{
	vp->gpr[RAX] = (u32)value;
	vp->gpr[RDX] = value >> 32;
}

/* False: #GP. LMA follows LME and CR0.PG; the processor keeps it while paging is on. */
static bool write_efer(struct vp *vp, u64 value)
{
	struct vmcb *v = svm_vmcb(vp);
	u64 old = vmcb_get_efer(v);

	if (value & ~(svm_features.efer | EFER_LMA))
		return false;
	if ((value ^ old) & EFER_LME && vmcb_get_cr0(v) & CR0_PG)
		return false;
	vmcb_set_efer(v, (value & svm_features.efer) | (old & EFER_LMA) | EFER_SVME);
	return true;
}

/* The MSRs that hide SVM. Others are the neutral code's. */
static void msr_exit(struct vp *vp, struct vp_exit *exit)
{
	struct vmcb *v = svm_vmcb(vp);
	bool write = v->exit_info1 & 1, good = false;
	u64 value = (u32)vp->gpr[RAX] | vp->gpr[RDX] << 32;

	exit->kind = EXIT_MSR;
	exit->length = length(v, 2);
	exit->msr.write = write;
	switch ((u32)vp->gpr[RCX]) {
	case MSR_EFER:
		good = !write || write_efer(vp, value);
		if (!write)
			set_rax_rdx(vp, vmcb_get_efer(v) & ~EFER_SVME);
		break;
	case MSR_VM_CR: /* as on a processor whose firmware locked SVM away */
		good = !write || value == (VM_CR_LOCK | VM_CR_SVMDIS);
		if (!write)
			set_rax_rdx(vp, VM_CR_LOCK | VM_CR_SVMDIS);
		break;
	case MSR_VM_HSAVE_PA:
		break;
	case MSR_PAT: /* a child's PAT is the VMCB's; the root's never exits */
		if (!write) {
			set_rax_rdx(vp, vmcb_get_g_pat(v));
			good = true;
		} else {
			union hv_register_value pat = {.reg64 = value};

			good = svm_set_register(vp, HV_X64_REGISTER_PAT, &pat) == HV_STATUS_SUCCESS;
		}
		break;
	default:
		return;
	}
	exit->kind = EXIT_HANDLED;
	if (good)
		vp_skip(vp, exit->length);
	else
		svm_ops.inject_exception(vp, EXC_GP, 0);
}

/* The guest is about to return from its NMI handler. */
static void iret_exit(struct vp *vp, struct vp_exit *exit)
{
	struct vmcb *v = svm_vmcb(vp);

	vmcb_set_intercept_misc1(v, vmcb_get_intercept_misc1(v) & ~INTERCEPT_IRET);
	vp->nmi_masked = false;
	exit->kind = EXIT_HANDLED;
}

/* Exits that need no more than a name: 0x60 to 0x8f by code. */
#define FIRST_SIMPLE SVM_EXIT_INTR
#define LAST_SIMPLE 0x8fu
#define SIMPLE(code, what, bytes) [SVM_EXIT_##code - FIRST_SIMPLE] = {EXIT_##what, bytes}

static const struct {
	u8 kind;
	u8 length;
} simple_exits[LAST_SIMPLE - FIRST_SIMPLE + 1] = {
	SIMPLE(INTR, INTERRUPT, 0),
	SIMPLE(NMI, NMI, 0),
	SIMPLE(INIT, INIT, 0),
	SIMPLE(VINTR, WINDOW, 0),
	SIMPLE(RDPMC, PRIVILEGED, 0),
	SIMPLE(CPUID, CPUID, 2),
	SIMPLE(INVD, NOP, 2),
	SIMPLE(HLT, HALT, 1),
	SIMPLE(INVLPGA, UNDEFINED, 0),
	SIMPLE(TASK_SWITCH, PRIVILEGED, 0),
	SIMPLE(SHUTDOWN, SHUTDOWN, 0),
	SIMPLE(VMRUN, UNDEFINED, 0),
	SIMPLE(VMMCALL, HYPERCALL, 3),
	SIMPLE(VMLOAD, UNDEFINED, 0),
	SIMPLE(VMSAVE, UNDEFINED, 0),
	SIMPLE(STGI, UNDEFINED, 0),
	SIMPLE(CLGI, UNDEFINED, 0),
	SIMPLE(SKINIT, UNDEFINED, 0),
	SIMPLE(RDTSCP, UNDEFINED, 0),
	SIMPLE(WBINVD, NOP, 2),
	SIMPLE(MONITOR, UNDEFINED, 0),
	SIMPLE(MWAIT, UNDEFINED, 0),
	SIMPLE(MWAIT_ARMED, UNDEFINED, 0),
	SIMPLE(XSETBV, XSETBV, 3),
	SIMPLE(RDPRU, UNDEFINED, 0),
};

static void other_exit(const struct vmcb *v, struct vp_exit *exit, u32 code)
{
	if (code >= SVM_EXIT_DR_FIRST && code <= SVM_EXIT_DR_LAST)
		exit->kind = EXIT_DEBUG_REGISTER;
	else if (code > SVM_EXIT_EXCEPTION && code < SVM_EXIT_EXCEPTION + 32)
		exception_exit(v, exit, (u8)(code - SVM_EXIT_EXCEPTION));
	else
		exit->kind = (s32)code == -1 ? EXIT_INVALID : EXIT_UNKNOWN;
}

static void table_exit(const struct vmcb *v, struct vp_exit *exit, u32 code)
{
	u32 i = code - FIRST_SIMPLE;

	if (i >= sizeof(simple_exits) / sizeof(simple_exits[0]) || !simple_exits[i].kind)
		return other_exit(v, exit, code);
	exit->kind = simple_exits[i].kind;
	if (simple_exits[i].length)
		exit->length = length(v, simple_exits[i].length);
}

/* An event whose delivery was cut short must be delivered again. Software interrupts and INT3, INTO
 * happen again by themselves: RIP still points to them. */
static bool event_is_lost(const struct vmcb *v)
{
	u64 type = v->exit_int_info & EVENT_TYPE;
	u8 vector = (u8)v->exit_int_info;

	if (!(v->exit_int_info & EVENT_VALID) || v->event_inject & EVENT_VALID)
		return false;
	return type != EVENT_SOFTWARE && !(type == EVENT_EXCEPTION && (vector == 3 || vector == 4));
}

void svm_translate_exit(struct vp *vp, struct vp_exit *exit)
{
	struct vmcb *v = svm_vmcb(vp);

	exit->kind = EXIT_UNSET;
	exit->code = (u32)v->exit_code;
	exit->info = v->exit_info1;
	exit->length = 0;
	exit->vectoring = v->exit_int_info & EVENT_VALID;
	exit->vectoring_vector = (u8)v->exit_int_info;
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
	case SVM_EXIT_IRET:
		iret_exit(vp, exit);
		break;
	default:
		table_exit(v, exit, exit->code);
	}
	if (event_is_lost(v))
		v->event_inject = v->exit_int_info;
}

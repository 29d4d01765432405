/* SPDX-License-Identifier: MIT */
/* The consistency checks that VMRUN makes (APM2 15.5.1 "Canonicalization and Consistency Checks"), by our
 * own code: emulators are lenient, and a refusal should name its rule. */
#include "svm.h"
#include <x86/defs.h>

#define CS_LONG 0x200u
#define CS_DEFAULT 0x400u

static const char *check_control_registers(const struct vmcb *v)
{
	u64 cr0 = v->cr0_, cr4 = v->cr4_, efer = v->efer_;

	if (!(efer & EFER_SVME))
		return "EFER.SVME is 0";
	if (efer & ~(svm_features.efer | EFER_LMA | EFER_SVME))
		return "EFER has reserved bits";
	if (cr0 & CR0_NW && !(cr0 & CR0_CD))
		return "CR0.NW without CR0.CD";
	if (cr0 >> 32 || (v->dr6_ | v->dr7_) >> 32)
		return "CR0, DR6 or DR7 has bits above 31";
	if (cr0 & CR0_PG && !(cr0 & CR0_PE))
		return "CR0.PG without CR0.PE";
	if (!(efer & EFER_LME) || !(cr0 & CR0_PG))
		return efer & EFER_LMA ? "EFER.LMA without EFER.LME and CR0.PG" : NULL;
	if (!(efer & EFER_LMA))
		return "EFER.LME and CR0.PG without EFER.LMA";
	if (!(cr4 & CR4_PAE))
		return "long mode without CR4.PAE";
	if (v->cs_.attributes & CS_LONG && v->cs_.attributes & CS_DEFAULT)
		return "CS.L and CS.D in long mode";
	return NULL;
}

static const char *check_event(u64 event)
{
	u64 type = event & EVENT_TYPE;
	u8 vector = (u8)event;

	if (!(event & EVENT_VALID))
		return NULL;
	if (type != EVENT_EXTERNAL && type != EVENT_NMI && type != EVENT_EXCEPTION && type != EVENT_SOFTWARE)
		return "the injected event has a reserved type";
	if (type == EVENT_EXCEPTION && (vector > 31 || vector == EXC_NMI))
		return "the injected event is no exception";
	return NULL;
}

static const char *check_controls(const struct vmcb *v)
{
	if (!(v->intercept_misc2_ & INTERCEPT_VMRUN))
		return "VMRUN is not intercepted";
	if (!v->asid_)
		return "the ASID is 0";
	if ((v->iopm_base_ | v->msrpm_base_ | v->n_cr3_) & 0xfff)
		return "a permission map or the nested table is not aligned";
	if (!v->np_enable_)
		return "nested paging is off";
	return check_event(v->event_inject);
}

const char *svm_check_vmcb(const struct vmcb *v)
{
	const char *why = check_controls(v);

	if (!why)
		why = check_control_registers(v);
	if (!why && (v->rflags & RFLAGS_RESERVED || !(v->rflags & RFLAGS_FIXED)))
		why = "RFLAGS has reserved bits";
	return why;
}

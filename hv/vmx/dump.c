/* SPDX-License-Identifier: MIT */
/* A VP's registers and its VMCS's control fields, as text. A VMCS that is current elsewhere cannot be
 * read: then only what struct vp holds is shown. */
#include "vmx.h"
#include <hv/log.h>

static void dump_segment(const char *name, u32 n)
{
	log_error("%s %04lx rights %05lx limit %08lx base %016lx", name, vmread(VMCS_GUEST_ES + 2 * n),
		  vmread(VMCS_GUEST_ES_RIGHTS + 2 * n), vmread(VMCS_GUEST_ES_LIMIT + 2 * n),
		  vmread(VMCS_GUEST_ES_BASE + 2 * n));
}

static void dump_fields(void)
{
	log_error("reason 0x%lx qualification 0x%lx gpa 0x%lx vectoring 0x%lx error %lu",
		  vmread(VMCS_EXIT_REASON), vmread(VMCS_QUALIFICATION), vmread(VMCS_GUEST_PHYSICAL),
		  vmread(VMCS_VECTORING), vmread(VMCS_INSTRUCTION_ERROR));
	log_error("cr0 %lx shadow %lx cr3 %lx cr4 %lx shadow %lx efer %lx dr7 %lx", vmread(VMCS_GUEST_CR0),
		  vmread(VMCS_CR0_SHADOW), vmread(VMCS_GUEST_CR3), vmread(VMCS_GUEST_CR4),
		  vmread(VMCS_CR4_SHADOW), vmread(VMCS_GUEST_EFER), vmread(VMCS_GUEST_DR7));
	log_error("eptp %lx vpid %lx pin %lx primary %lx secondary %lx exit %lx entry %lx", vmread(VMCS_EPTP),
		  vmread(VMCS_VPID), vmread(VMCS_PIN), vmread(VMCS_PRIMARY), vmread(VMCS_SECONDARY),
		  vmread(VMCS_EXIT), vmread(VMCS_ENTRY));
	log_error("event %lx interruptibility %lx activity %lx pending debug %lx", vmread(VMCS_ENTRY_EVENT),
		  vmread(VMCS_GUEST_INTERRUPTIBILITY), vmread(VMCS_GUEST_ACTIVITY),
		  vmread(VMCS_GUEST_PENDING_DEBUG));
	dump_segment("es", SEG_ES);
	dump_segment("cs", SEG_CS);
	dump_segment("ss", SEG_SS);
	dump_segment("ds", SEG_DS);
	dump_segment("fs", SEG_FS);
	dump_segment("gs", SEG_GS);
	dump_segment("ldtr", SEG_LDTR);
	dump_segment("tr", SEG_TR);
	log_error("gdtr %lx %lx idtr %lx %lx", vmread(VMCS_GUEST_GDTR_BASE), vmread(VMCS_GUEST_GDTR_LIMIT),
		  vmread(VMCS_GUEST_IDTR_BASE), vmread(VMCS_GUEST_IDTR_LIMIT));
}

void vmx_dump(struct vp *vp)
{
	log_error("partition %lu vp %u:", vp->partition->id, vp->index);
	for (unsigned i = 0; i < GPRS; i += 4) {
		log_error("r%02u %016lx %016lx %016lx %016lx", i, vp->gpr[i], vp->gpr[i + 1], vp->gpr[i + 2],
			  vp->gpr[i + 3]);
	}
	log_error("rip %016lx flags %lx", vp->rip, vp->rflags);
	if (vmx_cpus[this_cpu()->index].current == vp)
		dump_fields();
}

/* SPDX-License-Identifier: MIT */
/* A VP's registers and its VMCB's control fields, as text. */
#include "svm.h"
#include <hv/log.h>
#include <hv/partition.h>

static void dump_segment(const char *name, struct vmcb_segment s)
{
	log_error("%s %04x attributes %03x limit %08x base %016lx", name, s.selector, s.attributes, s.limit,
		  s.base);
}

void svm_dump(struct vp *vp)
{
	const struct vmcb *v = svm_vmcb(vp);

	log_error("partition %lu vp %u: exit 0x%lx info 0x%lx 0x%lx vectoring 0x%lx", vp->partition->id,
		  vp->index, v->exit_code, v->exit_info1, v->exit_info2, v->exit_int_info);
	for (unsigned i = 0; i < GPRS; i += 4) {
		log_error("r%02u %016lx %016lx %016lx %016lx", i, vp->gpr[i], vp->gpr[i + 1], vp->gpr[i + 2],
			  vp->gpr[i + 3]);
	}
	log_error("rip %016lx flags %lx cpl %u shadow %lu inject 0x%lx", vp->rip, vp->rflags, v->cpl_,
		  v->interrupt_state, v->event_inject);
	log_error("cr0 %lx cr2 %lx cr3 %lx cr4 %lx efer %lx", v->cr0_, v->cr2_, v->cr3_, v->cr4_, v->efer_);
	log_error("ncr3 %lx asid %u intercepts %08x %08x %08x v_intr %lx", v->n_cr3_, v->asid_,
		  v->intercept_exceptions_, v->intercept_misc1_, v->intercept_misc2_, v->v_intr_);
	dump_segment("cs", v->cs_);
	dump_segment("ss", v->ss_);
	dump_segment("tr", v->tr);
	dump_segment("gdtr", v->gdtr_);
	dump_segment("idtr", v->idtr_);
}

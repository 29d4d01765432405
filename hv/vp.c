/* SPDX-License-Identifier: MIT */
/* Virtual processors: creation and end, ownership, and the events that an entry delivers. */
#include <hv/cpu.h>
#include <hv/exit.h>
#include <hv/fpu.h>
#include <hv/frame.h>
#include <hv/partition.h>
#include <hv/vendor.h>
#include <hv/vp.h>
#include <x86/apic.h>
#include <x86/defs.h>

u32 vp_create(struct partition *p, u32 index)
{
	struct vp *vp;

	if (p->pool.free < 2)
		return HV_STATUS_INSUFFICIENT_MEMORY;
	vp = frame_ptr(pool_get(&p->pool));
	vp->control = frame_ptr(pool_get(&p->pool));
	vp->partition = p;
	vp->index = index;
	vp->suspend = SUSPEND_EXPLICIT;
	vp->changed = true;
	vp->apic_base = APIC_PAGE | APIC_BASE_ENABLE | APIC_BASE_X2APIC | (index == 0 ? APIC_BASE_BSP : 0);
	vapic_reset(&vp->vapic);
	fpu_reset(vp);
	vendor->vp_init(vp);
	vendor->write(vp, REG_PAT, PAT_RESET);
	p->page->vps[index] = vp;
	p->vp_count++;
	return HV_STATUS_SUCCESS;
}

void vp_delete(struct vp *vp)
{
	struct partition *p = vp->partition;

	if (vp->message_pfn)
		frame_give_back(vp->message_pfn, FRAME_STATE, p->owner);
	if (vp->register_pfn)
		frame_give_back(vp->register_pfn, FRAME_STATE, p->owner);
	for (unsigned i = 0; i < HV_EXIT_KINDS; i++)
		p->exits[i] += vp->exits[i];
	p->dispatches += vp->dispatches;
	p->page->vps[vp->index] = NULL;
	p->vp_count--;
	pool_put(&p->pool, ptr_frame(vp->control));
	pool_put(&p->pool, ptr_frame(vp));
}

void vp_inject(struct vp *vp, u32 type, u8 vector)
{
	vp->event = type | vector | EVENT_VALID;
}

/* Real mode pushes no error code, and VMX refuses one there (SDM 27.2.1.3). */
void vp_fault(struct vp *vp, u8 vector)
{
	bool error = EXC_WITH_ERROR >> vector & 1 && vendor->read(vp, REG_CR0) & CR0_PE;

	vp_inject(vp, EVENT_EXCEPTION | (error ? EVENT_HAS_ERROR : 0), vector);
}

/* Until the guest's IRET another one has to wait. */
void vp_deliver_nmi(struct vp *vp)
{
	if (!__atomic_load_n(&vp->vapic.nmi, __ATOMIC_SEQ_CST) || vp->nmi_masked || vp->event || vp->step)
		return;
	__atomic_store_n(&vp->vapic.nmi, 0, __ATOMIC_SEQ_CST);
	vp_inject(vp, EVENT_NMI, EXC_NMI);
	vp->nmi_masked = true;
}

/* Software interrupts and INT1, INT3, INTO happen again by themselves: RIP still points to them. */
void vp_keep_event(struct vp *vp, u64 info)
{
	u64 type = info & EVENT_TYPE;
	u8 vector = (u8)info;

	if (type < EVENT_SOFTWARE && !(type == EVENT_EXCEPTION && (vector == 3 || vector == 4)))
		vp->event = info & ~0x7ffff000ULL;
}

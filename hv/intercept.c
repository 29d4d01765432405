/* SPDX-License-Identifier: MIT */
/* Intercept messages: what a VP did that its VMM must deal with, in the TLFS's layouts, written to the
 * VP's message page. */
#include <abi/message.h>
#include <hv/cpuid.h>
#include <hv/dispatch.h>
#include <hv/string.h>
#include <hv/vendor.h>
#include <x86/defs.h>

static struct hv_x64_segment segment_of(struct vp *vp, u32 number)
{
	struct segment s = vendor->get_segment(vp, number);

	return (struct hv_x64_segment){s.base, s.limit, s.selector, s.attributes};
}

static void fill_header(struct vp *vp, const struct vp_exit *exit, struct hv_x64_intercept_header *h,
			u8 access)
{
	struct paging_state p = state_paging(vp);

	h->vp_index = vp->index;
	h->instruction_length = (u8)(exit->length & 15) | (u8)(vp->vapic.tpr & 0xf0);
	h->access_type = access;
	h->execution_state = (u16)(p.cpl | (p.cr0 & CR0_PE ? 1u << 2 : 0) | (p.cr0 & CR0_AM ? 1u << 3 : 0) |
				   (p.efer & EFER_LMA ? 1u << 4 : 0) | (vp->event ? 1u << 6 : 0));
	h->cs = segment_of(vp, SEG_CS);
	h->rip = vp->rip;
	h->rflags = vp->rflags;
}

static u8 access_type(u32 access)
{
	return access == ACCESS_EXECUTE ? HV_INTERCEPT_ACCESS_EXECUTE
	       : access == ACCESS_WRITE ? HV_INTERCEPT_ACCESS_WRITE
					: HV_INTERCEPT_ACCESS_READ;
}

static u8 memory_message(struct vp *vp, const struct vp_exit *exit, struct hv_message *m)
{
	struct hv_x64_memory_intercept *p = (void *)m->payload;

	fill_header(vp, exit, &p->header, access_type(exit->memory.access));
	p->instruction_byte_count = exit->memory.bytes;
	memcpy(p->instruction_bytes, exit->memory.instruction, exit->memory.bytes);
	p->tpr = vp->vapic.tpr;
	p->gpa = exit->memory.gpa.v;
	return sizeof(*p);
}

static u8 io_message(struct vp *vp, const struct vp_exit *exit, struct hv_message *m)
{
	struct hv_x64_io_port_intercept *p = (void *)m->payload;

	fill_header(vp, exit, &p->header, exit->io.in ? HV_INTERCEPT_ACCESS_READ : HV_INTERCEPT_ACCESS_WRITE);
	p->port = exit->io.port;
	p->info = (u8)(exit->io.size | (exit->io.string ? 8 : 0) | (exit->io.rep ? 16 : 0));
	p->rax = vp->gpr[RAX];
	p->rcx = vp->gpr[RCX];
	p->rsi = vp->gpr[RSI];
	p->rdi = vp->gpr[RDI];
	if (exit->io.string) {
		p->ds = segment_of(vp, SEG_DS);
		p->es = segment_of(vp, SEG_ES);
	}
	return sizeof(*p);
}

static u8 msr_message(struct vp *vp, const struct vp_exit *exit, struct hv_message *m)
{
	struct hv_x64_msr_intercept *p = (void *)m->payload;

	fill_header(vp, exit, &p->header,
		    exit->msr.write ? HV_INTERCEPT_ACCESS_WRITE : HV_INTERCEPT_ACCESS_READ);
	p->msr = (u32)vp->gpr[RCX];
	p->rdx = vp->gpr[RDX];
	p->rax = vp->gpr[RAX];
	return sizeof(*p);
}

static u8 cpuid_message(struct vp *vp, const struct vp_exit *exit, struct hv_message *m)
{
	struct hv_x64_cpuid_intercept *p = (void *)m->payload;

	fill_header(vp, exit, &p->header, HV_INTERCEPT_ACCESS_EXECUTE);
	p->rax = vp->gpr[RAX];
	p->rcx = vp->gpr[RCX];
	p->rdx = vp->gpr[RDX];
	p->rbx = vp->gpr[RBX];
	cpuid_child(vp);
	p->default_rax = vp->gpr[RAX];
	p->default_rcx = vp->gpr[RCX];
	p->default_rdx = vp->gpr[RDX];
	p->default_rbx = vp->gpr[RBX];
	vp->gpr[RAX] = p->rax;
	vp->gpr[RCX] = p->rcx;
	vp->gpr[RDX] = p->rdx;
	vp->gpr[RBX] = p->rbx;
	return sizeof(*p);
}

static u8 exception_message(struct vp *vp, const struct vp_exit *exit, struct hv_message *m)
{
	struct hv_x64_exception_intercept *p = (void *)m->payload;

	fill_header(vp, exit, &p->header, HV_INTERCEPT_ACCESS_EXECUTE);
	p->vector = exit->exception.vector;
	p->info = EXC_WITH_ERROR >> p->vector & 1;
	p->error_code = exit->exception.error;
	p->parameter = exit->exception.parameter;
	return sizeof(*p);
}

static u8 plain_message(struct vp *vp, const struct vp_exit *exit, struct hv_message *m)
{
	fill_header(vp, exit, (void *)m->payload, HV_INTERCEPT_ACCESS_EXECUTE);
	return sizeof(struct hv_x64_intercept_header);
}

void intercept_report(struct vp *vp, const struct vp_exit *exit, u32 type)
{
	struct hv_message m = {.type = type, .sender = vp->partition->id};

	__atomic_fetch_or(&vp->suspend, SUSPEND_INTERCEPT, __ATOMIC_SEQ_CST);
	state_fill_page(vp);
	if (!vp->message_pfn)
		return;
	switch (type) {
	case HVMSG_UNMAPPED_GPA:
	case HVMSG_GPA_INTERCEPT:
		m.payload_size = memory_message(vp, exit, &m);
		break;
	case HVMSG_X64_IO_PORT_INTERCEPT:
		m.payload_size = io_message(vp, exit, &m);
		break;
	case HVMSG_X64_MSR_INTERCEPT:
		m.payload_size = msr_message(vp, exit, &m);
		break;
	case HVMSG_X64_CPUID_INTERCEPT:
		m.payload_size = cpuid_message(vp, exit, &m);
		break;
	case HVMSG_X64_EXCEPTION_INTERCEPT:
		m.payload_size = exception_message(vp, exit, &m);
		break;
	default:
		m.payload_size = plain_message(vp, exit, &m);
	}
	memcpy(frame_ptr(vp->message_pfn), &m, sizeof(m));
}

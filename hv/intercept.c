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

static void fill_header(struct vp *vp, const struct vp_exit *exit, struct hv_x64_intercept_header *h)
{
	u64 cr0 = vendor->read(vp, REG_CR0), efer = vendor->read(vp, REG_EFER);
	u32 cpl = SEGMENT_DPL(vendor->get_segment(vp, SEG_SS).attributes);

	h->vp_index = vp->index;
	h->instruction_length = (u8)(exit->length & 15) | (u8)(vp->vapic.tpr & 0xf0);
	h->access_type = exit->access == ACCESS_READ	? HV_INTERCEPT_ACCESS_READ
			 : exit->access == ACCESS_WRITE ? HV_INTERCEPT_ACCESS_WRITE
							: HV_INTERCEPT_ACCESS_EXECUTE;
	h->execution_state = (u16)(cpl | (cr0 & CR0_PE ? 1u << 2 : 0) | (cr0 & CR0_AM ? 1u << 3 : 0) |
				   (efer & EFER_LMA ? 1u << 4 : 0) | (vp->event ? 1u << 6 : 0));
	h->cs = segment_of(vp, SEG_CS);
	h->rip = vp->rip;
	h->rflags = vp->rflags;
}

static u8 memory_message(struct vp *vp, const struct vp_exit *exit, struct hv_x64_memory_intercept *p)
{
	p->instruction_byte_count = exit->memory.bytes;
	memcpy(p->instruction_bytes, exit->memory.instruction, exit->memory.bytes);
	p->tpr = vp->vapic.tpr;
	p->gpa = exit->memory.gpa.v;
	return sizeof(*p);
}

static u8 io_message(struct vp *vp, const struct vp_exit *exit, struct hv_x64_io_port_intercept *p)
{
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

static u8 msr_message(struct vp *vp, struct hv_x64_msr_intercept *p)
{
	p->msr = (u32)vp->gpr[RCX];
	p->rdx = vp->gpr[RDX];
	p->rax = vp->gpr[RAX];
	return sizeof(*p);
}

static u8 cpuid_message(struct vp *vp, struct hv_x64_cpuid_intercept *p)
{
	struct cpuid r = cpuid_child(vp);

	p->rax = vp->gpr[RAX];
	p->rcx = vp->gpr[RCX];
	p->rdx = vp->gpr[RDX];
	p->rbx = vp->gpr[RBX];
	p->default_rax = r.eax;
	p->default_rcx = r.ecx;
	p->default_rdx = r.edx;
	p->default_rbx = r.ebx;
	return sizeof(*p);
}

static u8 exception_message(const struct vp_exit *exit, struct hv_x64_exception_intercept *p)
{
	p->vector = exit->exception.vector;
	p->info = EXC_WITH_ERROR >> p->vector & 1;
	p->error_code = exit->exception.error;
	p->parameter = exit->exception.parameter;
	return sizeof(*p);
}

/* Behind the header, which all have. The size of the whole. */
static u8 fill_details(struct vp *vp, const struct vp_exit *exit, u32 type, void *payload)
{
	switch (type) {
	case HVMSG_UNMAPPED_GPA:
	case HVMSG_GPA_INTERCEPT:
		return memory_message(vp, exit, payload);
	case HVMSG_X64_IO_PORT_INTERCEPT:
		return io_message(vp, exit, payload);
	case HVMSG_X64_MSR_INTERCEPT:
		return msr_message(vp, payload);
	case HVMSG_X64_CPUID_INTERCEPT:
		return cpuid_message(vp, payload);
	case HVMSG_X64_EXCEPTION_INTERCEPT:
		return exception_message(exit, payload);
	default:
		return sizeof(struct hv_x64_intercept_header);
	}
}

void intercept_report(struct vp *vp, const struct vp_exit *exit, u32 type)
{
	struct hv_message m = {.type = type, .sender = vp->partition->id};

	__atomic_fetch_or(&vp->suspend, SUSPEND_INTERCEPT, __ATOMIC_SEQ_CST);
	state_fill_page(vp);
	if (!vp->message_pfn)
		return;
	fill_header(vp, exit, (void *)m.payload);
	m.payload_size = fill_details(vp, exit, type, m.payload);
	memcpy(frame_ptr(vp->message_pfn), &m, sizeof(m));
}

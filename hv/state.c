/* SPDX-License-Identifier: MIT */
/* Registers of a VP: their names, the values they can hold, and what must fit together. Where they are kept
 * is the vendor's subject. */
#include <abi/registers.h>
#include <hv/fpu.h>
#include <hv/log.h>
#include <hv/panic.h>
#include <hv/partition.h>
#include <hv/state.h>
#include <hv/stimer.h>
#include <hv/string.h>
#include <hv/vendor.h>
#include <hv/vp.h>
#include <x86/asm.h>
#include <x86/defs.h>

/* ---- Values ---------------------------------------------------------------------------------------- */

static u64 bit_if(u32 word, unsigned bit, u64 value)
{
	return word >> bit & 1 ? value : 0;
}

u64 state_cr4_bits(void)
{
	struct cpuid one = cpuid(1, 0), seven = cpuid(7, 0);

	return CR4_VME | CR4_TSD | CR4_DE | CR4_PSE | CR4_PAE | CR4_MCE | CR4_PGE | CR4_PCE | CR4_OSFXSR |
	       CR4_OSXMMEXCPT | bit_if(one.ecx, 26, CR4_OSXSAVE) | bit_if(one.ecx, 17, CR4_PCIDE) |
	       bit_if(seven.ebx, 0, CR4_FSGSBASE) | bit_if(seven.ebx, 7, CR4_SMEP) |
	       bit_if(seven.ebx, 20, CR4_SMAP) | bit_if(seven.ecx, 2, CR4_UMIP);
}

u64 state_efer_bits(void)
{
	struct cpuid extended = cpuid(0x80000001, 0);

	return EFER_SCE | EFER_LME | EFER_LMA | bit_if(extended.edx, 20, EFER_NXE) |
	       bit_if(extended.edx, 25, EFER_FFXSR) | bit_if(extended.ecx, 17, EFER_TCE);
}

static bool any(u64 v)
{
	(void)v;
	return true;
}

static bool low32(u64 v)
{
	return !(v >> 32);
}

bool state_valid_cr0(u64 v)
{
	return !(v & ~CR0_KNOWN) && !(v & CR0_NW && !(v & CR0_CD)) && !(v & CR0_PG && !(v & CR0_PE));
}

static bool valid_cr3(u64 v)
{
	return !(v >> (cpuid(0x80000008, 0).eax & 0xff));
}

static bool valid_cr4(u64 v)
{
	return !(v & ~state_cr4_bits());
}

static bool valid_efer(u64 v)
{
	return !(v & ~state_efer_bits()) && !(v & EFER_LMA && !(v & EFER_LME));
}

bool state_valid_pat(u64 v)
{
	for (; v; v >>= 8) {
		if ((v & 0xff) > 7 || (v & 6) == 2)
			return false;
	}
	return true;
}

static bool valid_rflags(u64 v)
{
	return v & RFLAGS_FIXED && !(v & (RFLAGS_RESERVED | RFLAGS_VM));
}

/* ---- Names ----------------------------------------------------------------------------------------- */

#define OWN(field) true, offsetof(struct vp, field)
#define VENDOR(reg) false, REG_##reg

static const struct info {
	u32 name, count;
	bool own; /* at: in struct vp, otherwise enum reg */
	u16 at;
	bool (*valid)(u64 value); /* NULL: what it is worth now */
	u64 ones;
} infos[] = {
	{HV_X64_REGISTER_RAX, GPRS, OWN(gpr), any, 0},
	{HV_X64_REGISTER_RIP, 1, OWN(rip), canonical, 0},
	{HV_X64_REGISTER_RFLAGS, 1, OWN(rflags), valid_rflags, 0},
	{HV_X64_REGISTER_DR0, 4, OWN(debug), any, 0},
	{HV_X64_REGISTER_XFEM, 1, OWN(xcr0), fpu_valid_xcr0, 0},
	{HV_X64_REGISTER_APIC_BASE, 1, OWN(apic_base), NULL, 0},
	{HV_REGISTER_STIMER0_CONFIG, 1, OWN(stimer_config), NULL, 0},
	{HV_REGISTER_STIMER0_COUNT, 1, OWN(stimer_count), NULL, 0},
	{HV_X64_REGISTER_CR0, 1, VENDOR(CR0), state_valid_cr0, CR0_ET},
	{HV_X64_REGISTER_CR2, 1, VENDOR(CR2), any, 0},
	{HV_X64_REGISTER_CR3, 1, VENDOR(CR3), valid_cr3, 0},
	{HV_X64_REGISTER_CR4, 1, VENDOR(CR4), valid_cr4, 0},
	{HV_X64_REGISTER_DR6, 1, VENDOR(DR6), low32, DR6_ONES},
	{HV_X64_REGISTER_DR7, 1, VENDOR(DR7), low32, DR7_ONES},
	{HV_X64_REGISTER_EFER, 1, VENDOR(EFER), valid_efer, 0},
	{HV_X64_REGISTER_PAT, 1, VENDOR(PAT), state_valid_pat, 0},
	{HV_X64_REGISTER_KERNEL_GS_BASE, 1, VENDOR(KERNEL_GS_BASE), canonical, 0},
	{HV_X64_REGISTER_SYSENTER_CS, 1, VENDOR(SYSENTER_CS), any, 0},
	{HV_X64_REGISTER_SYSENTER_EIP, 1, VENDOR(SYSENTER_EIP), canonical, 0},
	{HV_X64_REGISTER_SYSENTER_ESP, 1, VENDOR(SYSENTER_ESP), canonical, 0},
	{HV_X64_REGISTER_STAR, 1, VENDOR(STAR), any, 0},
	{HV_X64_REGISTER_LSTAR, 1, VENDOR(LSTAR), canonical, 0},
	{HV_X64_REGISTER_CSTAR, 1, VENDOR(CSTAR), canonical, 0},
	{HV_X64_REGISTER_SFMASK, 1, VENDOR(SFMASK), low32, 0},
};

static const struct info *find(u32 name)
{
	for (unsigned i = 0; i < sizeof(infos) / sizeof(infos[0]); i++) {
		if (name - infos[i].name < infos[i].count)
			return &infos[i];
	}
	return NULL;
}

static u64 *own(struct vp *vp, const struct info *info, u32 name)
{
	return (u64 *)((u8 *)vp + info->at) + (name - info->name);
}

/* Segment number of a name, or SEGS. */
static u32 segment_of(u32 name)
{
	if (name == HV_X64_REGISTER_GDTR || name == HV_X64_REGISTER_IDTR)
		return name == HV_X64_REGISTER_GDTR ? SEG_GDTR : SEG_IDTR;
	return name - HV_X64_REGISTER_ES <= SEG_TR ? name - HV_X64_REGISTER_ES : SEGS;
}

static u32 suspend_bit(u32 name)
{
	return name == HV_REGISTER_EXPLICIT_SUSPEND    ? SUSPEND_EXPLICIT
	       : name == HV_REGISTER_INTERCEPT_SUSPEND ? SUSPEND_INTERCEPT
						       : SUSPEND_DISPATCH;
}

static u64 interrupt_state(const struct vp *vp)
{
	return (vp->shadow ? 1 : 0) | (vp->nmi_masked ? 2 : 0);
}

static void get_segment(struct vp *vp, u32 n, union hv_register_value *value)
{
	struct segment s = vendor->get_segment(vp, n);

	if (n >= SEG_GDTR) {
		value->table.limit = (u16)s.limit;
		value->table.base = s.base;
	} else {
		memcpy(value, &s, sizeof(s));
	}
}

u32 state_get_register(struct vp *vp, u32 name, union hv_register_value *value)
{
	const struct info *info = find(name);
	u32 segment = segment_of(name);

	*value = (union hv_register_value){0};
	if (info) {
		value->reg64 = info->own ? *own(vp, info, name) : vendor->read(vp, info->at);
		return HV_STATUS_SUCCESS;
	}
	if (segment < SEGS) {
		get_segment(vp, segment, value);
		return HV_STATUS_SUCCESS;
	}
	switch (name) {
	case HV_REGISTER_EXPLICIT_SUSPEND:
	case HV_REGISTER_INTERCEPT_SUSPEND:
	case HV_REGISTER_DISPATCH_SUSPEND:
		value->reg64 = (__atomic_load_n(&vp->suspend, __ATOMIC_SEQ_CST) & suspend_bit(name)) != 0;
		break;
	case HV_REGISTER_INTERNAL_ACTIVITY_STATE:
		value->reg64 = vp->halted ? 2 : 0;
		break;
	case HV_REGISTER_PENDING_INTERRUPTION:
		break;
	case HV_REGISTER_INTERRUPT_STATE:
		value->reg64 = interrupt_state(vp);
		break;
	case HV_X64_REGISTER_CR8:
		value->reg64 = vp->vapic.tpr >> 4;
		break;
	case HV_X64_REGISTER_TSC:
		value->reg64 = rdtsc();
		break;
	default:
		return HV_STATUS_UNKNOWN_REGISTER_NAME;
	}
	return HV_STATUS_SUCCESS;
}

static bool set_segment(struct vp *vp, u32 n, const union hv_register_value *value)
{
	struct segment s = {.base = value->table.base, .limit = value->table.limit};

	if (n < SEG_GDTR)
		memcpy(&s, value, sizeof(s));
	if (s.attributes & ~SEGMENT_ATTRIBUTES || !canonical(s.base))
		return false;
	vendor->set_segment(vp, n, s);
	return true;
}

static bool set_value(struct vp *vp, const struct info *info, u32 name, u64 v)
{
	if (info->valid ? !info->valid(v) : v != *own(vp, info, name))
		return false;
	if (info->own)
		*own(vp, info, name) = v;
	else
		vendor->write(vp, info->at, v | info->ones);
	if (name == HV_X64_REGISTER_DR7 && v & 0xff)
		vp->debug_used = true;
	/* What the processor cached under other paging modes is no longer true. */
	if (!info->own && info->at <= REG_EFER)
		__atomic_store_n(&vp->flush, 1, __ATOMIC_SEQ_CST);
	return true;
}

static bool set_suspend(struct vp *vp, u32 bit, u64 value)
{
	if (value == 1)
		__atomic_fetch_or(&vp->suspend, bit, __ATOMIC_SEQ_CST);
	else if (value == 0)
		__atomic_fetch_and(&vp->suspend, ~bit, __ATOMIC_SEQ_CST);
	return value <= 1;
}

/* One bit of a register whose others are 0. */
static bool set_flag(bool *flag, u64 value, u64 bit)
{
	if (value & ~bit)
		return false;
	*flag = value & bit;
	return true;
}

u32 state_set_register(struct vp *vp, u32 name, const union hv_register_value *value)
{
	const struct info *info = find(name);
	u32 segment = segment_of(name);
	u64 v = value->reg64;
	bool good = true;

	vp->changed = true;
	switch (name) {
	case HV_REGISTER_EXPLICIT_SUSPEND:
	case HV_REGISTER_INTERCEPT_SUSPEND:
	case HV_REGISTER_DISPATCH_SUSPEND:
		good = set_suspend(vp, suspend_bit(name), v);
		break;
	case HV_REGISTER_INTERNAL_ACTIVITY_STATE:
		good = set_flag(&vp->halted, v, 2);
		break;
	case HV_REGISTER_INTERRUPT_STATE:
		good = set_flag(&vp->shadow, v, 1);
		break;
	case HV_X64_REGISTER_CR8:
		good = vapic_set_cr8(&vp->vapic, v);
		break;
	case HV_REGISTER_STIMER0_CONFIG:
		good = stimer_set_config(vp, v);
		break;
	case HV_REGISTER_STIMER0_COUNT:
		stimer_set_count(vp, v);
		break;
	default:
		if (!info && segment == SEGS)
			return HV_STATUS_UNKNOWN_REGISTER_NAME;
		good = info ? set_value(vp, info, name, v) : set_segment(vp, segment, value);
	}
	return good ? HV_STATUS_SUCCESS : HV_STATUS_INVALID_REGISTER_VALUE;
}

/* ---- The whole ------------------------------------------------------------------------------------- */

void state_reset(struct vp *vp)
{
	static const struct segment segments[SEGS] = {
		[SEG_ES] = {0, 0xffff, 0, 0x93},	   [SEG_CS] = {0, 0xffff, 0, 0x9b},
		[SEG_SS... SEG_GS] = {0, 0xffff, 0, 0x93}, [SEG_LDTR] = {0, 0xffff, 0, 0x82},
		[SEG_TR] = {0, 0xffff, 0, 0x8b},	   [SEG_GDTR... SEG_IDTR] = {0, 0xffff, 0, 0},
	};

	for (u32 n = 0; n < SEGS; n++)
		vendor->set_segment(vp, n, segments[n]);
	vendor->write(vp, REG_CR3, 0);
	vendor->write(vp, REG_EFER, 0);
	vendor->write(vp, REG_CR4, 0);
	vendor->write(vp, REG_CR0, CR0_ET | CR0_NW | CR0_CD);
	vendor->write(vp, REG_CR2, 0);
	vendor->write(vp, REG_DR6, DR6_ONES);
	vendor->write(vp, REG_DR7, DR7_ONES);
	for (enum reg r = REG_SYSENTER_CS; r <= REG_SYSENTER_ESP; r++)
		vendor->write(vp, r, 0);
	memset(vp->gpr, 0, sizeof(vp->gpr));
	vp->rip = vp->event = 0;
	vp->rflags = RFLAGS_FIXED;
	vp->shadow = vp->step = vp->nmi_masked = false;
}

struct paging_state state_paging(struct vp *vp)
{
	struct segment cs = vendor->get_segment(vp, SEG_CS);
	struct paging_state p = {
		.cr0 = vendor->read(vp, REG_CR0),
		.cr3 = vendor->read(vp, REG_CR3),
		.cr4 = vendor->read(vp, REG_CR4),
		.efer = vendor->read(vp, REG_EFER),
		.cpl = SEGMENT_DPL(vendor->get_segment(vp, SEG_SS).attributes),
	};

	p.code64 = p.efer & EFER_LMA && cs.attributes & SEGMENT_LONG;
	return p;
}

const char *state_first_broken(const struct rule *rules, u32 count)
{
	for (; count && !rules->broken; count--)
		rules++;
	return count ? rules->text : NULL;
}

/* By our own code: emulators are lenient, and a refusal should name its rule. */
const char *state_broken_rule(struct vp *vp)
{
	struct paging_state p = state_paging(vp);
	u16 cs = vendor->get_segment(vp, SEG_CS).attributes;
	bool paging = p.cr0 & CR0_PG, lme = p.efer & EFER_LME, lma = p.efer & EFER_LMA;
	u64 type = vp->event & EVENT_TYPE, vector = vp->event & 0xff;
	const struct rule rules[] = {
		{p.efer & ~state_efer_bits(), "EFER has reserved bits"},
		{p.cr0 >> 32 || (vendor->read(vp, REG_DR6) | vendor->read(vp, REG_DR7)) >> 32,
		 "CR0, DR6 or DR7 has bits above 31"},
		{p.cr0 & CR0_NW && !(p.cr0 & CR0_CD), "CR0.NW without CR0.CD"},
		{paging && !(p.cr0 & CR0_PE), "CR0.PG without CR0.PE"},
		{lma && !(lme && paging), "EFER.LMA without EFER.LME and CR0.PG"},
		{lme && paging && !lma, "EFER.LME and CR0.PG without EFER.LMA"},
		{lma && !(p.cr4 & CR4_PAE), "long mode without CR4.PAE"},
		{p.code64 && cs & SEGMENT_DEFAULT, "CS.L and CS.D in long mode"},
		{vp->rflags & RFLAGS_RESERVED || !(vp->rflags & RFLAGS_FIXED), "RFLAGS has reserved bits"},
		{vp->event && type == EVENT_EXCEPTION && (vector > 31 || vector == EXC_NMI),
		 "the injected event is no exception"},
	};
	const char *rule = FIRST_BROKEN(rules);

	return rule ? rule : vendor->broken_rule(vp);
}

void state_check_entry(struct vp *vp)
{
	const char *rule = state_broken_rule(vp);

	if (!rule)
		return;
	state_dump(vp);
	panic("entry of partition %lu vp %u: %s", vp->partition->id, vp->index, rule);
}

void state_dump(struct vp *vp)
{
	static const char names[][5] = {"es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr", "gdtr", "idtr"};
	struct paging_state p = state_paging(vp);

	log_error("partition %lu vp %u:", vp->partition->id, vp->index);
	for (unsigned i = 0; i < GPRS; i += 4)
		log_error("r%02u %016lx %016lx %016lx %016lx", i, vp->gpr[i], vp->gpr[i + 1], vp->gpr[i + 2],
			  vp->gpr[i + 3]);
	log_error("rip %016lx flags %lx event %lx shadow %u nmi masked %u", vp->rip, vp->rflags, vp->event,
		  vp->shadow, vp->nmi_masked);
	log_error("cr0 %lx cr3 %lx cr4 %lx efer %lx dr7 %lx", p.cr0, p.cr3, p.cr4, p.efer,
		  vendor->read(vp, REG_DR7));
	for (u32 n = 0; n < SEGS; n++) {
		struct segment s = vendor->get_segment(vp, n);

		log_error("%s %04x attributes %04x limit %08x base %016lx", names[n], s.selector,
			  s.attributes, s.limit, s.base);
	}
	vendor->dump(vp);
}

/* ---- The register page ------------------------------------------------------------------------------ */

void state_fill_page(struct vp *vp)
{
	struct hv_vp_register_page *page;

	if (!vp->register_pfn)
		return;
	page = frame_ptr(vp->register_pfn);
	page->version = HV_VP_REGISTER_PAGE_VERSION;
	page->vtl = 0;
	page->dirty = 0;
	memcpy(page->gpr, vp->gpr, sizeof(page->gpr));
	page->rip = vp->rip;
	page->rflags = vp->rflags;
	for (u32 n = SEG_ES; n <= SEG_GS; n++) {
		struct segment s = vendor->get_segment(vp, n);

		memcpy(page->segments[n], &s, sizeof(s));
	}
	page->cr0 = vendor->read(vp, REG_CR0);
	page->cr3 = vendor->read(vp, REG_CR3);
	page->cr4 = vendor->read(vp, REG_CR4);
	page->cr8 = vp->vapic.tpr >> 4;
	page->efer = vendor->read(vp, REG_EFER);
	page->dr7 = vendor->read(vp, REG_DR7);
	page->pending_interruption = 0;
	page->interrupt_state = interrupt_state(vp);
	page->valid = 1;
}

static u32 set_by_page(struct vp *vp, u32 name, u64 v)
{
	return state_set_register(vp, name, &(union hv_register_value){.reg64 = v});
}

/* The page belongs to the root, which may write it at any time: everything is read once. */
u32 state_take_page(struct vp *vp)
{
	volatile struct hv_vp_register_page *page;
	u32 dirty, status = HV_STATUS_SUCCESS;

	if (!vp->register_pfn)
		return status;
	page = frame_ptr(vp->register_pfn);
	dirty = page->valid ? page->dirty : 0;
	page->valid = 0;
	page->dirty = 0;
	if (dirty & ~(HV_VP_REGISTER_DIRTY_GPR | HV_VP_REGISTER_DIRTY_RIP | HV_VP_REGISTER_DIRTY_RFLAGS))
		return HV_STATUS_INVALID_REGISTER_VALUE;
	if (dirty & HV_VP_REGISTER_DIRTY_GPR) {
		for (unsigned i = 0; i < GPRS; i++)
			vp->gpr[i] = page->gpr[i];
	}
	if (dirty & HV_VP_REGISTER_DIRTY_RIP) {
		vp->shadow = false;
		status = set_by_page(vp, HV_X64_REGISTER_RIP, page->rip);
	}
	if (!status && dirty & HV_VP_REGISTER_DIRTY_RFLAGS)
		status = set_by_page(vp, HV_X64_REGISTER_RFLAGS, page->rflags);
	return status;
}

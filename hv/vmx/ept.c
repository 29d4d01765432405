/* SPDX-License-Identifier: MIT */
/*
 * Extended page tables: the entry format for slat.c, memory types from the MTRRs (EPT replaces them:
 * SDM 29.3.7 "EPT and Memory Typing"; the guest's PAT still applies, as bit 6 stays 0), and flushing.
 *
 * Flushing discipline. Translations are tagged by EPT root and VPID, and those of guest physical addresses
 * by EPT root alone (SDM 29.4). A VP is flushed by INVEPT when it was asked for and whenever it runs on
 * another processor than last time: whatever became stale there meanwhile, also by a former partition's
 * tables in the same page, is gone before the guest runs. VPIDs then only keep the VPs of one partition
 * apart and need no flushing of their own.
 */
#include "vmx.h"
#include <x86/asm.h>
#include <x86/defs.h>

#define TYPE_UC 0u
#define TYPE_WT 4u
#define TYPE_WB 6u
#define TYPE_SHIFT 3

#define MTRR_FIXED_ENABLE (1u << 10)
#define MTRR_ENABLE (1u << 11)
#define MTRR_VALID (1ULL << 11)
#define MTRR_FIXED_END 0x100000u
#define VARIABLE_MAX 32u
#define FIXED_MSRS 11u

static struct {
	bool enabled, fixed;
	u8 fallback;
	u32 count;
	struct {
		u64 base, mask;
		u8 type;
	} variable[VARIABLE_MAX];
	u64 fixed_types[FIXED_MSRS]; /* a byte per range */
} mtrr;

static void read_mtrrs(void)
{
	static const u32 fixed_msrs[FIXED_MSRS] = {0x250, 0x258, 0x259, 0x268, 0x269, 0x26a,
						   0x26b, 0x26c, 0x26d, 0x26e, 0x26f};
	u64 cap = rdmsr(MSR_MTRR_CAP), setting = rdmsr(MSR_MTRR_DEFAULT);
	u32 count = cap & 0xff;

	mtrr.enabled = setting & MTRR_ENABLE;
	mtrr.fixed = setting & MTRR_FIXED_ENABLE && cap & 1u << 8;
	mtrr.fallback = (u8)setting;
	for (u32 i = 0; i < count && mtrr.count < VARIABLE_MAX; i++) {
		u64 mask = rdmsr(MSR_MTRR_MASK(i)), base = rdmsr(MSR_MTRR_BASE(i));

		if (!(mask & MTRR_VALID))
			continue;
		mtrr.variable[mtrr.count].base = base & PTE_ADDR;
		mtrr.variable[mtrr.count].mask = mask & PTE_ADDR;
		mtrr.variable[mtrr.count++].type = (u8)base;
	}
	for (u32 i = 0; mtrr.fixed && i < FIXED_MSRS; i++)
		mtrr.fixed_types[i] = rdmsr(fixed_msrs[i]);
}

/* Below 1 MiB: 8 ranges of 64 KiB, 16 of 16 KiB, 64 of 4 KiB. */
static u8 fixed_type(u64 at)
{
	u64 range = at < 0x80000   ? at >> 16
		    : at < 0xc0000 ? 8 + ((at - 0x80000) >> 14)
				   : 24 + ((at - 0xc0000) >> 12);

	return (u8)(mtrr.fixed_types[range / 8] >> range % 8 * 8);
}

/* Two variable ranges over one address (SDM 12.11.4.1): UC wins, WT wins over WB; the rest is undefined. */
static u8 combine(u8 a, u8 b)
{
	if (a == b)
		return a;
	return (a == TYPE_WT && b == TYPE_WB) || (a == TYPE_WB && b == TYPE_WT) ? TYPE_WT : TYPE_UC;
}

/* The type of an aligned block, or SLAT_MIXED. */
static u64 block_type(u64 base, u64 size)
{
	bool found = false;
	u8 type = mtrr.fallback;

	if (!mtrr.enabled)
		return TYPE_UC;
	if (mtrr.fixed && base < MTRR_FIXED_END)
		return size == PAGE_SIZE ? fixed_type(base) : SLAT_MIXED;
	for (u32 i = 0; i < mtrr.count; i++) {
		u64 mask = mtrr.variable[i].mask;

		if ((base ^ mtrr.variable[i].base) & mask & ~(size - 1))
			continue;
		if (mask & (size - 1))
			return SLAT_MIXED;
		type = found ? combine(type, mtrr.variable[i].type) : mtrr.variable[i].type;
		found = true;
	}
	return type;
}

static u64 leaf_type(u64 pfn, u32 level)
{
	u64 type;

	if (level == SLAT_1G && !vmx_caps.ept_1g)
		return SLAT_MIXED;
	type = block_type(pfn << PAGE_SHIFT, SLAT_PAGES(level) << PAGE_SHIFT);
	return type == SLAT_MIXED ? type : type << TYPE_SHIFT;
}

/* SDM 29.3.2, tables "Format of an EPT Page-Table Entry" and following. */
struct slat_format vmx_ept_format = {
	.table = 7,
	.execute = 1u << 2,
	.accessed = 1u << 8,
	.dirty = 1u << 9,
	.type = leaf_type,
};

void vmx_ept_init(void)
{
	read_mtrrs();
}

/* SDM 25.6.11 "Extended-Page-Table Pointer". */
u64 vmx_eptp(const struct vp *vp)
{
	return vp->partition->slat.top | EPTP_WB | EPTP_WALK_4 | EPTP_ACCESSED_DIRTY;
}

void vmx_ept_flush(const struct vp *vp)
{
	invept(vmx_caps.invept_single ? INVEPT_SINGLE : INVEPT_ALL,
	       vmx_caps.invept_single ? vmx_eptp(vp) : 0);
}

/* SPDX-License-Identifier: MIT */
/* A walk of the guest's own page tables: none, 32-bit, PAE, 4 and 5 levels. Rights are not checked: the
 * processor has just executed from there. Pure. */
#include <hv/gva.h>
#include <x86/defs.h>

struct shape {
	unsigned levels; /* tables from the top */
	unsigned bits;	 /* of the address, per level */
	u64 top_mask;	 /* address bits of CR3 */
};

static struct shape shape_of(const struct paging_state *p)
{
	if (p->efer & EFER_LMA)
		return (struct shape){p->cr4 & CR4_LA57 ? 5 : 4, 9, PTE_ADDR};
	if (p->cr4 & CR4_PAE)
		return (struct shape){3, 9, 0xffffffe0};
	return (struct shape){2, 10, 0xfffff000};
}

/* Entries are 8 bytes, or 4 with two levels of 10 bits. */
static bool read_entry(struct shape s, u64 table, u64 index, gva_read_fn *read, void *context, u64 *entry)
{
	u64 at = table + index * (s.bits == 9 ? 8 : 4);

	if (!read(context, gpa(at & ~7ULL), entry))
		return false;
	if (s.bits == 10)
		*entry = (u32)(*entry >> (at & 4) * 8);
	return true;
}

/* A large page at this height above the last level? In PAE's top level there is none. */
static bool is_large(struct shape s, const struct paging_state *p, u64 entry, unsigned height)
{
	if (height == 0)
		return true;
	if (!(entry & PTE_PS) || height > 2 || (s.levels == 3 && height == 2))
		return false;
	return s.bits == 9 || p->cr4 & CR4_PSE;
}

bool gva_translate(const struct paging_state *p, gva_t va, gva_read_fn *read, void *context, gpa_t *out)
{
	struct shape s = shape_of(p);
	u64 address = p->efer & EFER_LMA ? va.v : (u32)va.v;
	u64 table = p->cr3 & s.top_mask;

	*out = gpa(address);
	if (!(p->cr0 & CR0_PG))
		return true;
	for (unsigned height = s.levels; height-- > 0;) {
		unsigned shift = PAGE_SHIFT + s.bits * height;
		u64 index = address >> shift & ((1u << (s.levels == 3 && height == 2 ? 2 : s.bits)) - 1);
		u64 offset = address & ((1ULL << shift) - 1), entry;

		if (!read_entry(s, table, index, read, context, &entry) || !(entry & PTE_P))
			return false;
		if (is_large(s, p, entry, height)) {
			u64 base = entry & PTE_ADDR & ~((1ULL << shift) - 1);

			if (s.bits == 10 && height) /* PSE-36: bits 20:13 are address bits 39:32 */
				base = (entry & 0xffc00000) | (entry >> 13 & 0xff) << 32;
			*out = gpa(base | offset);
			return true;
		}
		table = entry & PTE_ADDR;
	}
	return false;
}

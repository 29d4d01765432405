/* SPDX-License-Identifier: MIT */
/*
 * Questions asked of credentials. Changing them by system call is sys/ids.c's.
 */
#include <uvm/kernel.h>

struct groups *groups_new(u32 count)
{
	struct groups *g = kzalloc(sizeof(*g) + count * sizeof(gid_t));

	if (g)
		*g = (struct groups){.refs = 1, .count = count};
	return g;
}

void groups_put(struct groups *g)
{
	if (g && !--g->refs)
		kfree(g);
}

void groups_sort(struct groups *g)
{
	for (u32 i = 1; i < g->count; i++)
		for (u32 j = i; j && g->ids[j - 1] > g->ids[j]; j--) {
			gid_t t = g->ids[j];

			g->ids[j] = g->ids[j - 1];
			g->ids[j - 1] = t;
		}
}

bool capable(int cap)
{
	return current->cred.cap_effective & CAP_BIT(cap);
}

bool cred_in_group(const struct cred *c, gid_t gid)
{
	u32 lo = 0, hi = c->groups->count;

	if (gid == c->fsgid)
		return true;
	while (lo < hi) {
		u32 mid = (lo + hi) / 2;

		if (c->groups->ids[mid] == gid)
			return true;
		if (c->groups->ids[mid] < gid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

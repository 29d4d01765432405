/* SPDX-License-Identifier: MIT */
/*
 * Credentials as objects and the questions asked of them. Changing them by system call is sys/ids.c's.
 */
#include <uvm/kernel.h>

void cred_put(struct cred *c)
{
	if (--c->refs)
		return;
	kfree(c->groups);
	kfree(c);
}

struct cred *cred_copy(const struct cred *from)
{
	struct cred *c = kmemdup(from, sizeof(*from));

	if (!c)
		return NULL;
	c->refs = 1;
	if (from->group_count) {
		c->groups = kmemdup(from->groups, from->group_count * sizeof(gid_t));
		if (!c->groups) {
			kfree(c);
			return NULL;
		}
	}
	return c;
}

struct cred *cred_edit(void)
{
	struct cred *c = cred_copy(current->cred);

	if (!c)
		return NULL;
	cred_put(current->cred);
	current->cred = c;
	return c;
}

bool capable(int cap)
{
	return current->cred->cap_effective & CAP_BIT(cap);
}

bool cred_in_group(const struct cred *c, gid_t gid)
{
	u32 lo = 0, hi = c->group_count;

	if (gid == c->fsgid)
		return true;
	while (lo < hi) {
		u32 mid = (lo + hi) / 2;

		if (c->groups[mid] == gid)
			return true;
		if (c->groups[mid] < gid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

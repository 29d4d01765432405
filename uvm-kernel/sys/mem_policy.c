/* SPDX-License-Identifier: MIT */
/*
 * Policies of memory on a machine with one node: they are checked and kept per task, and all mean node 0.
 */
#include <uvm/kernel.h>

enum { MPOL_DEFAULT, MPOL_PREFERRED, MPOL_BIND, MPOL_INTERLEAVE, MPOL_LOCAL, MPOL_PREFERRED_MANY, MPOL_MAX };
enum { MPOL_F_NUMA_BALANCING = 1 << 13, MPOL_F_RELATIVE = 1 << 14, MPOL_F_STATIC = 1 << 15 };
#define MODE_FLAGS (u32)(MPOL_F_NUMA_BALANCING | MPOL_F_RELATIVE | MPOL_F_STATIC)
enum { MPOL_F_NODE = 1, MPOL_F_ADDR = 2, MPOL_F_MEMS_ALLOWED = 4 };
#define NODES_MAX (PAGE_SIZE * 8)
#define NODES_KNOWN 1024 /* as distributions build Linux */

static bool names_nodes(u32 mode)
{
	return mode != MPOL_DEFAULT && mode != MPOL_LOCAL;
}

/* The first word of a mask of nodes. */
static int nodes_from_user(u64 addr, u64 maxnode, u64 *nodes)
{
	u64 word;

	*nodes = 0;
	maxnode--; /* as the ABI has it */
	if (!maxnode || !addr)
		return 0;
	if (maxnode > NODES_MAX)
		return -EINVAL;
	for (u64 bit = 0; bit < maxnode; bit += 64) {
		if (get_user(word, addr + bit / 8))
			return -EFAULT;
		if (maxnode - bit < 64)
			word &= (1ULL << (maxnode - bit)) - 1;
		if (bit >= NODES_KNOWN && word)
			return -EINVAL;
		*nodes |= bit ? 0 : word;
	}
	return 0;
}

/* A policy that can be had here, or -errno. */
static int policy_from_user(u32 mode, u64 mask, u64 maxnode)
{
	u32 flags = mode & MODE_FLAGS;
	u64 nodes;
	int ret;

	mode &= ~MODE_FLAGS;
	if (mode >= MPOL_MAX || (flags & MPOL_F_STATIC && flags & MPOL_F_RELATIVE) ||
	    (flags & MPOL_F_NUMA_BALANCING && mode != MPOL_BIND))
		return -EINVAL;
	ret = nodes_from_user(mask, maxnode, &nodes);
	if (ret)
		return ret;
	if (mode == MPOL_PREFERRED && !nodes && !flags)
		mode = MPOL_LOCAL;
	if (names_nodes(mode) ? !(nodes & 1) : nodes || flags)
		return -EINVAL;
	return (int)(mode | flags);
}

long sys_set_mempolicy(const struct sysargs *args)
{
	int policy = policy_from_user(ARG_UINT(0), ARG_U64(1), ARG_U64(2));

	if (policy < 0)
		return policy;
	current->mem_policy = (u16)policy;
	return 0;
}

/* What a range's policy could change is where its pages come from; there is one place. */
long sys_mbind(const struct sysargs *args)
{
	u64 start = ARG_U64(0), end = start + PAGE_UP(ARG_U64(1));
	int policy = policy_from_user(ARG_UINT(2), ARG_U64(3), ARG_U64(4));

	if (start & ~PAGE_MASK || ARG_UINT(5) & ~7U || end < start)
		return -EINVAL;
	if (ARG_UINT(5) & 4 && !capable(CAP_SYS_NICE)) /* MPOL_MF_MOVE_ALL */
		return -EPERM;
	return policy < 0 ? policy : mm_covered(current->mm, start, end) ? 0 : -EFAULT;
}

/* Node 0, or none, as a mask of user mode's size. */
static int nodes_to_user(u64 nodes, u64 addr, u64 maxnode)
{
	for (u64 bit = 0; bit < ALIGN_UP(maxnode - 1, 64UL); bit += 64, nodes = 0)
		if (bit >= NODES_MAX || put_user(nodes, addr + bit / 8))
			return bit >= NODES_MAX ? -EINVAL : -EFAULT;
	return 0;
}

long sys_get_mempolicy(const struct sysargs *args)
{
	u32 flags = ARG_UINT(4), mode = current->mem_policy & ~MODE_FLAGS;
	u64 addr = ARG_U64(3), nodes = flags & MPOL_F_MEMS_ALLOWED || names_nodes(mode);
	s32 policy = flags & (MPOL_F_NODE | MPOL_F_MEMS_ALLOWED) ? 0 : current->mem_policy;

	if (flags & ~7U || (ARG_U64(1) && !ARG_U64(2)) || (flags & MPOL_F_MEMS_ALLOWED && flags & 3))
		return -EINVAL;
	if (!(flags & (MPOL_F_ADDR | MPOL_F_MEMS_ALLOWED)) &&
	    (addr || (flags & MPOL_F_NODE && mode != MPOL_INTERLEAVE)))
		return -EINVAL;
	if (flags & MPOL_F_ADDR && !mm_covered(current->mm, PAGE_DOWN(addr), PAGE_DOWN(addr) + PAGE_SIZE))
		return -EFAULT;
	if (ARG_U64(0) && put_user(policy, ARG_U64(0)))
		return -EFAULT;
	return ARG_U64(1) ? nodes_to_user(nodes, ARG_U64(1), ARG_U64(2)) : 0;
}

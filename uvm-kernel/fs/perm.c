/* SPDX-License-Identifier: MIT */
/*
 * Who may do what with an inode: mode bits against file system ids, and the capabilities that overrule them.
 */
#include "fs.h"

static u32 mode_bits_for(const struct inode *inode)
{
	const struct cred *c = &current->cred;

	if (c->fsuid == inode->uid)
		return inode->mode >> 6 & 7;
	if (cred_in_group(c, inode->gid))
		return inode->mode >> 3 & 7;
	return inode->mode & 7;
}

static bool overruled(const struct inode *inode, int mask)
{
	if (S_ISDIR(inode->mode)) {
		if (!(mask & MAY_WRITE) && capable(CAP_DAC_READ_SEARCH))
			return true;
		return capable(CAP_DAC_OVERRIDE);
	}
	if (mask == MAY_READ && capable(CAP_DAC_READ_SEARCH))
		return true;
	/* Executing takes at least one x bit, whoever asks. */
	if (!(mask & MAY_EXEC) || (inode->mode & 0111))
		return capable(CAP_DAC_OVERRIDE);
	return false;
}

int inode_permission(struct inode *inode, int mask)
{
	if (inode->ops->permission)
		return inode->ops->permission(inode, mask);
	if ((mode_bits_for(inode) & (u32)mask) == (u32)mask)
		return 0;
	return overruled(inode, mask) ? 0 : -EACCES;
}

bool inode_owner_or_capable(const struct inode *inode)
{
	return current->cred.fsuid == inode->uid || capable(CAP_FOWNER);
}

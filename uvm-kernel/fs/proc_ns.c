/* SPDX-License-Identifier: MIT */
/*
 * What the links of /proc/PID/ns lead to: there is one namespace of each kind, which all processes share,
 * under the number that Linux gives its first one.
 */
#include "proc.h"

#define FIRST 4026531834u /* the lowest of these numbers */

static const struct file_ops ns_fops; /* something to hold; nothing to read */

int proc_link_ns(struct task *task __unused, const struct proc_entry *e, struct path *out)
{
	static struct dentry *known[8];
	struct dentry **d = &known[e->number - FIRST];
	struct inode *inode = *d ? NULL : anon_inode(S_IFREG | 0444);
	char name[32];

	if (inode) {
		inode->uid = inode->gid = 0;
		inode->ino = e->number;
		inode->fops = &ns_fops;
		snprintf(name, sizeof(name), "%s:[%u]", e->name + 3, e->number);
		*d = dentry_anon(inode, name);
	}
	if (!*d)
		return -ENOMEM;
	*out = (struct path){NULL, dentry_get(*d)};
	return 0;
}

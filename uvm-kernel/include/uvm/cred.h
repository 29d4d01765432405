/* SPDX-License-Identifier: MIT */
/*
 * Credentials: user and group ids, supplementary groups, capabilities. Each task has its own,
 * a copy of its parent's; the list of groups is shared and never changes.
 */
#pragma once

#include <uvm/types.h>

enum { CAP_CHOWN = 0, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_FSETID, CAP_KILL };
enum { CAP_SETGID = 6, CAP_SETUID, CAP_SETPCAP, CAP_LINUX_IMMUTABLE, CAP_NET_BIND_SERVICE };
enum { CAP_NET_RAW = 13, CAP_SYS_CHROOT = 18, CAP_SYS_PTRACE, CAP_SYS_ADMIN = 21 };
enum { CAP_SYS_NICE = 23, CAP_SYS_RESOURCE, CAP_SYS_TIME, CAP_MKNOD = 27, CAP_WAKE_ALARM = 35 };
enum { CAP_LAST = 40 };
#define GROUPS_MAX 65536
#define CAP_BIT(c) (1ULL << (c))

enum { UID, GID };
enum { REAL, EFFECTIVE, SAVED, FS };

struct groups {
	u32 refs, count;
	gid_t ids[]; /* sorted */
};

struct cred {
	union {
		struct {
			uid_t uid, euid, suid, fsuid;
			gid_t gid, egid, sgid, fsgid;
		};
		u32 ids[2][4]; /* the same, by the two enums above */
	};
	u64 cap_effective, cap_permitted, cap_inheritable, cap_bounding, cap_ambient;
	u32 securebits;
	bool no_new_privs;
	struct groups *groups;
};

void groups_put(struct groups *g);

bool capable(int cap); /* the current task, effective set */
/* One reference, count set, and to be filled and sorted; NULL when out of memory. */
struct groups *groups_new(u32 count);
void groups_sort(struct groups *g);
bool cred_in_group(const struct cred *c, gid_t gid); /* fsgid or a supplementary group */

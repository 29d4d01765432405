/* SPDX-License-Identifier: MIT */
/*
 * User and group ids, supplementary groups, capabilities: reading and changing the current task's
 * credentials.
 */
#include <uvm/kernel.h>

#define NO_ID ((u32)-1)
#define SECBIT_NO_SETUID_FIXUP 4
#define SECBIT_KEEP_CAPS 16
#define FS_CAPS                                                                          \
	(CAP_BIT(CAP_CHOWN) | CAP_BIT(CAP_DAC_OVERRIDE) | CAP_BIT(CAP_DAC_READ_SEARCH) | \
	 CAP_BIT(CAP_FOWNER) | CAP_BIT(CAP_FSETID) | CAP_BIT(CAP_LINUX_IMMUTABLE) | CAP_BIT(CAP_MKNOD))

/* What leaving or gaining uid 0 does to the capability sets (capabilities(7)). */
static void fix_caps(struct cred *c, const struct cred *old)
{
	bool had_root = !old->uid || !old->euid || !old->suid;

	if (c->euid != old->euid || c->uid != old->uid)
		current->process->dumpable = false;
	if (c->securebits & SECBIT_NO_SETUID_FIXUP)
		return;
	if (had_root && c->uid && c->euid && c->suid) {
		if (!(c->securebits & SECBIT_KEEP_CAPS)) {
			c->cap_permitted = 0;
			c->cap_effective = 0;
		}
		c->cap_ambient = 0;
	}
	if (!old->euid && c->euid)
		c->cap_effective = 0;
	if (old->euid && !c->euid)
		c->cap_effective = c->cap_permitted;
}

/* User and group ids follow the same rules: syscalls.def says which kind a call is for. */
long sys_get_id(const struct sysargs *args)
{
	return current->cred.ids[ARG_INT(0)][ARG_INT(1)];
}

static bool may_set(int kind)
{
	return capable(kind == UID ? CAP_SETUID : CAP_SETGID);
}

static long set_ids(int kind, u32 r, u32 e, u32 s)
{
	const struct cred old = current->cred;
	const u32 fresh[] = {r, e, s};
	struct cred *c = &current->cred;

	for (int i = REAL; i <= SAVED; i++)
		if (fresh[i] != NO_ID)
			c->ids[kind][i] = fresh[i];
	c->ids[kind][FS] = c->ids[kind][EFFECTIVE];
	if (kind == UID)
		fix_caps(c, &old);
	return 0;
}

static bool mine(int kind, u32 id)
{
	const u32 *have = current->cred.ids[kind];

	return id == NO_ID || id == have[REAL] || id == have[EFFECTIVE] || id == have[SAVED];
}

long sys_set_id(const struct sysargs *args)
{
	int kind = ARG_INT(0);
	u32 id = ARG_UINT(1);
	const u32 *have = current->cred.ids[kind];

	if (id == NO_ID)
		return -EINVAL;
	if (may_set(kind))
		return set_ids(kind, id, id, id);
	return id == have[REAL] || id == have[SAVED] ? set_ids(kind, NO_ID, id, NO_ID) : -EPERM;
}

long sys_set_re_id(const struct sysargs *args)
{
	int kind = ARG_INT(0);
	u32 r = ARG_UINT(1), e = ARG_UINT(2), s = NO_ID;
	const u32 *have = current->cred.ids[kind];

	if (!may_set(kind) && ((r != NO_ID && r != have[REAL] && r != have[EFFECTIVE]) || !mine(kind, e)))
		return -EPERM;
	if (r != NO_ID || (e != NO_ID && e != have[REAL]))
		s = e != NO_ID ? e : have[EFFECTIVE];
	return set_ids(kind, r, e, s);
}

long sys_set_res_id(const struct sysargs *args)
{
	int kind = ARG_INT(0);
	u32 r = ARG_UINT(1), e = ARG_UINT(2), s = ARG_UINT(3);

	if (!may_set(kind) && !(mine(kind, r) && mine(kind, e) && mine(kind, s)))
		return -EPERM;
	return set_ids(kind, r, e, s);
}

/* The old one, whether it changed or not. */
long sys_set_fs_id(const struct sysargs *args)
{
	int kind = ARG_INT(0);
	u32 id = ARG_UINT(1), old = current->cred.ids[kind][FS];
	bool may = id != NO_ID && (may_set(kind) || mine(kind, id) || id == old);
	struct cred *c = &current->cred;

	if (!may)
		return old;
	c->ids[kind][FS] = id;
	if (kind == UID && !old && id)
		c->cap_effective &= ~FS_CAPS;
	if (kind == UID && old && !id)
		c->cap_effective |= c->cap_permitted & FS_CAPS;
	return old;
}

long sys_get_res_id(const struct sysargs *args)
{
	for (u32 i = REAL; i <= SAVED; i++)
		if (put_user(current->cred.ids[ARG_INT(0)][i], ARG_PTR(i + 1)))
			return -EFAULT;
	return 0;
}

long sys_getgroups(const struct sysargs *args)
{
	const struct groups *g = current->cred.groups;
	int size = ARG_INT(0);

	if (size < 0 || (size && (u32)size < g->count))
		return -EINVAL;
	if (size && copy_to_user(ARG_PTR(1), g->ids, g->count * sizeof(gid_t)))
		return -EFAULT;
	return g->count;
}

long sys_setgroups(const struct sysargs *args)
{
	u32 n = ARG_UINT(0);
	struct groups *g;

	if (!capable(CAP_SETGID))
		return -EPERM;
	if (n > GROUPS_MAX)
		return -EINVAL;
	g = groups_new(n);
	if (!g)
		return -ENOMEM;
	if (copy_from_user(g->ids, ARG_PTR(1), n * sizeof(gid_t))) {
		groups_put(g);
		return -EFAULT;
	}
	groups_sort(g);
	groups_put(current->cred.groups);
	current->cred.groups = g;
	return 0;
}

#define CAP_VERSION_1 0x19980330
#define CAP_VERSION_2 0x20071026
#define CAP_VERSION_3 0x20080522

struct cap_header {
	u32 version;
	s32 pid;
};
struct cap_data {
	u32 effective, permitted, inheritable;
};

/* Words per set, 0 for an unknown version (then the caller learns ours). */
static int cap_words(struct cap_header *h, u64 user)
{
	if (copy_from_user(h, (void *)user, sizeof(*h)))
		return -EFAULT;
	if (h->version == CAP_VERSION_1)
		return 1;
	if (h->version == CAP_VERSION_2 || h->version == CAP_VERSION_3)
		return 2;
	return put_user((u32)CAP_VERSION_3, (u32 *)user) ? -EFAULT : 0;
}

long sys_capget(const struct sysargs *args)
{
	struct cap_header h;
	struct cap_data d[2];
	const struct cred *c;
	struct task *t;
	int words = cap_words(&h, ARG_U64(0));

	if (words < 0)
		return words;
	if (!words)
		return ARG_U64(1) ? -EINVAL : 0;
	if (h.pid < 0)
		return -EINVAL;
	t = h.pid ? task_find(h.pid) : current;
	if (!t)
		return -ESRCH;
	c = &t->cred;
	for (int i = 0; i < words; i++)
		d[i] = (struct cap_data){(u32)(c->cap_effective >> 32 * i), (u32)(c->cap_permitted >> 32 * i),
					 (u32)(c->cap_inheritable >> 32 * i)};
	if (!ARG_U64(1))
		return 0;
	return copy_to_user(ARG_PTR(1), d, sizeof(d[0]) * (size_t)words);
}

long sys_capset(const struct sysargs *args)
{
	struct cred *c = &current->cred;
	u64 effective = 0, permitted = 0, inheritable = 0;
	struct cap_data d[2];
	struct cap_header h;
	int words = cap_words(&h, ARG_U64(0));

	if (words <= 0)
		return words ? words : -EINVAL;
	if (h.pid && h.pid != current->tid)
		return -EPERM;
	if (copy_from_user(d, ARG_PTR(1), sizeof(d[0]) * (size_t)words))
		return -EFAULT;
	for (int i = 0; i < words; i++) {
		effective |= (u64)d[i].effective << 32 * i;
		permitted |= (u64)d[i].permitted << 32 * i;
		inheritable |= (u64)d[i].inheritable << 32 * i;
	}
	effective &= CAP_BIT(CAP_LAST + 1) - 1;
	permitted &= CAP_BIT(CAP_LAST + 1) - 1;
	inheritable &= CAP_BIT(CAP_LAST + 1) - 1;
	if (permitted & ~c->cap_permitted || effective & ~permitted ||
	    (inheritable & ~(c->cap_inheritable | c->cap_permitted) && !capable(CAP_SETPCAP)) ||
	    inheritable & ~(c->cap_inheritable | c->cap_bounding))
		return -EPERM;
	c->cap_effective = effective;
	c->cap_permitted = permitted;
	c->cap_inheritable = inheritable;
	c->cap_ambient &= permitted & inheritable;
	return 0;
}

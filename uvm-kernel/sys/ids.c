/* SPDX-License-Identifier: MIT */
/*
 * User and group ids, supplementary groups, capabilities: reading and changing the current task's
 * credentials.
 */
#include <uvm/cred.h>
#include <uvm/page.h>
#include <uvm/syscall.h>

#define NO_ID ((u32)-1)
#define SECBIT_NO_SETUID_FIXUP 4
#define SECBIT_KEEP_CAPS 16
#define GROUPS_MAX 65536
#define FS_CAPS                                                                          \
	(CAP_BIT(CAP_CHOWN) | CAP_BIT(CAP_DAC_OVERRIDE) | CAP_BIT(CAP_DAC_READ_SEARCH) | \
	 CAP_BIT(CAP_FOWNER) | CAP_BIT(CAP_FSETID) | CAP_BIT(CAP_LINUX_IMMUTABLE) | CAP_BIT(CAP_MKNOD))

long sys_getuid(const struct sysargs *args __unused)
{
	return current->cred->uid;
}

long sys_geteuid(const struct sysargs *args __unused)
{
	return current->cred->euid;
}

long sys_getgid(const struct sysargs *args __unused)
{
	return current->cred->gid;
}

long sys_getegid(const struct sysargs *args __unused)
{
	return current->cred->egid;
}

static void replace(struct cred *c)
{
	struct cred *old = current->cred;

	current->cred = c;
	cred_put(old);
}

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

static long set_uids(u32 r, u32 e, u32 s)
{
	const struct cred *old = current->cred;
	struct cred *c = cred_copy(old);

	if (!c)
		return -ENOMEM;
	if (r != NO_ID)
		c->uid = r;
	if (e != NO_ID)
		c->euid = e;
	if (s != NO_ID)
		c->suid = s;
	c->fsuid = c->euid;
	fix_caps(c, old);
	replace(c);
	return 0;
}

static bool my_uid(u32 id)
{
	const struct cred *c = current->cred;

	return id == NO_ID || id == c->uid || id == c->euid || id == c->suid;
}

static bool my_gid(u32 id)
{
	const struct cred *c = current->cred;

	return id == NO_ID || id == c->gid || id == c->egid || id == c->sgid;
}

long sys_setuid(const struct sysargs *args)
{
	u32 id = ARG_UINT(0);

	if (id == NO_ID)
		return -EINVAL;
	if (capable(CAP_SETUID))
		return set_uids(id, id, id);
	if (id != current->cred->uid && id != current->cred->suid)
		return -EPERM;
	return set_uids(NO_ID, id, NO_ID);
}

long sys_setreuid(const struct sysargs *args)
{
	u32 r = ARG_UINT(0), e = ARG_UINT(1);
	const struct cred *c = current->cred;
	u32 s = NO_ID;

	if (!capable(CAP_SETUID) && ((r != NO_ID && r != c->uid && r != c->euid) || !my_uid(e)))
		return -EPERM;
	if (r != NO_ID || (e != NO_ID && e != c->uid))
		s = e != NO_ID ? e : c->euid;
	return set_uids(r, e, s);
}

long sys_setresuid(const struct sysargs *args)
{
	u32 r = ARG_UINT(0), e = ARG_UINT(1), s = ARG_UINT(2);

	if (!capable(CAP_SETUID) && !(my_uid(r) && my_uid(e) && my_uid(s)))
		return -EPERM;
	return set_uids(r, e, s);
}

static long set_gids(u32 r, u32 e, u32 s)
{
	struct cred *c = cred_copy(current->cred);

	if (!c)
		return -ENOMEM;
	if (r != NO_ID)
		c->gid = r;
	if (e != NO_ID)
		c->egid = e;
	if (s != NO_ID)
		c->sgid = s;
	c->fsgid = c->egid;
	replace(c);
	return 0;
}

long sys_setgid(const struct sysargs *args)
{
	u32 id = ARG_UINT(0);

	if (id == NO_ID)
		return -EINVAL;
	if (capable(CAP_SETGID))
		return set_gids(id, id, id);
	if (id != current->cred->gid && id != current->cred->sgid)
		return -EPERM;
	return set_gids(NO_ID, id, NO_ID);
}

long sys_setregid(const struct sysargs *args)
{
	u32 r = ARG_UINT(0), e = ARG_UINT(1);
	const struct cred *c = current->cred;
	u32 s = NO_ID;

	if (!capable(CAP_SETGID) && ((r != NO_ID && r != c->gid && r != c->egid) || !my_gid(e)))
		return -EPERM;
	if (r != NO_ID || (e != NO_ID && e != c->gid))
		s = e != NO_ID ? e : c->egid;
	return set_gids(r, e, s);
}

long sys_setresgid(const struct sysargs *args)
{
	u32 r = ARG_UINT(0), e = ARG_UINT(1), s = ARG_UINT(2);

	if (!capable(CAP_SETGID) && !(my_gid(r) && my_gid(e) && my_gid(s)))
		return -EPERM;
	return set_gids(r, e, s);
}

static long put_three(const struct sysargs *args, u32 a, u32 b, u32 c)
{
	if (put_user(a, (u32 *)ARG_PTR(0)) || put_user(b, (u32 *)ARG_PTR(1)) ||
	    put_user(c, (u32 *)ARG_PTR(2)))
		return -EFAULT;
	return 0;
}

long sys_getresuid(const struct sysargs *args)
{
	return put_three(args, current->cred->uid, current->cred->euid, current->cred->suid);
}

long sys_getresgid(const struct sysargs *args)
{
	return put_three(args, current->cred->gid, current->cred->egid, current->cred->sgid);
}

long sys_setfsuid(const struct sysargs *args)
{
	u32 id = ARG_UINT(0), old = current->cred->fsuid;
	struct cred *c;

	if (id == NO_ID || (!capable(CAP_SETUID) && !my_uid(id) && id != old))
		return old;
	c = cred_copy(current->cred);
	if (!c)
		return old;
	c->fsuid = id;
	if (!old && id)
		c->cap_effective &= ~FS_CAPS;
	if (old && !id)
		c->cap_effective |= c->cap_permitted & FS_CAPS;
	replace(c);
	return old;
}

long sys_setfsgid(const struct sysargs *args)
{
	u32 id = ARG_UINT(0), old = current->cred->fsgid;
	struct cred *c;

	if (id == NO_ID || (!capable(CAP_SETGID) && !my_gid(id) && id != old))
		return old;
	c = cred_copy(current->cred);
	if (!c)
		return old;
	c->fsgid = id;
	replace(c);
	return old;
}

long sys_getgroups(const struct sysargs *args)
{
	const struct cred *c = current->cred;
	int size = ARG_INT(0);

	if (size < 0 || (size && (u32)size < c->group_count))
		return -EINVAL;
	if (size && copy_to_user(ARG_PTR(1), c->groups, c->group_count * sizeof(gid_t)))
		return -EFAULT;
	return c->group_count;
}

static void sort(gid_t *g, u32 n)
{
	for (u32 i = 1; i < n; i++)
		for (u32 j = i; j && g[j - 1] > g[j]; j--) {
			gid_t t = g[j];

			g[j] = g[j - 1];
			g[j - 1] = t;
		}
}

void cred_set_groups(struct cred *c, gid_t *groups, u32 count)
{
	sort(groups, count);
	kfree(c->groups);
	c->groups = groups;
	c->group_count = count;
}

long sys_setgroups(const struct sysargs *args)
{
	u32 n = ARG_UINT(0);
	gid_t *groups = NULL;
	struct cred *c;

	if (!capable(CAP_SETGID))
		return -EPERM;
	if (n > GROUPS_MAX)
		return -EINVAL;
	if (n) {
		groups = kmalloc(n * sizeof(*groups));
		if (!groups)
			return -ENOMEM;
		if (copy_from_user(groups, ARG_PTR(1), n * sizeof(*groups))) {
			kfree(groups);
			return -EFAULT;
		}
	}
	c = cred_copy(current->cred);
	if (!c) {
		kfree(groups);
		return -ENOMEM;
	}
	cred_set_groups(c, groups, n);
	replace(c);
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
	u32 effective;
	u32 permitted;
	u32 inheritable;
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
	c = t->cred;
	for (int i = 0; i < words; i++)
		d[i] = (struct cap_data){(u32)(c->cap_effective >> 32 * i), (u32)(c->cap_permitted >> 32 * i),
					 (u32)(c->cap_inheritable >> 32 * i)};
	if (!ARG_U64(1))
		return 0;
	return copy_to_user(ARG_PTR(1), d, sizeof(d[0]) * (size_t)words);
}

long sys_capset(const struct sysargs *args)
{
	const struct cred *old = current->cred;
	u64 effective = 0, permitted = 0, inheritable = 0;
	struct cap_data d[2];
	struct cap_header h;
	struct cred *c;
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
	if (permitted & ~old->cap_permitted || effective & ~permitted ||
	    (inheritable & ~(old->cap_inheritable | old->cap_permitted) && !capable(CAP_SETPCAP)) ||
	    inheritable & ~(old->cap_inheritable | old->cap_bounding))
		return -EPERM;
	c = cred_copy(old);
	if (!c)
		return -ENOMEM;
	c->cap_effective = effective;
	c->cap_permitted = permitted;
	c->cap_inheritable = inheritable;
	c->cap_ambient &= permitted & inheritable;
	replace(c);
	return 0;
}

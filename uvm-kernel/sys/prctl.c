/* SPDX-License-Identifier: MIT */
/*
 * Settings of a task or process that have no call of their own: prctl, arch_prctl, personality.
 */
#include <uvm/kernel.h>

enum { PR_SET_PDEATHSIG = 1, PR_GET_PDEATHSIG, PR_GET_DUMPABLE, PR_SET_DUMPABLE };
enum { PR_GET_KEEPCAPS = 7, PR_SET_KEEPCAPS, PR_SET_NAME = 15, PR_GET_NAME, PR_GET_SECCOMP = 21 };
enum { PR_CAPBSET_READ = 23, PR_CAPBSET_DROP, PR_GET_TSC, PR_GET_SECUREBITS = 27 };
enum { PR_SET_SECUREBITS = 28, PR_SET_TIMERSLACK, PR_GET_TIMERSLACK, PR_SET_CHILD_SUBREAPER = 36 };
enum { PR_GET_CHILD_SUBREAPER = 37, PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS, PR_GET_TID_ADDRESS };
enum { PR_SET_THP_DISABLE = 41, PR_GET_THP_DISABLE, PR_CAP_AMBIENT = 47 };
enum { PR_CAP_AMBIENT_IS_SET = 1, PR_CAP_AMBIENT_RAISE, PR_CAP_AMBIENT_LOWER, PR_CAP_AMBIENT_CLEAR_ALL };
#define SECBIT_KEEP_CAPS 16
#define SECBITS_ALL 0xffU
#define SECBIT_NO_CAP_AMBIENT_RAISE 64
#define DEFAULT_SLACK_NS 50000

static long set_name(u64 user)
{
	char name[TASK_NAME_LEN] = {0};
	ssize_t n = strncpy_from_user(name, (const char *)user, sizeof(name));

	if (n < 0 && n != -ENAMETOOLONG)
		return n;
	name[TASK_NAME_LEN - 1] = 0;
	memcpy(current->name, name, sizeof(name));
	return 0;
}

static long drop_bounding(u64 cap)
{
	if (cap > CAP_LAST)
		return -EINVAL;
	if (!capable(CAP_SETPCAP))
		return -EPERM;
	current->cred.cap_bounding &= ~CAP_BIT(cap);
	return 0;
}

static long set_securebits(u64 bits)
{
	u32 old = current->cred.securebits;

	if (bits & ~(u64)SECBITS_ALL || (old & 0xaa & ~bits) || ((old & 0xaa) >> 1 & (old ^ bits)))
		return -EPERM; /* unknown, or locked */
	if (!capable(CAP_SETPCAP))
		return -EPERM;
	current->cred.securebits = (u32)bits;
	return 0;
}

static long keep_caps(u64 on)
{
	struct cred *c = &current->cred;

	if (on > 1)
		return -EINVAL;
	if (c->securebits & SECBIT_KEEP_CAPS << 1)
		return -EPERM;
	c->securebits = (c->securebits & ~(u32)SECBIT_KEEP_CAPS) | (on ? SECBIT_KEEP_CAPS : 0);
	return 0;
}

static long ambient(u64 what, u64 cap)
{
	struct cred *c = &current->cred;

	if (what == PR_CAP_AMBIENT_CLEAR_ALL ? cap : cap > CAP_LAST)
		return -EINVAL;
	if (what == PR_CAP_AMBIENT_IS_SET)
		return c->cap_ambient >> cap & 1;
	if (what < PR_CAP_AMBIENT_IS_SET || what > PR_CAP_AMBIENT_CLEAR_ALL)
		return -EINVAL;
	if (what == PR_CAP_AMBIENT_RAISE && (!(c->cap_permitted & c->cap_inheritable & CAP_BIT(cap)) ||
					     c->securebits & SECBIT_NO_CAP_AMBIENT_RAISE))
		return -EPERM;
	if (what == PR_CAP_AMBIENT_CLEAR_ALL)
		c->cap_ambient = 0;
	else if (what == PR_CAP_AMBIENT_RAISE)
		c->cap_ambient |= CAP_BIT(cap);
	else
		c->cap_ambient &= ~CAP_BIT(cap);
	return 0;
}

/* Arguments from this one on that are not 0: a later kernel may give them a meaning. */
static bool any_from(const struct sysargs *args, int first)
{
	u64 any = 0;

	for (int i = first; i < 5; i++)
		any |= ARG_U64(i);
	return any;
}

static long no_new_privs(const struct sysargs *args)
{
	if (ARG_U64(1) != 1 || any_from(args, 2))
		return -EINVAL;
	current->cred.no_new_privs = true;
	return 0;
}

long sys_prctl(const struct sysargs *args)
{
	struct task *t = current;
	struct process *p = t->process;
	u64 arg = ARG_U64(1);

	switch (ARG_INT(0)) {
	case PR_SET_PDEATHSIG:
		if (arg > NSIG)
			return -EINVAL;
		t->pdeath_signal = (int)arg;
		return 0;
	case PR_GET_PDEATHSIG:
		return put_user(t->pdeath_signal, (s32 *)arg);
	case PR_GET_DUMPABLE:
		return p->dumpable;
	case PR_SET_DUMPABLE:
		if (arg > 1)
			return -EINVAL;
		p->dumpable = arg;
		return 0;
	case PR_GET_KEEPCAPS:
		return !!(t->cred.securebits & SECBIT_KEEP_CAPS);
	case PR_SET_KEEPCAPS:
		return keep_caps(arg);
	case PR_SET_NAME:
		return set_name(arg);
	case PR_GET_NAME:
		return copy_to_user((void *)arg, t->name, sizeof(t->name));
	case PR_GET_SECCOMP:
		return 0;
	case PR_CAPBSET_READ:
		return arg > CAP_LAST ? -EINVAL : (long)(t->cred.cap_bounding >> arg & 1);
	case PR_CAPBSET_DROP:
		return drop_bounding(arg);
	case PR_GET_TSC:
		return put_user(1, (s32 *)arg); /* enabled */
	case PR_GET_SECUREBITS:
		return t->cred.securebits;
	case PR_SET_SECUREBITS:
		return set_securebits(arg);
	case PR_SET_TIMERSLACK:
		t->timer_slack = arg;
		return 0;
	case PR_GET_TIMERSLACK:
		return t->timer_slack ? (long)t->timer_slack : DEFAULT_SLACK_NS;
	case PR_SET_CHILD_SUBREAPER:
		p->subreaper = arg;
		return 0;
	case PR_GET_CHILD_SUBREAPER:
		return put_user((s32)p->subreaper, (s32 *)arg);
	case PR_SET_NO_NEW_PRIVS:
		return no_new_privs(args);
	case PR_GET_NO_NEW_PRIVS:
		return any_from(args, 1) ? -EINVAL : t->cred.no_new_privs;
	case PR_GET_TID_ADDRESS:
		return put_user(t->clear_tid, (u64 *)arg);
	case PR_SET_THP_DISABLE: /* kept, though there are no huge pages to switch off */
		if (any_from(args, 2))
			return -EINVAL;
		p->thp_disabled = arg;
		return 0;
	case PR_GET_THP_DISABLE:
		return any_from(args, 1) ? -EINVAL : p->thp_disabled;
	case PR_CAP_AMBIENT:
		return any_from(args, 3) ? -EINVAL : ambient(arg, ARG_U64(2));
	}
	return -EINVAL;
}

enum { ARCH_SET_GS = 0x1001, ARCH_SET_FS, ARCH_GET_FS, ARCH_GET_GS };

static long set_base(u64 *base, u64 value)
{
	if (value >= USER_END)
		return -EPERM;
	*base = value;
	return 0;
}

long sys_arch_prctl(const struct sysargs *args)
{
	struct task *t = current;
	u64 value = ARG_U64(1);
	long ret = -EINVAL;

	sched_save_bases(t);
	switch (ARG_INT(0)) {
	case ARCH_SET_FS:
		ret = set_base(&t->fs_base, value);
		break;
	case ARCH_SET_GS:
		ret = set_base(&t->gs_base, value);
		break;
	case ARCH_GET_FS:
		return put_user(t->fs_base, (u64 *)value);
	case ARCH_GET_GS:
		return put_user(t->gs_base, (u64 *)value);
	}
	sched_load_bases(t);
	return ret;
}

/* Only the plain Linux personality; asking for it is fine. */
long sys_personality(const struct sysargs *args)
{
	u32 want = ARG_UINT(0);

	return want == 0 || want == 0xffffffff ? 0 : -EINVAL;
}

/* SPDX-License-Identifier: MIT */
/* prctl(2), arch_prctl, capget. */
#include "check.h"

#include <sys/prctl.h>

TEST(name)
{
	char name[17] = {0};

	IS(sys(SYS_prctl, PR_SET_NAME, "a-name-that-is-too-long", 0, 0, 0), 0);
	IS(sys(SYS_prctl, PR_GET_NAME, name, 0, 0, 0), 0);
	STREQ(name, "a-name-that-is-");
	IS(sys(SYS_prctl, PR_SET_NAME, BAD_KERNEL, 0, 0, 0), -EFAULT);
	IS(sys(SYS_prctl, PR_GET_NAME, BAD_KERNEL, 0, 0, 0), -EFAULT);
}

TEST(capability_probes)
{
	long cap;

	for (cap = 0; cap < 64; cap++)
		if (sys(SYS_prctl, PR_CAPBSET_READ, cap, 0, 0, 0) == -EINVAL)
			break;
	TRUE(cap >= 38 && cap < 64); /* loops end with EINVAL */
	OK(sys(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 0, 0, 0));
	IS(sys(SYS_prctl, PR_GET_SECUREBITS, 0, 0, 0, 0), 0);
}

static void no_new_privs(void *arg)
{
	(void)arg;
	IS(sys(SYS_prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
	IS(sys(SYS_prctl, PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), -EINVAL);
	IS(sys(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	IS(sys(SYS_prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
}

TEST(flags)
{
	long sig = -1;

	IS(sys(SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0), 0);
	IS(sys(SYS_prctl, PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
	IS(sys(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0), 0);
	IS(sys(SYS_prctl, PR_GET_DUMPABLE, 0, 0, 0, 0), 1);
	IS(sys(SYS_prctl, PR_SET_DUMPABLE, 7, 0, 0, 0), -EINVAL);
	IS(sys(SYS_prctl, PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0), 0);
	IS(sys(SYS_prctl, PR_GET_PDEATHSIG, &sig, 0, 0, 0), 0);
	IS((int)sig, SIGUSR1);
	IS(sys(SYS_prctl, PR_SET_PDEATHSIG, 99, 0, 0, 0), -EINVAL);
	IS(sys(SYS_prctl, 12345, 0, 0, 0, 0), -EINVAL);
	IS(in_child(no_new_privs, NULL), 0);
}

static void grandchild(void *arg)
{
	int *p = arg;
	unsigned long empty = 0;

	MUST(on_signal(SIGUSR1, catch_signal, SA_SIGINFO));
	MUST(block_signals(SIGBIT(SIGUSR1)));
	MUST(sys(SYS_prctl, PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0));
	MUST(sys(SYS_write, p[1], "x", 1));
	sys(SYS_rt_sigsuspend, &empty, 8);
	IS(caught, 1);
	MUST(sys(SYS_write, p[1], "y", 1));
}

static void parent_that_dies(void *arg)
{
	int *p = arg;
	char c;

	child(grandchild, arg);
	IS(sys(SYS_read, p[0], &c, 1), 1);
}

TEST(parent_death_signal)
{
	int p[2];
	char c = 0;

	make_pipe(p);
	IS(in_child(parent_that_dies, p), 0);
	IS(sys(SYS_read, p[0], &c, 1), 1);
	IS(c, 'y');
}

static __thread int thread_local_word = 5;

TEST(fs_base)
{
	unsigned long base = 0, other[2] = {(unsigned long)other, 0x77}, value;

	IS(sys(SYS_arch_prctl, 0x1003, &base), 0); /* ARCH_GET_FS */
	TRUE(base != 0);
	IS(sys(SYS_arch_prctl, 0x1002, other), 0);
	__asm__ volatile("mov %%fs:8, %0" : "=r"(value));
	sys(SYS_arch_prctl, 0x1002, base);
	IS(value, 0x77);
	IS(thread_local_word, 5);
	IS(sys(SYS_arch_prctl, 0x1002, BAD_KERNEL), -EPERM);
	IS(sys(SYS_arch_prctl, 0x1002, BAD_NONCANONICAL), -EPERM);
	IS(sys(SYS_arch_prctl, 0x1003, BAD_KERNEL), -EFAULT);
	IS(sys(SYS_arch_prctl, 0x9999, 0), -EINVAL);
}

TEST(gs_base)
{
	unsigned long words[2] = {0x11, 0x99}, base = 0, value;

	IS(sys(SYS_arch_prctl, 0x1001, words), 0); /* ARCH_SET_GS */
	IS(sys(SYS_sched_yield), 0);
	sleep_ms(1);
	__asm__ volatile("mov %%gs:8, %0" : "=r"(value));
	IS(value, 0x99);
	IS(sys(SYS_arch_prctl, 0x1004, &base), 0);
	IS(base, words);
	IS(sys(SYS_arch_prctl, 0x1001, BAD_KERNEL), -EPERM);
	IS(sys(SYS_arch_prctl, 0x1001, 0), 0);
}

struct caps {
	uint32_t effective, permitted, inheritable;
};

static void caps_of_user(void *arg)
{
	struct {
		uint32_t version;
		int pid;
	} header = {0x20080522, 0};
	struct caps data[2];

	(void)arg;
	IS(sys(SYS_capget, &header, data), 0);
	IS(data[0].effective | data[1].effective | data[0].permitted, 0);
}

TEST_FLAGS(capget, OPTIONAL)
{
	struct {
		uint32_t version;
		int pid;
	} header = {0x20080522, 0};
	struct caps data[2];

	NEEDS(SYS_capget, NULL, NULL);
	IS(sys(SYS_capget, &header, data), 0);
	if (sys(SYS_geteuid) == 0) {
		TRUE(data[0].permitted != 0);
		IS(as_user(caps_of_user, NULL), 0);
	}
	header.version = 1;
	IS(sys(SYS_capget, &header, NULL), 0); /* a probe: the right version comes back */
	IS(header.version, 0x20080522);
	IS(sys(SYS_capget, BAD_KERNEL, data), -EFAULT);
}

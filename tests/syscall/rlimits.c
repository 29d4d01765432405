/* SPDX-License-Identifier: MIT */
/* prlimit64(2), getrlimit, setrlimit, getpriority, setpriority. */
#include "check.h"

#include <sys/resource.h>

TEST(all_sixteen)
{
	struct rlimit a, b;

	for (int i = 0; i < 16; i++) {
		IS(sys(SYS_prlimit64, 0, i, NULL, &a), 0);
		IS(sys(SYS_getrlimit, i, &b), 0);
		SAME(&a, &b, sizeof(a));
		TRUE(a.rlim_cur <= a.rlim_max);
	}
	IS(sys(SYS_prlimit64, 0, 16, NULL, &a), -EINVAL);
	IS(sys(SYS_getrlimit, 99, &a), -EINVAL);
	IS(sys(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &a), 0);
	TRUE(a.rlim_cur >= 256);
	IS(sys(SYS_prlimit64, sys(SYS_getpid), RLIMIT_NOFILE, NULL, &b), 0);
	SAME(&a, &b, sizeof(a));
	IS(sys(SYS_prlimit64, 0x3ffffff, RLIMIT_NOFILE, NULL, &b), -ESRCH);
	IS(sys(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, BAD_KERNEL), -EFAULT);
	IS(sys(SYS_prlimit64, 0, RLIMIT_NOFILE, BAD_KERNEL, NULL), -EFAULT);
}

static void lower(void *arg)
{
	struct rlimit set = {100, 200}, old;

	(void)arg;
	IS(sys(SYS_setrlimit, RLIMIT_NOFILE, &set), 0);
	IS(sys(SYS_getrlimit, RLIMIT_NOFILE, &old), 0);
	IS(old.rlim_cur, 100);
	set.rlim_cur = 150;
	IS(sys(SYS_prlimit64, 0, RLIMIT_NOFILE, &set, &old), 0);
	IS(old.rlim_cur, 100);
	set.rlim_max = 300;
	if (sys(SYS_geteuid))
		IS(sys(SYS_setrlimit, RLIMIT_NOFILE, &set), -EPERM);
	set.rlim_cur = 400;
	IS(sys(SYS_setrlimit, RLIMIT_NOFILE, &set), -EINVAL);
}

TEST(set)
{
	struct rlimit before, after;

	IS(sys(SYS_getrlimit, RLIMIT_NOFILE, &before), 0);
	IS(in_child(lower, NULL), 0);
	if (sys(SYS_geteuid) == 0)
		IS(as_user(lower, NULL), 0);
	IS(sys(SYS_getrlimit, RLIMIT_NOFILE, &after), 0);
	SAME(&before, &after, sizeof(after));
}

static void no_memory(void *arg)
{
	struct rlimit limit = {64 << 20, 64 << 20};

	(void)arg;
	IS(sys(SYS_setrlimit, RLIMIT_AS, &limit), 0);
	IS(sys(SYS_mmap, 0, 100 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), -ENOMEM);
	TRUE(sys(SYS_mmap, 0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) > 0);
}

TEST(address_space)
{
	IS(in_child(no_memory, NULL), 0);
}

static void no_processes(void *arg)
{
	struct rlimit limit = {0, 0};
	long result;

	(void)arg;
	IS(sys(SYS_setrlimit, RLIMIT_NPROC, &limit), 0);
	result = sys(SYS_fork);
	if (result == 0)
		sys(SYS_exit_group, 0);
	IS(result, -EAGAIN);
}

TEST_FLAGS(processes, ROOT)
{
	IS(as_user(no_processes, NULL), 0);
}

static void burn(void *arg)
{
	struct rlimit limit = {1, 2};

	(void)arg;
	IS(sys(SYS_setrlimit, RLIMIT_CPU, &limit), 0);
	for (;;)
		;
}

TEST_FLAGS(processor_time, SLOW | OPTIONAL)
{
	IS(in_child(burn, NULL), KILLED(SIGXCPU));
}

static void nicer(void *arg)
{
	struct rlimit none = {0, 0};

	(void)arg;
	MUST(sys(SYS_setrlimit, RLIMIT_NICE, &none));
	IS(sys(SYS_setpriority, PRIO_PROCESS, 0, 5), 0);
	IS(sys(SYS_getpriority, PRIO_PROCESS, 0), 15); /* the raw call gives 20 - nice */
	IS(sys(SYS_setpriority, PRIO_PROCESS, 0, 100), 0);
	IS(sys(SYS_getpriority, PRIO_PROCESS, 0), 1);
	if (sys(SYS_geteuid))
		IS(sys(SYS_setpriority, PRIO_PROCESS, 0, 0), -EACCES);
	IS(sys(SYS_getpriority, 9, 0), -EINVAL);
	IS(sys(SYS_getpriority, PRIO_PROCESS, 0x3ffffff), -ESRCH);
	IS(sys(SYS_setpriority, PRIO_PROCESS, 0x3ffffff, 0), -ESRCH);
}

TEST(nice)
{
	IS(in_child(nicer, NULL), 0);
	if (sys(SYS_geteuid) == 0)
		IS(as_user(nicer, NULL), 0);
}

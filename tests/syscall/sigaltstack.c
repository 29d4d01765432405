/* SPDX-License-Identifier: MIT */
/* sigaltstack(2). */
#include "check.h"

static char alternate[65536] __attribute__((aligned(64)));
static volatile unsigned long handler_sp;
static volatile int flags_inside;
static volatile long change_inside;

static void on_alternate(int sig, siginfo_t *info, void *context)
{
	stack_t now, other = {alternate, 0, sizeof(alternate)};

	handler_sp = (unsigned long)__builtin_frame_address(0);
	sys(SYS_sigaltstack, NULL, &now);
	flags_inside = now.ss_flags;
	change_inside = sys(SYS_sigaltstack, &other, NULL);
	catch_signal(sig, info, context);
}

TEST_FLAGS(use, OPTIONAL)
{
	stack_t set = {.ss_sp = alternate, .ss_size = sizeof(alternate)}, old;

	NEEDS(SYS_sigaltstack, NULL, NULL);
	IS(sys(SYS_sigaltstack, &set, &old), 0);
	IS(old.ss_flags, SS_DISABLE);
	MUST(on_signal(SIGUSR1, on_alternate, SA_SIGINFO | SA_ONSTACK));
	MUST(sys(SYS_kill, sys(SYS_getpid), SIGUSR1));
	TRUE(handler_sp >= (unsigned long)alternate &&
	     handler_sp < (unsigned long)alternate + sizeof(alternate));
	IS(flags_inside, SS_ONSTACK);
	IS(change_inside, -EPERM);
	IS(sys(SYS_sigaltstack, NULL, &old), 0);
	IS(old.ss_flags, 0);
	IS(old.ss_sp, alternate);
	IS(old.ss_size, sizeof(alternate));
	/* without SA_ONSTACK: the ordinary one */
	MUST(on_signal(SIGUSR1, on_alternate, SA_SIGINFO));
	MUST(sys(SYS_kill, sys(SYS_getpid), SIGUSR1));
	TRUE(handler_sp < (unsigned long)alternate ||
	     handler_sp >= (unsigned long)alternate + sizeof(alternate));
}

TEST_FLAGS(refusals, OPTIONAL)
{
	stack_t set = {.ss_sp = alternate, .ss_size = 1024}, old;

	NEEDS(SYS_sigaltstack, NULL, NULL);
	IS(sys(SYS_sigaltstack, &set, NULL), -ENOMEM);
	set.ss_size = sizeof(alternate);
	set.ss_flags = 0x100;
	IS(sys(SYS_sigaltstack, &set, NULL), -EINVAL);
	IS(sys(SYS_sigaltstack, BAD_KERNEL, NULL), -EFAULT);
	IS(sys(SYS_sigaltstack, NULL, BAD_KERNEL), -EFAULT);
	set.ss_flags = SS_DISABLE;
	IS(sys(SYS_sigaltstack, &set, NULL), 0);
	IS(sys(SYS_sigaltstack, NULL, &old), 0);
	IS(old.ss_flags, SS_DISABLE);
}

static int recurse(int depth)
{
	volatile char frame[4096];

	frame[0] = (char)depth;
	return depth ? recurse(depth - 1) + frame[0] : frame[0];
}

static void end_well(int sig, siginfo_t *info, void *context)
{
	(void)context;
	IS(sig, SIGSEGV);
	IS(info->si_code, SEGV_MAPERR);
	finish();
}

static void overflow(void *arg)
{
	stack_t set = {.ss_sp = alternate, .ss_size = sizeof(alternate)};

	(void)arg;
	MUST(sys(SYS_sigaltstack, &set, NULL));
	MUST(on_signal(SIGSEGV, end_well, SA_SIGINFO | SA_ONSTACK));
	recurse(1 << 30);
}

/* A stack that overflowed is handled on the other one. */
TEST_FLAGS(overflow_is_caught, OPTIONAL)
{
	NEEDS(SYS_sigaltstack, NULL, NULL);
	IS(in_child(overflow, NULL), 0);
}

/* SPDX-License-Identifier: MIT */
/* rt_sigaction(2): what is kept and refused, flags, and the default actions. */
#include "check.h"

#include <sys/resource.h>

TEST(old_action)
{
	struct ksigaction act = {(void *)catch_signal, SA_SIGINFO | SA_RESTART | KSA_RESTORER,
				 (void *)check_restorer, SIGBIT(SIGUSR2)};
	struct ksigaction old;

	memset(&old, 0x55, sizeof(old));
	IS(sys(SYS_rt_sigaction, SIGUSR1, &act, &old, 8), 0);
	IS(old.handler, SIG_DFL);
	IS(old.flags, 0);
	IS(old.mask, 0);
	IS(sys(SYS_rt_sigaction, SIGUSR1, NULL, &old, 8), 0);
	SAME(&old, &act, sizeof(act));
	IS(sys(SYS_rt_sigaction, SIGUSR1, NULL, NULL, 8), 0);
}

TEST(refusals)
{
	struct ksigaction act = {(void *)SIG_IGN, KSA_RESTORER, (void *)check_restorer, 0}, old;

	IS(sys(SYS_rt_sigaction, SIGKILL, &act, NULL, 8), -EINVAL);
	IS(sys(SYS_rt_sigaction, SIGSTOP, &act, NULL, 8), -EINVAL);
	IS(sys(SYS_rt_sigaction, SIGKILL, NULL, &old, 8), 0);
	IS(old.handler, SIG_DFL);
	IS(sys(SYS_rt_sigaction, 0, &act, NULL, 8), -EINVAL);
	IS(sys(SYS_rt_sigaction, 65, &act, NULL, 8), -EINVAL);
	IS(sys(SYS_rt_sigaction, -1, &act, NULL, 8), -EINVAL);
	IS(sys(SYS_rt_sigaction, 64, &act, NULL, 8), 0);
	IS(sys(SYS_rt_sigaction, SIGUSR1, &act, NULL, 4), -EINVAL);
	IS(sys(SYS_rt_sigaction, SIGUSR1, BAD_KERNEL, NULL, 8), -EFAULT);
	IS(sys(SYS_rt_sigaction, SIGUSR1, NULL, BAD_KERNEL, 8), -EFAULT);
}

/* SIGKILL and SIGSTOP cannot hide in a mask. */
TEST(mask_loses_kill)
{
	struct ksigaction act = {(void *)catch_signal, KSA_RESTORER, (void *)check_restorer, ~0ul}, old;

	IS(sys(SYS_rt_sigaction, SIGUSR1, &act, NULL, 8), 0);
	IS(sys(SYS_rt_sigaction, SIGUSR1, NULL, &old, 8), 0);
	IS(old.mask, ~(SIGBIT(SIGKILL) | SIGBIT(SIGSTOP)));
}

static volatile int depth, deepest;
static volatile unsigned long mask_inside;

static void nested(int sig, siginfo_t *info, void *context)
{
	unsigned long mask = 0;

	(void)info, (void)context;
	if (++depth > deepest)
		deepest = depth;
	sys(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, 8);
	mask_inside = mask;
	if (++caught < 3)
		sys(SYS_kill, sys(SYS_getpid), sig);
	depth--;
}

TEST(blocked_while_handled)
{
	unsigned long mask = 0;
	struct ksigaction act = {(void *)nested, KSA_RESTORER, (void *)check_restorer, SIGBIT(SIGUSR2)};

	MUST(sys(SYS_rt_sigaction, SIGUSR1, &act, NULL, 8));
	MUST(sys(SYS_kill, sys(SYS_getpid), SIGUSR1));
	IS(caught, 3);
	IS(deepest, 1);
	IS(mask_inside, SIGBIT(SIGUSR1) | SIGBIT(SIGUSR2));
	MUST(sys(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, 8));
	IS(mask, 0);
}

TEST(nodefer)
{
	MUST(on_signal(SIGUSR1, nested, SA_NODEFER));
	MUST(sys(SYS_kill, sys(SYS_getpid), SIGUSR1));
	IS(caught, 3);
	IS(deepest, 3);
	IS(mask_inside, 0);
}

TEST(resethand)
{
	struct ksigaction old;

	MUST(on_signal(SIGUSR1, catch_signal, SA_RESETHAND | SA_SIGINFO));
	MUST(sys(SYS_kill, sys(SYS_getpid), SIGUSR1));
	IS(caught, 1);
	MUST(sys(SYS_rt_sigaction, SIGUSR1, NULL, &old, 8));
	IS(old.handler, SIG_DFL);
}

static void raise_here(void *arg)
{
	struct rlimit none = {0, 0};

	sys(SYS_prlimit64, 0, RLIMIT_CORE, &none, NULL);
	sys(SYS_kill, sys(SYS_getpid), arg);
	sys(SYS_exit_group, 99); /* lived on */
}

TEST(default_actions)
{
	static const int ignored[] = {SIGCHLD, SIGCONT, SIGURG, SIGWINCH};

	for (long sig = 1; sig <= 64; sig++) {
		long want = sig;

		if (sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU)
			continue;
		for (int i = 0; i < 4; i++)
			if (sig == ignored[i])
				want = EXITED(99);
		if (!IS(in_child(raise_here, (void *)sig) & 0xff7f, want))
			note("signal %ld", sig);
	}
}

/* A pending signal that becomes ignored is thrown away; one blocked and ignored is not even queued. */
TEST(ignoring_discards)
{
	unsigned long pending = 0;

	MUST(on_signal(SIGUSR1, catch_signal, SA_SIGINFO));
	MUST(block_signals(SIGBIT(SIGUSR1)));
	MUST(sys(SYS_kill, sys(SYS_getpid), SIGUSR1));
	IS(sys(SYS_rt_sigpending, &pending, 8), 0);
	IS(pending, SIGBIT(SIGUSR1));
	MUST(on_signal_ignore(SIGUSR1));
	IS(sys(SYS_rt_sigpending, &pending, 8), 0);
	IS(pending, 0);
	MUST(on_signal(SIGUSR1, catch_signal, SA_SIGINFO));
	MUST(unblock_signals(SIGBIT(SIGUSR1)));
	IS(caught, 0);
}

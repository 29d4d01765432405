/* SPDX-License-Identifier: MIT */
/*
 * What this binary does when a test executes it again: `syscall-tests --helper NAME …`. Each helper is
 * the far side of an execve() test and speaks by its exit code.
 */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>

#include "verdict.h"

/* exit N */
static int help_exit(int argc, char **argv, char **envp)
{
	(void)envp;
	return argc > 1 ? atoi(argv[1]) : 0;
}

/* args COUNT: that many arguments follow, and FOO=bar is the only variable */
static int help_args(int argc, char **argv, char **envp)
{
	if (argc != atoi(argv[1]) + 2 || argv[argc])
		return 1;
	if (!envp[0] || strcmp(envp[0], "FOO=bar") || envp[1])
		return 2;
	return 0;
}

/* open FD WANT: WANT = 1 if FD must be open, 0 if it must not */
static int help_open(int argc, char **argv, char **envp)
{
	(void)argc, (void)envp;
	return (sys(SYS_fcntl, atoi(argv[1]), F_GETFD, 0) >= 0) != atoi(argv[2]);
}

/* signals: SIGUSR1 ignored, SIGUSR2 default and pending and blocked, SIGTERM default */
static int help_signals(int argc, char **argv, char **envp)
{
	struct ksigaction act;
	unsigned long set = 0;

	(void)argc, (void)argv, (void)envp;
	if (sys(SYS_rt_sigaction, SIGUSR1, NULL, &act, 8) || act.handler != (void *)SIG_IGN)
		return 1;
	if (sys(SYS_rt_sigaction, SIGTERM, NULL, &act, 8) || act.handler != (void *)SIG_DFL)
		return 2;
	if (sys(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &set, 8) || set != SIGBIT(SIGUSR2))
		return 3;
	if (sys(SYS_rt_sigpending, &set, 8) || set != SIGBIT(SIGUSR2))
		return 4;
	return 0;
}

/* ids PID UID: this process has this pid and effective uid */
static int help_ids(int argc, char **argv, char **envp)
{
	(void)argc, (void)envp;
	if (sys(SYS_getpid) != atoi(argv[1]) || sys(SYS_gettid) != atoi(argv[1]))
		return 1;
	return sys(SYS_geteuid) != atoi(argv[2]);
}

/* cat: standard input to standard output */
static int help_cat(int argc, char **argv, char **envp)
{
	char buffer[4096];
	long n;

	(void)argc, (void)argv, (void)envp;
	while ((n = sys(SYS_read, 0, buffer, sizeof(buffer))) > 0)
		if (sys(SYS_write, 1, buffer, n) != n)
			return 1;
	return n != 0;
}

static const struct {
	const char *name;
	int (*run)(int argc, char **argv, char **envp);
} helpers[] = {
	{"exit", help_exit},	   {"args", help_args}, {"open", help_open},
	{"signals", help_signals}, {"ids", help_ids},	{"cat", help_cat},
};

int run_helper(int argc, char **argv, char **envp)
{
	for (size_t i = 0; i < sizeof(helpers) / sizeof(helpers[0]); i++)
		if (!strcmp(helpers[i].name, argv[0]))
			return helpers[i].run(argc, argv, envp);
	return 126;
}

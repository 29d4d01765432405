// SPDX-License-Identifier: MIT
/*
 * main.c: runs every test in a process of its own and prints TAP. Arguments: only tests whose names
 * contain one of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#define NET_SECONDS 60 /* nothing here takes so long, even emulated */

static void on_alarm(int number)
{
	(void)number;
}

void alarm_ms(unsigned int ms)
{
	const struct itimerval timer = {
		.it_value = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000},
	};

	setitimer(ITIMER_REAL, &timer, NULL);
}

void fail_at(const char *file, int line, const char *format, ...)
{
	va_list args;

	printf("# %s:%d: ", file, line);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	_exit(1);
}

static void run_child(const struct test *test)
{
	test->run();
	fflush(stdout);
	_exit(0);
}

/* The parent's alarm interrupts the wait: the test hangs. */
static int wait_for(pid_t pid)
{
	int status;

	alarm_ms(NET_SECONDS * 1000);
	if (waitpid(pid, &status, 0) != pid) {
		printf("# does not end\n");
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
	}
	alarm_ms(0);
	return status;
}

static bool run_one(const struct test *test, int number)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		run_child(test);
	if (pid < 0) {
		printf("not ok %d - kmod: %s # fork: %s\n", number, test->name, strerror(errno));
		return false;
	}
	status = wait_for(pid);
	if (status && WIFSIGNALED(status))
		printf("# killed by signal %d\n", WTERMSIG(status));
	printf("%s %d - kmod: %s\n", status ? "not ok" : "ok", number, test->name);
	return !status;
}

static bool wanted(const char *name, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (strstr(name, argv[i]))
			return true;
	return argc < 2;
}

int main(int argc, char **argv)
{
	static const struct test *const groups[] = {refusal_tests, run_tests, memory_tests, leak_tests};
	const struct sigaction action = {.sa_handler = on_alarm};
	int number = 0, failed = 0;
	size_t g;

	sigaction(SIGALRM, &action, NULL);

	dev_fd = open("/dev/mshv", O_RDWR | O_CLOEXEC);
	if (dev_fd < 0) {
		printf("1..0 # SKIP /dev/mshv: %s\n", strerror(errno));
		return 77;
	}
	for (g = 0; g < sizeof(groups) / sizeof(groups[0]); g++) {
		const struct test *test;

		for (test = groups[g]; test->name; test++)
			if (wanted(test->name, argc, argv) && !run_one(test, ++number))
				failed++;
	}
	printf("1..%d\n", number);
	return failed != 0;
}

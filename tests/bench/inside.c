/* SPDX-License-Identifier: MIT */
/*
 * inside: costs of the kernel under a container's feet: system call, pipe, fork, page fault. Runs in a
 * container and, for comparison, natively.
 *
 *   inside all SUFFIX           reports getpidSUFFIX, pipe_roundtripSUFFIX, fork_exitSUFFIX, page_faultSUFFIX
 *   inside calibrate            reports how many ticks of the counter 1000 instructions take (1000 under
 * -icount) inside getpid N             waits for a line, makes N getpid calls, prints a line, waits for
 * another line
 */
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stats.h"

#define ROUNDS 15
#define PAGES 512
#define PAGE 4096

static const char *suffix = "";

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void report_median(const char *key, uint64_t *samples)
{
	char name[64];

	snprintf(name, sizeof(name), "%s%s", key, suffix);
	report(name, median(samples, ROUNDS));
}

static inline long getpid_call(void)
{
	long result;

	__asm__ volatile("syscall" : "=a"(result) : "a"(SYS_getpid) : "rcx", "r11", "memory");
	return result;
}

static void bench_getpid(void)
{
	uint64_t samples[ROUNDS];

	for (int round = 0; round < ROUNDS; round++) {
		uint64_t start = ticks();

		for (int i = 0; i < 100; i++)
			getpid_call();
		samples[round] = (ticks() - start) / 100;
	}
	report_median("getpid", samples);
}

/* The other end of both pipes. */
static void echo(int in, int out)
{
	char c;

	while (read(in, &c, 1) == 1)
		if (write(out, &c, 1) != 1)
			break;
	_exit(0);
}

static void bench_pipe(void)
{
	uint64_t samples[ROUNDS];
	int there[2], back[2];
	char c = 'x';
	pid_t pid;

	if (pipe(there) || pipe(back))
		fail("pipe");
	pid = fork();
	if (pid < 0)
		fail("fork");
	if (pid == 0) {
		close(there[1]);
		close(back[0]);
		echo(there[0], back[1]);
	}
	close(there[0]);
	close(back[1]);
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t start = ticks();

		for (int i = 0; i < 10; i++)
			if (write(there[1], &c, 1) != 1 || read(back[0], &c, 1) != 1)
				fail("pipe");
		samples[round] = (ticks() - start) / 10;
	}
	close(there[1]);
	close(back[0]);
	waitpid(pid, NULL, 0);
	report_median("pipe_roundtrip", samples);
}

static void bench_fork(void)
{
	uint64_t samples[ROUNDS];

	for (int round = 0; round < ROUNDS; round++) {
		uint64_t start = ticks();
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		if (pid < 0 || waitpid(pid, NULL, 0) != pid)
			fail("fork");
		samples[round] = ticks() - start;
	}
	report_median("fork_exit", samples);
}

/* Per page of fresh anonymous memory; the first round also finds the pages for the machine itself. */
static void bench_page_fault(void)
{
	uint64_t samples[ROUNDS];

	for (int round = 0; round < ROUNDS; round++) {
		char *memory =
			mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		uint64_t start;

		if (memory == MAP_FAILED)
			fail("mmap");
		madvise(memory, PAGES * PAGE, MADV_NOHUGEPAGE);
		start = ticks();
		for (int i = 0; i < PAGES; i++)
			((volatile char *)memory)[i * PAGE] = 1;
		samples[round] = (ticks() - start) / PAGES;
		munmap(memory, PAGES * PAGE);
	}
	report_median("page_fault", samples);
}

/* A million instructions; the least of some rounds is the one without interrupts. */
static void calibrate(void)
{
	uint64_t least = UINT64_MAX;

	for (int round = 0; round < ROUNDS; round++) {
		uint64_t start = ticks(), n = 500000, taken;

		__asm__ volatile("1: decq %0; jnz 1b" : "+r"(n) : : "cc");
		taken = ticks() - start;
		if (taken < least)
			least = taken;
	}
	report("calibration", least / 1000);
}

static void wait_for_line(void)
{
	char c = 0;

	while (c != '\n')
		if (read(0, &c, 1) != 1)
			exit(1);
}

static void getpid_between_lines(long n)
{
	puts("ready");
	fflush(stdout);
	wait_for_line();
	while (n-- > 0)
		getpid_call();
	puts("done");
	fflush(stdout);
	wait_for_line();
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "getpid") == 0) {
		getpid_between_lines(atol(argv[2]));
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "calibrate") == 0) {
		calibrate();
		return 0;
	}
	if (argc < 2 || strcmp(argv[1], "all") != 0)
		return 2;
	if (argc > 2)
		suffix = argv[2];
	bench_getpid();
	bench_pipe();
	bench_fork();
	bench_page_fault();
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * inside: costs of the kernel under a container's feet: system call, pipe, TCP, futex, fork, page fault,
 * files. Runs in a container and, for comparison, in one without a kernel of its own.
 *
 *   inside all SUFFIX    reports getpidSUFFIX and the others; /srv/data/file is there, of 256 KiB
 *   inside calibrate     reports how many ticks of the counter 1000 instructions take (1000 under -icount)
 *   inside getpid N      waits for a line, makes N getpid calls, prints a line, waits for another line
 *   inside nothing       ends
 */
#include <fcntl.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
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

/* A connection of 127.0.0.1 to itself: both of its ends. */
static void connect_pair(int pair[2])
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t len = sizeof(a);

	pair[0] = socket(AF_INET, SOCK_STREAM, 0);
	if (listener < 0 || pair[0] < 0 || bind(listener, (void *)&a, len) || listen(listener, 1) ||
	    getsockname(listener, (void *)&a, &len) || connect(pair[0], (void *)&a, len))
		fail("connect");
	pair[1] = accept(listener, NULL, NULL);
	if (pair[1] < 0)
		fail("accept");
	close(listener);
}

static void bench_tcp(void)
{
	uint64_t samples[ROUNDS];
	int pair[2];
	char c = 'x';
	pid_t pid;

	connect_pair(pair);
	pid = fork();
	if (pid < 0)
		fail("fork");
	if (pid == 0) {
		close(pair[0]);
		echo(pair[1], pair[1]);
	}
	close(pair[1]);
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t start = ticks();

		for (int i = 0; i < 10; i++)
			if (write(pair[0], &c, 1) != 1 || read(pair[0], &c, 1) != 1)
				fail("tcp");
		samples[round] = (ticks() - start) / 10;
	}
	close(pair[0]);
	waitpid(pid, NULL, 0);
	report_median("tcp_roundtrip", samples);
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

/* A small mapping made, touched and given back. */
static void bench_mmap_touch(void)
{
	uint64_t samples[ROUNDS];

	for (int round = 0; round < ROUNDS; round++) {
		uint64_t start = ticks();

		for (int i = 0; i < 10; i++) {
			char *memory = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE,
					    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

			if (memory == MAP_FAILED)
				fail("mmap");
			for (int page = 0; page < 4; page++)
				((volatile char *)memory)[page * PAGE] = 1;
			munmap(memory, 4 * PAGE);
		}
		samples[round] = (ticks() - start) / 10;
	}
	report_median("mmap_touch", samples);
}

static int turn; /* whose: 0 the main thread's, 1 the other's, 2 nobody's any more */

static void pass_turn(int to)
{
	__atomic_store_n(&turn, to, __ATOMIC_RELEASE);
	syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/* Waits while it is the other's turn. */
static int wait_turn(int other)
{
	int now;

	while ((now = __atomic_load_n(&turn, __ATOMIC_ACQUIRE)) == other)
		syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, other, NULL, NULL, 0);
	return now;
}

static void *futex_echo(void *unused)
{
	(void)unused;
	while (wait_turn(0) == 1)
		pass_turn(0);
	return NULL;
}

static void bench_futex(void)
{
	uint64_t samples[ROUNDS];
	pthread_t thread;

	if (pthread_create(&thread, NULL, futex_echo, NULL))
		fail("pthread_create");
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t start = ticks();

		for (int i = 0; i < 10; i++) {
			pass_turn(1);
			wait_turn(1);
		}
		samples[round] = (ticks() - start) / 10;
	}
	pass_turn(2);
	pthread_join(thread, NULL);
	report_median("futex_roundtrip", samples);
}

/* As a shell does it; the program is this one, and does nothing. */
static void bench_exec(void)
{
	uint64_t samples[ROUNDS];
	char *const argv[] = {"/inside", "nothing", NULL};

	for (int round = 0; round < ROUNDS; round++) {
		uint64_t start = ticks();
		pid_t pid = fork();
		int status;

		if (pid == 0) {
			execv(argv[0], argv);
			_exit(127);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
			fail("fork and exec");
		samples[round] = ticks() - start;
	}
	report_median("fork_exec_exit", samples);
}

static const char data_file[] = "/srv/data/file";
static char buffer[PAGE];

static void bench_cached_read(void)
{
	uint64_t samples[ROUNDS];
	int fd = open(data_file, O_RDONLY);

	if (fd < 0)
		fail(data_file);
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t start = ticks();

		for (int i = 0; i < 20; i++)
			if (pread(fd, buffer, PAGE, i * PAGE) != PAGE)
				fail("pread");
		samples[round] = (ticks() - start) / 20;
	}
	close(fd);
	report_median("cached_read", samples);
}

static void bench_open_stat(void)
{
	uint64_t samples[ROUNDS];
	struct stat st;

	for (int round = 0; round < ROUNDS; round++) {
		uint64_t start = ticks();

		for (int i = 0; i < 10; i++) {
			int fd = open(data_file, O_RDONLY | O_CLOEXEC);

			if (fd < 0 || stat(data_file, &st))
				fail(data_file);
			close(fd);
		}
		samples[round] = (ticks() - start) / 10;
	}
	report_median("open_stat", samples);
}

/* Per chunk of 4 KiB of a new file of 256 KiB, its close included. */
static void bench_write(void)
{
	uint64_t samples[ROUNDS];

	for (int round = 0; round < ROUNDS; round++) {
		int fd = open("/srv/data/new", O_WRONLY | O_CREAT | O_TRUNC, 0600);
		uint64_t start = ticks();

		for (int i = 0; i < 64; i++)
			if (write(fd, buffer, PAGE) != PAGE)
				fail("write");
		if (close(fd))
			fail("close");
		samples[round] = (ticks() - start) / 64;
	}
	unlink("/srv/data/new");
	report_median("write_4k", samples);
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
	if (argc == 2 && strcmp(argv[1], "nothing") == 0)
		return 0;
	if (argc < 2 || strcmp(argv[1], "all") != 0)
		return 2;
	if (argc > 2)
		suffix = argv[2];
	bench_getpid();
	bench_pipe();
	bench_tcp();
	bench_fork();
	bench_exec();
	bench_page_fault();
	bench_mmap_touch();
	bench_futex();
	bench_cached_read();
	bench_open_stat();
	bench_write();
	return 0;
}

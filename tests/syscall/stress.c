/* SPDX-License-Identifier: MIT */
/* Many at once: processes and threads that fork, execute, signal, map and write into one another's way. */
#include "check.h"

#include <sched.h>
#include <stdio.h>
#include <time.h>

#define RW (PROT_READ | PROT_WRITE)
#define THREAD                                                                              \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | \
	 CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)
#define WORKERS 6

static char stacks[WORKERS][32768] __attribute__((aligned(64)));
static volatile int tids[WORKERS];
static volatile int stop;

static void start(int i, int (*fn)(void *), void *arg)
{
	tids[i] = 1;
	MUST(clone(fn, stacks[i] + sizeof(stacks[i]), THREAD, arg, &tids[i], NULL, &tids[i]));
}

static void join(int i)
{
	int tid;

	while ((tid = tids[i]))
		sys(SYS_futex, &tids[i], 0, tid, NULL, NULL, 0);
}

static void fork_exec_loop(void *arg)
{
	(void)arg;
	for (int i = 0; i < 15; i++) {
		long pid = MUST(sys(SYS_fork));

		if (pid == 0) {
			sys(SYS_execve, self_path, ARGV("x", "--helper", "exit", "3"), (char *[]){NULL});
			finish();
		}
		IS(reap(pid), EXITED(3));
	}
}

TEST_FLAGS(fork_and_exec_in_parallel, SLOW)
{
	long pids[4];

	for (int i = 0; i < 4; i++)
		pids[i] = child(fork_exec_loop, NULL);
	for (int i = 0; i < 4; i++)
		IS(reap(pids[i]), 0);
}

/* Threads map, touch, protect and unmap side by side; each checks its own bytes. */
static int map_loop(void *arg)
{
	unsigned char mark = (unsigned char)(long)arg;

	for (int i = 0; i < 40; i++) {
		unsigned char *p = (void *)sys(SYS_mmap, 0, 16384, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if ((long)p < 0 && (long)p > -4096)
			return 1;
		memset(p, mark, 16384);
		sys(SYS_mprotect, p, 4096, PROT_READ);
		sys(SYS_munmap, p + 4096, 4096);
		for (int j = 8192; j < 16384; j++)
			if (p[j] != mark)
				IS(p[j], mark);
		if (p[5] != mark)
			IS(p[5], mark);
		sys(SYS_munmap, p, 16384);
	}
	return 0;
}

TEST_FLAGS(threads_that_map, SLOW)
{
	for (long i = 0; i < WORKERS; i++)
		start((int)i, map_loop, (void *)(i + 1));
	for (int i = 0; i < WORKERS; i++)
		join(i);
}

/* fork() while other threads write: the child's copy of two words that change together stays consistent. */
static volatile struct {
	long a;
	char gap[8192];
	long b;
} pair;

static int write_pair(void *arg)
{
	(void)arg;
	while (!stop) {
		pair.a++;
		__sync_synchronize();
		pair.b++;
	}
	return 0;
}

static void check_pair(void *arg)
{
	long difference = pair.a - pair.b;

	(void)arg;
	for (int i = 0; i < 1000; i++)
		if (pair.a - pair.b != difference) {
			IS(pair.a - pair.b, difference);
			return;
		}
	TRUE(difference == 0 || difference == 1 || difference == -1);
}

TEST_FLAGS(fork_under_writers, SLOW)
{
	stop = 0;
	start(0, write_pair, NULL);
	for (int i = 0; i < 60; i++)
		IS(in_child(check_pair, NULL), 0);
	stop = 1;
	join(0);
}

/* Signals from everywhere while system calls run: each call is finished or EINTR, nothing is lost. */
static void bombard(void *arg)
{
	for (int i = 0; i < 300; i++)
		if (sys(SYS_kill, arg, SIGUSR1 + (i & 1) * (SIGUSR2 - SIGUSR1)))
			break;
}

TEST_FLAGS(signals_during_io, SLOW)
{
	static char in[100], out[100];
	int p[2];
	long pids[2];
	long n;

	MUST(on_signal(SIGUSR1, catch_signal, SA_SIGINFO | SA_RESTART));
	MUST(on_signal(SIGUSR2, catch_signal, SA_SIGINFO | SA_RESTART));
	make_pipe(p);
	for (int i = 0; i < 2; i++)
		pids[i] = child(bombard, (void *)sys(SYS_getpid));
	for (int i = 0; i < 500; i++) {
		memset(out, i, sizeof(out));
		IS(sys(SYS_write, p[1], out, 100), 100);
		n = sys(SYS_read, p[0], in, 100);
		IS(n, 100);
		SAME(in, out, 100);
	}
	for (int i = 0; i < 2; i++)
		IS(reap(pids[i]), 0);
	TRUE(caught > 0);
}

/* Everybody creates, renames and removes the same names: only the expected errors. */
static void name_loop(void *arg)
{
	char mine[16];
	long result;

	snprintf(mine, sizeof(mine), "own-%ld", (long)arg);
	for (int i = 0; i < 60; i++) {
		make_file(mine, "x", 1, 0644);
		result = sys(SYS_rename, mine, "shared");
		IS(result, 0);
		/* mine may be there still: renaming one name of a file to another does nothing */
		result = sys(SYS_link, "shared", mine);
		TRUE(result == 0 || result == -ENOENT || result == -EEXIST);
		result = sys(SYS_unlink, "shared");
		TRUE(result == 0 || result == -ENOENT);
		result = sys(SYS_mkdir, "dir", 0755);
		TRUE(result == 0 || result == -EEXIST);
		result = sys(SYS_rmdir, "dir");
		TRUE(result == 0 || result == -ENOENT);
	}
	sys(SYS_unlink, mine);
}

TEST_FLAGS(names_in_parallel, FILES | SLOW)
{
	long pids[3];

	for (long i = 0; i < 3; i++)
		pids[i] = child(name_loop, (void *)i);
	for (int i = 0; i < 3; i++)
		IS(reap(pids[i]), 0);
}

/* One file, several writers with pwrite: every block holds one writer's bytes. */
static void block_writer(void *arg)
{
	static char block[4096];
	long fd = MUST(sys(SYS_open, "f", O_RDWR));

	for (int round = 0; round < 20; round++)
		for (long at = 0; at < 8; at++) {
			memset(block, (int)('a' + (long)arg), sizeof(block));
			IS(sys(SYS_pwrite64, fd, block, 4096, at * 4096), 4096);
		}
}

TEST_FLAGS(writers_of_one_file, FILES | SLOW)
{
	static char block[4096];
	long pids[3], fd;

	make_file("f", "", 0, 0644);
	for (long i = 0; i < 3; i++)
		pids[i] = child(block_writer, (void *)i);
	for (int i = 0; i < 3; i++)
		IS(reap(pids[i]), 0);
	fd = MUST(sys(SYS_open, "f", O_RDONLY));
	for (int at = 0; at < 8; at++) {
		IS(sys(SYS_read, fd, block, 4096), 4096);
		for (int i = 1; i < 4096; i++)
			if (block[i] != block[0]) {
				IS(i, -1);
				break;
			}
	}
}

/* Processes killed at any moment, in the middle of whatever they do. */
static void busy(void *arg)
{
	char c = 'x';
	int p[2];

	(void)arg;
	for (;;) {
		make_pipe(p);
		sys(SYS_write, p[1], &c, 1);
		if (sys(SYS_fork) == 0)
			sys(SYS_exit_group, 0);
		sys(SYS_mmap, 0, 65536, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
		sys(SYS_wait4, -1, NULL, 0, 0);
		sys(SYS_close, p[0]);
		sys(SYS_close, p[1]);
	}
}

TEST_FLAGS(killed_at_any_moment, SLOW)
{
	struct timespec ts = {0, 0};

	for (int i = 0; i < 60; i++) {
		long pid = child(busy, NULL);

		ts.tv_nsec = (i * 7919 % 40) * 50000;
		sys(SYS_nanosleep, &ts, NULL);
		MUST(sys(SYS_kill, pid, SIGKILL));
		IS(reap(pid), SIGKILL);
	}
}

static int group_leaver(void *arg)
{
	if ((long)arg == 5)
		sys(SYS_exit_group, 7);
	for (;;) {
		sys(SYS_sched_yield);
		map_loop(arg);
	}
	return 0;
}

static void crowd(void *arg)
{
	(void)arg;
	for (long i = 0; i < WORKERS; i++)
		start((int)i, group_leaver, (void *)i);
	for (;;)
		sys(SYS_pause);
}

TEST_FLAGS(exit_group_of_a_crowd, SLOW)
{
	for (int i = 0; i < 10; i++)
		IS(in_child(crowd, NULL), EXITED(7));
}

/* Of many watched pipes, exactly those with bytes are reported. */
TEST_FLAGS(epoll_of_pipes, OPTIONAL)
{
	struct {
		uint32_t events;
		uint64_t data;
	} __attribute__((packed)) e[64], got[64];
	int p[64][2];
	long ep, seen = 0, n;

	NEEDS(SYS_epoll_create1, 0x10);
	ep = MUST(sys(SYS_epoll_create1, 0));
	for (int i = 0; i < 64; i++) {
		MUST(sys(SYS_pipe, p[i]));
		e[i].events = 1;
		e[i].data = i;
		IS(sys(SYS_epoll_ctl, ep, 1, p[i][0], &e[i]), 0);
	}
	for (int i = 0; i < 64; i += 2)
		IS(sys(SYS_write, p[i][1], "x", 1), 1);
	n = MUST(sys(SYS_epoll_wait, ep, got, 64, 0));
	for (int i = 0; i < n; i++) {
		seen += got[i].data;
		IS(got[i].data & 1, 0);
	}
	IS(n, 32);
	IS(seen, 62 * 32 / 2);
}

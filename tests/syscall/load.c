/* SPDX-License-Identifier: MIT */
/* Load: rounds of jobs that each push one thing hard, for as many seconds as option -s says, and then the
 * same processes, descriptors and memory as before. No job waits with a timeout: a lost wake-up is a test
 * that never ends. */
#include "check.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>

#define RW (PROT_READ | PROT_WRITE)
#define THREAD                                                                              \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | \
	 CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)

/* How much a job does: sixteenths of all, one without option -s, where this is one test among many. With it,
 * as much as makes a round take its share of the time on this machine. */
static int sixteenths = 1;

static long amount(long full)
{
	return full * sixteenths / 16 + 1;
}

static void adapt(long took)
{
	long share = (long)load_seconds * (1000000000 / 16);

	if (took < share / 2 && sixteenths < 16)
		sixteenths *= 2;
	else if (took > share && sixteenths > 1)
		sixteenths /= 2;
}

/* Forks until the limit refuses, each child the same; whoever is refused sleeps. Then all die at once. */
static void bomb(void *arg)
{
	struct rlimit limit = {150, 150};
	long pid, refused = 0;

	(void)arg;
	sys(SYS_setpgid, 0, 0);
	if (sys(SYS_geteuid) == 0) {
		MUST(sys(SYS_setresuid, 54322, 54322, 54322));
		MUST(sys(SYS_setrlimit, RLIMIT_NPROC, &limit));
	}
	for (int i = 0; i < 12 && refused < 3; i++) {
		pid = sys(SYS_fork);
		refused += pid < 0;
		if (pid < 0)
			TRUE(pid == -EAGAIN || pid == -ENOMEM);
	}
	for (;;)
		sys(SYS_pause);
}

static void fork_bomb(void)
{
	struct timespec ts = {0, 100000000};
	int status;
	long pid;

	if (sys(SYS_geteuid) != 0)
		return; /* the limit would count what else this user runs */
	IS(sys(SYS_prctl, 36 /* PR_SET_CHILD_SUBREAPER */, 1), 0);
	pid = child(bomb, NULL);
	IS(sys(SYS_setpgid, pid, pid), 0);
	sys(SYS_nanosleep, &ts, NULL);
	IS(sys(SYS_kill, -pid, SIGKILL), 0); /* all of them: nobody may be born past it */
	while (sys(SYS_wait4, -1, &status, 0, NULL) > 0)
		IS(status, KILLED(SIGKILL));
}

/* Two processes queue signals for one another; none may get lost. Ordinary ones rain on both meanwhile. */
static void storm(void *arg)
{
	unsigned long set = SIGBIT(SIGRTMIN + 1);
	siginfo_t info = {.si_signo = 0};
	long *pids = arg, me = sys(SYS_getpid), other, got = 0, sent = 0, n;

	long signals = amount(200);

	while (!*(volatile long *)&pids[1])
		sys(SYS_sched_yield);
	other = pids[0] == me ? pids[1] : pids[0];
	info.si_code = SI_QUEUE;
	while (got < signals) {
		while (sent < signals && sent < got + 16) {
			n = sys(SYS_rt_sigqueueinfo, other, SIGRTMIN + 1, &info);
			if (n == -EAGAIN)
				break;
			IS(n, 0);
			sent++;
		}
		n = sys(SYS_rt_sigtimedwait, &set, &info, NULL, 8);
		if (n == SIGRTMIN + 1)
			got++;
		else
			IS(n, -EINTR);
	}
	IS(sent, signals);
	TRUE(caught >= 0);
}

static void signal_storm(void)
{
	long *pids = (long *)sys(SYS_mmap, 0, 4096, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0), first, second;

	block_signals(SIGBIT(SIGRTMIN + 1));
	MUST(on_signal(SIGUSR1, catch_signal, SA_SIGINFO));
	first = child(storm, pids);
	second = child(storm, pids);
	pids[0] = first;
	*(volatile long *)&pids[1] = second;
	for (int i = 0; i < 100; i++) {
		sys(SYS_kill, first, SIGUSR1);
		sys(SYS_kill, second, SIGUSR1);
	}
	IS(reap(first), 0);
	IS(reap(second), 0);
	sys(SYS_munmap, pids, 4096);
}

/* A lock and a baton made of futexes, and threads that want both. */
#define THREADS 4
static char stacks[THREADS][16384] __attribute__((aligned(64)));
static volatile int tids[THREADS], lock, baton;
static volatile long sum;

static void lock_it(void)
{
	int was = __sync_val_compare_and_swap(&lock, 0, 1);

	while (was) {
		if (was == 2 || __sync_val_compare_and_swap(&lock, 1, 2))
			sys(SYS_futex, &lock, 128, 2, NULL, NULL, 0);
		was = __sync_val_compare_and_swap(&lock, 0, 2);
	}
}

static void unlock_it(void)
{
	if (__sync_lock_test_and_set(&lock, 0) == 2)
		sys(SYS_futex, &lock, 129, 1, NULL, NULL, 0);
}

static int contender(void *arg)
{
	int me = (int)(long)arg, now, turns = (int)amount(300);

	for (int i = 0; i < turns; i++) {
		lock_it();
		sum = sum + 1;
		unlock_it();
		while ((now = baton) % THREADS != me)
			sys(SYS_futex, &baton, 128, now, NULL, NULL, 0);
		baton = now + 1;
		sys(SYS_futex, &baton, 129, THREADS, NULL, NULL, 0);
	}
	return 0;
}

static void futexes(void)
{
	int tid, turns = (int)amount(300);

	lock = baton = 0;
	sum = 0;
	for (long i = 0; i < THREADS; i++) {
		tids[i] = 1;
		MUST(clone(contender, stacks[i] + sizeof(stacks[i]), THREAD, (void *)i, &tids[i], NULL,
			   &tids[i]));
	}
	for (int i = 0; i < THREADS; i++)
		while ((tid = tids[i]))
			sys(SYS_futex, &tids[i], 0, tid, NULL, NULL, 0);
	IS(sum, THREADS * turns);
	IS(baton, THREADS * turns);
}

/* A ring of processes hands bytes on, by way of epoll and by blocking reads in turn. */
#define RING 6
static void hand_on(int in, int out, bool by_epoll, int bytes)
{
	struct epoll_event e = {.events = EPOLLIN | EPOLLET}, got;
	long ep = MUST(sys(SYS_epoll_create1, 0));
	char c;

	IS(sys(SYS_epoll_ctl, ep, EPOLL_CTL_ADD, in, &e), 0);
	while (bytes) {
		if (by_epoll) {
			IS(sys(SYS_epoll_wait, ep, &got, 1, -1), 1);
			IS(sys(SYS_fcntl, in, F_SETFL, O_NONBLOCK), 0);
		}
		do {
			if (sys(SYS_read, in, &c, 1) != 1)
				break;
			bytes--;
			IS(sys(SYS_write, out, &c, 1), 1);
		} while (by_epoll && bytes);
	}
	finish();
}

static void ring(void)
{
	int p[RING + 1][2], tokens = 3, turns = (int)amount(60);
	long pids[RING];
	char c;

	for (int i = 0; i <= RING; i++)
		make_pipe(p[i]);
	for (int i = 0; i < RING; i++) {
		pids[i] = MUST(sys(SYS_fork));
		if (!pids[i])
			hand_on(p[i][0], p[i + 1][1], i & 1, tokens * turns);
	}
	for (int i = 0; i < tokens; i++)
		IS(sys(SYS_write, p[0][1], "t", 1), 1);
	for (int i = 1; i <= tokens * turns; i++) {
		IS(sys(SYS_read, p[RING][0], &c, 1), 1);
		if (i <= tokens * (turns - 1))
			IS(sys(SYS_write, p[0][1], &c, 1), 1);
	}
	for (int i = 0; i < RING; i++)
		IS(reap(pids[i]), 0);
	for (int i = 0; i <= RING; i++) {
		sys(SYS_close, p[i][0]);
		sys(SYS_close, p[i][1]);
	}
}

/* A file larger than a small container's memory, written, mapped and read while others of it are wanted. */
#define STEP (64l << 10)
static void big_file(long bytes)
{
	static unsigned block[STEP / 4];
	long fd = MUST(sys(SYS_open, "big", O_RDWR | O_CREAT | O_TRUNC, 0600)), n = 0;
	unsigned *map;

	for (long at = 0; at < bytes && n >= 0; at += STEP) {
		for (long i = 0; i < STEP / 4; i++)
			block[i] = (unsigned)(at + i);
		n = sys(SYS_write, fd, block, STEP);
		TRUE(n == STEP || n == -ENOSPC); /* a tmpfs has less room */
		if (n != STEP)
			break;
	}
	n = OK(sys(SYS_lseek, fd, 0, SEEK_END)) / STEP * STEP;
	map = (unsigned *)sys(SYS_mmap, 0, n, RW, MAP_SHARED, fd, 0);
	for (long at = n - STEP; at >= 0; at -= STEP) {
		if (map[at / 4 + 100] != (unsigned)(at + 100))
			IS(map[at / 4 + 100], at + 100);
		if (at % (STEP * 16) == 0)
			map[at / 4] = ~(unsigned)at;
	}
	sys(SYS_munmap, map, n);
	for (long at = 0; at < n; at += STEP * 16) {
		IS(sys(SYS_pread64, fd, block, STEP, at), STEP);
		if (block[0] != ~(unsigned)at || block[STEP / 4 - 1] != (unsigned)(at + STEP / 4 - 1))
			IS(block[0], ~(unsigned)at);
	}
	IS(sys(SYS_close, fd), 0);
	IS(sys(SYS_unlink, "big"), 0);
}

static void page_cache(void)
{
	big_file(amount(96) << 20);
}

/* Thousands of names, and as many descriptors as one may have. */
static void many_files(void)
{
	struct rlimit old, all;
	char name[32];
	int names = (int)amount(1500);
	long fd, last = -1;

	IS(sys(SYS_mkdir, "many", 0700), 0);
	IS(sys(SYS_getrlimit, RLIMIT_NOFILE, &old), 0);
	all = (struct rlimit){old.rlim_max < 2048 ? old.rlim_max : 2048, old.rlim_max};
	IS(sys(SYS_setrlimit, RLIMIT_NOFILE, &all), 0);
	for (int i = 0; i < names; i++) {
		snprintf(name, sizeof(name), "many/%d", i);
		fd = sys(SYS_open, name, O_RDWR | O_CREAT | O_EXCL, 0600);
		if (fd == -EMFILE) /* the rest without keeping it */
			IS(sys(SYS_mknod, name, S_IFREG | 0600, 0), 0);
		else
			last = OK(fd);
	}
	while ((fd = sys(SYS_dup, last)) >= 0)
		last = fd;
	IS(fd, -EMFILE);
	IS(last, (long)all.rlim_cur - 1);
	for (int i = 0; i < names; i += 2) {
		snprintf(name, sizeof(name), "many/%d", i);
		IS(sys(SYS_unlink, name), 0);
	}
	IS(sys(SYS_rmdir, "many"), -ENOTEMPTY);
	IS(sys(436 /* close_range */, 3, ~0u, 0), 0);
	for (int i = 1; i < names; i += 2) {
		snprintf(name, sizeof(name), "many/%d", i);
		IS(sys(SYS_unlink, name), 0);
	}
	IS(sys(SYS_rmdir, "many"), 0);
}

/* Descriptors that hold one another: sockets in flight, sets of sets, watches, timers, processes. */
static void webs(void)
{
	struct itimerspec soon = {{0, 1000000}, {0, 1000000}};
	struct epoll_event e = {.events = EPOLLIN};
	unsigned long mask = SIGBIT(SIGUSR2);
	long ep = MUST(sys(SYS_epoll_create1, 0)), fd, pid, inner;

	for (int i = 0; i < amount(60); i++) {
		fd = MUST(sys(SYS_timerfd_create, CLOCK_MONOTONIC, O_NONBLOCK));
		IS(sys(SYS_timerfd_settime, fd, 0, &soon, NULL), 0);
		IS(sys(SYS_epoll_ctl, ep, EPOLL_CTL_ADD, fd, &e), 0);
		inner = MUST(sys(SYS_epoll_create1, 0));
		IS(sys(SYS_epoll_ctl, inner, EPOLL_CTL_ADD, fd, &e), 0);
		IS(sys(SYS_epoll_ctl, ep, EPOLL_CTL_ADD, inner, &e), 0);
		fd = MUST(sys(SYS_signalfd4, -1, &mask, 8, O_NONBLOCK));
		IS(sys(SYS_epoll_ctl, ep, EPOLL_CTL_ADD, fd, &e), 0);
		fd = MUST(sys(SYS_inotify_init1, O_NONBLOCK));
		TRUE(sys(SYS_inotify_add_watch, fd, ".", 0xfff) > 0);
		IS(sys(SYS_epoll_ctl, ep, EPOLL_CTL_ADD, fd, &e), 0);
		pid = MUST(sys(SYS_fork));
		if (!pid)
			sys(SYS_exit_group, 0);
		fd = MUST(sys(434 /* pidfd_open */, pid, 0));
		IS(sys(SYS_epoll_ctl, ep, EPOLL_CTL_ADD, fd, &e), 0);
		make_file("w", "x", 1, 0600);
		IS(sys(SYS_unlink, "w"), 0);
		IS(sys(SYS_epoll_wait, ep, &e, 1, -1), 1);
		e = (struct epoll_event){.events = EPOLLIN};
		IS(reap(pid), 0);
	}
	/* and all of it goes with the process */
}

static const struct {
	const char *name;
	void (*run)(void);
} jobs[] = {
	{"fork bomb", fork_bomb},   {"signal storm", signal_storm}, {"futexes", futexes}, {"ring", ring},
	{"page cache", page_cache}, {"many files", many_files},	    {"webs", webs},
};

static void one_job(void *arg)
{
	((void (*)(void))arg)();
}

/* Processes in /proc, descriptors of this process, kB of memory that could be had. */
struct state {
	long processes, descriptors, available;
};

static long entries(const char *path, bool numbers)
{
	static char buffer[32768];
	long fd = MUST(sys(SYS_open, path, O_RDONLY | O_DIRECTORY)), n, count = 0;
	struct {
		uint64_t ino, off;
		unsigned short size;
		unsigned char type;
		char name[];
	} __attribute__((packed)) * d;

	while ((n = sys(SYS_getdents64, fd, buffer, sizeof(buffer))) > 0)
		for (long at = 0; at < n; at += d->size) {
			d = (void *)(buffer + at);
			count += !numbers || (d->name[0] >= '1' && d->name[0] <= '9');
		}
	sys(SYS_close, fd);
	return count;
}

static long memory(const char *what)
{
	static char text[8192];
	char *line;

	OK(slurp("/proc/meminfo", text, sizeof(text)));
	line = strstr(text, what);
	return line ? atol(line + strlen(what)) : 0;
}

static struct state look(void)
{
	return (struct state){entries("/proc", true), entries("/proc/self/fd", false),
			      memory("MemAvailable:")};
}

static void round_of_all(void)
{
	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
		int status = in_child(one_job, (void *)jobs[i].run);

		if (status)
			note("job: %s", jobs[i].name);
		IS(status, 0);
	}
}

/* Rounds until the time is up: the least memory that was available after one of them. What the kernel keeps
 * for next time grows with how many things happened to be at once, so one round says little and the least of
 * many a lot. */
static long rounds_for(long ns)
{
	long now = now_ns(), end = now + ns, least = 1l << 60, rounds = 0, available, start;

	do {
		start = now;
		round_of_all();
		rounds++;
		available = look().available;
		least = available < least ? available : least;
		now = now_ns();
		adapt(now - start);
	} while (now < end);
	note("%ld rounds, the next of %d/16, at least %ld kB available", rounds, sixteenths, least);
	return least;
}

TEST_FLAGS(all_and_nothing_is_left, FILES | SLOW)
{
	struct state before = look(), after;
	long first = rounds_for((long)load_seconds * 500000000);
	long second = rounds_for((long)load_seconds * 500000000);

	after = look();
	IS(after.descriptors, before.descriptors);
	if (!exists("/proc/nacelle"))
		return; /* others change the machine's figures */
	IS(after.processes, before.processes);
	TRUE(second > first - 4096);
}

static void wait_for_word(void *arg)
{
	volatile int *word = arg;

	while (!*word)
		sys(SYS_futex, word, 0 /* FUTEX_WAIT */, 0, NULL, NULL, 0);
}

/* Where memory is scarce (tests/runtime/containers sees to that), more than all of it is mapped, and somebody
 * sleeps on a word that the kernel has to take out of memory meanwhile. */
TEST_FLAGS(mapped_beyond_memory, FILES | SLOW)
{
	long kilobytes = memory("MemTotal:"), fd = MUST(sys(SYS_open, "word", O_RDWR | O_CREAT, 0600)), pid;
	volatile int *word;

	IS(sys(SYS_ftruncate, fd, 4096), 0);
	word = (int *)MUST(sys(SYS_mmap, 0, 4096, RW, MAP_SHARED, fd, 0));
	pid = child(wait_for_word, (void *)word);
	big_file(kilobytes <= 32768 ? kilobytes * 5 / 4 * 1024 : 1 << 20);
	*word = 1;
	OK(sys(SYS_futex, word, 1 /* FUTEX_WAKE */, 1, NULL, NULL, 0));
	IS(reap(pid), 0);
	IS(sys(SYS_unlink, "word"), 0);
}

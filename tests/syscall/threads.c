/* SPDX-License-Identifier: MIT */
/* Threads by clone(2) as the C libraries make them: shared state, exit, exit_group, join by futex. */
#include "check.h"

#include <sched.h>
#include <stdlib.h>

#define THREAD                                                                              \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | \
	 CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)
#define THREADS 8

static char stacks[THREADS][32768] __attribute__((aligned(64)));
static volatile int tids[THREADS];
static volatile int shared[THREADS];

/* Start fn(arg) as a thread in slot i. musl's clone() ends it by exit(2). */
static long start(int i, int (*fn)(void *), void *arg)
{
	tids[i] = 1; /* not 0: join() must see the kernel's store */
	return MUST(clone(fn, stacks[i] + sizeof(stacks[i]), THREAD, arg, &tids[i], NULL, &tids[i]));
}

static void join(int i)
{
	int tid;

	while ((tid = tids[i]))
		sys(SYS_futex, &tids[i], 0, tid, NULL, NULL, 0);
}

static int fill(void *arg)
{
	long i = (long)arg;

	shared[i] = (int)sys(SYS_gettid);
	IS(sys(SYS_getpid) != sys(SYS_gettid), 1);
	return 0;
}

TEST(create_and_join)
{
	long tid[THREADS];

	for (long i = 0; i < THREADS; i++)
		tid[i] = start(i, fill, (void *)i);
	for (int i = 0; i < THREADS; i++)
		join(i);
	for (int i = 0; i < THREADS; i++)
		IS(shared[i], tid[i]);
	IS(sys(SYS_wait4, -1, NULL, 0, 0), -ECHILD); /* threads are no children */
}

static int forever(void *arg)
{
	for (;;)
		sys(SYS_read, (long)arg, shared, 1);
	return 0;
}

static int spin(void *arg)
{
	for (;;)
		shared[(long)arg]++;
	return 0;
}

static int leave(void *arg)
{
	sys(SYS_exit_group, arg);
	return 0;
}

static void group_exit(void *arg)
{
	int p[2];

	make_pipe(p);
	start(0, forever, (void *)(long)p[0]);
	start(1, spin, (void *)1L);
	start(2, leave, arg);
	for (;;)
		sys(SYS_pause);
}

/* exit_group by any thread ends all, also those that sleep or compute. */
TEST(exit_group)
{
	IS(in_child(group_exit, (void *)17L), EXITED(17));
}

static int finish_late(void *arg)
{
	sleep_ms(20);
	sys(SYS_exit_group, arg);
	return 0;
}

static void leader_exit(void *arg)
{
	start(0, finish_late, arg);
	for (;;)
		sys(SYS_exit, 1); /* only this thread: the process lives */
}

TEST(leader_may_leave_first)
{
	IS(in_child(leader_exit, (void *)18L), EXITED(18));
}

static int crash(void *arg)
{
	*(volatile char *)arg = 1;
	return 0;
}

static void crash_thread(void *arg)
{
	start(0, crash, arg);
	for (;;)
		sys(SYS_pause);
}

TEST(fault_kills_all)
{
	IS(in_child(crash_thread, BAD_UNMAPPED), KILLED(SIGSEGV));
}

static int exec(void *arg)
{
	char pid[16];
	int value = (int)sys(SYS_getpid), at = 15;

	(void)arg;
	pid[at] = 0;
	for (; value; value /= 10)
		pid[--at] = (char)('0' + value % 10);
	sys(SYS_execve, self_path, ARGV("x", "--helper", "ids", pid + at, sys(SYS_geteuid) ? "1000" : "0"),
	    (char *[]){NULL});
	return 0;
}

static void exec_thread(void *arg)
{
	start(0, spin, arg);
	start(1, exec, arg);
	for (;;)
		sys(SYS_pause);
}

/* exec by a thread: the others vanish, and it becomes the leader. */
TEST(exec_takes_over)
{
	IS(in_child(exec_thread, NULL), 0);
}

static int open_file(void *arg)
{
	int *fd = arg;

	*fd = (int)sys(SYS_dup, 1);
	sys(SYS_chdir, "/");
	return 0;
}

TEST(files_and_directory_are_shared)
{
	char text[64];
	static int fd;

	start(0, open_file, &fd);
	join(0);
	OK(sys(SYS_fcntl, fd, F_GETFD));
	MUST(sys(SYS_getcwd, text, sizeof(text)));
	STREQ(text, "/");
}

/* Signals: a directed one reaches its thread, masks are per thread. */
static volatile int handled_by;

static void who(int sig, siginfo_t *info, void *context)
{
	(void)sig, (void)info, (void)context;
	handled_by = (int)sys(SYS_gettid);
}

static int wait_handled(void *arg)
{
	unsigned long set = SIGBIT(SIGUSR1);

	(void)arg;
	sys(SYS_rt_sigprocmask, SIG_UNBLOCK, &set, NULL, 8);
	shared[0] = 1;
	while (!handled_by)
		sys(SYS_sched_yield);
	return 0;
}

TEST(directed_signal)
{
	long tid;

	shared[0] = 0;
	handled_by = 0;
	MUST(on_signal(SIGUSR1, who, SA_SIGINFO));
	tid = start(0, wait_handled, NULL);
	while (!shared[0])
		sys(SYS_sched_yield);
	IS(sys(SYS_tgkill, sys(SYS_getpid), tid, SIGUSR1), 0);
	join(0);
	IS(handled_by, tid);
}

TEST(process_signal_finds_the_unblocked_thread)
{
	long tid;

	shared[0] = 0;
	handled_by = 0;
	MUST(on_signal(SIGUSR1, who, SA_SIGINFO));
	MUST(block_signals(SIGBIT(SIGUSR1)));
	tid = start(0, wait_handled, NULL);
	while (!shared[0])
		sys(SYS_sched_yield);
	IS(sys(SYS_kill, sys(SYS_getpid), SIGUSR1), 0);
	join(0);
	IS(handled_by, tid);
}

/* Atomic increments by all of them on one word. */
static volatile int counter;

static int count(void *arg)
{
	(void)arg;
	for (int i = 0; i < 20000; i++)
		__atomic_fetch_add(&counter, 1, __ATOMIC_SEQ_CST);
	return 0;
}

TEST(parallel_counting)
{
	counter = 0;
	for (int i = 0; i < THREADS; i++)
		start(i, count, NULL);
	for (int i = 0; i < THREADS; i++)
		join(i);
	IS(counter, THREADS * 20000);
}

/* Memory unmapped by one thread is gone for the others at once. */
static volatile char *victim;
static volatile int touched;

static int toucher(void *arg)
{
	(void)arg;
	for (;;) {
		victim[0] = 1;
		touched++;
	}
	return 0;
}

static void unmap_under(void *arg)
{
	(void)arg;
	victim = (char *)MUST(
		sys(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	start(0, toucher, NULL);
	while (touched < 100)
		sys(SYS_sched_yield);
	MUST(sys(SYS_mprotect, (void *)victim, 4096, PROT_READ));
	for (;;)
		sys(SYS_pause);
}

TEST(protection_reaches_other_threads)
{
	IS(in_child(unmap_under, NULL), KILLED(SIGSEGV));
}

/* SPDX-License-Identifier: MIT */
/* futex(2): WAIT, WAKE, BITSET, REQUEUE; private and shared keys; timeouts; the robust list. */
#include "check.h"

#include <time.h>

enum {
	WAIT = 0,
	WAKE = 1,
	REQUEUE = 3,
	CMP_REQUEUE = 4,
	WAIT_BITSET = 9,
	WAKE_BITSET = 10,
	PRIVATE = 128,
	REALTIME = 256
};

static volatile int *shared_words(void)
{
	return (int *)MUST(sys(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
}

TEST(refusals)
{
	struct timespec zero = {0, 0}, bad = {0, -1};
	static int word[4];

	word[0] = 5;
	IS(sys(SYS_futex, word, WAIT, 4, NULL), -EAGAIN);
	IS(sys(SYS_futex, word, WAIT | PRIVATE, 4, NULL), -EAGAIN);
	IS(sys(SYS_futex, word, WAIT, 5, &zero), -ETIMEDOUT);
	IS(sys(SYS_futex, word, WAIT, 5, &bad), -EINVAL);
	IS(sys(SYS_futex, word, WAKE, 1), 0);
	IS(sys(SYS_futex, (char *)word + 1, WAIT, 5, &zero), -EINVAL);
	IS(sys(SYS_futex, BAD_UNMAPPED, WAIT, 5, &zero), -EFAULT);
	IS(sys(SYS_futex, (char *)BAD_KERNEL, WAIT, 5, &zero), -EFAULT);
	IS(sys(SYS_futex, word, WAIT, 5, BAD_KERNEL), -EFAULT);
	IS(sys(SYS_futex, word, WAIT_BITSET, 5, &zero, NULL, 0), -EINVAL);
	IS(sys(SYS_futex, word, 77, 5, &zero), -ENOSYS);
}

TEST(timeouts)
{
	struct timespec ts = {0, 20000000};
	static int word;
	long start = now_ns(), target;

	IS(sys(SYS_futex, &word, WAIT, 0, &ts), -ETIMEDOUT);
	TRUE(now_ns() - start >= 20000000);
	target = now_ns() + 20000000; /* WAIT_BITSET: absolute, monotonic */
	ts.tv_sec = target / 1000000000;
	ts.tv_nsec = target % 1000000000;
	IS(sys(SYS_futex, &word, WAIT_BITSET | PRIVATE, 0, &ts, NULL, ~0u), -ETIMEDOUT);
	TRUE(now_ns() >= target);
	IS(sys(SYS_clock_gettime, CLOCK_REALTIME, &ts), 0);
	IS(sys(SYS_futex, &word, WAIT_BITSET | PRIVATE | REALTIME, 0, &ts, NULL, ~0u), -ETIMEDOUT);
}

struct sleeper {
	volatile int *word;
	long op, bits;
};

static void sleep_on(void *arg)
{
	struct sleeper *s = arg;

	IS(sys(SYS_futex, s->word, s->op, 0, NULL, NULL, s->bits), 0);
}

static long start_sleeper(volatile int *word, long op, long bits)
{
	struct sleeper s = {word, op, bits};
	long pid = child(sleep_on, &s);

	wait_state(pid, 'S');
	return pid;
}

TEST(wakes_as_many_as_asked)
{
	volatile int *word = shared_words();
	long pids[4];

	for (int i = 0; i < 4; i++)
		pids[i] = start_sleeper(word, WAIT, 0);
	IS(sys(SYS_futex, word, WAKE, 1), 1);
	IS(sys(SYS_futex, word, WAKE, 2), 2);
	IS(sys(SYS_futex, word, WAKE, 100), 1);
	IS(sys(SYS_futex, word, WAKE, 100), 0);
	for (int i = 0; i < 4; i++)
		IS(reap(pids[i]), 0);
}

/* The key of a shared word is the page, not the address. */
TEST_FLAGS(shared_key, FILES)
{
	long fd = MUST(sys(SYS_open, "f", O_RDWR | O_CREAT, 0600)), pid;
	volatile int *a, *b;

	MUST(sys(SYS_ftruncate, fd, 4096));
	a = (int *)MUST(sys(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	b = (int *)MUST(sys(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	TRUE(a != b);
	pid = start_sleeper(a + 3, WAIT, 0);
	IS(sys(SYS_futex, b, WAKE, 1), 0);
	IS(sys(SYS_futex, b + 3, WAKE, 1), 1);
	IS(reap(pid), 0);
}

/* Private words of different processes never meet. */
TEST(private_key)
{
	static int word[2];
	long pid = start_sleeper(word, WAIT | PRIVATE, 0);

	IS(sys(SYS_futex, word, WAKE | PRIVATE, 10), 0);
	IS(sys(SYS_futex, word, WAKE, 10), 0);
	MUST(sys(SYS_kill, pid, SIGKILL));
	IS(reap(pid), SIGKILL);
}

TEST(bitset)
{
	volatile int *word = shared_words();
	long a = start_sleeper(word, WAIT_BITSET, 1), b = start_sleeper(word, WAIT_BITSET, 2);

	IS(sys(SYS_futex, word, WAKE_BITSET, 10, NULL, NULL, 4), 0);
	IS(sys(SYS_futex, word, WAKE_BITSET, 10, NULL, NULL, 2), 1);
	IS(reap(b), 0);
	IS(sys(SYS_futex, word, WAKE, 10), 1);
	IS(reap(a), 0);
}

TEST(requeue)
{
	volatile int *word = shared_words();
	long pids[3];

	for (int i = 0; i < 3; i++)
		pids[i] = start_sleeper(word, WAIT, 0);
	IS(sys(SYS_futex, word, CMP_REQUEUE, 1, 10, word + 8, 7), -EAGAIN);
	IS(sys(SYS_futex, word, CMP_REQUEUE, 1, 10, word + 8, 0), 3); /* one woken, two moved */
	IS(sys(SYS_futex, word, WAKE, 10), 0);
	IS(sys(SYS_futex, word + 8, WAKE, 10), 2);
	for (int i = 0; i < 3; i++)
		IS(reap(pids[i]), 0);
}

TEST(interrupted)
{
	volatile int *word = shared_words();
	struct {
		long isec, iusec, sec, usec;
	} timer = {0, 0, 0, 10000};

	MUST(on_signal(SIGALRM, catch_signal, SA_SIGINFO));
	MUST(sys(SYS_setitimer, 0, &timer, NULL));
	IS(sys(SYS_futex, word, WAIT, 0, NULL), -EINTR);
	IS(caught, 1);
}

/* The tid word is cleared and woken at the end of a process that asked for it and shares the memory. */
static void set_tid(void *arg)
{
	IS(sys(SYS_set_tid_address, arg), sys(SYS_gettid));
}

TEST(set_tid_address)
{
	static int word = 7;

	IS(in_child(set_tid, &word), 0);
	IS(word, 7); /* another address space */
	IS(sys(SYS_set_tid_address, &word), sys(SYS_gettid));
	IS(sys(SYS_set_tid_address, BAD_KERNEL), sys(SYS_gettid)); /* believed until the end */
}

struct robust {
	struct robust *next;
	long offset;
	struct robust *pending;
	volatile int word;
};

static void die_holding(void *arg)
{
	struct robust *shared = arg;
	static struct robust head;

	shared->word = (int)sys(SYS_gettid) | (int)0x80000000;
	head.next = shared;
	head.offset = offsetof(struct robust, word);
	head.pending = NULL;
	shared->next = &head;
	IS(sys(SYS_set_robust_list, &head, 24), 0);
}

TEST(robust_list)
{
	struct robust *shared = (void *)shared_words();
	static struct robust head;
	void *list = NULL;
	long size = 0;

	IS(sys(SYS_set_robust_list, &head, 24), 0);
	IS(sys(SYS_set_robust_list, &head, 23), -EINVAL);
	IS(sys(SYS_get_robust_list, 0, &list, &size), 0);
	IS(list, &head);
	IS(size, 24);
	head.next = &head;
	head.offset = 24;
	IS(in_child(die_holding, shared), 0);
	IS(shared->word & 0x40000000, 0x40000000); /* the owner died */
	IS(shared->word & 0x3fffffff, 0);
}

static void robust_garbage(void *arg)
{
	IS(sys(SYS_set_robust_list, arg, 24), 0);
}

TEST(robust_list_of_garbage)
{
	IS(in_child(robust_garbage, BAD_KERNEL), 0);
	IS(in_child(robust_garbage, BAD_NONCANONICAL), 0);
	IS(in_child(robust_garbage, (void *)1), 0);
}

/* Ping-pong through two words: no wake-up is lost. */
static void pong(void *arg)
{
	volatile int *word = arg;

	for (int i = 0; i < 500; i++) {
		while (word[0] == i)
			sys(SYS_futex, &word[0], WAIT, i, NULL);
		word[1]++;
		sys(SYS_futex, &word[1], WAKE, 1);
	}
}

TEST(ping_pong)
{
	volatile int *word = shared_words();
	long pid = child(pong, (void *)word);

	for (int i = 0; i < 500; i++) {
		word[0]++;
		sys(SYS_futex, &word[0], WAKE, 1);
		while (word[1] == i)
			sys(SYS_futex, &word[1], WAIT, i, NULL);
	}
	IS(reap(pid), 0);
}

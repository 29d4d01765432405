/* SPDX-License-Identifier: MIT */
/*
 * The harness of the system call tests: registration, raw system calls, checks of value and errno, and
 * small helpers for children and signals. check.c implements it; main.c is the driver.
 *
 * A file is one subject. Every TEST() in it runs in a process, a process group and an empty working
 * directory of its own. Results are those of the kernel, not of a libc: sys() returns what the kernel
 * returned, an error as -errno, so that one comparison checks value and errno.
 */
#ifndef TESTS_SYSCALL_CHECK_H
#define TESTS_SYSCALL_CHECK_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- Registration ----------------------------------------------------------------------------- */

#define ROOT 1	   /* needs uid 0: skipped for others */
#define FILES 2	   /* exercises the file system of the working directory: worth running on each kind */
#define OPTIONAL 4 /* beyond the promised tier: a call that is ENOSYS makes NEEDS() skip the test */
#define SLOW 8	   /* gets five times the timeout */

struct test {
	const char *file;
	const char *name;
	void (*run)(void);
	unsigned flags;
};

#define TEST_FLAGS(id, flags_)                                                                           \
	static void run_##id(void);                                                                      \
	static const struct test test_##id = {__FILE__, #id, run_##id, flags_};                          \
	static const struct test *const entry_##id __attribute__((used, section("tests"))) = &test_##id; \
	static void run_##id(void)
#define TEST(id) TEST_FLAGS(id, 0)

/* ---- System calls ------------------------------------------------------------------------------ */

/* The raw instruction; nothing retried, nothing translated. */
static inline long sys_raw(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

#define SYS_PICK(_0, _1, _2, _3, _4, _5, _6, name, ...) name
#define SYS_0(n) sys_raw(n, 0, 0, 0, 0, 0, 0)
#define SYS_1(n, a) sys_raw(n, (long)(a), 0, 0, 0, 0, 0)
#define SYS_2(n, a, b) sys_raw(n, (long)(a), (long)(b), 0, 0, 0, 0)
#define SYS_3(n, a, b, c) sys_raw(n, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define SYS_4(n, a, b, c, d) sys_raw(n, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define SYS_5(n, a, b, c, d, e) sys_raw(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)
#define SYS_6(n, a, b, c, d, e, f) \
	sys_raw(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define sys(...) SYS_PICK(__VA_ARGS__, SYS_6, SYS_5, SYS_4, SYS_3, SYS_2, SYS_1, SYS_0, 0)(__VA_ARGS__)

/* ---- Checks: a failed one is reported and counted, and the test goes on ------------------------- */

bool check_is(long got, long want, const char *expr, const char *file, int line);
long check_ok(long got, const char *expr, const char *file, int line);
long check_must(long got, const char *expr, const char *file, int line);
bool check_true(bool got, const char *expr, const char *file, int line);

#define IS(expr, want) check_is((long)(expr), (long)(want), #expr, __FILE__, __LINE__)
#define OK(expr) check_ok((long)(expr), #expr, __FILE__, __LINE__)     /* not an error; gives the value */
#define MUST(expr) check_must((long)(expr), #expr, __FILE__, __LINE__) /* the same, ends the test if not */
#define TRUE(expr) check_true(expr, #expr, __FILE__, __LINE__)
#define SAME(a, b, size) TRUE(memcmp(a, b, size) == 0)
#define STREQ(a, b) TRUE(strcmp(a, b) == 0)

/* Ends the test here, as skipped. */
_Noreturn void skip(const char *why);
/* For OPTIONAL tests: skip if the kernel has no such call. The arguments must be harmless. */
#define NEEDS(...)                                                 \
	do {                                                       \
		if (sys(__VA_ARGS__) == -ENOSYS)                   \
			skip("not in this kernel: " #__VA_ARGS__); \
	} while (0)
/* A remark in the log. */
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- Children ----------------------------------------------------------------------------------- */

/* Ends this process with the verdict so far: what a child does at its end. */
_Noreturn void finish(void);
/* Fork, run fn(arg), finish(). */
long child(void (*fn)(void *), void *arg);
/* Wait for exactly this child: its wait status. */
int reap(long pid);
/* child() and reap(): 0 if all checks in fn held. */
int in_child(void (*fn)(void *), void *arg);
/* The same as uid and gid 1000 without further groups. Needs root. */
int as_user(void (*fn)(void *), void *arg);

#define EXITED(code) ((code) << 8)
#define KILLED(sig) (sig)
#define STOPPED(sig) (((sig) << 8) | 0x7f)

/* Argument vectors, safe inside macros. */
#define ARGV(...) ((char *[]){__VA_ARGS__, NULL})

/* How long load/ goes on, besides its first round: option -s, 0 without it. */
extern unsigned load_seconds;

/* This binary, to be executed again: argv[1] = "--helper", argv[2] = a name of helpers.c. */
extern char self_path[4096];

/* ---- Signals: the kernel's own structures --------------------------------------------------------- */

struct ksigaction {
	void *handler;
	unsigned long flags;
	void *restorer;
	unsigned long mask;
};
#define KSA_RESTORER 0x04000000ul
typedef void handler_fn(int sig, siginfo_t *info, void *context);

void check_restorer(void);
/* Install a handler with these SA_ flags, an empty mask and a restorer. */
long on_signal(int sig, handler_fn *handler, unsigned long flags);
long on_signal_default(int sig);
long on_signal_ignore(int sig);
#define SIGBIT(sig) (1ul << ((sig)-1))
long block_signals(unsigned long set);
long unblock_signals(unsigned long set);

/* A handler that counts and keeps what it saw. */
extern volatile int caught;
extern volatile int caught_signal;
extern siginfo_t caught_info;
void catch_signal(int sig, siginfo_t *info, void *context);

/* ---- Files and time ---------------------------------------------------------------------------------- */

/* Create (or replace) a file with this content. */
void make_file(const char *path, const void *data, size_t size, unsigned mode);
/* Content of a file, NUL-terminated; its length or -errno. */
long slurp(const char *path, char *buffer, size_t size);
bool exists(const char *path);
/* Make a pipe: p[0] reads, p[1] writes. */
void make_pipe(int p[2]);
/* Monotonic time in ns; sleep at least that long. */
long now_ns(void);
void sleep_ms(long ms);
/* Wait (politely) until a process is in this state in /proc/PID/stat. */
void wait_state(long pid, char state);

/* Pointers no user may use. */
#define BAD_UNMAPPED ((void *)0x10) /* page zero */
#define BAD_NONCANONICAL ((void *)0x8000000000000000ul)
#define BAD_KERNEL ((void *)0xffffffff81000000ul)
#define BAD_DIRECT_MAP ((void *)0xffff888000000000ul)
#define BAD_TOP ((void *)0x7ffffffff000ul) /* first byte above user space */

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Implementation of the harness. Nothing here uses stdio: a forked child would carry its buffers along,
 * and a broken kernel should still get a line out.
 */
#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "verdict.h"

volatile int caught;
volatile int caught_signal;
siginfo_t caught_info;
char self_path[4096];

static int failures;

static const char *const error_names[] = {
	[EPERM] = "EPERM",
	[ENOENT] = "ENOENT",
	[ESRCH] = "ESRCH",
	[EINTR] = "EINTR",
	[EIO] = "EIO",
	[ENXIO] = "ENXIO",
	[E2BIG] = "E2BIG",
	[ENOEXEC] = "ENOEXEC",
	[EBADF] = "EBADF",
	[ECHILD] = "ECHILD",
	[EAGAIN] = "EAGAIN",
	[ENOMEM] = "ENOMEM",
	[EACCES] = "EACCES",
	[EFAULT] = "EFAULT",
	[ENOTBLK] = "ENOTBLK",
	[EBUSY] = "EBUSY",
	[EEXIST] = "EEXIST",
	[EXDEV] = "EXDEV",
	[ENODEV] = "ENODEV",
	[ENOTDIR] = "ENOTDIR",
	[EISDIR] = "EISDIR",
	[EINVAL] = "EINVAL",
	[ENFILE] = "ENFILE",
	[EMFILE] = "EMFILE",
	[ENOTTY] = "ENOTTY",
	[ETXTBSY] = "ETXTBSY",
	[EFBIG] = "EFBIG",
	[ENOSPC] = "ENOSPC",
	[ESPIPE] = "ESPIPE",
	[EROFS] = "EROFS",
	[EMLINK] = "EMLINK",
	[EPIPE] = "EPIPE",
	[EDOM] = "EDOM",
	[ERANGE] = "ERANGE",
	[EDEADLK] = "EDEADLK",
	[ENAMETOOLONG] = "ENAMETOOLONG",
	[ENOLCK] = "ENOLCK",
	[ENOSYS] = "ENOSYS",
	[ENOTEMPTY] = "ENOTEMPTY",
	[ELOOP] = "ELOOP",
	[ENODATA] = "ENODATA",
	[EOVERFLOW] = "EOVERFLOW",
	[ENOTSOCK] = "ENOTSOCK",
	[EDESTADDRREQ] = "EDESTADDRREQ",
	[EMSGSIZE] = "EMSGSIZE",
	[EPROTOTYPE] = "EPROTOTYPE",
	[ENOPROTOOPT] = "ENOPROTOOPT",
	[EPROTONOSUPPORT] = "EPROTONOSUPPORT",
	[ESOCKTNOSUPPORT] = "ESOCKTNOSUPPORT",
	[EOPNOTSUPP] = "EOPNOTSUPP",
	[EAFNOSUPPORT] = "EAFNOSUPPORT",
	[EADDRINUSE] = "EADDRINUSE",
	[EADDRNOTAVAIL] = "EADDRNOTAVAIL",
	[ECONNRESET] = "ECONNRESET",
	[EISCONN] = "EISCONN",
	[ENOTCONN] = "ENOTCONN",
	[ETIMEDOUT] = "ETIMEDOUT",
	[ECONNREFUSED] = "ECONNREFUSED",
	[EALREADY] = "EALREADY",
	[EINPROGRESS] = "EINPROGRESS",
};

/* One line, one write. */
void note(const char *format, ...)
{
	char line[512] = "# ";
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(line + 2, sizeof(line) - 3, format, args);
	va_end(args);
	if (length > (int)sizeof(line) - 4)
		length = sizeof(line) - 4;
	line[length + 2] = '\n';
	sys(SYS_write, 1, line, length + 3);
}

static const char *show(long value, char *buffer, size_t size)
{
	size_t count = sizeof(error_names) / sizeof(error_names[0]);

	if (value < 0 && value > -(long)count && error_names[-value])
		snprintf(buffer, size, "-%s", error_names[-value]);
	else if (value > -4096 && value < 65536)
		snprintf(buffer, size, "%ld", value);
	else
		snprintf(buffer, size, "0x%lx", value);
	return buffer;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool check_is(long got, long want, const char *expr, const char *file, int line)
{
	char a[32], b[32];

	if (got == want)
		return true;
	failures++;
	note("%s:%d: %.200s is %s, want %s", base_name(file), line, expr, show(got, a, sizeof(a)),
	     show(want, b, sizeof(b)));
	return false;
}

long check_ok(long got, const char *expr, const char *file, int line)
{
	char a[32];

	if (got < 0 && got > -4096) {
		failures++;
		note("%s:%d: %.200s fails with %s", base_name(file), line, expr, show(got, a, sizeof(a)));
	}
	return got;
}

long check_must(long got, const char *expr, const char *file, int line)
{
	check_ok(got, expr, file, line);
	if (got < 0 && got > -4096)
		finish();
	return got;
}

bool check_true(bool got, const char *expr, const char *file, int line)
{
	if (!got) {
		failures++;
		note("%s:%d: not true: %.300s", base_name(file), line, expr);
	}
	return got;
}

void skip(const char *why)
{
	if (!failures)
		note("skip: %.200s", why);
	for (;;)
		sys(SYS_exit_group, failures ? VERDICT_FAIL : VERDICT_SKIP);
}

void finish(void)
{
	for (;;)
		sys(SYS_exit_group, failures ? VERDICT_FAIL : VERDICT_PASS);
}

long child(void (*fn)(void *), void *arg)
{
	long pid = MUST(sys(SYS_fork));

	if (pid == 0) {
		failures = 0;
		fn(arg);
		finish();
	}
	return pid;
}

int reap(long pid)
{
	int status = -1;
	long result;

	do
		result = sys(SYS_wait4, pid, &status, 0, 0);
	while (result == -EINTR);
	check_is(result, pid, "wait4(child)", __FILE__, __LINE__);
	return status;
}

int in_child(void (*fn)(void *), void *arg)
{
	return reap(child(fn, arg));
}

struct user_call {
	void (*fn)(void *);
	void *arg;
};

static void become_user(void *arg)
{
	struct user_call *call = arg;

	MUST(sys(SYS_setgroups, 0, NULL));
	MUST(sys(SYS_setresgid, 1000, 1000, 1000));
	MUST(sys(SYS_setresuid, 1000, 1000, 1000));
	call->fn(call->arg);
}

int as_user(void (*fn)(void *), void *arg)
{
	struct user_call call = {fn, arg};

	return in_child(become_user, &call);
}

__asm__(".globl check_restorer\n"
	"check_restorer:\n"
	"	mov $15, %eax\n" /* rt_sigreturn */
	"	syscall\n"
	"	hlt\n");

long on_signal(int sig, handler_fn *handler, unsigned long flags)
{
	struct ksigaction act = {(void *)handler, flags | KSA_RESTORER, (void *)check_restorer, 0};

	return sys(SYS_rt_sigaction, sig, &act, NULL, 8);
}

long on_signal_default(int sig)
{
	struct ksigaction act = {(void *)SIG_DFL, KSA_RESTORER, (void *)check_restorer, 0};

	return sys(SYS_rt_sigaction, sig, &act, NULL, 8);
}

long on_signal_ignore(int sig)
{
	struct ksigaction act = {(void *)SIG_IGN, KSA_RESTORER, (void *)check_restorer, 0};

	return sys(SYS_rt_sigaction, sig, &act, NULL, 8);
}

long block_signals(unsigned long set)
{
	return sys(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, 8);
}

long unblock_signals(unsigned long set)
{
	return sys(SYS_rt_sigprocmask, SIG_UNBLOCK, &set, NULL, 8);
}

void catch_signal(int sig, siginfo_t *info, void *context)
{
	(void)context;
	caught++;
	caught_signal = sig;
	if (info)
		caught_info = *info;
}

void make_file(const char *path, const void *data, size_t size, unsigned mode)
{
	long fd = MUST(sys(SYS_open, path, O_WRONLY | O_CREAT | O_TRUNC, mode));

	IS(sys(SYS_write, fd, data, size), size);
	IS(sys(SYS_close, fd), 0);
}

long slurp(const char *path, char *buffer, size_t size)
{
	long fd = sys(SYS_open, path, O_RDONLY, 0), n;
	size_t length = 0;

	if (fd < 0)
		return fd;
	while (length < size - 1) {
		n = sys(SYS_read, fd, buffer + length, size - 1 - length);
		if (n <= 0)
			break;
		length += n;
	}
	buffer[length] = 0;
	sys(SYS_close, fd);
	return length;
}

bool exists(const char *path)
{
	struct stat st;

	return sys(SYS_lstat, path, &st) == 0;
}

void make_pipe(int p[2])
{
	MUST(sys(SYS_pipe, p));
}

long now_ns(void)
{
	struct timespec ts = {0, 0};

	MUST(sys(SYS_clock_gettime, CLOCK_MONOTONIC, &ts));
	return ts.tv_sec * 1000000000L + ts.tv_nsec;
}

void sleep_ms(long ms)
{
	struct timespec ts = {ms / 1000, ms % 1000 * 1000000};

	while (sys(SYS_nanosleep, &ts, &ts) == -EINTR)
		;
}

void wait_state(long pid, char state)
{
	char path[64], text[512], *end;

	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	for (;;) {
		if (MUST(slurp(path, text, sizeof(text))) > 0) {
			end = strrchr(text, ')');
			if (end && end[1] == ' ' && end[2] == state)
				return;
		}
		sleep_ms(1);
	}
}

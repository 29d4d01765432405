/* SPDX-License-Identifier: MIT */
/*
 * Collecting the strings of execve in kernel memory before the old address space goes.
 */
#include <uvm/exec.h>
#include <uvm/kernel.h>

static size_t total_limit(void)
{
	u64 quarter = rlimit(RLIMIT_STACK) / 4;

	return MAX(MIN(quarter, (u64)EXEC_ARGS_MAX), (u64)EXEC_ARG_MAX);
}

static int make_room(struct exec_args *a, size_t more)
{
	size_t room = a->room ? a->room : PAGE_SIZE;
	char *bigger;

	if (a->len + more + 8UL * (a->argc + a->envc + 2) > total_limit())
		return -E2BIG;
	while (room < a->len + more)
		room *= 2;
	if (room == a->room)
		return 0;
	bigger = krealloc(a->buf, room);
	if (!bigger)
		return -ENOMEM;
	a->buf = bigger;
	a->room = room;
	return 0;
}

static void counted(struct exec_args *a, size_t len, bool env)
{
	a->len += len;
	if (env) {
		a->envc++;
	} else {
		a->argc++;
		a->argv_len = a->len;
	}
}

int exec_args_add(struct exec_args *a, const char *s, bool env)
{
	size_t len = strlen(s) + 1;
	int ret = make_room(a, len);

	if (ret)
		return ret;
	memcpy(a->buf + a->len, s, len);
	counted(a, len, env);
	return 0;
}

static int add_user(struct exec_args *a, u64 s, bool env)
{
	size_t try = 256;

	for (;;) {
		ssize_t n;
		int ret = make_room(a, try);

		if (ret)
			return ret;
		n = strncpy_from_user(a->buf + a->len, (const char *)s,
				      MIN(a->room - a->len, (size_t)EXEC_ARG_MAX));
		if (n >= 0) {
			counted(a, (size_t)n + 1, env);
			return 0;
		}
		if (n != -ENAMETOOLONG)
			return (int)n;
		if (a->room - a->len >= EXEC_ARG_MAX)
			return -E2BIG;
		try = a->room - a->len + 1;
	}
}

static int add_vector(struct exec_args *a, u64 vector, bool env)
{
	u64 s;

	for (; vector; vector += 8) {
		int ret;

		if (get_user(s, vector))
			return -EFAULT;
		if (!s)
			break;
		ret = add_user(a, s, env);
		if (ret)
			return ret;
		if (signal_pending_fatal())
			return -ERESTARTNOHAND;
	}
	return 0;
}

int exec_args_user(struct exec_args *a, u64 argv, u64 envp)
{
	int ret = add_vector(a, argv, false);

	if (!ret && !a->argc) /* as Linux: programs count on argv[0] */
		ret = exec_args_add(a, "", false);
	return ret ? ret : add_vector(a, envp, true);
}

int exec_args_script(struct exec_args *a, const char *interp, const char *argument, const char *path)
{
	size_t first = strlen(a->buf) + 1;
	size_t li = strlen(interp) + 1, la = argument ? strlen(argument) + 1 : 0, lp = strlen(path) + 1;
	size_t added = li + la + lp;
	int ret = make_room(a, added);

	if (ret)
		return ret;
	memmove(a->buf + added, a->buf + first, a->len - first);
	memcpy(a->buf, interp, li);
	if (argument)
		memcpy(a->buf + li, argument, la);
	memcpy(a->buf + li + la, path, lp);
	a->len += added - first;
	a->argv_len += added - first;
	a->argc += argument ? 2 : 1;
	return 0;
}

void exec_args_free(struct exec_args *a)
{
	kfree(a->buf);
	a->buf = NULL;
}

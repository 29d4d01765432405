/* SPDX-License-Identifier: MIT */
/* /proc of a process: what ps, top, shells and runtimes read there. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>

static char text[65536];

static const char *read_proc(long pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/%s", pid, name);
	text[0] = 0;
	OK(slurp(path, text, sizeof(text)));
	return text;
}

TEST(self_link)
{
	char target[32], want[32];
	long n = MUST(sys(SYS_readlink, "/proc/self", target, sizeof(target)));

	snprintf(want, sizeof(want), "%ld", sys(SYS_getpid));
	IS(n, strlen(want));
	SAME(target, want, n);
}

TEST(exe_cwd_root)
{
	char target[4096], cwd[4096];
	long n;

	n = MUST(sys(SYS_readlink, "/proc/self/exe", target, sizeof(target) - 1));
	target[n] = 0;
	STREQ(target, self_path);
	OK(sys(SYS_open, "/proc/self/exe", O_RDONLY));
	n = MUST(sys(SYS_readlink, "/proc/self/cwd", target, sizeof(target) - 1));
	target[n] = 0;
	MUST(sys(SYS_getcwd, cwd, sizeof(cwd)));
	STREQ(target, cwd);
	OK(sys(SYS_readlink, "/proc/self/root", target, sizeof(target)));
}

static void exec_exe(void *arg)
{
	(void)arg;
	sys(SYS_execve, "/proc/self/exe", ARGV("x", "--helper", "exit", "21"), (char *[]){NULL});
}

TEST(exe_is_executable)
{
	IS(in_child(exec_exe, NULL), EXITED(21));
}

TEST(stat)
{
	long pid, ppid, pgrp, session, n;
	char name[32], state, *end;

	MUST(sys(SYS_prctl, PR_SET_NAME, "a (b) c", 0, 0, 0));
	read_proc(sys(SYS_getpid), "stat");
	end = strrchr(text, ')');
	if (!TRUE(end != NULL))
		return;
	IS(sscanf(text, "%ld (%20[^)]", &pid, name), 2);
	IS(sscanf(end + 2, "%c %ld %ld %ld", &state, &ppid, &pgrp, &session), 4);
	IS(pid, sys(SYS_getpid));
	TRUE(strstr(text, "(a (b) c)") != NULL);
	IS(state, 'R');
	IS(ppid, sys(SYS_getppid));
	IS(pgrp, sys(SYS_getpgrp));
	IS(session, sys(SYS_getsid, 0));
	n = 0;
	for (char *p = end; *p; p++)
		n += *p == ' ';
	IS(n, 50); /* 52 fields in all */
	IS(text[strlen(text) - 1], '\n');
}

TEST(status)
{
	static const char *const lines[] = {"Name:\t",	   "State:\tR", "Pid:\t",    "PPid:\t",
					    "Uid:\t",	   "Gid:\t",	"VmSize:\t", "VmRSS:\t",
					    "Threads:\t1", "SigBlk:\t", "SigIgn:\t", "SigCgt:\t"};
	char want[64];

	read_proc(sys(SYS_getpid), "status");
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (!TRUE(strstr(text, lines[i]) != NULL))
			note("missing: %s", lines[i]);
	snprintf(want, sizeof(want), "\nPid:\t%ld\n", sys(SYS_getpid));
	TRUE(strstr(text, want) != NULL);
	snprintf(want, sizeof(want), "\nUid:\t%ld\t%ld\t", sys(SYS_getuid), sys(SYS_geteuid));
	TRUE(strstr(text, want) != NULL);
}

TEST(command_line_and_environment)
{
	long pid = sys(SYS_getpid), n;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/cmdline", pid);
	n = MUST(slurp(path, text, sizeof(text)));
	TRUE(n > 0 && text[n - 1] == 0);
	TRUE(strstr(text, "syscall-tests") != NULL);
	read_proc(pid, "comm");
	TRUE(text[0] && text[strlen(text) - 1] == '\n');
	read_proc(pid, "environ");
	read_proc(pid, "statm");
	TRUE(strtol(text, NULL, 10) > 0);
	read_proc(pid, "limits");
	TRUE(strstr(text, "Max open files") != NULL);
}

TEST(maps)
{
	char *p = (char *)MUST(sys(SYS_mmap, 0, 3 * 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)),
	     want[64];
	unsigned long from, to, stack = (unsigned long)&p;
	bool found = false, text_found = false;
	char rights[8];
	char *line;

	MUST(sys(SYS_mprotect, p + 4096, 4096, PROT_NONE));
	read_proc(sys(SYS_getpid), "maps");
	snprintf(want, sizeof(want), "%lx-%lx ---p", (unsigned long)p + 4096, (unsigned long)p + 8192);
	TRUE(strstr(text, want) != NULL);
	for (line = text; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		if (sscanf(line, "%lx-%lx %4s", &from, &to, rights) != 3) {
			TRUE(false);
			break;
		}
		TRUE(from < to);
		if (stack >= from && stack < to) {
			found = true;
			TRUE(!memcmp(rights, "rw", 2));
			TRUE(strstr(line, "[stack]") != NULL);
		}
		if ((unsigned long)run_maps >= from && (unsigned long)run_maps < to) {
			text_found = true;
			TRUE(!memcmp(rights, "r-xp", 4));
		}
	}
	TRUE(found);
	TRUE(text_found);
}

static char names_of_ns[4096];

TEST_FLAGS(descriptors, FILES)
{
	char target[4096], path[64], cwd[4000];
	long fd = MUST(sys(SYS_open, "f", O_RDWR | O_CREAT, 0644)), n, dup;
	int p[2];

	MUST(sys(SYS_getcwd, cwd, sizeof(cwd)));
	snprintf(path, sizeof(path), "/proc/self/fd/%ld", fd);
	n = MUST(sys(SYS_readlink, path, target, sizeof(target) - 1));
	target[n] = 0;
	IS(n, strlen(cwd) + 2);
	SAME(target, cwd, strlen(cwd));
	IS(sys(SYS_write, fd, "abc", 3), 3);
	dup = MUST(sys(SYS_open, path, O_RDONLY)); /* a new open file at position 0 */
	IS(sys(SYS_read, dup, target, 8), 3);
	IS(sys(SYS_unlink, "f"), 0);
	OK(sys(SYS_open, path, O_RDONLY)); /* even without a name */
	n = MUST(sys(SYS_readlink, path, target, sizeof(target) - 1));
	target[n] = 0;
	TRUE(strstr(target, " (deleted)") != NULL);
	make_pipe(p);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", p[0]);
	n = MUST(sys(SYS_readlink, path, target, sizeof(target) - 1));
	SAME(target, "pipe:[", 6);
	IS(sys(SYS_readlink, "/proc/self/fd/999", target, 8), -ENOENT);
	OK(sys(SYS_open, "/proc/self/fd", O_RDONLY | O_DIRECTORY));
}

static void same_namespace(void *arg)
{
	char own[64] = {0}, *parents = arg;

	OK(sys(SYS_readlink, "/proc/self/ns/net", own, sizeof(own) - 1));
	STREQ(own, parents);
}

TEST(namespaces)
{
	static const char *const names[] = {"cgroup", "ipc", "mnt", "net", "pid", "user", "uts"};
	char path[64], link[64] = {0}, want[64];
	struct stat st;
	long fd, n;

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "/proc/self/ns/%s", names[i]);
		n = MUST(sys(SYS_readlink, path, link, sizeof(link) - 1));
		link[n] = 0;
		IS(sys(SYS_stat, path, &st), 0);
		TRUE(S_ISREG(st.st_mode));
		snprintf(want, sizeof(want), "%s:[%lu]", names[i], (unsigned long)st.st_ino);
		STREQ(link, want);
		IS(sys(SYS_lstat, path, &st), 0);
		TRUE(S_ISLNK(st.st_mode));
		fd = MUST(sys(SYS_open, path, O_RDONLY | O_CLOEXEC));
		IS(sys(SYS_read, fd, want, sizeof(want)), -EINVAL);
		IS(sys(SYS_close, fd), 0);
	}
	memset(link, 0, sizeof(link));
	OK(sys(SYS_readlink, "/proc/thread-self/ns/net", link, sizeof(link) - 1));
	IS(in_child(same_namespace, link), 0);
	fd = MUST(sys(SYS_open, "/proc/self/ns", O_RDONLY | O_DIRECTORY));
	n = MUST(sys(SYS_getdents64, fd, names_of_ns, sizeof(names_of_ns)));
	TRUE(memmem(names_of_ns, (size_t)n, "uts", 4) != NULL);
	IS(memmem(names_of_ns, (size_t)n, "status", 7), 0);
	IS(sys(SYS_open, "/proc/self/ns/status", O_RDONLY), -ENOENT);
	IS(sys(SYS_open, "/proc/self/uts", O_RDONLY), -ENOENT);
	IS(sys(SYS_readlink, "/proc/self/ns/none", link, sizeof(link)), -ENOENT);
}

static void sleep_long(void *arg)
{
	int *p = arg;
	char c;

	sys(SYS_close, p[1]);
	sys(SYS_read, p[0], &c, 1);
}

static char state_of(long pid)
{
	char *end;

	read_proc(pid, "stat");
	end = strrchr(text, ')');
	return end ? end[2] : 0;
}

TEST(states_of_a_child)
{
	long pid;
	int p[2], status;
	char path[64];

	make_pipe(p);
	pid = child(sleep_long, p);
	wait_state(pid, 'S');
	MUST(sys(SYS_kill, pid, SIGSTOP));
	IS(sys(SYS_wait4, pid, &status, WUNTRACED, 0), pid);
	IS(state_of(pid), 'T');
	MUST(sys(SYS_kill, pid, SIGCONT));
	MUST(sys(SYS_close, p[1]));
	wait_state(pid, 'Z');
	IS(slurp("/proc/self/comm", path, sizeof(path)) > 0, 1);
	IS(reap(pid), 0);
	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	IS(sys(SYS_open, path, O_RDONLY), -ENOENT);
}

TEST(tasks)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%ld/stat", sys(SYS_gettid));
	OK(slurp(path, text, sizeof(text)));
	IS(strtol(text, NULL, 10), sys(SYS_gettid));
}

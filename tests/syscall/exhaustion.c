/* SPDX-License-Identifier: MIT */
/* What runs out: memory, processes, descriptors, file space. The refusal is an error (or a death), and
 * afterwards everything works again. */
#include "check.h"

#include <stdio.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static void nothing(void *arg)
{
	(void)arg;
}

static void grow(void *arg)
{
	struct rlimit limit = {256ul << 20, 256ul << 20};
	volatile char *p;
	long got = 0;

	(void)arg;
	MUST(sys(SYS_setrlimit, RLIMIT_AS, &limit));
	for (;;) {
		p = (char *)sys(SYS_mmap, 0, 1 << 20, RW, ANON, -1, 0);
		if ((long)p < 0 && (long)p > -4096)
			break;
		p[0] = p[1 << 19] = 1;
		got++;
	}
	IS((long)p, -ENOMEM);
	TRUE(got > 100 && got <= 256);
}

TEST(address_space_limit)
{
	IS(in_child(grow, NULL), 0);
	IS(in_child(grow, NULL), 0);
}

static void fork_until_refused(void *arg)
{
	struct rlimit limit = {20, 20};
	int p[2], count = 0;
	char c;
	long pid;

	(void)arg;
	make_pipe(p);
	MUST(sys(SYS_setresuid, 54321, 54321, 54321)); /* nobody else's processes count */
	MUST(sys(SYS_setrlimit, RLIMIT_NPROC, &limit));
	while ((pid = sys(SYS_fork)) > 0)
		count++;
	if (pid == 0) {
		sys(SYS_close, p[1]);
		sys(SYS_read, p[0], &c, 1);
		sys(SYS_exit_group, 0);
	}
	IS(pid, -EAGAIN);
	TRUE(count > 0 && count < 20);
	MUST(sys(SYS_close, p[1]));
	while (count-- > 0)
		OK(sys(SYS_wait4, -1, NULL, 0, 0));
	IS(in_child(nothing, NULL), 0);
}

TEST_FLAGS(process_limit, ROOT)
{
	IS(in_child(fork_until_refused, NULL), 0);
}

/* All descriptors of the process used, and given back by its end. */
static void use_all_descriptors(void *arg)
{
	long fd, count = 0;

	(void)arg;
	while ((fd = sys(SYS_open, "/dev/null", O_RDONLY)) >= 0)
		count++;
	IS(fd, -EMFILE);
	TRUE(count > 200);
}

TEST(all_descriptors_many_times)
{
	for (int i = 0; i < 10; i++)
		IS(in_child(use_all_descriptors, NULL), 0);
}

TEST(many_pipes_full)
{
	static char block[65536];
	int p[100][2];

	for (int i = 0; i < 100; i++) {
		MUST(sys(SYS_pipe2, p[i], O_NONBLOCK));
		IS(sys(SYS_write, p[i][1], block, sizeof(block)), sizeof(block));
	}
	for (int i = 0; i < 100; i++)
		IS(sys(SYS_read, p[i][0], block, sizeof(block)), sizeof(block));
}

/* Memory comes back: many times more is used in sum than there is at once. */
TEST_FLAGS(memory_is_recycled, SLOW)
{
	for (int i = 0; i < 64; i++) {
		char *p = (char *)MUST(sys(SYS_mmap, 0, 16ul << 20, RW, ANON, -1, 0));

		for (size_t at = 0; at < 16ul << 20; at += 4096)
			p[at] = 1;
		IS(sys(SYS_munmap, p, 16ul << 20), 0);
	}
}

static void touch_and_die(void *arg)
{
	char *p = (char *)MUST(sys(SYS_mmap, 0, 8ul << 20, RW, ANON, -1, 0));

	(void)arg;
	for (size_t at = 0; at < 8ul << 20; at += 4096)
		p[at] = 1;
	sys(SYS_kill, sys(SYS_getpid), SIGKILL);
}

TEST_FLAGS(memory_of_the_dead_comes_back, SLOW)
{
	struct sysinfo before, after;

	MUST(sys(SYS_sysinfo, &before));
	if (before.totalram * before.mem_unit > 4ul << 30)
		skip("a large machine has other users");
	IS(in_child(touch_and_die, NULL), SIGKILL);
	MUST(sys(SYS_sysinfo, &before));
	for (int i = 0; i < 60; i++)
		IS(in_child(touch_and_die, NULL), SIGKILL);
	MUST(sys(SYS_sysinfo, &after));
	/* 480 MiB were used; a twentieth may be caches that grew meanwhile */
	TRUE(after.freeram * after.mem_unit + (24ul << 20) > before.freeram * before.mem_unit);
}

TEST_FLAGS(many_files, FILES | SLOW)
{
	char name[32];

	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "file-%d", i);
		make_file(name, name, strlen(name), 0644);
	}
	for (int i = 0; i < 1000; i++) {
		char text[32];

		snprintf(name, sizeof(name), "file-%d", i);
		IS(slurp(name, text, sizeof(text)), strlen(name));
		STREQ(text, name);
		IS(sys(SYS_unlink, name), 0);
	}
}

TEST_FLAGS(deep_directories, FILES)
{
	char cwd[4096];
	int depth;

	MUST(sys(SYS_getcwd, cwd, sizeof(cwd)));
	for (depth = 0; depth < 100; depth++) {
		MUST(sys(SYS_mkdir, "deeper", 0755));
		MUST(sys(SYS_chdir, "deeper"));
	}
	IS(sys(SYS_getcwd, cwd, 100), -ERANGE);
	OK(sys(SYS_getcwd, cwd, sizeof(cwd)));
	while (depth--) {
		MUST(sys(SYS_chdir, ".."));
		IS(sys(SYS_rmdir, "deeper"), 0);
	}
}

/* A directory whose path is longer than PATH_MAX can be lived in, but not named. */
TEST_FLAGS(path_beyond_limits, FILES)
{
	static char name[201], cwd[8192];
	int depth;

	memset(name, 'd', 200);
	for (depth = 0; depth < 25; depth++) {
		MUST(sys(SYS_mkdir, name, 0755));
		MUST(sys(SYS_chdir, name));
	}
	IS(sys(SYS_getcwd, cwd, 8192), -ENAMETOOLONG);
	make_file("f", "x", 1, 0644);
	IS(sys(SYS_unlink, "f"), 0);
	while (depth--) {
		MUST(sys(SYS_chdir, ".."));
		IS(sys(SYS_rmdir, name), 0);
	}
}

/* SPDX-License-Identifier: MIT */
/* /proc of the system: memory, processors, mounts, uptime; and that /proc refuses changes. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>

static char text[262144];

static long field(const char *name)
{
	char *p = strstr(text, name);

	return TRUE(p != NULL) ? strtol(p + strlen(name), NULL, 10) : -1;
}

TEST(meminfo)
{
	OK(slurp("/proc/meminfo", text, sizeof(text)));
	TRUE(field("MemTotal:") > 0);
	TRUE(field("MemFree:") > 0);
	TRUE(field("MemAvailable:") > 0);
	TRUE(field("MemFree:") <= field("MemTotal:"));
	field("Buffers:");
	field("Cached:");
	field("SwapTotal:");
}

TEST(cpuinfo_and_affinity_agree)
{
	unsigned char mask[128];
	int count = 0, bits = 0;
	long n;

	OK(slurp("/proc/cpuinfo", text, sizeof(text)));
	for (char *p = text; (p = strstr(p, "processor\t")); p++)
		count++;
	TRUE(strstr(text, "flags\t") != NULL);
	n = MUST(sys(SYS_sched_getaffinity, 0, sizeof(mask), mask));
	for (long i = 0; i < n * 8; i++)
		bits += mask[i / 8] >> (i % 8) & 1;
	IS(bits, count);
}

TEST(stat)
{
	OK(slurp("/proc/stat", text, sizeof(text)));
	SAME(text, "cpu ", 4);
	TRUE(strstr(text, "\ncpu0 ") != NULL);
	TRUE(field("btime ") > 1600000000);
	TRUE(field("processes ") > 0);
}

TEST(uptime_and_load)
{
	double up, idle, a, b, c;

	OK(slurp("/proc/uptime", text, sizeof(text)));
	IS(sscanf(text, "%lf %lf", &up, &idle), 2);
	TRUE(up > 0);
	OK(slurp("/proc/loadavg", text, sizeof(text)));
	IS(sscanf(text, "%lf %lf %lf", &a, &b, &c), 3);
}

TEST(mounts)
{
	OK(slurp("/proc/mounts", text, sizeof(text)));
	TRUE(strstr(text, " / ") != NULL);
	TRUE(strstr(text, " /proc proc ") != NULL);
	OK(slurp("/proc/self/mounts", text, sizeof(text)));
	TRUE(strstr(text, " /proc proc ") != NULL);
	OK(slurp("/proc/self/mountinfo", text, sizeof(text)));
	TRUE(strstr(text, " / / ") != NULL);
	OK(slurp("/proc/filesystems", text, sizeof(text)));
	TRUE(strstr(text, "proc") != NULL && strstr(text, "tmpfs") != NULL);
}

TEST(version)
{
	OK(slurp("/proc/version", text, sizeof(text)));
	SAME(text, "Linux version ", 14);
	OK(slurp("/proc/sys/kernel/osrelease", text, sizeof(text)));
	TRUE(text[0] >= '4' && text[0] <= '9');
	OK(slurp("/proc/sys/kernel/hostname", text, sizeof(text)));
	OK(slurp("/proc/sys/kernel/pid_max", text, sizeof(text)));
	TRUE(strtol(text, NULL, 10) >= 300);
	OK(slurp("/proc/sys/kernel/cap_last_cap", text, sizeof(text)));
	TRUE(strtol(text, NULL, 10) >= 38);
	OK(slurp("/proc/sys/kernel/ngroups_max", text, sizeof(text)));
	IS(strtol(text, NULL, 10), 65536);
	OK(slurp("/proc/sys/vm/overcommit_memory", text, sizeof(text)));
}

/* Small reads give the same text as one big read. */
TEST(in_small_pieces)
{
	static char whole[65536];
	long fd, n, have = 0;

	OK(slurp("/proc/self/status", whole, sizeof(whole)));
	fd = MUST(sys(SYS_open, "/proc/self/status", O_RDONLY));
	while ((n = MUST(sys(SYS_read, fd, text + have, 7))) > 0)
		have += n;
	text[have] = 0;
	TRUE(have > 100);
	SAME(text, whole, 40); /* name, umask, state: the same process in the same state */
	IS(sys(SYS_lseek, fd, 0, SEEK_SET), 0);
	IS(sys(SYS_read, fd, text, 5), 5);
	SAME(text, "Name:", 5);
}

TEST(refuses_changes)
{
	IS(sys(SYS_open, "/proc/new", O_RDWR | O_CREAT, 0644) < 0, 1);
	IS(sys(SYS_mkdir, "/proc/new", 0755) < 0, 1);
	IS(sys(SYS_unlink, "/proc/meminfo") < 0, 1);
	IS(sys(SYS_rename, "/proc/meminfo", "/proc/x") < 0, 1);
	IS(sys(SYS_open, "/proc/999999999", O_RDONLY), -ENOENT);
	IS(sys(SYS_open, "/proc/self/nothing", O_RDONLY), -ENOENT);
}

TEST(listing_shows_processes)
{
	static char buffer[65536];
	char pid[16];
	bool found = false;
	long fd = MUST(sys(SYS_open, "/proc", O_RDONLY | O_DIRECTORY)), n;

	snprintf(pid, sizeof(pid), "%ld", sys(SYS_getpid));
	while ((n = MUST(sys(SYS_getdents64, fd, buffer, sizeof(buffer)))) > 0)
		for (long at = 0; at < n; at += *(uint16_t *)(buffer + at + 16))
			found |= !strcmp(buffer + at + 19, pid);
	TRUE(found);
}

/* What programs were seen to open, by the number of them. */
TEST(paths_that_programs_read)
{
	static const char *const paths[] = {
		"/proc/filesystems",
		"/proc/sys/kernel/ngroups_max",
		"/proc/self/maps",
		"/proc/meminfo",
		"/proc/self/cgroup",
		"/proc/sys/vm/overcommit_memory",
		"/proc/sys/kernel/cap_last_cap",
		"/proc/self/stat",
		"/proc/self/mountinfo",
		"/proc/self/fd",
		"/proc/self/status",
		"/proc/uptime",
		"/proc/stat",
		"/proc/cpuinfo",
		"/proc/loadavg",
		"/proc/sys/kernel/pid_max",
		"/proc/mounts",
		"/proc/sys/kernel/osrelease",
		"/proc/net/tcp",
		"/proc/net/udp",
		"/proc/net/route",
		"/proc/net/dev",
		"/proc/sys/net/core/somaxconn",
		"/proc/cgroups",
		"/proc/self/task",
		"/proc/self/statm",
		"/proc/self/smaps",
		"/proc/self/limits",
		"/proc/self/comm",
		"/proc/sys/vm/max_map_count",
		"/proc/sys/vm/mmap_min_addr",
		"/proc/version",
		"/proc/thread-self/status",
		"/proc/self/environ",
	};

	for (unsigned i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		long fd = sys(SYS_open, paths[i], O_RDONLY);

		if (OK(fd) < 0)
			printf("# %s\n", paths[i]);
		sys(SYS_close, fd);
	}
}

/* How many processors there are is told in several places, and by the affinity. */
TEST(processors_of_sys)
{
	static const char *const paths[] = {"/sys/devices/system/cpu/online",
					    "/sys/devices/system/cpu/possible",
					    "/sys/devices/system/cpu/present"};
	long nodes;

	if (sys(SYS_access, "/sys/devices", F_OK))
		skip("no /sys here");
	for (int i = 0; i < 3; i++) {
		OK(slurp(paths[i], text, sizeof(text)));
		TRUE(text[0] == '0' && strchr("-,\n", text[1]));
	}
	OK(sys(SYS_access, "/sys/devices/system/cpu/cpu0", F_OK));
	nodes = slurp("/sys/devices/system/node/node0/meminfo", text, sizeof(text));
	if (nodes < 0)
		skip("a kernel without NUMA");
	TRUE(field("Node 0 MemTotal:") > 0);
	OK(slurp("/sys/devices/system/node/node0/cpumap", text, sizeof(text)));
	TRUE(strtoul(text, NULL, 16) != 0 || strchr(text, ','));
}

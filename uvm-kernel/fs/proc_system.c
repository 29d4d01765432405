/* SPDX-License-Identifier: MIT */
/*
 * The files of /proc that speak of the whole system.
 */
#include "proc.h"
#include "tmpfs.h"

#define TICK (NSEC_PER_SEC / 100) /* USER_HZ */

static void kib_line(struct text *t, const char *name, u64 pages)
{
	text_printf(t, "%s:%*s%lu kB\n", name, (int)(16 - MIN(strlen(name), 15UL)), "",
		    pages * (PAGE_SIZE / 1024));
}

static void show_meminfo(struct text *t)
{
	u64 cache = pagecache_total_pages(), shmem = tmpfs_total_pages();
	struct page_stats s;

	page_get_stats(&s);
	kib_line(t, "MemTotal", s.managed);
	kib_line(t, "MemFree", s.free);
	kib_line(t, "MemAvailable", s.free + cache - MIN(cache, shmem));
	kib_line(t, "Buffers", 0);
	kib_line(t, "Cached", cache);
	kib_line(t, "SwapCached", 0);
	kib_line(t, "SwapTotal", 0);
	kib_line(t, "SwapFree", 0);
	kib_line(t, "AnonPages", s.anon);
	kib_line(t, "Shmem", shmem);
	kib_line(t, "Slab", s.slab);
}

/* Names of flags in Linux's words, from bit 0 of a CPUID register on; a dash has no name. */
static const struct {
	u32 leaf, reg;
	const char *names;
} flag_words[] = {
	{1, 3,
	 "fpu vme de pse tsc msr pae mce cx8 apic - sep mtrr pge mca cmov pat pse36 pn "
	 "clflush - dts acpi mmx fxsr sse sse2 ss ht tm ia64 pbe"},
	{0x80000001, 3,
	 "- - - - - - - - - - - syscall - - - - - - - - nx - - - - fxsr_opt pdpe1gb rdtscp - lm"},
	{1, 2,
	 "pni pclmulqdq dtes64 monitor ds_cpl vmx smx est tm2 ssse3 cid sdbg fma cx16 xtpr "
	 "pdcm - pcid dca sse4_1 sse4_2 x2apic movbe popcnt tsc_deadline_timer aes xsave - "
	 "avx f16c rdrand hypervisor"},
	{0x80000001, 2, "lahf_lm cmp_legacy svm extapic cr8_legacy abm sse4a misalignsse 3dnowprefetch"},
	{7, 1,
	 "fsgsbase tsc_adjust - bmi1 hle avx2 - smep bmi2 erms invpcid rtm - - - - - - rdseed "
	 "adx smap - - clflushopt clwb - - - - sha_ni"},
	{7, 2, "- - umip pku ospke - - - gfni vaes vpclmulqdq - - - - - - - - - - - rdpid"},
};

static void show_flags(struct text *t)
{
	text_printf(t, "flags\t\t:");
	for (u32 i = 0; i < ARRAY_SIZE(flag_words); i++) {
		const char *name = flag_words[i].names;
		u32 r[4], len;

		cpuid(flag_words[i].leaf, 0, r);
		for (u32 bits = r[flag_words[i].reg]; *name; bits >>= 1, name += len + (name[len] == ' ')) {
			for (len = 0; name[len] && name[len] != ' ';)
				len++;
			if (bits & 1 && *name != '-')
				text_printf(t, " %.*s", (int)len, name);
		}
	}
	text_printf(t, "\n");
}

static void show_one_cpu(struct text *t, u32 cpu)
{
	u32 r[4], brand[12] = {0}, family, model, max;
	char vendor[13] = {0};

	cpuid(0, 0, r);
	memcpy(vendor, &r[1], 4);
	memcpy(vendor + 4, &r[3], 4);
	memcpy(vendor + 8, &r[2], 4);
	cpuid(0x80000000, 0, r);
	max = r[0];
	for (u32 i = 0; i < 3 && max >= 0x80000004; i++)
		cpuid(0x80000002 + i, 0, &brand[4 * i]);
	cpuid(1, 0, r);
	family = (r[0] >> 8 & 15) + ((r[0] >> 8 & 15) == 15 ? r[0] >> 20 & 255 : 0);
	model = (r[0] >> 4 & 15) | (r[0] >> 12 & 0xf0);
	text_printf(t, "processor\t: %u\nvendor_id\t: %s\ncpu family\t: %u\nmodel\t\t: %u\n", cpu, vendor,
		    family, model);
	text_printf(t, "model name\t: %.48s\nstepping\t: %u\n", (const char *)brand, r[0] & 15);
	text_printf(t, "cpu MHz\t\t: %lu.%03lu\n", boot->tsc_hz / 1000000, boot->tsc_hz / 1000 % 1000);
	text_printf(t, "physical id\t: 0\nsiblings\t: %u\ncore id\t\t: %u\ncpu cores\t: %u\napicid\t\t: %u\n",
		    cpu_count, cpu, cpu_count, cpu);
	show_flags(t);
	text_printf(t, "bogomips\t: %lu.%02lu\n", boot->tsc_hz / 500000, boot->tsc_hz / 5000 % 100);
	cpuid(0x80000008, 0, r);
	text_printf(t, "address sizes\t: %u bits physical, %u bits virtual\n\n", r[0] & 255, r[0] >> 8 & 255);
}

static void show_cpuinfo(struct text *t)
{
	for (u32 i = 0; i < cpu_count; i++)
		show_one_cpu(t, i);
}

/* What all processes have used, those that were reaped included in their parents' sums. */
void cpu_time_total(u64 *user, u64 *system, u64 *idle)
{
	u64 all = time_monotonic() * cpu_count, u, s;
	struct process *p;

	*user = *system = 0;
	list_for_each(p, &process_list, all)
	{
		process_times(p, &u, &s);
		*user += u + time_ticks_to_ns(p->reaped.utime);
		*system += s + time_ticks_to_ns(p->reaped.stime);
	}
	*idle = all - MIN(all, *user + *system);
}

static void show_uptime(struct text *t)
{
	u64 up = time_monotonic() / 10000000, user, system, idle;

	cpu_time_total(&user, &system, &idle);
	idle /= 10000000;
	text_printf(t, "%lu.%02lu %lu.%02lu\n", up / 100, up % 100, idle / 100, idle % 100);
}

static void show_stat(struct text *t)
{
	u64 user, system, idle, interrupts = 0;

	cpu_time_total(&user, &system, &idle);
	text_printf(t, "cpu  %lu 0 %lu %lu 0 0 0 0 0 0\n", user / TICK, system / TICK, idle / TICK);
	/* Time is kept per process, not per CPU: each CPU has its even share. */
	for (u32 i = 0; i < cpu_count; i++) {
		text_printf(t, "cpu%u %lu 0 %lu %lu 0 0 0 0 0 0\n", i, user / TICK / cpu_count,
			    system / TICK / cpu_count, idle / TICK / cpu_count);
		for (u32 v = 0; v < 256; v++)
			interrupts += cpu_get(i)->irqs[v];
	}
	text_printf(t, "intr %lu\n", interrupts);
	text_printf(t, "btime %lu\nprocesses %d\nprocs_running %u\nprocs_blocked 0\n",
		    (time_realtime() - time_monotonic()) / NSEC_PER_SEC, pid_last(), tasks_running());
}

static void show_loadavg(struct text *t)
{
	for (int i = 0; i < 3; i++) {
		u64 load = sched_load(i);

		text_printf(t, "%lu.%02lu ", load >> 16, (load & 0xffff) * 100 >> 16);
	}
	text_printf(t, "%u/%u %d\n", tasks_running(), process_count(), pid_last());
}

static void show_version(struct text *t)
{
	text_printf(t, "%s version %s (nacelle) %s\n", uts.sysname, uts.release, uts.version);
}

static void show_unknown_calls(struct text *t)
{
	text_printf(t, "%lu\n", syscall_unknown_count);
}

const struct text_file proc_system_files[] = {
	{"cgroups", .text = "#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpuset\t0\t1\t1\ncpu\t0\t1\t1\n"
			    "cpuacct\t0\t1\t1\nmemory\t0\t1\t1\npids\t0\t1\t1"},
	{"cmdline", .text = ""},
	{"cpuinfo", .show = show_cpuinfo},
	{"devices",
	 .text = "Character devices:\n  1 mem\n  5 /dev/tty\n  5 /dev/ptmx\n136 pts\n\nBlock devices:"},
	{"filesystems", .text = "nodev\ttmpfs\nnodev\tproc\nnodev\tsysfs\nnodev\tcgroup2\nnodev\tdevpts\nnode"
				"v\tmqueue\nnodev\tfuse"},
	{"loadavg", .show = show_loadavg},
	{"meminfo", .show = show_meminfo},
	{"nacelle/unknown_syscalls", .show = show_unknown_calls},
	{"stat", .show = show_stat},
	{"uptime", .show = show_uptime},
	{"version", .show = show_version},
};
const u32 proc_system_count = ARRAY_SIZE(proc_system_files);

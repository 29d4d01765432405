/* SPDX-License-Identifier: MIT */
/*
 * The system as a whole: names, memory and load, random bytes.
 */
#include <uvm/kernel.h>

/* The Linux whose behaviour is followed; programs compare it with what they need. */
#define LINUX_RELEASE "6.1.0-nacelle"

struct uts uts = {
	.sysname = "Linux",
	.release = LINUX_RELEASE,
	.version = "#1 SMP Nacelle " NACELLE_VERSION_STRING,
	.machine = "x86_64",
};

void uts_init(void)
{
	const char *domain = boot_string(boot->domainname_offset);

	strlcpy(uts.nodename, boot_string(boot->hostname_offset), UTS_LEN);
	strlcpy(uts.domainname, *domain ? domain : "(none)", UTS_LEN);
}

long sys_uname(const struct sysargs *args)
{
	return copy_to_user(ARG_PTR(0), &uts, sizeof(uts));
}

long sys_set_name(const struct sysargs *args)
{
	u64 len = ARG_U64(1);
	char fresh[UTS_LEN] = {0};

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (len >= UTS_LEN)
		return -EINVAL;
	if (copy_from_user(fresh, ARG_PTR(0), len))
		return -EFAULT;
	memcpy(ARG_UINT(2) ? uts.domainname : uts.nodename, fresh, UTS_LEN);
	return 0;
}

struct sysinfo {
	s64 uptime;
	u64 loads[3];
	u64 totalram, freeram, sharedram, bufferram, totalswap, freeswap;
	u16 procs;
	u16 pad;
	u64 totalhigh, freehigh;
	u32 mem_unit;
};

long sys_sysinfo(const struct sysargs *args)
{
	struct page_stats s;
	struct sysinfo i;

	page_get_stats(&s);
	memset(&i, 0, sizeof(i));
	i.uptime = (s64)(time_monotonic() / NSEC_PER_SEC);
	for (int n = 0; n < 3; n++)
		i.loads[n] = sched_load(n);
	i.totalram = s.managed << PAGE_SHIFT;
	i.freeram = s.free << PAGE_SHIFT;
	i.procs = (u16)process_count();
	i.mem_unit = 1;
	return copy_to_user(ARG_PTR(0), &i, sizeof(i));
}

enum { GRND_NONBLOCK = 1, GRND_RANDOM = 2, GRND_INSECURE = 4 };

long sys_getrandom(const struct sysargs *args)
{
	u64 dst = ARG_U64(0), len = MIN(ARG_U64(1), 0x7fffffffUL), done = 0;
	u32 flags = ARG_UINT(2);
	u8 buf[256];

	if (flags & ~7U || (flags & (GRND_RANDOM | GRND_INSECURE)) == (GRND_RANDOM | GRND_INSECURE))
		return -EINVAL;
	while (done < len) {
		size_t n = MIN(len - done, sizeof(buf));

		random_bytes(buf, n);
		if (copy_to_user((void *)(dst + done), buf, n))
			return done ? (long)done : -EFAULT;
		done += n;
		sched_point();
		if (signal_pending())
			break;
	}
	memset(buf, 0, sizeof(buf));
	return (long)done;
}

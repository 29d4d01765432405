/* SPDX-License-Identifier: MIT */
/* uname(2), sysinfo, sethostname: who the machine says it is. */
#include "check.h"

#include <sys/sysinfo.h>
#include <sys/utsname.h>

TEST(uname)
{
	struct utsname u;

	IS(sys(SYS_uname, &u), 0);
	STREQ(u.sysname, "Linux"); /* java refuses anything else */
	STREQ(u.machine, "x86_64");
	TRUE(u.release[0] >= '4' && u.release[0] <= '9'); /* glibc: "kernel too old" */
	TRUE(u.nodename[0] != 0);
	IS(sys(SYS_uname, BAD_KERNEL), -EFAULT);
	IS(sys(SYS_uname, BAD_UNMAPPED), -EFAULT);
}

TEST(sysinfo)
{
	struct sysinfo s;

	memset(&s, 0xff, sizeof(s));
	IS(sys(SYS_sysinfo, &s), 0);
	TRUE(s.mem_unit >= 1);
	TRUE(s.totalram > 0 && s.freeram <= s.totalram);
	TRUE(s.procs >= 1);
	TRUE(s.uptime < 100l * 365 * 86400);
	IS(sys(SYS_sysinfo, BAD_KERNEL), -EFAULT);
}

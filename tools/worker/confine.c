/* SPDX-License-Identifier: MIT */
/*
 * confine.c: limits, capabilities and the system call filter. The filter is compiled by libseccomp when the
 * worker is built (seccomp_rules.c); here only the process' own id is put into it.
 */
#include "confine.h"

#include <abi/net.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "die.h"
#include "fs_node.h"
#include "machine.h"
#include "seccomp_rules.h"

static struct sock_filter filter[] = {
#include "seccomp_filter.inc"
};

/* To own and change any file inside the container's trees, and to make files for its users. Every check of
 * a permission is made by the guest kernel. */
#define CAPABILITIES                                                                                         \
	(1u << CAP_CHOWN | 1u << CAP_DAC_OVERRIDE | 1u << CAP_FOWNER | 1u << CAP_FSETID | 1u << CAP_SETUID | \
	 1u << CAP_SETGID)

/* Changing file system ids leaves the capabilities alone (fs_make.c); uid 0 is not special. */
#define SECUREBITS \
	(SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_NOROOT | SECBIT_NOROOT_LOCKED)

static void raise_descriptor_limit(void)
{
	const rlim_t most = FS_NODES_MAX + FS_FILES_MAX + NACELLE_NET_SOCKETS_MAX + 64;
	struct rlimit limit = {most, most};

	/* Not allowed: the limit that was given bounds what the guest can open at a time. */
	if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
		return;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static unsigned int plug_streams(void)
{
	unsigned int closed = 0;

	for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++) {
		if (fcntl(i, F_GETFD) >= 0)
			continue;
		closed |= 1u << i;
		if (open("/dev/null", O_RDWR) != i)
			die("cannot open /dev/null in place of a closed stream");
	}
	return closed;
}

unsigned int confine_descriptors(void)
{
	struct rlimit none = {0, 0};
	unsigned int closed = plug_streams();

	if (close_range(LAUNCH_FD + 1, ~0u, 0) < 0)
		die_errno("cannot close inherited descriptors");
	raise_descriptor_limit();
	setrlimit(RLIMIT_CORE, &none);
	umask(0); /* the guest kernel applies its processes' masks */
	return closed;
}

/* The guest kernel asks for these only for processes that have them; where none can have one, neither has the
 * worker. Raw sockets are no others than the filter lets through: of ICMP. */
static u32 own_capabilities(void)
{
	return CAPABILITIES |
	       (u32)(machine.launch->cap_bounding & (1u << CAP_NET_BIND_SERVICE | 1u << CAP_NET_RAW));
}

static void drop_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {
		{.effective = own_capabilities(), .permitted = own_capabilities()}};

	if (prctl(PR_SET_SECUREBITS, SECUREBITS) < 0)
		die_errno("cannot set secure bits (nacelle must be run by root)");
	if (syscall(SYS_capset, &header, data) < 0)
		die_errno("cannot drop capabilities");
}

static void insert_pid(void)
{
	u32 pid = (u32)getpid();

	for (size_t i = 0; i < sizeof(filter) / sizeof(filter[0]); i++)
		if (filter[i].k == SECCOMP_OWN_PID)
			filter[i].k = pid;
}

void confine(void)
{
	struct sock_fprog program = {.len = sizeof(filter) / sizeof(filter[0]), .filter = filter};

	drop_capabilities();
	insert_pid();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		die_errno("cannot give up gaining privileges");
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		die_errno("cannot install the system call filter");
}

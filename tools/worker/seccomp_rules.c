/* SPDX-License-Identifier: MIT */
/*
 * seccomp_rules.c: the system calls that a worker makes while its guest runs; anything else ends the worker.
 * Runs when the worker is built and prints the filter for confine.c: libseccomp is not in the worker.
 */
#include "seccomp_rules.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "net_protocols.h"

#define THREAD_FLAGS                                                                                       \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS | \
	 CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)

/* Allowed whatever their arguments are. */
static const int plain[] = {
	/* rings, console, I/O thread */
	SCMP_SYS(read),
	SCMP_SYS(write),
	SCMP_SYS(readv),
	SCMP_SYS(poll),
	SCMP_SYS(futex),
	SCMP_SYS(close),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	/* file server */
	SCMP_SYS(openat),
	SCMP_SYS(statx),
	SCMP_SYS(preadv),
	SCMP_SYS(pwritev),
	SCMP_SYS(getdents64),
	SCMP_SYS(lseek),
	SCMP_SYS(readlinkat),
	SCMP_SYS(fstatfs),
	SCMP_SYS(ftruncate),
	SCMP_SYS(fallocate),
	SCMP_SYS(fsync),
	SCMP_SYS(fdatasync),
	SCMP_SYS(utimensat),
	SCMP_SYS(fchownat),
	SCMP_SYS(fchmodat),
	SCMP_SYS(mkdirat),
	SCMP_SYS(symlinkat),
	SCMP_SYS(linkat),
	SCMP_SYS(unlinkat),
	SCMP_SYS(renameat2),
	SCMP_SYS(renameat), /* what glibc makes of renameat2 without flags */
	SCMP_SYS(fgetxattr),
	SCMP_SYS(fsetxattr),
	SCMP_SYS(flistxattr),
	SCMP_SYS(fremovexattr),
	SCMP_SYS(setfsuid),
	SCMP_SYS(setfsgid),
	/* socket proxy */
	SCMP_SYS(bind),
	SCMP_SYS(listen),
	SCMP_SYS(accept4),
	SCMP_SYS(connect),
	SCMP_SYS(getsockname),
	SCMP_SYS(getpeername),
	SCMP_SYS(sendmsg),
	SCMP_SYS(recvmsg),
	SCMP_SYS(shutdown),
	SCMP_SYS(getsockopt),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_wait),
	/* memory and threads of the C library */
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

static void check(int error, const char *what)
{
	if (error == 0)
		return;
	fprintf(stderr, "seccomp_rules: %s: error %d\n", what, error);
	exit(1);
}

static void allow(scmp_filter_ctx ctx, int call)
{
	check(seccomp_rule_add(ctx, SCMP_ACT_ALLOW, call, 0), "rule");
}

/* Allowed if the bits in `mask` of one argument are those of `value`. */
static void allow_if(scmp_filter_ctx ctx, int call, unsigned int argument, scmp_datum_t mask,
		     scmp_datum_t value)
{
	struct scmp_arg_cmp cmp = {argument, SCMP_CMP_MASKED_EQ, mask, value};

	check(seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, call, 1, &cmp), "rule with an argument");
}

static void allow_socket(scmp_filter_ctx ctx, const struct net_protocol *p)
{
	struct scmp_arg_cmp cmp[] = {
		{0, SCMP_CMP_MASKED_EQ, UINT32_MAX, p->family},
		{1, SCMP_CMP_MASKED_EQ, UINT32_MAX, p->type | NET_TYPE_FLAGS},
		{2, SCMP_CMP_MASKED_EQ, UINT32_MAX, p->protocol},
	};

	check(seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, SCMP_SYS(socket), 3, cmp), "socket");
}

static void allow_sockets(scmp_filter_ctx ctx)
{
	static const u32 levels[] = {SOL_SOCKET,  IPPROTO_IP,  IPPROTO_IPV6, IPPROTO_TCP,
				     IPPROTO_UDP, SOL_NETLINK, SOL_RAW,	     SOL_ICMPV6};

	for (size_t i = 0; i < NET_PROTOCOL_COUNT; i++)
		allow_socket(ctx, &net_protocols[i]);
	for (size_t i = 0; i < NET_IOCTL_COUNT; i++)
		allow_if(ctx, SCMP_SYS(ioctl), 1, UINT32_MAX, net_ioctls[i].command);
	allow_if(ctx, SCMP_SYS(ioctl), 1, UINT32_MAX, SIOCGIFCONF);
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		allow_if(ctx, SCMP_SYS(setsockopt), 1, UINT32_MAX, levels[i]);
}

/* Those whose arguments decide. */
static void allow_checked(scmp_filter_ctx ctx)
{
	for (const unsigned long *request = vm_ioctls; *request; request++)
		allow_if(ctx, SCMP_SYS(ioctl), 1, UINT32_MAX, *request);
	allow_if(ctx, SCMP_SYS(ioctl), 1, UINT32_MAX, TIOCGWINSZ);
	allow_if(ctx, SCMP_SYS(mmap), 2, PROT_EXEC, 0);
	allow_if(ctx, SCMP_SYS(mprotect), 2, PROT_EXEC, 0);
	allow_if(ctx, SCMP_SYS(fcntl), 1, UINT32_MAX, F_DUPFD_CLOEXEC);
	allow_if(ctx, SCMP_SYS(mknodat), 3, UINT32_MAX, 0); /* no device */
	allow_if(ctx, SCMP_SYS(clone), 0, UINT64_MAX, THREAD_FLAGS);
	allow_if(ctx, SCMP_SYS(prctl), 0, UINT32_MAX, PR_SET_DUMPABLE);
	allow_if(ctx, SCMP_SYS(tgkill), 0, UINT32_MAX, SECCOMP_OWN_PID);
	/* Its flags are in memory, which a filter cannot read; the C library then uses clone. */
	check(seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0), "clone3");
}

static void print_filter(scmp_filter_ctx ctx)
{
	FILE *file = tmpfile();
	struct sock_filter all[BPF_MAXINSNS], f[BPF_MAXINSNS];
	size_t count;

	if (!file)
		check(-1, "temporary file");
	check(seccomp_export_bpf(ctx, fileno(file)), "export");
	rewind(file);
	count = fread(all, sizeof(all[0]), BPF_MAXINSNS, file);
	fclose(file);
	count = seccomp_shorten(all, count, f);
	check(count ? 0 : -1, "a filter that cannot be shortened");
	for (size_t i = 0; i < count; i++)
		printf("{ %#x, %u, %u, %#x },\n", f[i].code, f[i].jt, f[i].jf, f[i].k);
}

int main(void)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);

	if (!ctx)
		check(-1, "init");
	/* A binary tree: the kernel walks the filter for every system call there is when it is installed. */
	check(seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2), "optimization");
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		allow(ctx, plain[i]);
	allow_checked(ctx);
	allow_sockets(ctx);
	print_filter(ctx);
	seccomp_release(ctx);
	return 0;
}

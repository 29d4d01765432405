/* SPDX-License-Identifier: MIT */
/* Smaller calls of tier 1 that need only a few checks each: xattr, inotify, memfd, pidfd, signalfd, timerfd,
 * … */
#include "check.h"

#include <poll.h>
#include <sys/inotify.h>

TEST_FLAGS(xattr_refusals, FILES | OPTIONAL)
{
	char value[16];
	long result;

	make_file("f", "", 0, 0644);
	NEEDS(SYS_getxattr, "f", "user.none", value, 16);
	result = sys(SYS_getxattr, "f", "user.none", value, 16);
	TRUE(result == -ENODATA || result == -EOPNOTSUPP);
	result = sys(SYS_lgetxattr, "f", "security.none", value, 16);
	TRUE(result == -ENODATA || result == -EOPNOTSUPP);
	result = sys(SYS_listxattr, "f", NULL, 0);
	TRUE(result >= 0 || result == -EOPNOTSUPP);
	IS(sys(SYS_getxattr, "absent", "user.none", value, 16), -ENOENT);
	IS(sys(SYS_fgetxattr, 99, "user.none", value, 16), -EBADF);
}

TEST_FLAGS(inotify, FILES | OPTIONAL)
{
	char buffer[512] __attribute__((aligned(8)));
	struct inotify_event *e = (void *)buffer;
	long fd, wd, file;

	NEEDS(SYS_inotify_init1, 0x10);
	fd = MUST(sys(SYS_inotify_init1, O_NONBLOCK | O_CLOEXEC));
	wd = MUST(sys(SYS_inotify_add_watch, fd, ".", IN_CREATE | IN_DELETE | IN_MODIFY));
	IS(sys(SYS_read, fd, buffer, sizeof(buffer)), -EAGAIN);
	file = MUST(sys(SYS_open, "new", O_RDWR | O_CREAT, 0644));
	TRUE(sys(SYS_read, fd, buffer, sizeof(buffer)) >= 16);
	IS(e->wd, wd);
	IS(e->mask, IN_CREATE);
	STREQ(e->name, "new");
	IS(sys(SYS_write, file, "x", 1), 1);
	TRUE(sys(SYS_read, fd, buffer, sizeof(buffer)) >= 16);
	IS(e->mask, IN_MODIFY);
	MUST(sys(SYS_unlink, "new"));
	TRUE(sys(SYS_read, fd, buffer, sizeof(buffer)) >= 16);
	IS(e->mask, IN_DELETE);
	IS(sys(SYS_inotify_rm_watch, fd, wd), 0);
	IS(sys(SYS_inotify_rm_watch, fd, wd), -EINVAL);
	IS(sys(SYS_inotify_add_watch, fd, "absent", IN_CREATE), -ENOENT);
}

TEST_FLAGS(memfd, OPTIONAL)
{
	long fd;
	char *p;

	NEEDS(SYS_memfd_create, NULL, 0);
	fd = MUST(sys(SYS_memfd_create, "name", 1));
	IS(sys(SYS_fcntl, fd, F_GETFD), FD_CLOEXEC);
	IS(sys(SYS_ftruncate, fd, 8192), 0);
	p = (char *)MUST(sys(SYS_mmap, 0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	p[5000] = 'm';
	IS(sys(SYS_pread64, fd, p, 1, 5000), 1);
	IS(p[0], 'm');
	IS(sys(SYS_memfd_create, "x", 0x8000), -EINVAL);
	IS(sys(SYS_memfd_create, BAD_KERNEL, 0), -EFAULT);
}

static void exit_4(void *arg)
{
	int *p = arg;
	char c;

	sys(SYS_close, p[1]);
	sys(SYS_read, p[0], &c, 1);
	sys(SYS_exit_group, 4);
}

TEST_FLAGS(pidfd, OPTIONAL)
{
	struct pollfd f;
	int p[2];
	long pid, fd;

	NEEDS(SYS_pidfd_open, -1, 0);
	make_pipe(p);
	pid = child(exit_4, p);
	fd = MUST(sys(SYS_pidfd_open, pid, 0));
	IS(sys(SYS_fcntl, fd, F_GETFD), FD_CLOEXEC);
	f = (struct pollfd){fd, POLLIN, 0};
	IS(sys(SYS_poll, &f, 1, 0), 0);
	IS(sys(SYS_pidfd_send_signal, fd, 0, NULL, 0), 0);
	MUST(sys(SYS_close, p[1]));
	IS(sys(SYS_poll, &f, 1, -1), 1);
	IS(reap(pid), EXITED(4));
	IS(sys(SYS_pidfd_send_signal, fd, 0, NULL, 0), -ESRCH);
	IS(sys(SYS_pidfd_open, -1, 0), -EINVAL);
	IS(sys(SYS_pidfd_open, 0x3ffffff, 0), -ESRCH);
}

TEST_FLAGS(signalfd, OPTIONAL)
{
	unsigned long set = SIGBIT(SIGUSR1);
	unsigned info[32];
	long fd;

	NEEDS(SYS_signalfd4, -1, NULL, 0, 0);
	MUST(block_signals(set));
	fd = MUST(sys(SYS_signalfd4, -1, &set, 8, O_NONBLOCK | O_CLOEXEC));
	IS(sys(SYS_read, fd, info, 128), -EAGAIN);
	MUST(sys(SYS_kill, sys(SYS_getpid), SIGUSR1));
	IS(sys(SYS_read, fd, info, 128), 128);
	IS(info[0], SIGUSR1);
	IS(info[3], sys(SYS_getpid));
	IS(sys(SYS_read, fd, info, 100), -EINVAL);
}

TEST_FLAGS(timerfd, OPTIONAL)
{
	struct {
		long isec, insec, sec, nsec;
	} set = {0, 0, 0, 5000000}, old;
	uint64_t count = 0;
	long fd;

	NEEDS(SYS_timerfd_create, 99, 0);
	fd = MUST(sys(SYS_timerfd_create, 1, O_CLOEXEC));
	IS(sys(SYS_timerfd_settime, fd, 0, &set, &old), 0);
	IS(sys(SYS_read, fd, &count, 8), 8);
	IS(count, 1);
	IS(sys(SYS_timerfd_gettime, fd, &old), 0);
	IS(old.sec | old.nsec, 0);
	IS(sys(SYS_timerfd_create, 99, 0), -EINVAL);
}

static void barrier(void *arg)
{
	(void)arg;
	IS(sys(SYS_membarrier, 8, 0, 0), 0); /* a copy of the address space is registered, too */
}

TEST_FLAGS(membarrier, OPTIONAL)
{
	long commands;

	NEEDS(SYS_membarrier, 0, 0, 0);
	commands = MUST(sys(SYS_membarrier, 0, 0, 0));
	if (commands & 8) {
		IS(sys(SYS_membarrier, 8, 0, 0), -EPERM); /* not registered */
		IS(sys(SYS_membarrier, 16, 0, 0), 0);
		IS(sys(SYS_membarrier, 8, 0, 0), 0);
		IS(in_child(barrier, NULL), 0);
	}
	IS(sys(SYS_membarrier, 1 << 30, 0, 0), -EINVAL);
}

TEST_FLAGS(memory_policy, OPTIONAL)
{
	int mode = -1;
	long result;

	NEEDS(SYS_get_mempolicy, NULL, NULL, 0, 0, 0);
	result = sys(SYS_get_mempolicy, &mode, NULL, 0, 0, 0);
	IS(result, 0);
	IS(mode, 0);
}

/* A missing optional call says ENOSYS or works; EPERM would keep python and node from starting threads. */
TEST(right_error_for_missing_calls)
{
	TRUE(sys(SYS_clone3, NULL, 0) == -ENOSYS || sys(SYS_clone3, NULL, 0) == -EINVAL);
	TRUE(sys(SYS_statx, -1, BAD_UNMAPPED, 0, 0, NULL) == -ENOSYS ||
	     sys(SYS_statx, -1, BAD_UNMAPPED, 0, 0, NULL) == -EFAULT);
	TRUE(sys(SYS_io_uring_setup, 0, NULL) < 0);
	TRUE(sys(SYS_bpf, 999, NULL, 0) < 0);
}

/* SPDX-License-Identifier: MIT */
/* Every call that takes a descriptor, with one that is not open: EBADF. */
#include "check.h"

#include <poll.h>

static const long bad[] = {-1, 999, 0x7fffffff, -100000, (int)0x80000000};

#define EACH(call)                                                                \
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {               \
		long fd = bad[i];                                                 \
		if (!check_is((long)(call), -EBADF, #call, __FILE__, __LINE__)) { \
			note("with descriptor %ld", fd);                          \
			break;                                                    \
		}                                                                 \
	}

TEST(files)
{
	static char buffer[4096];

	EACH(sys(SYS_read, fd, buffer, 1));
	EACH(sys(SYS_write, fd, buffer, 1));
	EACH(sys(SYS_pread64, fd, buffer, 1, 0));
	EACH(sys(SYS_pwrite64, fd, buffer, 1, 0));
	EACH(sys(SYS_readv, fd, NULL, 0));
	EACH(sys(SYS_writev, fd, NULL, 0));
	EACH(sys(SYS_close, fd));
	EACH(sys(SYS_fstat, fd, buffer));
	EACH(sys(SYS_lseek, fd, 0, 0));
	EACH(sys(SYS_ioctl, fd, 0x5401, buffer));
	EACH(sys(SYS_fcntl, fd, F_GETFL));
	EACH(sys(SYS_dup, fd));
	EACH(sys(SYS_dup2, fd, 30));
	EACH(sys(SYS_ftruncate, fd, 0));
	EACH(sys(SYS_fsync, fd));
	EACH(sys(SYS_fdatasync, fd));
	EACH(sys(SYS_fchmod, fd, 0644));
	EACH(sys(SYS_fchown, fd, -1, -1));
	EACH(sys(SYS_fchdir, fd));
	EACH(sys(SYS_fstatfs, fd, buffer));
	EACH(sys(SYS_getdents64, fd, buffer, 4096));
	EACH(sys(SYS_sendfile, 1, fd, NULL, 1));
	EACH(sys(SYS_sendfile, fd, 0, NULL, 1));
}

TEST(directories)
{
	static char buffer[4096];

	for (size_t i = 1; i < 3; i++) { /* -1 and the negative ones are no better, AT_FDCWD is special */
		long fd = bad[i];

		IS(sys(SYS_openat, fd, "x", O_RDONLY), -EBADF);
		IS(sys(SYS_newfstatat, fd, "x", buffer, 0), -EBADF);
		IS(sys(SYS_unlinkat, fd, "x", 0), -EBADF);
		IS(sys(SYS_mkdirat, fd, "x", 0755), -EBADF);
		IS(sys(SYS_readlinkat, fd, "x", buffer, 10), -EBADF);
		IS(sys(SYS_utimensat, fd, "x", NULL, 0), -EBADF);
		IS(sys(SYS_faccessat, fd, "x", 0), -EBADF);
		IS(sys(SYS_fchmodat, fd, "x", 0644), -EBADF);
		IS(sys(SYS_symlinkat, "x", fd, "y"), -EBADF);
	}
}

TEST_FLAGS(sockets, OPTIONAL)
{
	static char buffer[128];
	unsigned length = 100;

	NEEDS(SYS_socket, -1, 0, 0);
	EACH(sys(SYS_bind, fd, buffer, 16));
	EACH(sys(SYS_connect, fd, buffer, 16));
	EACH(sys(SYS_listen, fd, 1));
	EACH(sys(SYS_accept, fd, NULL, NULL));
	EACH(sys(SYS_sendto, fd, buffer, 1, 0, NULL, 0));
	EACH(sys(SYS_recvfrom, fd, buffer, 1, 0, NULL, NULL));
	EACH(sys(SYS_shutdown, fd, 0));
	EACH(sys(SYS_getsockname, fd, buffer, &length));
	EACH(sys(SYS_setsockopt, fd, 1, 2, buffer, 4));
	IS(sys(SYS_bind, 1, buffer, 16), -ENOTSOCK);
	IS(sys(SYS_listen, 1, 1), -ENOTSOCK);
	IS(sys(SYS_sendto, 1, buffer, 1, 0, NULL, 0), -ENOTSOCK);
}

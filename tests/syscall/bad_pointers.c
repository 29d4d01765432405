/* SPDX-License-Identifier: MIT */
/* Every class of call with pointers that no user may use: EFAULT, and nothing else happens. */
#include "check.h"

#include <sys/socket.h>

static void *const bad[] = {BAD_UNMAPPED,   BAD_NONCANONICAL, BAD_KERNEL,
			    BAD_DIRECT_MAP, BAD_TOP,	      (void *)0xffffffff80100000ul,
			    (void *)-1l,    (void *)-4096l};

#define EACH(call)                                                                 \
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {                \
		void *p = bad[i];                                                  \
		if (!check_is((long)(call), -EFAULT, #call, __FILE__, __LINE__)) { \
			note("with pointer %p", p);                                \
			break;                                                     \
		}                                                                  \
	}

TEST(paths)
{
	struct stat st;

	EACH(sys(SYS_open, p, O_RDONLY));
	EACH(sys(SYS_openat, AT_FDCWD, p, O_RDONLY));
	EACH(sys(SYS_stat, p, &st));
	EACH(sys(SYS_lstat, p, &st));
	EACH(sys(SYS_newfstatat, AT_FDCWD, p, &st, 0));
	EACH(sys(SYS_access, p, 0));
	EACH(sys(SYS_mkdir, p, 0755));
	EACH(sys(SYS_rmdir, p));
	EACH(sys(SYS_unlink, p));
	EACH(sys(SYS_symlink, p, "x"));
	EACH(sys(SYS_symlink, "x", p));
	EACH(sys(SYS_link, p, "x"));
	EACH(sys(SYS_rename, p, "x"));
	EACH(sys(SYS_chdir, p));
	EACH(sys(SYS_chmod, p, 0644));
	EACH(sys(SYS_readlink, p, (char *)&st, 10));
	EACH(sys(SYS_execve, p, NULL, NULL));
	EACH(sys(SYS_statfs, p, &st));
	EACH(sys(SYS_mknod, p, S_IFIFO, 0));
}

TEST(results)
{
	long fd = MUST(sys(SYS_open, "/dev/zero", O_RDONLY)), dir = MUST(sys(SYS_open, "/", O_RDONLY));
	int pipe[2];

	make_pipe(pipe);
	EACH(sys(SYS_read, fd, p, 100));
	EACH(sys(SYS_stat, ".", p));
	EACH(sys(SYS_fstat, 0, p));
	EACH(sys(SYS_statfs, ".", p));
	EACH(sys(SYS_getdents64, dir, p, 4096));
	EACH(sys(SYS_pipe, p));
	EACH(sys(SYS_getcwd, p, 4096));
	EACH(sys(SYS_uname, p));
	EACH(sys(SYS_sysinfo, p));
	EACH(sys(SYS_getrandom, p, 16, 0));
	EACH(sys(SYS_clock_gettime, 0, p));
	EACH(sys(SYS_getrlimit, 0, p));
	EACH(sys(SYS_rt_sigprocmask, 0, NULL, p, 8));
	EACH(sys(SYS_rt_sigpending, p, 8));
	EACH(sys(SYS_rt_sigaction, SIGUSR1, NULL, p, 8));
	EACH(sys(SYS_ioctl, pipe[0], 0x541b, p));
	if (sys(SYS_socketpair, -1, 0, 0, NULL) != -ENOSYS)
		EACH(sys(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, p));
	EACH(sys(SYS_getresuid, p, p, p));
}

TEST(arguments)
{
	int pipe[2];

	make_pipe(pipe);
	EACH(sys(SYS_write, pipe[1], p, 100));
	EACH(sys(SYS_writev, pipe[1], p, 1));
	EACH(sys(SYS_nanosleep, p, NULL));
	EACH(sys(SYS_poll, p, 1, 0));
	EACH(sys(SYS_rt_sigprocmask, 0, p, NULL, 8));
	EACH(sys(SYS_rt_sigaction, SIGUSR1, p, NULL, 8));
	EACH(sys(SYS_rt_sigsuspend, p, 8));
	EACH(sys(SYS_prlimit64, 0, 0, p, NULL));
	EACH(sys(SYS_setitimer, 0, p, NULL));
	EACH(sys(SYS_select, 1, p, NULL, NULL, NULL));
	EACH(sys(SYS_futex, p, 0, 0, NULL) == -EINVAL ? -EFAULT
						      : sys(SYS_futex, p, 0, 0, NULL)); /* odd ones: EINVAL */
	EACH(sys(SYS_prctl, 15, p, 0, 0, 0));
}

/* A path that begins in mapped memory and runs into a hole; a structure that is half mapped. */
TEST(half_mapped)
{
	char *map = (char *)MUST(
		sys(SYS_mmap, 0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	MUST(sys(SYS_munmap, map + 4096, 4096));
	memset(map, 'a', 4096);
	IS(sys(SYS_open, map + 4090, O_RDONLY), -EFAULT);
	map[4095] = 0;
	IS(sys(SYS_open, map + 4090, O_RDONLY), -ENOENT);
	IS(sys(SYS_stat, ".", map + 4096 - 50), -EFAULT);
	IS(sys(SYS_pipe, map + 4092), -EFAULT);
	IS(sys(SYS_rt_sigprocmask, SIG_SETMASK, map + 4092, NULL, 8), -EFAULT);
}

/* Lengths that wrap around or exceed everything. */
TEST(huge_sizes)
{
	static const long sizes[] = {-1, 0x7fffffffffffffff, 0x100000000, 0x7ffff000,
				     (long)0x8000000000000000};
	long fd = MUST(sys(SYS_open, "/dev/zero", O_RDWR)), n;
	char *page = (char *)MUST(
		sys(SYS_mmap, 0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	int p[2];

	MUST(sys(SYS_munmap, page + 4096, 4096));
	MUST(sys(SYS_pipe2, p, O_NONBLOCK));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		n = sys(SYS_read, fd, page, sizes[i]);
		TRUE(n == -EFAULT || n == 4096);
		n = sys(SYS_write, p[1], page, sizes[i]);
		TRUE(n == -EFAULT || n == -EAGAIN || (n >= 0 && n <= 4096));
		n = sys(SYS_getcwd, page, sizes[i]);
		TRUE(n > 0);
		n = sys(SYS_getrandom, page, sizes[i], 0);
		TRUE(n == -EFAULT || n == 4096);
	}
}

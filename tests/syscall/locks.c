/* SPDX-License-Identifier: MIT */
/* Record locks (fcntl) and flock(2): conflicts, ranges, and when they vanish. */
#include "check.h"

#include <sys/file.h>

static long lock(long fd, int command, int type, long start, long length)
{
	struct flock l = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};

	return sys(SYS_fcntl, fd, command, &l);
}

/* What another process gets for a write lock on [start, start + length). */
struct probe {
	long start, length, want;
};

static void try_lock(void *arg)
{
	struct probe *probe = arg;
	long fd = MUST(sys(SYS_open, "f", O_RDWR));

	IS(lock(fd, F_SETLK, F_WRLCK, probe->start, probe->length), probe->want);
}

static void others_get(long start, long length, long want)
{
	struct probe probe = {start, length, want};

	IS(in_child(try_lock, &probe), 0);
}

TEST_FLAGS(ranges, FILES)
{
	long fd;

	make_file("f", "0123456789", 10, 0644);
	fd = MUST(sys(SYS_open, "f", O_RDWR));
	IS(lock(fd, F_SETLK, F_WRLCK, 2, 6), 0);
	others_get(0, 2, 0);
	others_get(0, 3, -EAGAIN);
	others_get(7, 1, -EAGAIN);
	others_get(8, 0, 0);
	IS(lock(fd, F_SETLK, F_UNLCK, 4, 2), 0); /* splits: [2,4) and [6,8) */
	others_get(4, 2, 0);
	others_get(3, 1, -EAGAIN);
	others_get(6, 1, -EAGAIN);
	IS(lock(fd, F_SETLK, F_RDLCK, 0, 0), 0);
	others_get(100000, 1, -EAGAIN); /* length 0: to the end, however far */
	IS(lock(fd, F_SETLK, F_UNLCK, 0, 0), 0);
	others_get(0, 0, 0);
}

static void read_lock(void *arg)
{
	long fd = MUST(sys(SYS_open, "f", O_RDWR));

	(void)arg;
	IS(lock(fd, F_SETLK, F_RDLCK, 0, 5), 0);
	IS(lock(fd, F_SETLK, F_WRLCK, 0, 5), -EAGAIN);
}

TEST_FLAGS(readers_share, FILES)
{
	long fd;

	make_file("f", "", 0, 0644);
	fd = MUST(sys(SYS_open, "f", O_RDWR));
	IS(lock(fd, F_SETLK, F_RDLCK, 0, 5), 0);
	IS(in_child(read_lock, NULL), 0);
	IS(lock(fd, F_SETLK, F_WRLCK, 0, 5), 0); /* our own is converted */
}

static void ask(void *arg)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0};
	long fd = MUST(sys(SYS_open, "f", O_RDWR));

	IS(sys(SYS_fcntl, fd, F_GETLK, &l), 0);
	IS(l.l_type, F_WRLCK);
	IS(l.l_start, 2);
	IS(l.l_len, 6);
	IS(l.l_pid, (long)arg);
	l.l_start = 20;
	l.l_len = 5;
	l.l_type = F_WRLCK;
	IS(sys(SYS_fcntl, fd, F_GETLK, &l), 0);
	IS(l.l_type, F_UNLCK);
}

TEST_FLAGS(getlk, FILES)
{
	long fd;

	make_file("f", "", 0, 0644);
	fd = MUST(sys(SYS_open, "f", O_RDWR));
	IS(lock(fd, F_SETLK, F_WRLCK, 2, 6), 0);
	IS(in_child(ask, (void *)sys(SYS_getpid)), 0);
}

/* Closing any descriptor of the file drops the process's locks on it; a child inherits none. */
TEST_FLAGS(dropped_at_any_close, FILES)
{
	long fd, other;

	make_file("f", "", 0, 0644);
	fd = MUST(sys(SYS_open, "f", O_RDWR));
	other = MUST(sys(SYS_open, "f", O_RDONLY));
	IS(lock(fd, F_SETLK, F_WRLCK, 0, 0), 0);
	others_get(0, 0, -EAGAIN);
	IS(sys(SYS_close, other), 0);
	others_get(0, 0, 0);
}

static void hold(void *arg)
{
	int *p = arg;
	long fd = MUST(sys(SYS_open, "f", O_RDWR));
	char c;

	IS(lock(fd, F_SETLK, F_WRLCK, 0, 0), 0);
	IS(sys(SYS_write, p[1], "x", 1), 1);
	IS(sys(SYS_read, p[0], &c, 1), 1);
}

/* F_SETLKW sleeps until the holder is gone. */
TEST_FLAGS(waits, FILES)
{
	int up[2], down[2], both[2];
	long pid, fd;
	char c;

	make_file("f", "", 0, 0644);
	make_pipe(up);
	make_pipe(down);
	both[0] = down[0];
	both[1] = up[1];
	pid = child(hold, both);
	IS(sys(SYS_read, up[0], &c, 1), 1);
	fd = MUST(sys(SYS_open, "f", O_RDWR));
	IS(lock(fd, F_SETLK, F_WRLCK, 0, 0), -EAGAIN);
	IS(sys(SYS_write, down[1], "x", 1), 1);
	IS(lock(fd, F_SETLKW, F_WRLCK, 0, 0), 0);
	IS(reap(pid), 0);
}

TEST_FLAGS(refusals, FILES)
{
	long r, w;

	make_file("f", "", 0, 0644);
	r = MUST(sys(SYS_open, "f", O_RDONLY));
	w = MUST(sys(SYS_open, "f", O_WRONLY));
	IS(lock(r, F_SETLK, F_WRLCK, 0, 0), -EBADF);
	IS(lock(w, F_SETLK, F_RDLCK, 0, 0), -EBADF);
	IS(lock(w, F_SETLK, 77, 0, 0), -EINVAL);
	IS(lock(w, F_SETLK, F_WRLCK, -5, 1), -EINVAL);
	IS(lock(99, F_SETLK, F_WRLCK, 0, 0), -EBADF);
}

static void flock_other(void *arg)
{
	long fd = MUST(sys(SYS_open, "f", O_RDWR));

	IS(sys(SYS_flock, fd, LOCK_EX | LOCK_NB), (long)arg);
}

/* flock belongs to the open file: kept by a copy, independent of record locks. */
TEST_FLAGS(whole_file, FILES | OPTIONAL)
{
	long fd, copy, second;

	NEEDS(SYS_flock, -1, LOCK_UN);
	make_file("f", "", 0, 0644);
	fd = MUST(sys(SYS_open, "f", O_RDWR));
	second = MUST(sys(SYS_open, "f", O_RDWR));
	IS(sys(SYS_flock, fd, LOCK_EX), 0);
	IS(sys(SYS_flock, second, LOCK_SH | LOCK_NB), -EAGAIN);
	IS(in_child(flock_other, (void *)-EAGAIN), 0);
	IS(lock(second, F_SETLK, F_WRLCK, 0, 0), 0);
	copy = MUST(sys(SYS_dup, fd));
	IS(sys(SYS_close, fd), 0);
	IS(sys(SYS_flock, second, LOCK_EX | LOCK_NB), -EAGAIN);
	IS(sys(SYS_flock, copy, LOCK_UN), 0);
	IS(in_child(flock_other, 0), 0);
	IS(sys(SYS_flock, second, LOCK_SH), 0);
	IS(sys(SYS_flock, copy, LOCK_SH | LOCK_NB), 0);
	IS(sys(SYS_flock, 99, LOCK_SH), -EBADF);
	IS(sys(SYS_flock, copy, 0), -EINVAL);
}

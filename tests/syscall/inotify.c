/* SPDX-License-Identifier: MIT */
/* inotify_init1(2), inotify_add_watch(2), inotify_rm_watch(2). */
#include "check.h"

#include <poll.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>

#define IN_MASK_CREATE_ 0x10000000

static long start(void)
{
	return MUST(sys(SYS_inotify_init1, O_NONBLOCK));
}

static long watch(long fd, const char *path, unsigned mask)
{
	return sys(SYS_inotify_add_watch, fd, path, mask);
}

/* The next event, of which at most one is read. */
static struct inotify_event *next(long fd)
{
	static char buffer[sizeof(struct inotify_event) + 256] __attribute__((aligned(8)));
	static struct inotify_event none = {-2, 0, 0, 0};
	struct inotify_event *e = (void *)buffer;
	int bytes = 0;

	/* just room for this one: headers are 16 bytes, names padded to 16 */
	for (long size = sizeof(*e); size <= (long)sizeof(buffer); size += 16) {
		long n = sys(SYS_read, fd, buffer, size);

		if (n == -EAGAIN)
			return &none;
		if (n == -EINVAL)
			continue;
		IS(n, size);
		IS(e->len, n - sizeof(*e));
		return e;
	}
	IS(sys(SYS_ioctl, fd, FIONREAD, &bytes), 0);
	IS(bytes, 0);
	return &none;
}

static bool is(long fd, long wd, unsigned mask, const char *name)
{
	struct inotify_event *e = next(fd);
	bool same = e->wd == wd && e->mask == mask && !strcmp(e->len ? e->name : "", name ? name : "");

	if (!same)
		note("wd %d mask %#x name %s, want wd %ld mask %#x name %s", e->wd, e->mask,
		     e->len ? e->name : "-", wd, mask, name ? name : "-");
	return same;
}

#define NEXT(fd, wd, mask, name) TRUE(is(fd, wd, mask, name))
#define NOTHING(fd) NEXT(fd, -2, 0, NULL)

TEST_FLAGS(refusals, FILES)
{
	long fd = start(), null = MUST(sys(SYS_open, "/dev/null", O_RDONLY));
	char few[15];

	IS(sys(SYS_inotify_init1, 1), -EINVAL);
	IS(watch(fd, ".", 0), -EINVAL);
	IS(watch(fd, ".", 1 << 22), -EINVAL);
	IS(watch(fd, ".", IN_OPEN | IN_MASK_ADD | IN_MASK_CREATE_), -EINVAL);
	IS(watch(99, ".", IN_OPEN), -EBADF);
	IS(watch(null, ".", IN_OPEN), -EINVAL);
	IS(watch(fd, "missing", IN_OPEN), -ENOENT);
	IS(sys(SYS_inotify_add_watch, fd, BAD_KERNEL, IN_OPEN), -EFAULT);
	make_file("file", "", 0, 0644);
	IS(watch(fd, "file", IN_OPEN | IN_ONLYDIR), -ENOTDIR);
	IS(sys(SYS_inotify_rm_watch, fd, 1), -EINVAL);
	IS(sys(SYS_inotify_rm_watch, null, 1), -EINVAL);
	IS(sys(SYS_inotify_rm_watch, 99, 1), -EBADF);
	IS(sys(SYS_read, fd, few, sizeof(few)), -EAGAIN);
	IS(watch(fd, "file", IN_OPEN), 1);
	MUST(sys(SYS_open, "file", O_RDONLY));
	IS(sys(SYS_read, fd, few, sizeof(few)), -EINVAL); /* too small for an event */
	IS(sys(SYS_write, fd, few, 4), -EBADF);
}

TEST_FLAGS(life_of_a_file, FILES)
{
	struct timespec times[2] = {{1, 0}, {0, UTIME_OMIT}};
	long in = start(), wd, fd;
	unsigned seen;
	char byte;

	wd = MUST(watch(in, ".", IN_ALL_EVENTS));
	fd = MUST(sys(SYS_open, "a", O_RDWR | O_CREAT, 0600));
	NEXT(in, wd, IN_CREATE, "a");
	NEXT(in, wd, IN_OPEN, "a");
	IS(sys(SYS_write, fd, "xy", 2), 2);
	IS(sys(SYS_write, fd, "z", 1), 1);
	NEXT(in, wd, IN_MODIFY, "a"); /* the two are one */
	NOTHING(in);
	IS(sys(SYS_pread64, fd, &byte, 1, 0), 1);
	NEXT(in, wd, IN_ACCESS, "a");
	IS(sys(SYS_pread64, fd, &byte, 1, 100), 0); /* nothing read */
	NOTHING(in);
	IS(sys(SYS_ftruncate, fd, 1), 0);
	NEXT(in, wd, IN_MODIFY, "a");
	IS(sys(SYS_fchmod, fd, 0644), 0);
	NEXT(in, wd, IN_ATTRIB, "a");
	IS(sys(SYS_utimensat, AT_FDCWD, "a", NULL, 0), 0);
	NEXT(in, wd, IN_ATTRIB, "a");
	IS(sys(SYS_utimensat, AT_FDCWD, "a", times, 0), 0);
	NEXT(in, wd, IN_ACCESS, "a");
	IS(sys(SYS_close, fd), 0);
	NEXT(in, wd, IN_CLOSE_WRITE, "a");
	fd = MUST(sys(SYS_open, "a", O_RDONLY));
	NEXT(in, wd, IN_OPEN, "a");
	IS(sys(SYS_close, fd), 0);
	NEXT(in, wd, IN_CLOSE_NOWRITE, "a");
	fd = MUST(sys(SYS_open, "a", O_WRONLY | O_TRUNC));
	seen = next(in)->mask; /* kernels differ in what comes first */
	IS(seen | next(in)->mask, IN_MODIFY | IN_OPEN);
	IS(sys(SYS_close, fd), 0);
	NEXT(in, wd, IN_CLOSE_WRITE, "a");
	fd = MUST(sys(SYS_open, "a", O_PATH)); /* opens nothing */
	IS(sys(SYS_close, fd), 0);
	IS(sys(SYS_unlink, "a"), 0);
	NEXT(in, wd, IN_DELETE, "a");
	NOTHING(in);
}

TEST_FLAGS(names, FILES)
{
	long in, wd, fd;

	make_file("f", "", 0, 0644);
	in = start();
	wd = MUST(watch(in, ".", IN_CREATE | IN_DELETE | IN_MOVE | IN_OPEN));
	IS(sys(SYS_mkdir, "d", 0755), 0);
	NEXT(in, wd, IN_CREATE | IN_ISDIR, "d");
	IS(sys(SYS_symlink, "f", "l"), 0);
	NEXT(in, wd, IN_CREATE, "l");
	IS(sys(SYS_link, "f", "h"), 0);
	NEXT(in, wd, IN_CREATE, "h");
	IS(sys(SYS_mknod, "p", S_IFIFO | 0600, 0), 0);
	NEXT(in, wd, IN_CREATE, "p");
	IS(sys(SYS_mkdir, "d", 0755), -EEXIST);
	NOTHING(in);
	fd = MUST(sys(SYS_open, "d", O_RDONLY | O_DIRECTORY));
	NEXT(in, wd, IN_OPEN | IN_ISDIR, "d");
	IS(sys(SYS_close, fd), 0);
	IS(sys(SYS_rmdir, "d"), 0);
	NEXT(in, wd, IN_DELETE | IN_ISDIR, "d");
	IS(sys(SYS_unlink, "l"), 0);
	NEXT(in, wd, IN_DELETE, "l");
}

TEST_FLAGS(renames, FILES)
{
	struct inotify_event *e;
	unsigned cookie;
	long in = start(), here, there;

	make_file("a-name-longer-than-sixteen-bytes", "", 0, 0644);
	make_file("b", "", 0, 0644);
	MUST(sys(SYS_mkdir, "d", 0755));
	here = MUST(watch(in, ".", IN_MOVE | IN_CREATE | IN_DELETE));
	there = MUST(watch(in, "d", IN_MOVE | IN_CREATE | IN_DELETE));
	IS(sys(SYS_rename, "a-name-longer-than-sixteen-bytes", "d/x"), 0);
	e = next(in);
	IS(e->wd, here);
	IS(e->mask, IN_MOVED_FROM);
	IS(e->len, 48);
	STREQ(e->name, "a-name-longer-than-sixteen-bytes");
	cookie = e->cookie;
	TRUE(cookie);
	e = next(in);
	IS(e->wd, there);
	IS(e->mask, IN_MOVED_TO);
	IS(e->cookie, cookie);
	IS(e->len, 16);
	STREQ(e->name, "x");
	/* onto another: nothing is said of the one that is gone */
	IS(sys(SYS_rename, "b", "d/x"), 0);
	e = next(in);
	IS(e->mask, IN_MOVED_FROM);
	TRUE(e->cookie != cookie);
	NEXT(in, there, IN_MOVED_TO, "x");
	/* a directory, inside one directory */
	MUST(sys(SYS_mkdir, "e", 0755));
	NEXT(in, here, IN_CREATE | IN_ISDIR, "e");
	IS(sys(SYS_rename, "e", "g"), 0);
	NEXT(in, here, IN_MOVED_FROM | IN_ISDIR, "e");
	NEXT(in, here, IN_MOVED_TO | IN_ISDIR, "g");
	NOTHING(in);
}

TEST_FLAGS(the_watched_itself, FILES)
{
	long in = start(), wd, fd;

	make_file("f", "", 0, 0644);
	wd = MUST(watch(in, "f", IN_ALL_EVENTS));
	IS(sys(SYS_link, "f", "g"), 0);
	NEXT(in, wd, IN_ATTRIB, NULL);
	IS(sys(SYS_rename, "f", "h"), 0);
	NEXT(in, wd, IN_MOVE_SELF, NULL);
	IS(sys(SYS_unlink, "g"), 0);
	NEXT(in, wd, IN_ATTRIB, NULL);
	fd = MUST(sys(SYS_open, "h", O_RDONLY));
	NEXT(in, wd, IN_OPEN, NULL);
	IS(sys(SYS_unlink, "h"), 0);
	NEXT(in, wd, IN_ATTRIB, NULL);
	NOTHING(in); /* open still: it lives */
	IS(sys(SYS_close, fd), 0);
	NEXT(in, wd, IN_CLOSE_NOWRITE, NULL);
	NEXT(in, wd, IN_DELETE_SELF, NULL);
	NEXT(in, wd, IN_IGNORED, NULL);
	NOTHING(in);
	IS(sys(SYS_inotify_rm_watch, in, wd), -EINVAL);
}

TEST_FLAGS(directory_goes, FILES)
{
	long in = start(), wd;

	MUST(sys(SYS_mkdir, "d", 0755));
	wd = MUST(watch(in, "d", IN_ALL_EVENTS));
	IS(sys(SYS_rmdir, "d"), 0);
	NEXT(in, wd, IN_DELETE_SELF, NULL);
	NEXT(in, wd, IN_IGNORED, NULL);
	NOTHING(in);
}

TEST_FLAGS(overwritten_by_a_rename, FILES)
{
	long in = start(), wd;

	make_file("old", "", 0, 0644);
	make_file("new", "", 0, 0644);
	wd = MUST(watch(in, "old", IN_DELETE_SELF));
	IS(sys(SYS_rename, "new", "old"), 0);
	NEXT(in, wd, IN_DELETE_SELF, NULL);
	NEXT(in, wd, IN_IGNORED, NULL);
}

TEST_FLAGS(masks_of_a_watch, FILES)
{
	long in = start(), wd, other = start();

	make_file("f", "", 0, 0644);
	wd = MUST(watch(in, "f", IN_ATTRIB));
	IS(watch(in, "f", IN_OPEN | IN_MASK_CREATE_), -EEXIST);
	IS(watch(in, "./f", IN_OPEN), wd); /* the same file: a new mask */
	IS(sys(SYS_chmod, "f", 0600), 0);
	NOTHING(in);
	IS(watch(in, "f", IN_ATTRIB | IN_MASK_ADD), wd);
	IS(sys(SYS_chmod, "f", 0644), 0);
	NEXT(in, wd, IN_ATTRIB, NULL);
	IS(sys(SYS_close, MUST(sys(SYS_open, "f", O_RDONLY))), 0);
	NEXT(in, wd, IN_OPEN, NULL);
	/* another queue has watches of its own, and this one ends by itself */
	IS(watch(other, "f", IN_ATTRIB | IN_ONESHOT | IN_MASK_CREATE_), 1);
	IS(sys(SYS_chmod, "f", 0600), 0);
	NEXT(other, 1, IN_ATTRIB, NULL);
	NEXT(other, 1, IN_IGNORED, NULL);
	NEXT(in, wd, IN_ATTRIB, NULL);
	IS(sys(SYS_chmod, "f", 0644), 0);
	NOTHING(other);
	NEXT(in, wd, IN_ATTRIB, NULL);
	IS(sys(SYS_inotify_rm_watch, in, wd), 0);
	NEXT(in, wd, IN_IGNORED, NULL);
	TRUE(watch(in, "f", IN_OPEN) != wd); /* numbers do not come back */
}

TEST_FLAGS(symlinks, FILES)
{
	long in = start(), target, link;

	make_file("f", "", 0, 0644);
	MUST(sys(SYS_symlink, "f", "l"));
	target = MUST(watch(in, "l", IN_ATTRIB));
	IS(sys(SYS_chmod, "f", 0600), 0);
	NEXT(in, target, IN_ATTRIB, NULL);
	link = MUST(watch(in, "l", IN_MOVE_SELF | IN_DONT_FOLLOW));
	TRUE(link != target);
	IS(sys(SYS_rename, "l", "m"), 0);
	NEXT(in, link, IN_MOVE_SELF, NULL);
}

TEST_FLAGS(unlinked_children, FILES)
{
	long in = start(), wd, fd;

	fd = MUST(sys(SYS_open, "f", O_RDWR | O_CREAT, 0600));
	wd = MUST(watch(in, ".", IN_MODIFY | IN_EXCL_UNLINK));
	IS(sys(SYS_write, fd, "x", 1), 1);
	NEXT(in, wd, IN_MODIFY, "f");
	IS(sys(SYS_unlink, "f"), 0);
	IS(sys(SYS_write, fd, "x", 1), 1);
	NOTHING(in);
}

static void touch_later(void *arg)
{
	(void)arg;
	sleep_ms(10);
	make_file("new", "", 0, 0644);
}

TEST(blocking_poll_and_bytes)
{
	char buffer[512];
	long in = MUST(sys(SYS_inotify_init)), pid;
	struct pollfd p = {(int)in, POLLIN, 0};
	int bytes = -1;

	MUST(watch(in, ".", IN_CREATE | IN_CLOSE_WRITE));
	IS(sys(SYS_poll, &p, 1, 0), 0);
	pid = child(touch_later, NULL);
	IS(sys(SYS_poll, &p, 1, -1), 1);
	IS(p.revents, POLLIN);
	IS(reap(pid), 0);
	IS(sys(SYS_ioctl, in, FIONREAD, &bytes), 0);
	IS(bytes, 2 * 32);
	IS(sys(SYS_read, in, buffer, 63), 32); /* whole events only */
	IS(sys(SYS_read, in, buffer, sizeof(buffer)), 32);
	pid = child(touch_later, NULL);
	OK(sys(SYS_read, in, buffer, sizeof(buffer)));
	IS(reap(pid), 0);
}

TEST_FLAGS(too_many_events, SLOW)
{
	static char buffer[65536];
	struct inotify_event *e = NULL;
	char text[32] = "";
	long in = start(), limit = 0, count = 0, n, fds[2];

	OK(slurp("/proc/sys/fs/inotify/max_queued_events", text, sizeof(text)));
	for (char *c = text; *c >= '0' && *c <= '9'; c++)
		limit = limit * 10 + *c - '0';
	TRUE(limit > 0);
	make_file("a", "x", 1, 0644);
	make_file("b", "x", 1, 0644);
	MUST(watch(in, "a", IN_ACCESS));
	MUST(watch(in, "b", IN_ACCESS));
	fds[0] = MUST(sys(SYS_open, "a", O_RDONLY));
	fds[1] = MUST(sys(SYS_open, "b", O_RDONLY));
	for (long i = 0; i < limit + 10; i++)
		IS(sys(SYS_pread64, fds[i & 1], text, 1, 0), 1);
	while ((n = sys(SYS_read, in, buffer, sizeof(buffer))) > 0)
		for (long at = 0; at < n; at += (long)sizeof(*e) + e->len, count++)
			e = (void *)(buffer + at);
	IS(n, -EAGAIN);
	IS(count, limit + 1);
	IS(e->wd, -1);
	IS(e->mask, IN_Q_OVERFLOW);
}

static void may_not(void *arg)
{
	long in = start();

	(void)arg;
	IS(watch(in, "secret", IN_OPEN), -EACCES);
}

TEST_FLAGS(only_what_may_be_read, ROOT | FILES)
{
	make_file("secret", "", 0, 0600);
	IS(sys(SYS_chmod, ".", 0755), 0);
	IS(as_user(may_not, NULL), 0);
}

/* Watches end with their descriptor, with and without events in the queue. */
TEST_FLAGS(end_of_the_descriptor, FILES)
{
	for (int i = 0; i < 200; i++) {
		long in = start();

		MUST(watch(in, ".", IN_ALL_EVENTS));
		make_file("f", "x", 1, 0644);
		MUST(watch(in, "f", IN_ALL_EVENTS));
		if (i & 1)
			sys(SYS_unlink, "f");
		IS(sys(SYS_close, in), 0);
	}
}

/* SPDX-License-Identifier: MIT */
/* One page cache: what write, mmap, truncation, times and syncing see of each other, before anything is
 * synced. */
#include "check.h"

#include <sys/uio.h>

#define RW (PROT_READ | PROT_WRITE)
#define PAGE 4096l

static char data[3 * PAGE];

static long new_file(int flags)
{
	return MUST(sys(SYS_open, "f", O_RDWR | O_CREAT | O_TRUNC | flags, 0644));
}

static long size_of(long fd)
{
	struct stat st;

	MUST(sys(SYS_fstat, fd, &st));
	return st.st_size;
}

static void reads_it(void *unused)
{
	static char got[3 * PAGE];
	long fd = MUST(sys(SYS_open, "f", O_RDONLY));

	(void)unused;
	IS(sys(SYS_read, fd, got, sizeof(got)), sizeof(got));
	SAME(got, data, sizeof(got));
	IS(sys(SYS_read, fd, got, 1), 0);
}

TEST_FLAGS(small_writes_across_pages, FILES)
{
	long fd = new_file(0), done = 0;

	for (long i = 0; i < (long)sizeof(data); i++)
		data[i] = (char)(i * 7 + i / 251);
	while (done < (long)sizeof(data)) {
		long n = sizeof(data) - done < 1000 ? (long)sizeof(data) - done : 1000;

		IS(sys(SYS_write, fd, data + done, n), n);
		done += n;
		IS(size_of(fd), done);
	}
	IS(in_child(reads_it, NULL), 0);
}

/* A part of a page of a file that is there already leaves the rest of the page. */
TEST_FLAGS(part_of_an_old_page, FILES)
{
	char got[PAGE];
	long fd = new_file(0);

	memset(data, 'o', PAGE);
	IS(sys(SYS_write, fd, data, PAGE), PAGE);
	IS(sys(SYS_close, fd), 0);
	fd = MUST(sys(SYS_open, "f", O_WRONLY));
	IS(sys(SYS_pwrite64, fd, "new", 3, 100), 3);
	IS(sys(SYS_close, fd), 0);
	fd = MUST(sys(SYS_open, "f", O_RDONLY));
	IS(sys(SYS_read, fd, got, PAGE), PAGE);
	memcpy(data + 100, "new", 3);
	SAME(got, data, PAGE);
}

TEST_FLAGS(holes_are_zero, FILES)
{
	char got[PAGE], zeros[PAGE] = {0};
	long fd = new_file(0);

	IS(sys(SYS_write, fd, "head", 4), 4);
	IS(sys(SYS_pwrite64, fd, "tail", 4, 10 * PAGE + 8), 4);
	IS(size_of(fd), 10 * PAGE + 12);
	IS(sys(SYS_pread64, fd, got, PAGE, 0), PAGE);
	SAME(got, "head", 4);
	SAME(got + 4, zeros, PAGE - 4);
	IS(sys(SYS_pread64, fd, got, PAGE, 5 * PAGE), PAGE);
	SAME(got, zeros, PAGE);
	IS(sys(SYS_pread64, fd, got, PAGE, 10 * PAGE), 12);
	SAME(got, zeros, 8);
	SAME(got + 8, "tail", 4);
}

TEST_FLAGS(cut_and_grown_again, FILES)
{
	char got[PAGE], zeros[PAGE] = {0};
	long fd = new_file(0);

	memset(data, 'x', sizeof(data));
	IS(sys(SYS_write, fd, data, sizeof(data)), sizeof(data));
	IS(sys(SYS_ftruncate, fd, PAGE + 10), 0);
	IS(sys(SYS_ftruncate, fd, 3 * PAGE), 0);
	IS(sys(SYS_pread64, fd, got, PAGE, PAGE), PAGE);
	SAME(got, data, 10);
	SAME(got + 10, zeros, PAGE - 10);
	IS(sys(SYS_pread64, fd, got, PAGE, 2 * PAGE), PAGE);
	SAME(got, zeros, PAGE);
	/* emptied by another open */
	IS(sys(SYS_write, fd, data, 5), 5);
	IS(sys(SYS_close, MUST(sys(SYS_open, "f", O_WRONLY | O_TRUNC))), 0);
	IS(size_of(fd), 0);
	IS(sys(SYS_pread64, fd, got, PAGE, 0), 0);
}

TEST_FLAGS(blocks_and_times, FILES)
{
	struct timespec times[2] = {{1000, 0}, {2000, 0}};
	struct stat st;
	long fd = new_file(0);

	memset(data, 'b', sizeof(data));
	IS(sys(SYS_write, fd, data, sizeof(data)), sizeof(data));
	IS(sys(SYS_fstat, fd, &st), 0);
	IS(st.st_size, sizeof(data));
	TRUE(st.st_blocks > 0); /* copying programs take a file without blocks for a hole */
	/* times that are set after a write stay */
	IS(sys(SYS_write, fd, data, 100), 100);
	IS(sys(SYS_utimensat, fd, 0, times, 0), 0);
	IS(sys(SYS_close, fd), 0);
	IS(sys(SYS_stat, "f", &st), 0);
	IS(st.st_mtime, 2000);
	IS(st.st_size, sizeof(data) + 100);
}

TEST_FLAGS(appending, FILES)
{
	char got[64];
	long a = new_file(O_APPEND), b = MUST(sys(SYS_open, "f", O_RDWR)),
	     c = MUST(sys(SYS_open, "f", O_WRONLY | O_APPEND));

	IS(sys(SYS_write, b, "0123", 4), 4);
	IS(sys(SYS_write, a, "abc", 3), 3);
	IS(sys(SYS_write, c, "de", 2), 2);
	IS(sys(SYS_pwrite64, a, "f", 1, 0), 1); /* Linux appends */
	IS(sys(SYS_lseek, a, 0, SEEK_CUR), 7);
	IS(sys(SYS_pwrite64, b, "Z", 1, 5), 1);
	IS(size_of(b), 10);
	IS(sys(SYS_pread64, a, got, sizeof(got), 0), 10);
	SAME(got, "0123aZcdef", 10);
	/* no longer appending */
	IS(sys(SYS_fcntl, a, F_SETFL, 0), 0);
	IS(sys(SYS_pwrite64, a, "Y", 1, 1), 1);
	IS(sys(SYS_pread64, b, got, sizeof(got), 0), 10);
	SAME(got, "0Y23aZcdef", 10);
}

TEST_FLAGS(appended_and_mapped, FILES)
{
	long fd = new_file(O_APPEND);
	char got[4], *p;

	IS(sys(SYS_write, fd, "abcd", 4), 4);
	p = (char *)MUST(sys(SYS_mmap, 0, PAGE, RW, MAP_SHARED, fd, 0));
	p[0] = 'A';
	IS(sys(SYS_write, fd, "e", 1), 1);
	IS(p[0], 'A');
	IS(p[4], 'e');
	IS(sys(SYS_munmap, p, PAGE), 0);
	IS(sys(SYS_close, fd), 0);
	fd = MUST(sys(SYS_open, "f", O_RDONLY));
	IS(sys(SYS_read, fd, got, 4), 4);
	SAME(got, "Abcd", 4);
}

TEST_FLAGS(renamed_and_removed, FILES)
{
	char got[8];
	long fd = new_file(0);

	IS(sys(SYS_write, fd, "content", 7), 7);
	IS(sys(SYS_rename, "f", "g"), 0);
	IS(sys(SYS_write, fd, "!", 1), 1);
	IS(sys(SYS_unlink, "g"), 0);
	IS(sys(SYS_pread64, fd, got, 8, 0), 8);
	SAME(got, "content!", 8);
	IS(size_of(fd), 8);
	IS(sys(SYS_fsync, fd), 0);
}

TEST_FLAGS(bytes_that_cannot_be_read, FILES)
{
	char *p = (char *)MUST(sys(SYS_mmap, 0, 2 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)), got[PAGE];
	long fd = new_file(0);

	memset(data, 'o', 2 * PAGE);
	IS(sys(SYS_write, fd, data, 2 * PAGE), 2 * PAGE);
	memset(p, 'n', PAGE);
	IS(sys(SYS_munmap, p + PAGE, PAGE), 0);
	IS(sys(SYS_pwrite64, fd, p + PAGE, PAGE, 0), -EFAULT);
	IS(sys(SYS_pwrite64, fd, p, 2 * PAGE, 0), PAGE);
	/* the page of which nothing or only a part came is as it was, as far as nothing was said to be
	 * written */
	IS(sys(SYS_pread64, fd, got, PAGE, PAGE), PAGE);
	SAME(got, data, PAGE);
	IS(sys(SYS_pread64, fd, got, PAGE, 0), PAGE);
	SAME(got, p, PAGE);
}

/* The source lies in the page that is written. */
TEST_FLAGS(written_from_itself, FILES)
{
	long fd = new_file(0);
	char got[8], *p;

	IS(sys(SYS_write, fd, "12345678", 8), 8);
	p = (char *)MUST(sys(SYS_mmap, 0, PAGE, PROT_READ, MAP_SHARED, fd, 0));
	IS(sys(SYS_pwrite64, fd, p, 4, 4), 4);
	IS(sys(SYS_pwrite64, fd, p, 8, 2 * PAGE), 8);
	IS(sys(SYS_pread64, fd, got, 8, 2 * PAGE), 8);
	SAME(got, "12341234", 8);
}

TEST_FLAGS(synchronous, FILES)
{
	static const int flags[] = {O_SYNC, O_DSYNC, 0};
	struct iovec v[2] = {{data, 10}, {data + 10, 90}};

	memset(data, 's', sizeof(data));
	for (int i = 0; i < 3; i++) {
		long fd = new_file(flags[i]), reader = MUST(sys(SYS_open, "f", O_RDONLY));

		IS(sys(SYS_write, fd, data, sizeof(data)), sizeof(data));
		IS(sys(SYS_writev, fd, v, 2), 100);
		IS(sys(SYS_fsync, fd), 0);
		IS(sys(SYS_fdatasync, fd), 0);
		IS(sys(SYS_fsync, reader), 0); /* needs no right to write */
		IS(sys(SYS_syncfs, reader), 0);
		IS(sys(SYS_sync_file_range, fd, 0, 0, 7), 0);
		IS(sys(SYS_sync_file_range, fd, 0, 0, 8), -EINVAL);
		IS(sys(SYS_sync_file_range, fd, -1, 0, 0), -EINVAL);
		IS(size_of(reader), sizeof(data) + 100);
		IS(sys(SYS_close, fd), 0);
		IS(sys(SYS_close, reader), 0);
	}
	IS(sys(SYS_sync), 0);
	IS(sys(SYS_fsync, 99), -EBADF);
	IS(sys(SYS_fdatasync, 99), -EBADF);
	IS(sys(SYS_syncfs, 99), -EBADF);
}

static void writes_and_syncs(void *letter)
{
	static char got[PAGE];
	char name[] = "sync-?";
	long fd;

	name[5] = *(char *)letter;
	fd = MUST(sys(SYS_open, name, O_RDWR | O_CREAT | O_TRUNC, 0644));
	for (long i = 0; i < 10; i++) {
		memset(data, name[5] + (int)i, PAGE);
		IS(sys(SYS_pwrite64, fd, data, PAGE, i * PAGE), PAGE);
		IS(sys(i % 2 ? SYS_fsync : SYS_fdatasync, fd), 0);
		IS(sys(SYS_pread64, fd, got, PAGE, i * PAGE), PAGE);
		SAME(got, data, PAGE);
	}
	IS(size_of(fd), 10 * PAGE);
	IS(sys(SYS_unlink, name), 0);
	IS(sys(SYS_fsync, fd), 0);
}

/* More of them than the file server has threads for. */
TEST_FLAGS(synchronous_at_once, FILES)
{
	char letters[] = "abcdefghi";
	long pids[9];

	for (long i = 0; i < 9; i++)
		pids[i] = child(writes_and_syncs, &letters[i]);
	for (long i = 0; i < 9; i++)
		IS(reap(pids[i]), 0);
}

TEST_FLAGS(msync_of_a_part, FILES)
{
	long fd = new_file(0);
	char *p;

	IS(sys(SYS_ftruncate, fd, 3 * PAGE), 0);
	p = (char *)MUST(sys(SYS_mmap, 0, 3 * PAGE, RW, MAP_SHARED, fd, 0));
	for (int round = 0; round < 3; round++) { /* written to again after each */
		p[PAGE] = (char)('a' + round);
		IS(sys(SYS_msync, p + PAGE, PAGE, round == 1 ? MS_ASYNC : MS_SYNC), 0);
		IS(sys(SYS_pread64, fd, data, 1, PAGE), 1);
		IS(data[0], 'a' + round);
	}
	IS(sys(SYS_munmap, p + PAGE, PAGE), 0);
	IS(sys(SYS_msync, p, 3 * PAGE, MS_SYNC), -ENOMEM);
	IS(sys(SYS_msync, p + 1, PAGE, MS_SYNC), -EINVAL);
	IS(sys(SYS_msync, p, PAGE, MS_SYNC | MS_ASYNC), -EINVAL);
}

/* More than is kept back at a time, in many files. */
TEST_FLAGS(many_dirty_pages, FILES | SLOW)
{
	char name[8] = "d000";
	long fd;

	for (int i = 0; i < 40; i++) {
		name[1] = (char)('0' + i / 10);
		name[2] = (char)('0' + i % 10);
		fd = MUST(sys(SYS_open, name, O_WRONLY | O_CREAT, 0600));
		memset(data, 'A' + i, PAGE);
		for (int page = 0; page < 100; page++)
			IS(sys(SYS_write, fd, data, PAGE), PAGE);
		if (i % 2)
			IS(sys(SYS_close, fd), 0);
	}
	for (int i = 0; i < 40; i++) {
		name[1] = (char)('0' + i / 10);
		name[2] = (char)('0' + i % 10);
		fd = MUST(sys(SYS_open, name, O_RDONLY));
		memset(data, 'A' + i, PAGE);
		IS(size_of(fd), 100 * PAGE);
		IS(sys(SYS_pread64, fd, data + PAGE, PAGE, 99 * PAGE), PAGE);
		SAME(data, data + PAGE, PAGE);
		IS(sys(SYS_close, fd), 0);
	}
}

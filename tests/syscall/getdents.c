/* SPDX-License-Identifier: MIT */
/* getdents64(2): types, small buffers, seeking, and directories that change under the reader. */
#include "check.h"

#include <stdio.h>

struct entry {
	uint64_t ino;
	int64_t off;
	uint16_t reclen;
	uint8_t type;
	char name[];
};

static struct entry *next(struct entry *e)
{
	return (struct entry *)((char *)e + e->reclen);
}

TEST_FLAGS(names_and_types, FILES)
{
	char buffer[2048];
	int dots = 0, found = 0;
	struct stat st;
	long fd, n;

	make_file("file", "", 0, 0644);
	MUST(sys(SYS_mkdir, "dir", 0755));
	MUST(sys(SYS_symlink, "x", "link"));
	fd = MUST(sys(SYS_open, ".", O_RDONLY | O_DIRECTORY));
	while ((n = MUST(sys(SYS_getdents64, fd, buffer, sizeof(buffer)))) > 0) {
		for (struct entry *e = (void *)buffer; (char *)e < buffer + n; e = next(e)) {
			TRUE(e->reclen % 8 == 0 && e->reclen >= 19 + strlen(e->name) + 1);
			if (!strcmp(e->name, ".") || !strcmp(e->name, "..")) {
				dots++;
				IS(e->type, 4);
				continue;
			}
			found++;
			IS(sys(SYS_lstat, e->name, &st), 0);
			IS(e->ino, st.st_ino);
			TRUE(e->type == (st.st_mode & S_IFMT) >> 12 || e->type == 0);
		}
	}
	IS(dots, 2);
	IS(found, 3);
	IS(sys(SYS_getdents64, fd, buffer, sizeof(buffer)), 0);
	IS(sys(SYS_lseek, fd, 0, SEEK_SET), 0);
	TRUE(sys(SYS_getdents64, fd, buffer, sizeof(buffer)) > 0);
}

TEST_FLAGS(refusals, FILES)
{
	char buffer[256];
	long fd;

	make_file("file", "", 0, 0644);
	fd = MUST(sys(SYS_open, ".", O_RDONLY | O_DIRECTORY));
	IS(sys(SYS_getdents64, fd, buffer, 10), -EINVAL);
	IS(sys(SYS_getdents64, fd, BAD_KERNEL, 256), -EFAULT);
	IS(sys(SYS_getdents64, 99, buffer, 256), -EBADF);
	IS(sys(SYS_getdents64, MUST(sys(SYS_open, "file", O_RDONLY)), buffer, 256), -ENOTDIR);
	TRUE(sys(SYS_getdents64, fd, buffer, 256) > 0);
}

static void make_many(int count)
{
	char name[16];

	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "f%03d", i);
		make_file(name, "", 0, 0644);
	}
}

/* rm -rf: entries vanish while they are read; each is seen exactly once. */
TEST_FLAGS(unlink_while_reading, FILES)
{
	char buffer[512];
	int removed = 0;
	long fd, n;

	make_many(300);
	fd = MUST(sys(SYS_open, ".", O_RDONLY | O_DIRECTORY));
	while ((n = MUST(sys(SYS_getdents64, fd, buffer, sizeof(buffer)))) > 0) {
		for (struct entry *e = (void *)buffer; (char *)e < buffer + n; e = next(e)) {
			if (e->name[0] != 'f')
				continue;
			IS(sys(SYS_unlink, e->name), 0);
			removed++;
		}
	}
	IS(removed, 300);
	MUST(sys(SYS_chdir, ".."));
}

/* d_off of an entry leads lseek to the one after it. */
TEST_FLAGS(seek, FILES)
{
	char buffer[1024], again[1024];
	struct entry *e, *f;
	long fd, n;

	make_many(20);
	fd = MUST(sys(SYS_open, ".", O_RDONLY | O_DIRECTORY));
	n = MUST(sys(SYS_getdents64, fd, buffer, sizeof(buffer)));
	e = next(next(next((void *)buffer)));
	TRUE((char *)next(e) < buffer + n);
	IS(sys(SYS_lseek, fd, e->off, SEEK_SET), e->off);
	TRUE(sys(SYS_getdents64, fd, again, sizeof(again)) > 0);
	f = (void *)again;
	STREQ(f->name, next(e)->name);
}

/* A new reader sees what was made before it began. */
TEST_FLAGS(new_entries, FILES)
{
	char buffer[4096];
	int count = 0;
	long fd, n;

	make_many(10);
	MUST(sys(SYS_unlink, "f003"));
	MUST(sys(SYS_rename, "f004", "renamed"));
	fd = MUST(sys(SYS_open, ".", O_RDONLY | O_DIRECTORY));
	while ((n = MUST(sys(SYS_getdents64, fd, buffer, sizeof(buffer)))) > 0)
		for (struct entry *e = (void *)buffer; (char *)e < buffer + n; e = next(e)) {
			TRUE(strcmp(e->name, "f003") && strcmp(e->name, "f004"));
			count++;
		}
	IS(count, 2 + 9);
}

TEST_FLAGS(removed_directory, FILES)
{
	char buffer[256];
	long fd;

	MUST(sys(SYS_mkdir, "d", 0755));
	fd = MUST(sys(SYS_open, "d", O_RDONLY | O_DIRECTORY));
	MUST(sys(SYS_rmdir, "d"));
	TRUE(sys(SYS_getdents64, fd, buffer, sizeof(buffer)) == -ENOENT);
}

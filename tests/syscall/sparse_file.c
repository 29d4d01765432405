/* SPDX-License-Identifier: MIT */
/* A file that grew without being written has no page in anybody's cache: who reads it gets the pages of the
 * file system, who writes it later must see his bytes wherever it was read or mapped before. */
#include "check.h"

#define RW (PROT_READ | PROT_WRITE)
#define PAGE 4096ul
#define PAGES 300ul
#define SIZE (PAGES * PAGE + 100)

static void make_sparse(void)
{
	long fd = MUST(sys(SYS_open, "f", O_RDWR | O_CREAT | O_TRUNC, 0644));

	IS(sys(SYS_ftruncate, fd, SIZE), 0);
	IS(sys(SYS_close, fd), 0);
}

static char *map(int prot, int flags)
{
	long fd = MUST(sys(SYS_open, "f", O_RDONLY));
	char *p = (char *)MUST(sys(SYS_mmap, 0, SIZE, prot, flags, fd, 0));

	IS(sys(SYS_close, fd), 0);
	return p;
}

static void write_at(unsigned long at, const char *text)
{
	long fd = MUST(sys(SYS_open, "f", O_WRONLY));

	IS(sys(SYS_pwrite64, fd, text, strlen(text), at), strlen(text));
	IS(sys(SYS_close, fd), 0);
}

static int byte_at(unsigned long at)
{
	long fd = MUST(sys(SYS_open, "f", O_RDONLY));
	unsigned char c = 0xff;

	IS(sys(SYS_pread64, fd, &c, 1, at), 1);
	IS(sys(SYS_close, fd), 0);
	return c;
}

static unsigned long sum(const char *p)
{
	unsigned long n = 0;

	for (unsigned long i = 0; i < SIZE; i++)
		n += (unsigned char)p[i];
	return n;
}

TEST_FLAGS(read_as_zeros, FILES)
{
	static char all[SIZE];
	long fd, got, done = 0;

	make_sparse();
	fd = MUST(sys(SYS_open, "f", O_RDONLY));
	memset(all, 'x', sizeof(all));
	while ((got = OK(sys(SYS_read, fd, all + done, 70001))) > 0)
		done += got;
	IS(done, SIZE);
	IS(sum(all), 0);
	IS(sum(map(PROT_READ, MAP_SHARED)), 0);
}

TEST_FLAGS(written_while_mapped, FILES)
{
	char *shared, *private;

	make_sparse();
	shared = map(PROT_READ, MAP_SHARED);
	private = map(RW, MAP_PRIVATE);
	IS(sum(shared) + sum(private), 0);
	private[5 * PAGE] = 'p';
	write_at(5 * PAGE, "ab");
	write_at(200 * PAGE + 1, "cd");
	IS(shared[5 * PAGE], 'a');
	IS(shared[200 * PAGE + 2], 'd');
	IS(private[5 * PAGE], 'p');
	IS(private[5 * PAGE + 1], 0);
	IS(private[200 * PAGE + 2], 'd');
	IS(byte_at(5 * PAGE + 1), 'b');
	IS(sum(shared), 'a' + 'b' + 'c' + 'd');
	write_at(6 * PAGE, "e");
	IS(shared[6 * PAGE], 'e');
}

TEST_FLAGS(written_by_a_mapping, FILES)
{
	char *shared, *writer;
	long fd;

	make_sparse();
	shared = map(PROT_READ, MAP_SHARED);
	IS(sum(shared), 0);
	fd = MUST(sys(SYS_open, "f", O_RDWR));
	writer = (char *)MUST(sys(SYS_mmap, 0, SIZE, RW, MAP_SHARED, fd, 0));
	IS(sys(SYS_close, fd), 0);
	writer[70 * PAGE] = 'w';
	IS(shared[70 * PAGE], 'w');
	IS(byte_at(70 * PAGE), 'w');
	IS(sys(SYS_munmap, writer, SIZE), 0);
	IS(shared[70 * PAGE], 'w');
	IS(sys(SYS_mprotect, shared, SIZE, RW), -EACCES);
}

static void read_byte(void *arg)
{
	(void)*(volatile char *)arg;
}

TEST_FLAGS(truncated_while_mapped, FILES)
{
	char *shared, *private;

	make_sparse();
	write_at(10 * PAGE, "0123456789");
	shared = map(PROT_READ, MAP_SHARED);
	private = map(RW, MAP_PRIVATE);
	IS(sum(shared), sum(private));
	private[10 * PAGE + 9] = 'p';
	IS(sys(SYS_truncate, "f", 10 * PAGE + 4), 0);
	IS(shared[10 * PAGE + 3], '3');
	IS(shared[10 * PAGE + 4], 0);
	IS(private[10 * PAGE + 9], 'p');
	IS(in_child(read_byte, shared + 11 * PAGE), KILLED(SIGBUS));
	IS(sys(SYS_truncate, "f", SIZE), 0);
	IS(shared[10 * PAGE + 3], '3');
	IS(sum(shared), '0' + '1' + '2' + '3');
	IS(byte_at(SIZE - 1), 0);
}

/* More than any window holds, and files that go away while they are mapped. */
TEST_FLAGS(many_removed_files, FILES | SLOW)
{
	char *p;

	for (int i = 0; i < 100; i++) {
		make_sparse();
		p = map(PROT_READ, MAP_SHARED);
		IS(sys(SYS_unlink, "f"), 0);
		IS(p[(unsigned long)i * PAGE] + p[SIZE - 1], 0);
		IS(sys(SYS_munmap, p, SIZE), 0);
	}
}

/* A system call that reads its bytes out of a mapping. */
TEST_FLAGS(mapping_as_source, FILES)
{
	int pipe[2];
	char *p, c = 'x';

	make_sparse();
	write_at(100 * PAGE, "q");
	p = map(PROT_READ, MAP_PRIVATE);
	make_pipe(pipe);
	IS(sys(SYS_write, pipe[1], p + 100 * PAGE, 1), 1);
	IS(sys(SYS_read, pipe[0], &c, 1), 1);
	IS(c, 'q');
	IS(sys(SYS_read, pipe[0], p, 0), 0);
	IS(sys(SYS_write, pipe[1], "z", 1), 1);
	IS(sys(SYS_read, pipe[0], p, 1), -EFAULT);
}

/* SPDX-License-Identifier: MIT */
/*
 * fs_server: the worker's file server, driven through its ring by this program instead of a guest: every
 * operation, every refusal, and the rings a hostile guest could make. Runs as root on any Linux, in a
 * directory of its own; TAP.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <linux/securebits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "driver.h"
#include "fs.h"
#include "io.h"
#include "machine.h"
#include "queue.h"

#define ROOT 1 /* node id */
#define REPLY_MAX 0x20000

static struct boot_queue *ring;
static u64 request_gpa, reply_gpa;
static u8 *reply; /* behind the header */
static size_t reply_size;
static u32 uid, gid;
static char directory[] = "/tmp/fs_server.XXXXXX";

struct machine machine;
static unsigned int interrupts; /* atomic: the server's threads count */
static unsigned int late;	/* answers that did not come within the doorbell */

void vm_interrupt(struct vm *vm, u8 vector)
{
	(void)vm;
	__atomic_fetch_add(&interrupts, vector == IO_VECTOR_FS, __ATOMIC_SEQ_CST);
}

static u16 answered(void)
{
	const struct vring_used *used = memory_at(&memory, ring->used_gpa, 0);

	return __atomic_load_n(&used->idx, __ATOMIC_ACQUIRE);
}

static void wait_until_answered(u16 index)
{
	for (int i = 0; i < 10000 && answered() != index; i++)
		usleep(1000);
	if (answered() != index)
		printf("# no answer\n"), failures++;
}

static void ring_submit(u16 head)
{
	ring_offer(ring, head);
	fs_doorbell();
}

/* One request with these argument bytes; the error (0 or negative), the reply in `reply`. */
static int call_sized(u32 opcode, u64 node, const void *arguments, size_t size, size_t room)
{
	struct fuse_in_header in = {.opcode = opcode, .nodeid = node, .unique = 77, .uid = uid, .gid = gid};
	u8 *to = memory_at(&memory, request_gpa, sizeof(in) + size);
	struct fuse_out_header *out = memory_at(&memory, reply_gpa, sizeof(*out) + room);
	u16 before;

	in.len = (u32)(sizeof(in) + size);
	memcpy(to, &in, sizeof(in));
	memcpy(to + sizeof(in), arguments, size);
	memset(out, 0xee, sizeof(*out));
	ring_put(ring, 0, request_gpa, (u32)sizeof(in), VRING_DESC_F_NEXT, 1);
	ring_put(ring, 1, request_gpa + sizeof(in), (u32)size, VRING_DESC_F_NEXT, 2);
	ring_put(ring, 2, reply_gpa, (u32)(sizeof(*out) + room), VRING_DESC_F_WRITE, 0);
	before = answered();
	ring_submit(0);
	if (answered() == before && opcode != FUSE_FSYNC && opcode != FUSE_FSYNCDIR)
		late++;
	wait_until_answered((u16)(before + 1));
	reply = (u8 *)(out + 1);
	reply_size = out->len - sizeof(*out);
	if (out->unique != 77 || (out->error && out->len != sizeof(*out)))
		printf("# malformed reply header\n"), failures++;
	return out->error;
}

static int call(u32 opcode, u64 node, const void *arguments, size_t size)
{
	return call_sized(opcode, node, arguments, size, REPLY_MAX);
}

/* Fixed arguments followed by up to two names. */
static int call_names(u32 opcode, u64 node, const void *fixed, size_t size, const char *a, const char *b)
{
	u8 buffer[8192];

	memcpy(buffer, fixed, size);
	strcpy((char *)buffer + size, a);
	size += strlen(a) + 1;
	if (b) {
		strcpy((char *)buffer + size, b);
		size += strlen(b) + 1;
	}
	return call(opcode, node, buffer, size);
}

static int lookup(u64 parent, const char *name, struct fuse_entry_out *entry)
{
	int error = call_names(FUSE_LOOKUP, parent, "", 0, name, NULL);

	if (!error)
		memcpy(entry, reply, sizeof(*entry));
	return error;
}

static u64 node_of(const char *name)
{
	struct fuse_entry_out entry = {0};

	return lookup(ROOT, name, &entry) ? 0 : entry.nodeid;
}

static int open_node(u64 node, u32 flags, u64 *handle)
{
	struct fuse_open_in in = {.flags = flags};
	int error = call(FUSE_OPEN, node, &in, sizeof(in));

	if (!error)
		*handle = ((struct fuse_open_out *)reply)->fh;
	return error;
}

static int read_file(u64 node, u64 handle, u64 offset, u32 size)
{
	struct fuse_read_in in = {.fh = handle, .offset = offset, .size = size};

	return call(FUSE_READ, node, &in, sizeof(in));
}

static int write_file(u64 node, u64 handle, u64 offset, const char *text, u32 claimed)
{
	struct {
		struct fuse_write_in in;
		char text[256];
	} a = {.in = {.fh = handle, .offset = offset, .size = claimed}};

	strcpy(a.text, text);
	return call(FUSE_WRITE, node, &a, sizeof(a.in) + strlen(text));
}

static int create(const char *name, u32 mode, u64 *node, u64 *handle)
{
	struct fuse_create_in in = {.flags = O_RDWR, .mode = mode};
	int error = call_names(FUSE_CREATE, ROOT, &in, sizeof(in), name, NULL);

	if (!error) {
		*node = ((struct fuse_entry_out *)reply)->nodeid;
		*handle = ((struct fuse_open_out *)(reply + sizeof(struct fuse_entry_out)))->fh;
	}
	return error;
}

static const struct fuse_attr *getattr(u64 node)
{
	struct fuse_getattr_in in = {0};

	return call(FUSE_GETATTR, node, &in, sizeof(in)) ? NULL : &((struct fuse_attr_out *)reply)->attr;
}

static int release(u64 node, u64 handle, bool is_directory)
{
	struct fuse_release_in in = {.fh = handle};

	return call(is_directory ? FUSE_RELEASEDIR : FUSE_RELEASE, node, &in, sizeof(in));
}

static void start(void)
{
	int fd;

	memory_reserve(&memory, MEMORY_RAM_MIN);
	machine.memory = memory;
	fs_create(&memory, &boot.block);
	ring = &boot.block.queues[0];
	request_gpa = memory_place(&memory, 0x10000, 4096);
	reply_gpa = memory_place(&memory, REPLY_MAX + 4096, 4096);
	if (!mkdtemp(directory) || chmod(directory, 0755) < 0)
		exit(1);
	fd = open(directory, O_PATH | O_CLOEXEC);
	fs_set_proc(open("/proc/self/fd", O_PATH | O_CLOEXEC));
	is(ROOT, (long)fs_add_root(fd), "the first tree is node 1");
	umask(0);
	prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP);
}

static void test_init(void)
{
	struct fuse_init_in in = {.major = FUSE_KERNEL_VERSION, .minor = 31, .flags = ~0u};
	struct fuse_entry_out entry;

	is(-EPROTO, lookup(ROOT, "x", &entry), "nothing works before INIT");
	in.major = 6;
	is(-EPROTO, call(FUSE_INIT, 0, &in, 16), "INIT of another major version");
	in.major = FUSE_KERNEL_VERSION;
	in.minor = 30;
	is(-EPROTO, call(FUSE_INIT, 0, &in, 16), "INIT of a version too old");
	in.minor = 31;
	is(0, call(FUSE_INIT, 0, &in, sizeof(in)), "INIT");
	is(31, ((struct fuse_init_out *)reply)->minor, "INIT answers our minor version");
	is(-ENOSYS, call(FUSE_IOCTL, ROOT, &in, sizeof(in)), "an operation that is not there");
	is(-ENOSYS, call(4095, ROOT, &in, sizeof(in)), "an operation that does not exist");
	is(-EINVAL, call(FUSE_GETATTR, ROOT, &in, 3), "arguments too short");
}

static void test_names(void)
{
	static const char *const bad[] = {"", ".", "..", "a/b", "/", "../x"};
	struct fuse_entry_out entry;
	char name[300];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		is(-EINVAL, lookup(ROOT, bad[i], &entry), "LOOKUP of a name that is none");
	memset(name, 'x', sizeof(name));
	name[256] = 0;
	is(-EINVAL, lookup(ROOT, name, &entry), "LOOKUP of a name that is too long");
	name[255] = 0;
	is(-ENOENT, lookup(ROOT, name, &entry), "LOOKUP of the longest name");
	is(-EINVAL, call(FUSE_LOOKUP, ROOT, "abc", 3), "LOOKUP of a name without end");
	is(-ESTALE, lookup(999, "x", &entry), "LOOKUP in a node that is not there");
	is(-ESTALE, lookup(~0ULL, "x", &entry), "LOOKUP in a node beyond the table");
}

static void test_file(void)
{
	u64 node = 0, handle = 0, second = 0;

	is(0, create("file", 0640, &node, &handle), "CREATE");
	is(0, write_file(node, handle, 0, "hello world", 11), "WRITE");
	is(11, ((struct fuse_write_out *)reply)->size, "WRITE counts");
	is(-EINVAL, write_file(node, handle, 0, "hello", 6), "WRITE that claims more than it sends");
	is(-EINVAL, write_file(node, handle, ~0ULL, "x", 1), "WRITE at a negative offset");
	is(-EBADF, write_file(node, handle + 1, 0, "x", 1), "WRITE to a handle that is not open");
	is(0, read_file(node, handle, 6, 100), "READ");
	check(reply_size == 5 && memcmp(reply, "world", 5) == 0, "READ what was written");
	is(0, read_file(node, handle, 6, 2), "READ of less");
	is(2, (long)reply_size, "READ no more than asked for");
	is(0, read_file(node, handle, 100, 10), "READ behind the end");
	is(0, (long)reply_size, "READ nothing behind the end");
	is(-EINVAL, read_file(node, handle, 0, 0x7fffffff), "READ of too much at once");
	is(11, getattr(node) ? (long)getattr(node)->size : -1, "GETATTR size");
	is(0100640, getattr(node) ? (long)getattr(node)->mode : -1, "GETATTR mode");
	is(0, open_node(node, O_RDONLY, &second), "OPEN");
	check(handle != second, "each OPEN has its own handle");
	is(-EBADF, write_file(node, second, 0, "x", 1), "WRITE to a handle for reading");
	is(0, release(node, second, false), "RELEASE");
	is(-EBADF, release(node, second, false), "RELEASE twice");
	is(-EBADF, release(node, 0, false), "RELEASE of handle 0");
	is(-EBADF, release(node, handle, true), "RELEASEDIR of a file");
	is(0, open_node(node, O_RDWR | O_TRUNC, &second), "OPEN with O_TRUNC");
	is(0, getattr(node) ? (long)getattr(node)->size : -1, "O_TRUNC acts");
	is(0, release(node, second, false), "RELEASE again");
	is(0, call_names(FUSE_UNLINK, ROOT, "", 0, "file", NULL), "UNLINK of an open file");
	is(0, write_file(node, handle, 0, "still", 5), "WRITE to an unlinked file");
	is(0, open_node(node, O_RDONLY, &second), "OPEN of an unlinked file by node");
	is(0, getattr(node) ? (long)getattr(node)->nlink : -1, "an unlinked file has no names");
	release(node, second, false);
	release(node, handle, false);
}

static void test_more_file(void)
{
	struct fuse_fsync_in sync = {0};
	struct fuse_flush_in flush = {0};
	struct fuse_lseek_in seek = {.whence = SEEK_HOLE};
	struct fuse_fallocate_in allocate = {.length = 8192};
	u64 node = 0;

	create("more", 0600, &node, &sync.fh);
	flush.fh = seek.fh = allocate.fh = sync.fh;
	is(0, call(FUSE_FALLOCATE, node, &allocate, sizeof(allocate)), "FALLOCATE");
	is(8192, getattr(node) ? (long)getattr(node)->size : -1, "FALLOCATE extends");
	is(0, call(FUSE_FSYNC, node, &sync, sizeof(sync)), "FSYNC");
	is(0, call(FUSE_FLUSH, node, &flush, sizeof(flush)), "FLUSH");
	is(0, call(FUSE_LSEEK, node, &seek, sizeof(seek)), "LSEEK");
	seek.whence = SEEK_SET;
	is(-EINVAL, call(FUSE_LSEEK, node, &seek, sizeof(seek)), "LSEEK to a place it does not serve");
	is(0, call(FUSE_STATFS, node, "", 0), "STATFS");
	is(-ENOSYS, call(FUSE_ACCESS, node, &seek, sizeof(seek)), "ACCESS is the guest kernel's");
	release(node, sync.fh, false);
}

/* ---- The host's fsync(), which waits at a gate but for the thread that plays the guest ------------------
 */

#define THREADS 4
#define WAITING 64

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static unsigned int at_gate; /* atomic */
static pthread_t guest;

int fsync(int fd)
{
	int result;

	if (!pthread_equal(pthread_self(), guest)) {
		__atomic_fetch_add(&at_gate, 1, __ATOMIC_SEQ_CST);
		pthread_mutex_lock(&gate);
		pthread_mutex_unlock(&gate);
	}
	result = fcntl(fd, F_GETFD); /* fails when somebody has closed it */
	return result < 0 ? -1 : 0;
}

/* FSYNC number n of those that are under way: two descriptors, a place and an answer of its own. */
static struct fuse_out_header *sync_answer(u16 n)
{
	return memory_at(&memory, reply_gpa + 64u * n, sizeof(struct fuse_out_header));
}

static void begin_sync(u16 n, u64 node, u64 handle)
{
	struct {
		struct fuse_in_header header;
		struct fuse_fsync_in in;
	} m = {{.opcode = FUSE_FSYNC, .nodeid = node, .unique = 1000u + n, .len = sizeof(m)}, {.fh = handle}};
	u16 head = (u16)(10 + 2 * n);

	memcpy(memory_at(&memory, request_gpa + 4096 + 256u * n, sizeof(m)), &m, sizeof(m));
	memset(sync_answer(n), 0xee, sizeof(struct fuse_out_header));
	ring_put(ring, head, request_gpa + 4096 + 256u * n, sizeof(m), VRING_DESC_F_NEXT, (u16)(head + 1));
	ring_put(ring, (u16)(head + 1), reply_gpa + 64u * n, sizeof(struct fuse_out_header),
		 VRING_DESC_F_WRITE, 0);
	ring_submit(head);
}

static bool sync_good(u16 n)
{
	const struct fuse_out_header *h = sync_answer(n);

	return h->unique == 1000u + n && !h->error && h->len == sizeof(*h);
}

static void test_slow_sync(void)
{
	struct fuse_getattr_in attr = {0};
	u64 node = 0, handle = 0;
	u16 before, good = 0;

	create("slow", 0600, &node, &handle);
	guest = pthread_self();
	at_gate = interrupts = 0;
	pthread_mutex_lock(&gate);
	before = answered();
	for (u16 n = 0; n < THREADS + WAITING; n++) {
		begin_sync(n, node, handle);
		for (int i = 0; i < 10000 && n < THREADS && __atomic_load_n(&at_gate, __ATOMIC_SEQ_CST) <= n;
		     i++)
			usleep(1000);
	}
	is(before, answered(), "FSYNC of a slow file is not answered yet");
	begin_sync(THREADS + WAITING, node, handle);
	is((u16)(before + 1), answered(), "one FSYNC too many is done within the doorbell");
	is(1, sync_good(THREADS + WAITING), "and answered");
	is(0, call(FUSE_GETATTR, node, &attr, sizeof(attr)), "another request meanwhile");
	is(0, release(node, handle, false), "RELEASE of the file that is synced");
	is(0, __atomic_load_n(&interrupts, __ATOMIC_SEQ_CST), "no interrupt yet");
	before = answered();
	pthread_mutex_unlock(&gate);
	wait_until_answered((u16)(before + THREADS + WAITING));
	for (u16 n = 0; n < THREADS + WAITING; n++)
		good += sync_good(n);
	is(THREADS + WAITING, good, "all were answered");
	for (int i = 0; i < 10000 && __atomic_load_n(&interrupts, __ATOMIC_SEQ_CST) != THREADS + WAITING; i++)
		usleep(1000);
	is(THREADS + WAITING, __atomic_load_n(&interrupts, __ATOMIC_SEQ_CST), "each by an interrupt");
	is(THREADS + WAITING, __atomic_load_n(&at_gate, __ATOMIC_SEQ_CST), "each by a thread");
}

static void test_setattr(void)
{
	struct fuse_setattr_in in = {0};
	u64 node = 0, handle = 0;

	create("attributes", 0644, &node, &handle);
	in = (struct fuse_setattr_in){.valid = FATTR_SIZE, .size = 5000};
	is(0, call(FUSE_SETATTR, node, &in, sizeof(in)), "SETATTR size by node");
	in = (struct fuse_setattr_in){.valid = FATTR_SIZE | FATTR_FH, .size = 7, .fh = handle};
	is(0, call(FUSE_SETATTR, node, &in, sizeof(in)), "SETATTR size by handle");
	is(7, (long)((struct fuse_attr_out *)reply)->attr.size, "SETATTR answers the new size");
	in.fh = 9999;
	is(-EBADF, call(FUSE_SETATTR, node, &in, sizeof(in)), "SETATTR by a handle that is not open");
	in = (struct fuse_setattr_in){.valid = FATTR_SIZE, .size = ~0ULL};
	is(-EINVAL, call(FUSE_SETATTR, node, &in, sizeof(in)), "SETATTR of a negative size");
	in = (struct fuse_setattr_in){
		.valid = FATTR_UID | FATTR_GID | FATTR_MODE, .uid = 3, .gid = 4, .mode = 04755};
	is(0, call(FUSE_SETATTR, node, &in, sizeof(in)), "SETATTR owner and mode");
	check(getattr(node) && getattr(node)->uid == 3 && getattr(node)->gid == 4 &&
		      getattr(node)->mode == 0104755,
	      "SETATTR keeps the set-id bit asked for");
	in = (struct fuse_setattr_in){.valid = FATTR_MTIME | FATTR_ATIME_NOW, .mtime = 1000, .mtimensec = 5};
	is(0, call(FUSE_SETATTR, node, &in, sizeof(in)), "SETATTR times");
	check(getattr(node) && getattr(node)->mtime == 1000 && getattr(node)->mtimensec == 5,
	      "times are set");
	release(node, handle, false);
}

static void test_owner(void)
{
	struct fuse_mkdir_in in = {.mode = 0700};
	u64 node = 0, handle = 0;

	uid = 1000;
	gid = 1001;
	is(0, create("mine", 0600, &node, &handle), "CREATE for a user");
	check(getattr(node) && getattr(node)->uid == 1000 && getattr(node)->gid == 1001, "it is the user's");
	is(0, call_names(FUSE_MKDIR, ROOT, &in, sizeof(in), "mydir", NULL), "MKDIR for a user");
	is(1000, ((struct fuse_entry_out *)reply)->attr.uid, "the directory is the user's");
	uid = gid = 0;
	is(0, create("ours", 0600, &node, &handle), "CREATE for root again");
	is(0, getattr(node) ? (long)getattr(node)->uid : -1, "it is root's");
}

static void test_special(void)
{
	struct fuse_mknod_in in = {.mode = S_IFCHR | 0600, .rdev = 0x103};
	struct fuse_entry_out entry;
	u64 handle;

	is(-EPERM, call_names(FUSE_MKNOD, ROOT, &in, sizeof(in), "null", NULL), "MKNOD of a device");
	in.mode = S_IFBLK | 0600;
	is(-EPERM, call_names(FUSE_MKNOD, ROOT, &in, sizeof(in), "disk", NULL), "MKNOD of a disk");
	in.mode = S_IFDIR | 0600;
	is(-EINVAL, call_names(FUSE_MKNOD, ROOT, &in, sizeof(in), "dir", NULL), "MKNOD of a directory");
	in.mode = S_IFIFO | 0600;
	is(0, call_names(FUSE_MKNOD, ROOT, &in, sizeof(in), "fifo", NULL), "MKNOD of a pipe");
	is(-ENXIO, open_node(node_of("fifo"), O_RDONLY, &handle), "OPEN of a pipe");
	is(-EISDIR, open_node(ROOT, O_RDONLY, &handle), "OPEN of a directory");
	is(0, call_names(FUSE_SYMLINK, ROOT, "", 0, "out", "/etc"), "SYMLINK");
	is(0, lookup(ROOT, "out", &entry), "LOOKUP of a symbolic link");
	is(S_IFLNK, entry.attr.mode & S_IFMT, "it is not followed");
	is(-ENOTDIR, lookup(entry.nodeid, "passwd", &entry), "LOOKUP through a symbolic link");
	is(-ENXIO, open_node(node_of("out"), O_RDONLY, &handle), "OPEN of a symbolic link");
	is(0, call(FUSE_READLINK, node_of("out"), "", 0), "READLINK");
	check(reply_size == 4 && memcmp(reply, "/etc", 4) == 0, "READLINK tells the target");
	is(-EINVAL, call(FUSE_READLINK, ROOT, "", 0), "READLINK of a directory");
	is(-ENAMETOOLONG, call_sized(FUSE_READLINK, node_of("out"), "", 0, 3),
	   "READLINK into too little room");
}

static void test_rename(void)
{
	struct fuse_rename2_in in = {.newdir = ROOT, .flags = 1 /* RENAME_NOREPLACE */};
	struct fuse_rename_in plain = {.newdir = ROOT};
	struct fuse_link_in link = {0};
	u64 node = 0, handle = 0;

	create("a", 0600, &node, &handle);
	create("b", 0600, &node, &handle);
	is(-EEXIST, call_names(FUSE_RENAME2, ROOT, &in, sizeof(in), "a", "b"), "RENAME2 does not replace");
	in.flags = 2;
	is(0, call_names(FUSE_RENAME2, ROOT, &in, sizeof(in), "a", "b"), "RENAME2 exchanges");
	in.flags = 4;
	is(-EINVAL, call_names(FUSE_RENAME2, ROOT, &in, sizeof(in), "a", "b"), "RENAME2 with other flags");
	is(0, call_names(FUSE_RENAME, ROOT, &plain, sizeof(plain), "a", "c"), "RENAME");
	check(!node_of("a") && node_of("c"), "RENAME moved it");
	plain.newdir = 12345;
	is(-ESTALE, call_names(FUSE_RENAME, ROOT, &plain, sizeof(plain), "b", "d"), "RENAME to nowhere");
	plain.newdir = ROOT;
	is(-EINVAL, call_names(FUSE_RENAME, ROOT, &plain, sizeof(plain), "b", "../d"), "RENAME to outside");
	link.oldnodeid = node_of("c");
	is(0, call_names(FUSE_LINK, ROOT, &link, sizeof(link), "e", NULL), "LINK");
	is(2, getattr(node_of("e")) ? (long)getattr(node_of("e"))->nlink : -1, "it has two names");
	check(node_of("e") == node_of("c"), "both names are one node");
	link.oldnodeid = 12345;
	is(-ESTALE, call_names(FUSE_LINK, ROOT, &link, sizeof(link), "f", NULL), "LINK of nothing");
}

/* Reads a whole directory by replies of `room` bytes; the number of entries, or a negative errno. */
static int list(u64 node, u32 room, u32 opcode)
{
	struct fuse_open_in open = {0};
	struct fuse_read_in in = {.size = room};
	size_t head = opcode == FUSE_READDIRPLUS ? offsetof(struct fuse_direntplus, dirent) : 0;
	int count = 0, error = call(FUSE_OPENDIR, node, &open, sizeof(open));

	in.fh = ((struct fuse_open_out *)reply)->fh;
	while (!error && !(error = call(opcode, node, &in, sizeof(in))) && reply_size) {
		for (size_t at = 0; at < reply_size; count++) {
			struct fuse_dirent *d = (struct fuse_dirent *)(reply + at + head);

			in.offset = d->off;
			at += FUSE_DIRENT_ALIGN(head + FUSE_NAME_OFFSET + d->namelen);
		}
	}
	release(node, in.fh, true);
	return error ? error : count;
}

static void test_directory(void)
{
	struct fuse_mkdir_in in = {.mode = 0755};
	struct fuse_open_in open = {0};
	struct fuse_fsync_in sync = {0};
	u64 dir, node, handle;
	char name[32];

	is(0, call_names(FUSE_MKDIR, ROOT, &in, sizeof(in), "dir", NULL), "MKDIR");
	dir = ((struct fuse_entry_out *)reply)->nodeid;
	for (int i = 0; i < 2000; i++) {
		snprintf(name, sizeof(name), "entry-%d", i);
		call_names(FUSE_MKDIR, dir, &in, sizeof(in), name, NULL);
	}
	is(2002, list(dir, 65536, FUSE_READDIR), "READDIR finds all entries");
	is(2002, list(dir, 300, FUSE_READDIR), "READDIR in small steps");
	is(2002, list(dir, 4096, FUSE_READDIRPLUS), "READDIRPLUS");
	is(-EINVAL, list(dir, 10, FUSE_READDIR), "READDIR into too little room");
	is(-ENOTEMPTY, call_names(FUSE_RMDIR, ROOT, "", 0, "dir", NULL), "RMDIR of a full directory");
	is(0, call_names(FUSE_RMDIR, dir, "", 0, "entry-7", NULL), "RMDIR");
	create("plain", 0600, &node, &handle);
	is(-ENOTDIR, call(FUSE_OPENDIR, node, &open, sizeof(open)), "OPENDIR of a file");
	is(-EBADF, call(FUSE_FSYNCDIR, dir, &sync, sizeof(sync)), "FSYNCDIR of no handle");
	sync.fh = handle;
	is(-EBADF, call(FUSE_FSYNCDIR, dir, &sync, sizeof(sync)), "FSYNCDIR of a file");
	is(-EISDIR, call_names(FUSE_UNLINK, ROOT, "", 0, "dir", NULL), "UNLINK of a directory");
}

static void forget(u64 node, u64 count)
{
	struct fuse_forget_in in = {.nlookup = count};
	struct fuse_in_header header = {.opcode = FUSE_FORGET, .nodeid = node};
	u8 *to = memory_at(&memory, request_gpa, 100);

	memcpy(to, &header, sizeof(header));
	memcpy(to + sizeof(header), &in, sizeof(in));
	ring_put(ring, 0, request_gpa, sizeof(header) + sizeof(in), 0, 0);
	ring_submit(0);
}

static void test_forget(void)
{
	struct fuse_entry_out first = {0}, again = {0};
	u64 node, handle;

	create("forgotten", 0600, &node, &handle);
	lookup(ROOT, "forgotten", &first);
	forget(node, 1);
	check(getattr(node) != NULL, "one reference is left");
	forget(node, 5);
	check(getattr(node) == NULL, "FORGET takes the last reference and no more");
	forget(node, 1);
	forget(ROOT, ~0ULL);
	check(getattr(ROOT) != NULL, "the root cannot be forgotten");
	is(0, lookup(ROOT, "forgotten", &again), "LOOKUP finds it anew");
	check(again.nodeid == first.nodeid && again.generation != first.generation, "in another generation");
}

/* A ring that only a hostile guest makes must end the process with status 125. */
static void hostile(void (*make)(void), const char *name)
{
	int status;

	fflush(stdout);
	if (fork() == 0) {
		close(STDERR_FILENO);
		make();
		_exit(0);
	}
	wait(&status);
	is(125, WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), name);
}

static void outside(void)
{
	ring_put(ring, 0, 0, 64, 0, 0);
	ring_submit(0);
}

static void wrapping(void)
{
	ring_put(ring, 0, ~0ULL - 16, 64, 0, 0);
	ring_submit(0);
}

static void beyond(void)
{
	ring_put(ring, 0, memory.base + memory.size - 32, 64, 0, 0);
	ring_submit(0);
}

static void endless(void)
{
	ring_put(ring, 0, request_gpa, 64, VRING_DESC_F_NEXT, 0);
	ring_submit(0);
}

static void far_head(void)
{
	ring_submit(256);
}

static int set_attribute(u64 node, const char *name, const void *value, u32 size, u32 claimed)
{
	static u8 buffer[0xf000];
	struct fuse_setxattr_in in = {.size = claimed};

	memcpy(buffer, &in, FUSE_COMPAT_SETXATTR_IN_SIZE);
	strcpy((char *)buffer + FUSE_COMPAT_SETXATTR_IN_SIZE, name);
	memcpy(buffer + FUSE_COMPAT_SETXATTR_IN_SIZE + strlen(name) + 1, value, size);
	return call(FUSE_SETXATTR, node, buffer, FUSE_COMPAT_SETXATTR_IN_SIZE + strlen(name) + 1 + size);
}

static int get_attribute(u64 node, const char *name, u32 size)
{
	struct fuse_getxattr_in in = {.size = size};

	return call_names(FUSE_GETXATTR, node, &in, sizeof(in), name, NULL);
}

/* What the host's kernel says of a big value depends on its file system; it must come back whole or not at
 * all. */
static void test_big_attribute(u64 node)
{
	static u8 value[20000];
	int error;

	for (size_t i = 0; i < sizeof(value); i++)
		value[i] = (u8)(i * 13 >> 3);
	error = set_attribute(node, "user.big", value, sizeof(value), sizeof(value));
	if (error) {
		check(error == -ENOSPC || error == -E2BIG, "a value too big for the host's file system");
		return;
	}
	is(0, get_attribute(node, "user.big", 0x10000), "a value longer than a request's arguments");
	check(reply_size == sizeof(value) && !memcmp(reply, value, sizeof(value)), "comes back");
	is(0, call_names(FUSE_REMOVEXATTR, node, "", 0, "user.big", NULL), "and goes");
}

static void test_attributes(void)
{
	struct fuse_getxattr_in list = {.size = 4096};
	u64 node, handle;
	char path[64];

	is(0, create("attributes", 0644, &node, &handle), "a file for attributes");
	release(node, handle, false);
	if (set_attribute(node, "user.a", "value", 5, 5) == -EOPNOTSUPP) {
		printf("ok %d - user attributes # SKIP not on this file system\n", ++tests);
		return;
	}
	is(0, get_attribute(node, "user.a", 0), "length of an attribute");
	is(5, ((struct fuse_getxattr_out *)reply)->size, "is the value's");
	is(0, get_attribute(node, "user.a", 5), "get it");
	check(reply_size == 5 && !memcmp(reply, "value", 5), "with its value");
	is(-ERANGE, get_attribute(node, "user.a", 4), "no room for it");
	is(-ENODATA, get_attribute(node, "user.b", 100), "an attribute that is not there");
	is(-EINVAL, set_attribute(node, "user.a", "short", 5, 6), "a value shorter than it claims");
	is(-E2BIG, set_attribute(node, "user.a", "huge", 4, 65537), "a value too long");
	is(-EOPNOTSUPP, set_attribute(node, "trusted.a", "1", 1, 1), "trusted.*");
	is(-EOPNOTSUPP, set_attribute(node, "trusted.overlay.opaque", "y", 1, 1),
	   "what a union file system believes");
	is(-EOPNOTSUPP, set_attribute(node, "security.capability", "1", 1, 1), "capabilities of files");
	is(-EOPNOTSUPP, set_attribute(node, "system.posix_acl_access", "1", 1, 1), "ACLs");
	is(-EOPNOTSUPP, set_attribute(node, "user.", "1", 1, 1), "no name");
	is(-EOPNOTSUPP, get_attribute(node, "security.selinux", 100), "get a foreign one");
	is(-EOPNOTSUPP, call_names(FUSE_REMOVEXATTR, node, "", 0, "security.capability", NULL),
	   "remove a foreign one");
	is(-EINVAL, call(FUSE_SETXATTR, node, "1234567", 7), "no arguments");
	is(-EOPNOTSUPP, call(FUSE_SETXATTR, node, "12345678user.a", 14), "a name without an end");
	snprintf(path, sizeof(path), "%s/attributes", directory);
	(void)setxattr(path, "trusted.secret", "1", 1, 0); /* needs more than a container has */
	is(0, call(FUSE_LISTXATTR, node, &list, sizeof(list)), "list");
	check(reply_size == 7 && !memcmp(reply, "user.a", 7), "only the users'");
	list.size = 6;
	is(-ERANGE, call(FUSE_LISTXATTR, node, &list, sizeof(list)), "no room for the list");
	is(0, call_names(FUSE_REMOVEXATTR, node, "", 0, "user.a", NULL), "remove");
	is(-ENODATA, call_names(FUSE_REMOVEXATTR, node, "", 0, "user.a", NULL), "remove again");
	is(0, set_attribute(ROOT, "user.d", "1", 1, 1), "of a directory");
	is(0, call_names(FUSE_REMOVEXATTR, ROOT, "", 0, "user.d", NULL), "and away");
	test_big_attribute(node);
}

/* ---- The window ---------------------------------------------------------------------------------- */

struct machine machine;
static u64 shown[2]; /* what the guest has: first and last byte; one slot is enough here */

void vm_map(struct vm *vm, u64 gpa, void *host, u64 size, unsigned int access)
{
	(void)vm;
	check(!shown[1] && access == VM_ACCESS_EXECUTE && host == memory_readable_at(&memory, gpa, size),
	      "the guest gets it at its place and cannot write");
	shown[0] = gpa;
	shown[1] = gpa + size - 1;
}

void vm_unmap(struct vm *vm, u64 gpa, void *host, u64 size)
{
	(void)vm, (void)host;
	check(gpa == shown[0] && gpa + size - 1 == shown[1], "the guest loses what it had");
	shown[0] = shown[1] = 0;
}

static int show(u64 node, struct fuse_setupmapping_in in)
{
	return call(FUSE_SETUPMAPPING, node, &in, sizeof(in));
}

static int hide(u32 count, u64 offset, u64 len)
{
	struct fuse_removemapping_one one = {offset, len};
	u8 a[sizeof(count) + sizeof(one)];

	memcpy(a, &count, sizeof(count));
	memcpy(a + sizeof(count), &one, sizeof(one));
	return call(FUSE_REMOVEMAPPING, 0, a, sizeof(a));
}

/* What system calls find in the window. */
static long window_byte(u64 offset)
{
	const void *p = memory_readable_at(&memory, memory.window_base + offset, 1);
	u8 byte = 0;
	int fds[2];
	long n;

	if (pipe(fds) < 0)
		return -errno;
	n = write(fds[1], p, 1) < 0 ? -errno : read(fds[0], &byte, 1);
	close(fds[0]);
	close(fds[1]);
	return n < 0 ? n : byte;
}

static void test_window_refusals(u64 node)
{
	const u64 read = FUSE_SETUPMAPPING_FLAG_READ, slot = BOOT_WINDOW_SLOT, none = ~0ULL;

	is(-EBADF, show(node, (struct fuse_setupmapping_in){0, 0, 4096, read, 0}), "show: a handle");
	is(-ESTALE, show(1 << 20, (struct fuse_setupmapping_in){none, 0, 4096, read, 0}),
	   "show: an unknown node");
	is(-EISDIR, show(ROOT, (struct fuse_setupmapping_in){none, 0, 4096, read, 0}), "show: a directory");
	is(-EACCES, show(node, (struct fuse_setupmapping_in){none, 0, 4096, 0, 0}), "show: without rights");
	is(-EACCES,
	   show(node, (struct fuse_setupmapping_in){none, 0, 4096, read | FUSE_SETUPMAPPING_FLAG_WRITE, 0}),
	   "show: to be written");
	is(-EINVAL, show(node, (struct fuse_setupmapping_in){none, 1, 4096, read, 0}), "show: odd offset");
	is(-EINVAL, show(node, (struct fuse_setupmapping_in){none, 1ULL << 63, 4096, read, 0}),
	   "show: negative offset");
	is(-EINVAL, show(node, (struct fuse_setupmapping_in){none, 0, 0, read, 0}), "show: nothing");
	is(-EINVAL, show(node, (struct fuse_setupmapping_in){none, 0, 4095, read, 0}), "show: odd length");
	is(-EINVAL, show(node, (struct fuse_setupmapping_in){none, 0, slot + 4096, read, 0}),
	   "show: more than a slot");
	is(-EINVAL, show(node, (struct fuse_setupmapping_in){none, 0, 4096, read, 4096}),
	   "show: inside a slot");
	is(-EINVAL, show(node, (struct fuse_setupmapping_in){none, 0, 4096, read, memory.window_size}),
	   "show: behind the window");
	is(-EINVAL, show(node, (struct fuse_setupmapping_in){none, 0, 4096, read, none - slot + 1}),
	   "show: far behind the window");
	is(0, (long)shown[1], "nothing was shown");
	is(-EINVAL, hide(2, 0, slot), "hide: more than was sent");
	is(-EINVAL, hide(~0u, 0, slot), "hide: far more than was sent");
	is(-EINVAL, hide(1, 4096, slot), "hide: inside a slot");
	is(-EINVAL, hide(1, 0, 4096), "hide: part of a slot");
	is(-EINVAL, hide(1, memory.window_size, slot), "hide: behind the window");
	is(0, hide(1, 0, slot), "hide: what is not there");
}

static void reply_into_window(void)
{
	ring_put(ring, 0, request_gpa, 64, VRING_DESC_F_NEXT, 1);
	ring_put(ring, 1, memory.window_base, 4096, VRING_DESC_F_WRITE, 0);
	ring_submit(0);
}

static void request_in_window(void)
{
	ring_put(ring, 0, memory.window_base + memory.window_size - BOOT_WINDOW_SLOT, 64, VRING_DESC_F_NEXT,
		 1);
	ring_put(ring, 1, request_gpa, 64, VRING_DESC_F_WRITE, 0);
	ring_submit(0);
}

static void test_window(void)
{
	const u64 slot = BOOT_WINDOW_SLOT, last = memory.window_size - slot;
	struct fuse_setupmapping_in in = {~0ULL, 4096, 8192, FUSE_SETUPMAPPING_FLAG_READ, last};
	u64 node = 0, handle = 0, gpa = memory.window_base + last;

	is(0, create("shared", 0600, &node, &handle), "a file for the window");
	is(0, write_file(node, handle, 4096, "abc", 3), "with a second page");
	test_window_refusals(node);
	is(-EFAULT, window_byte(last), "an empty slot cannot be read");
	is(0, show(node, in), "show");
	is('a', window_byte(last), "there it is");
	is(0, write_file(node, handle, 4096, "x", 1), "write to the file");
	is('x', window_byte(last), "it is the file's own page");
	hostile(reply_into_window, "a reply into the window");
	hostile(request_in_window, "a request in the window");
	is(-EFAULT, window_byte(last + 4096), "behind the end of the file");
	check(fs_window_fault(gpa + 4096 + 77), "which becomes readable when the guest does");
	is(0, window_byte(last + 4096), "as zeros");
	check(!fs_window_fault(gpa + 8192), "but not beyond what was shown");
	check(!fs_window_fault(memory.window_base) && !fs_window_fault(memory.window_base - 1) &&
		      !fs_window_fault(memory.window_base + memory.window_size),
	      "nor elsewhere");
	in.len = slot;
	in.foffset = 0;
	is(0, show(node, in), "show something else in its place");
	is('x', window_byte(last + 4096), "there it is, without the zeros");
	is(0, hide(1, last, slot), "hide");
	is(-EFAULT, window_byte(last), "gone");
	check(!fs_window_fault(gpa), "for the guest as well");
	release(node, handle, false);
}

static void far_next(void)
{
	ring_put(ring, 0, request_gpa, 64, VRING_DESC_F_NEXT, 9999);
	ring_submit(0);
}

static void indirect(void)
{
	ring_put(ring, 0, request_gpa, 64, 4, 0);
	ring_submit(0);
}

static void backwards(void)
{
	ring_put(ring, 0, reply_gpa, 64, VRING_DESC_F_NEXT | VRING_DESC_F_WRITE, 1);
	ring_put(ring, 1, request_gpa, 64, 0, 0);
	ring_submit(0);
}

static void jump(void)
{
	struct vring_avail *a = memory_at(&memory, ring->avail_gpa, 0);

	a->idx += 257;
	fs_doorbell();
}

static void headless(void)
{
	ring_put(ring, 0, request_gpa, 39, 0, 0);
	ring_submit(0);
}

static void no_room(void)
{
	ring_put(ring, 0, request_gpa, 64, VRING_DESC_F_NEXT, 1);
	ring_put(ring, 1, reply_gpa, 15, VRING_DESC_F_WRITE, 0);
	ring_submit(0);
}

static void test_hostile(void)
{
	memset(memory_at(&memory, request_gpa, 64), 0, 64);
	hostile(outside, "a buffer below memory");
	hostile(wrapping, "a buffer that wraps around");
	hostile(beyond, "a buffer across the end of memory");
	hostile(endless, "a chain without end");
	hostile(far_head, "a head beyond the ring");
	hostile(far_next, "a next descriptor beyond the ring");
	hostile(indirect, "an indirect descriptor");
	hostile(backwards, "a readable buffer behind a writable one");
	hostile(jump, "an index that jumps");
	hostile(headless, "a request without a header");
	hostile(no_room, "no room for the reply");
}

int main(void)
{
	char command[64];

	start();
	test_init();
	test_names();
	test_file();
	test_more_file();
	test_slow_sync();
	test_setattr();
	test_owner();
	test_special();
	test_rename();
	test_attributes();
	test_directory();
	test_forget();
	test_window();
	test_hostile();
	is(0, late, "everything but FSYNC was answered within the doorbell");
	snprintf(command, sizeof(command), "rm -rf %s", directory);
	if (system(command) != 0)
		failures++;
	printf("1..%d\n", tests);
	return failures != 0;
}

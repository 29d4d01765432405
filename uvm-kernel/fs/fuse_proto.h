/* SPDX-License-Identifier: MIT */
/*
 * The FUSE protocol, version 7.31 and later: the messages this client uses. Little-endian, fixed layouts.
 */
#pragma once

#include <abi/types.h>

#define FUSE_VERSION 7
#define FUSE_MINOR 38
#define FUSE_MINOR_MIN 31

enum { FUSE_LOOKUP = 1, FUSE_GETATTR = 3, FUSE_SETATTR, FUSE_READLINK, FUSE_SYMLINK, FUSE_MKNOD = 8 };
enum { FUSE_MKDIR = 9, FUSE_UNLINK, FUSE_RMDIR, FUSE_LINK = 13, FUSE_OPEN, FUSE_READ, FUSE_WRITE };
enum { FUSE_STATFS = 17, FUSE_RELEASE, FUSE_FSYNC = 20, FUSE_SETXATTR, FUSE_GETXATTR, FUSE_LISTXATTR };
enum { FUSE_REMOVEXATTR = 24, FUSE_INIT = 26, FUSE_OPENDIR, FUSE_READDIR, FUSE_RELEASEDIR };
enum { FUSE_FSYNCDIR = 30, FUSE_CREATE = 35, FUSE_BATCH_FORGET = 42, FUSE_FALLOCATE, FUSE_READDIRPLUS };
enum { FUSE_RENAME2 = 45, FUSE_SETUPMAPPING = 48, FUSE_REMOVEMAPPING };

/* INIT flags */
#define FUSE_ASYNC_READ (1u << 0)
#define FUSE_BIG_WRITES (1u << 5)
#define FUSE_DO_READDIRPLUS (1u << 13)
#define FUSE_PARALLEL_DIROPS (1u << 18)
#define FUSE_MAX_PAGES (1u << 22)

/* SETATTR's valid */
#define FATTR_MODE (1u << 0)
#define FATTR_SIZE (1u << 3)
#define FATTR_MTIME (1u << 5)
#define FATTR_FH (1u << 6)
#define FATTR_MTIME_NOW (1u << 8)

#define FUSE_FSYNC_DATA 1u
#define FUSE_WRITE_CACHE 1u /* delayed: all or an error */

struct fuse_in_header {
	u32 len, opcode;
	u64 unique, nodeid;
	u32 uid, gid, pid, padding;
};
ABI_SIZE(struct fuse_in_header, 40);

struct fuse_out_header {
	u32 len;
	s32 error;
	u64 unique;
};
ABI_SIZE(struct fuse_out_header, 16);

struct fuse_attr {
	u64 ino, size, blocks, atime, mtime, ctime;
	u32 atimensec, mtimensec, ctimensec, mode, nlink, uid, gid, rdev, blksize, flags;
};
ABI_SIZE(struct fuse_attr, 88);

struct fuse_entry_out {
	u64 nodeid; /* 0: no such name, and that may be remembered */
	u64 generation, entry_valid, attr_valid;
	u32 entry_valid_nsec, attr_valid_nsec;
	struct fuse_attr attr;
};
ABI_SIZE(struct fuse_entry_out, 128);

struct fuse_getattr_in {
	u32 getattr_flags, dummy;
	u64 fh;
};

struct fuse_attr_out {
	u64 attr_valid;
	u32 attr_valid_nsec, dummy;
	struct fuse_attr attr;
};
ABI_SIZE(struct fuse_attr_out, 104);

struct fuse_forget_one {
	u64 nodeid, nlookup;
};

struct fuse_batch_forget_in {
	u32 count, dummy;
};

struct fuse_mknod_in {
	u32 mode, rdev, umask, padding;
};

struct fuse_mkdir_in {
	u32 mode, umask;
};

struct fuse_rename2_in {
	u64 newdir;
	u32 flags, padding;
};

struct fuse_link_in {
	u64 oldnodeid;
};

struct fuse_setattr_in {
	u32 valid, padding;
	u64 fh, size, lock_owner, atime, mtime, ctime;
	u32 atimensec, mtimensec, ctimensec, mode, unused4, uid, gid, unused5;
};
ABI_SIZE(struct fuse_setattr_in, 88);

struct fuse_open_in {
	u32 flags, open_flags;
};

struct fuse_create_in {
	u32 flags, mode, umask, open_flags;
};

struct fuse_open_out {
	u64 fh;
	u32 open_flags, padding;
};

struct fuse_create_out {
	struct fuse_entry_out entry;
	struct fuse_open_out open;
};

struct fuse_release_in {
	u64 fh;
	u32 flags, release_flags;
	u64 lock_owner;
};

struct fuse_read_in {
	u64 fh, offset;
	u32 size, read_flags;
	u64 lock_owner;
	u32 flags, padding;
};
ABI_SIZE(struct fuse_read_in, 40);

struct fuse_write_in {
	u64 fh, offset;
	u32 size, write_flags;
	u64 lock_owner;
	u32 flags, padding;
};
ABI_SIZE(struct fuse_write_in, 40);

struct fuse_write_out {
	u32 size, padding;
};

struct fuse_statfs_out {
	u64 blocks, bfree, bavail, files, ffree;
	u32 bsize, namelen, frsize, padding, spare[6];
};
ABI_SIZE(struct fuse_statfs_out, 80);

struct fuse_fsync_in {
	u64 fh;
	u32 fsync_flags, padding;
};

struct fuse_fallocate_in {
	u64 fh, offset, length;
	u32 mode, padding;
};

struct fuse_setupmapping_in {
	u64 fh; /* ~0: of the node */
	u64 foffset, len, flags;
	u64 moffset; /* in the window */
};
#define FUSE_SETUPMAPPING_FLAG_READ (1u << 1)

struct fuse_removemapping_in {
	u32 count;
	struct {
		u64 moffset, len;
	} __packed one[];
};

struct fuse_setxattr_in {
	u32 size, flags;
};

struct fuse_getxattr_in {
	u32 size, padding;
};

struct fuse_getxattr_out {
	u32 size, padding;
};

struct fuse_init_in {
	u32 major, minor, max_readahead, flags, flags2, unused[11];
};
ABI_SIZE(struct fuse_init_in, 64);

struct fuse_init_out {
	u32 major, minor, max_readahead, flags;
	u16 max_background, congestion_threshold;
	u32 max_write, time_gran;
	u16 max_pages, map_alignment;
	u32 flags2, unused[7];
};
ABI_SIZE(struct fuse_init_out, 64);

struct fuse_dirent {
	u64 ino, off;
	u32 namelen, type;
	char name[];
};
ABI_OFFSET(struct fuse_dirent, name, 24);

/* SPDX-License-Identifier: MIT */
/*
 * launch.h: what `nacelle` hands to `nacelle-worker`: one block of memory (a memfd) with everything the
 * worker must know, already validated against config.json. The worker checks only that the block is well
 * formed: every offset inside it, every string terminated.
 */
#ifndef WORKER_LAUNCH_H
#define WORKER_LAUNCH_H

#include <abi/boot_block.h>
#include <stdbool.h>

#define LAUNCH_MAGIC 0x48434e55414c434eULL
#define LAUNCH_VERSION 2
#define LAUNCH_SIZE_MAX 0x100000
#define LAUNCH_FD 3 /* descriptor of the block in the worker */

#define LAUNCH_ROOT_READONLY 0x1u
#define LAUNCH_STRACE 0x2u
#define LAUNCH_NEW_NETWORK 0x4u /* a network namespace of its own */
#define LAUNCH_TERMINAL 0x8u	/* descriptors 0 and 1 are the raw slave of a pty, our controlling terminal */

/* Offsets count from the start of the block; 0 = absent. */
struct launch_mount {
	u32 kind;   /* enum boot_mount_kind, never ROOT */
	u32 flags;  /* Linux MS_* */
	u32 target; /* absolute path in the container */
	u32 source;
	u32 type;
	u32 data;
};
ABI_SIZE(struct launch_mount, 24);

struct launch {
	u64 magic;
	u32 version;
	u32 size;
	u64 memory_bytes;
	u32 vp_count;
	u32 flags;
	u32 log_level;
	u32 pids_max;
	u32 id;	    /* name of the container, for messages */
	u32 rootfs; /* absolute path on the host */
	u32 kernel; /* path of the uvm-kernel image */
	u32 netns;  /* path of a network namespace to join */
	u32 cwd;
	u32 hostname;
	u32 domainname;
	u32 argc;
	u32 argv; /* strings, one after the other */
	u32 envc;
	u32 envp;
	u32 uid;
	u32 gid;
	u32 umask;
	u32 group_count;
	u32 groups; /* u32 each */
	u64 cap_effective;
	u64 cap_permitted;
	u64 cap_inheritable;
	u64 cap_bounding;
	u64 cap_ambient;
	u32 no_new_privs;
	s32 oom_score_adj;
	struct boot_rlimit rlimits[16];
	u32 mount_count;
	u32 mounts;		   /* struct launch_mount each */
	u32 cpu_quota, cpu_period; /* of the cgroup, for the container to read; quota 0: none */
	u8 data[];
};
ABI_OFFSET(struct launch, cap_effective, 104);
ABI_OFFSET(struct launch, data, 424);

/* Checks the block of `size` bytes; NULL when it is good, otherwise what is wrong with it. Pure. */
const char *launch_check(const struct launch *launch, size_t size);

/* The string at an offset of a checked block; NULL for 0. */
static inline const char *launch_string(const struct launch *launch, u32 offset)
{
	return offset ? (const char *)launch + offset : NULL;
}

#endif

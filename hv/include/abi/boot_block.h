/* SPDX-License-Identifier: MIT */
/*
 * boot_block.h: everything uvm-kernel must know, placed by nacelle-worker before the first instruction.
 * The kernel probes nothing.
 *
 * Machine at entry, on every VP: 64-bit mode, CPL 0, interrupts off; CR0 = PE MP ET NE WP PG; CR4 = PAE
 * PGE OSFXSR OSXMMEXCPT and, where CPUID offers them, OSXSAVE SMEP SMAP UMIP FSGSBASE (XCR0 = xcr0
 * below); EFER = SCE LME LMA NXE; flat CS/SS/DS (selectors 0x10/0x18/0x18), empty IDT and a GDT that the
 * kernel replaces. RIP = ELF entry, RDI = virtual address of this block (in the direct map), RSI = VP
 * index, RSP = 0 (the kernel brings its own stacks). All VPs start at the same entry at the same time.
 *
 * Page tables (CR3, built by the worker, inside [tables_gpa, free_gpa)): the direct map of all guest
 * memory at direct_map, RW and NX; the kernel's segments at their link addresses (-2 GiB, 4 KiB pages,
 * W^X by segment flags, Global); nothing else. The user half is empty. The nested tables forbid writing
 * to the kernel's text and read-only data, and executing its data.
 *
 * Guest physical memory: one range [ram_base, ram_base + ram_size). [free_gpa, end) is free for the
 * kernel and reads as zero; it appears on first touch, so untouched memory costs nothing: do not clear
 * or link it in advance.
 *
 * The window: window_size bytes behind RAM, also in the direct map, but read-only there and in the nested
 * tables. It has slots of BOOT_WINDOW_SLOT bytes, in which nothing is until FUSE_SETUPMAPPING puts a piece of
 * a file there: the root's own page cache, the same pages for every container. What lies in the window
 * may be sent to the worker in readable buffers, and never stands for RAM elsewhere.
 */
#ifndef ABI_BOOT_BLOCK_H
#define ABI_BOOT_BLOCK_H

#include <abi/ring.h>
#include <abi/types.h>
#include <abi/version.h>

#define BOOT_BLOCK_MAGIC 0x4b4c424c4c43414eULL
#define UVM_KERNEL_BASE 0xffffffff80100000ULL /* link address */
#define UVM_KERNEL_GPA 0x100000ULL	      /* where that is in guest physical memory */
#define UVM_DIRECT_MAP 0xffff888000000000ULL

#define BOOT_WINDOW_SLOT 0x40000ULL
#define BOOT_WINDOW_MAX (1ULL << 30) /* and never more than half of RAM */

#define BOOT_BLOCK_QUEUES_MAX 16
#define BOOT_BLOCK_SIZE_MAX 0x100000 /* header and data */
#define BOOT_BLOCK_ARGS_MAX 4096
#define BOOT_BLOCK_MOUNTS_MAX 256
#define BOOT_BLOCK_GROUPS_MAX 1024

struct boot_queue {
	u16 device; /* enum nacelle_device */
	u16 queue;
	u16 size;  /* descriptors, a power of two <= 256 */
	u8 vector; /* interrupt for used buffers, on VP 0 */
	u8 reserved;
	u64 desc_gpa; /* 16-byte aligned */
	u64 avail_gpa;
	u64 used_gpa;
};
ABI_SIZE(struct boot_queue, 32);

struct boot_rlimit {
	u64 cur;
	u64 max;
};

enum boot_mount_kind {
	BOOT_MOUNT_ROOT = 1, /* FUSE nodeid 1; always the first entry */
	BOOT_MOUNT_BIND, /* a bind mount, served by FUSE under nodeid (also reachable through the root when
			  * its target lies there) */
	BOOT_MOUNT_PROC,
	BOOT_MOUNT_TMPFS,
	BOOT_MOUNT_DEV, /* the /dev tree; a tmpfs with the standard nodes and links */
	BOOT_MOUNT_DEVPTS,
	BOOT_MOUNT_SYSFS,
	BOOT_MOUNT_MQUEUE, /* an empty directory */
	BOOT_MOUNT_CGROUP, /* an empty read-only directory */
};

/* Offsets are from the start of the block to NUL-terminated strings inside data. */
struct boot_mount {
	u32 kind;
	u32 flags; /* Linux MS_*: RDONLY 1, NOSUID 2, NODEV 4, NOEXEC 8, NOATIME 1024 … */
	u32 target_offset;
	u32 source_offset;
	u32 type_offset;
	u32 data_offset; /* "size=65536k,mode=755" for tmpfs, … */
	u64 nodeid;	 /* FUSE node of a root or bind mount */
};
ABI_SIZE(struct boot_mount, 32);

struct boot_block {
	u64 magic;
	u32 version;
	u32 size; /* header and data, bytes */
	/* machine */
	u64 ram_base;
	u64 ram_size;
	u64 tables_gpa;
	u64 free_gpa;
	u64 direct_map;
	u32 vp_count;
	u32 hypercall_insn; /* 0 VMMCALL, 1 VMCALL */
	u64 xcr0;
	u64 tsc_hz;
	u64 tsc_base;	   /* guest TSC at which … */
	u64 realtime_base; /* … the wall clock was this many ns since 1970 */
	u64 boottime_base; /* … and CLOCK_BOOTTIME/MONOTONIC this many ns */
	u64 log_gpa;	   /* log ring: u64 bytes ever written, then log_size - 8 bytes of text, cyclic */
	u64 log_size;	   /* bytes, power of two pages */
	u8 seed[32];	   /* randomness for getrandom and AT_RANDOM */
	/* options */
	u32 strace; /* 1: a line per system call in the log */
	u32 log_level;
	u32 pids_max; /* 0 = no limit below the kernel's own */
	u32 queue_count;
	struct boot_queue queues[BOOT_BLOCK_QUEUES_MAX];
	/* the container's first process */
	u32 argc;
	u32 argv_offset; /* argc NUL-terminated strings, one after the other */
	u32 envc;
	u32 envp_offset;
	u32 cwd_offset;
	u32 hostname_offset;
	u32 domainname_offset;
	u32 uid;
	u32 gid;
	u32 umask;
	u32 group_count;
	u32 groups_offset; /* u32 each */
	u64 cap_effective;
	u64 cap_permitted;
	u64 cap_inheritable;
	u64 cap_bounding;
	u64 cap_ambient;
	u32 no_new_privs;
	u32 terminal; /* 1: standard streams are one terminal, /dev/pts/0 */
	s32 oom_score_adj;
	u32 cpu_quota;			/* µs of processor time per period; 0: all that there is */
	struct boot_rlimit rlimits[16]; /* by RLIMIT_* number */
	u32 mount_count;
	u32 mounts_offset;  /* struct boot_mount each, 8-byte aligned */
	u32 streams_closed; /* bit n: descriptor n of the container starts closed */
	u32 terminal_size;  /* rows, and columns from bit 16 */
	u32 cpu_period;	    /* µs, with cpu_quota; the root enforces it */
	u32 reserved;
	u64 window_size; /* bytes behind ram_base + ram_size, whole slots; 0 = no window */
	u8 data[];
};
ABI_OFFSET(struct boot_block, seed, 120);
ABI_OFFSET(struct boot_block, queues, 168);
ABI_OFFSET(struct boot_block, argc, 680);
ABI_OFFSET(struct boot_block, cap_effective, 728);
ABI_OFFSET(struct boot_block, rlimits, 784);
ABI_OFFSET(struct boot_block, data, 1072);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * machine.h: the one container of this process: its VM, memory, boot block and devices, and who uses
 * which file. Set up in order by main.c before the guest runs.
 */
#ifndef WORKER_MACHINE_H
#define WORKER_MACHINE_H

#include "elf_image.h"
#include "launch.h"
#include "memory.h"
#include "vm.h"

struct machine {
	const struct launch *launch;
	struct vm *vm;
	struct memory memory;
	struct elf_image kernel;
	struct boot_block *block; /* in guest memory: written before the guest starts, never read after */
	u8 *log;		  /* in guest memory */
	u64 log_size;
	u64 block_gpa;
	u32 streams_closed; /* bit n: descriptor n was closed when the worker started */
	u64 cr3;
};

extern struct machine machine;

/* partition.c: opens what needs privileges (kernel image, device), maps kernel and memory. */
void partition_create(void);
/* Lays out block, rings, log and page tables. The mounts' node ids may still be set afterwards. */
void partition_lay_out(void);
/* Sets the clocks and the registers of all VPs. */
void partition_start(void);

/* ports.c: runs one VP for ever; every end of the container comes from here. */
void *ports_run_vp(void *vp_index);

#endif

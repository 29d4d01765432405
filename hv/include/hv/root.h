/* SPDX-License-Identifier: MIT */
/* The root partition: its memory, its VPs, its exits. */
#pragma once

#include <abi/boot_info.h>
#include <hv/cpu.h>
#include <hv/exit.h>
#include <hv/phys.h>
#include <stdbool.h>

/* Builds the root's address space: everything one to one, but for the reservation. NULL or why not. */
const char *root_init(const struct boot_info *info);

/* Takes a frame out of the root's view, or gives it back. False: no table page left to split with.
 * After hiding, the caller flushes (smp_flush_root); until then other processors may still see it. */
bool root_hide(u64 pfn);
/* The frame appears again. Only its absence was cached, so nothing is to be flushed. */
void root_show(u64 pfn);

/* An aligned word of the root's memory. False: not RAM that the root sees. */
bool root_read_word(u64 at, u64 *value);
/* Callee-saved registers of the loader's call of hv_enter, as start.S pushed them. */
struct launch_frame {
	u64 r12_r15[4], rbp, rbx, rflags, rip;
};

/* The loop of a processor: never returns. */
void __attribute__((noreturn)) root_run(struct cpu *cpu);
/* Work left for this processor by others: flush, INIT, SIPI, NMI. */
void root_handle_kicks(struct cpu *cpu);

/* root_vp.c: the root VP becomes what runs now, to go on after hv_enter's return. */
void root_capture(struct cpu *cpu, const struct launch_frame *frame);
/* The state after INIT and a SIPI with this vector. */
void root_start(struct vp *vp, u8 vector);

/* root_apic.c */
void root_apic_init(struct cpu *cpu);
/* A store to the local APIC page. False: not decodable. */
bool root_apic_write(struct vp *vp, const struct vp_exit *exit);
/* WRMSR of APIC_BASE and of the x2APIC ICR. False: #GP. */
bool root_apic_msr(struct vp *vp, u32 index, u64 value);
/* What INIT does to the local APIC. */
void root_apic_reset(struct cpu *cpu);

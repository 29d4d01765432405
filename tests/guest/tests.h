/* SPDX-License-Identifier: MIT */
/* One function per subject; main.c runs them in this order. */
#ifndef TESTS_GUEST_TESTS_H
#define TESTS_GUEST_TESTS_H

#include "lib.h"

/* The load option "bochs-svm": Bochs 2.7 on AMD's processor. It ends itself at a child's triple fault,
 * does not interrupt a child that it entered with IF = 0, and keeps a step's trap through an exit. */
extern bool on_bochs_svm;

void test_root_cpu(void); /* root.c */
void test_root_memory(void);
void test_x2apic(void);
void test_arguments(void);  /* arguments.c: every call of the table */
void test_life_cycle(void); /* partition.c */
void test_properties(void);
void test_pool(void);	/* pool.c */
void test_frames(void); /* frames.c: THE invariant, seen from outside */
void test_mappings(void);
void test_registers(void); /* registers.c */
void test_state_pages(void);
void test_intercepts(void); /* intercepts.c */
void test_interrupts(void); /* interrupts.c */
void test_timer(void);
void test_ipi(void);
void test_switched_state(void); /* state.c */
void test_two_processors(void); /* smp.c */
void test_hostile(void);	/* hostile.c */
void test_many(void);		/* many.c */

/* Labels of payload.S. */
void payload_halt(void), payload_out(void), payload_spin(void), payload_touch(void), payload_jump(void),
	payload_triple_fault(void), payload_cpuid(void), payload_clock(void), payload_hypercall(void),
	payload_hypercall_storm(void), payload_interrupts(void), payload_window(void), payload_rdmsr(void),
	payload_wrmsr(void), payload_msr_storm(void), payload_undefined(void), payload_reserved_bits(void),
	payload_timer(void), payload_ipi(void), payload_fpu(void), payload_debug(void), payload_keys(void),
	payload_priority(void), payload_step(void), payload_fault_loop(void), payload_int1(void);

#endif

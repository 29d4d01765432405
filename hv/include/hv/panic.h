/* SPDX-License-Identifier: MIT */
/* Last words. panic() calls nothing that can itself fail or wait for another processor. */
#pragma once

#include <abi/types.h>
#include <x86/trap.h>

void panic_init(u32 action); /* enum boot_panic_action */
void __attribute__((noreturn, format(printf, 1, 2))) panic(const char *format, ...);
void __attribute__((noreturn)) panic_trap(const struct trap_frame *frame);
/* Another processor panicked. */
void __attribute__((noreturn)) panic_stop(void);
/* Resets the machine: the root's triple fault, or panic=reboot. */
void __attribute__((noreturn)) machine_reset(void);

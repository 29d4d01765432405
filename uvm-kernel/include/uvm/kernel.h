/* SPDX-License-Identifier: MIT */
/*
 * kernel.h: what most files use: tasks and signals, memory, time, strings, the log, user memory, the boot
 * block. Parts that are tested without the rest of the kernel (lib/, boot.c, elf.c) include what they need
 * instead.
 */
#pragma once

#include <uvm/boot.h>
#include <uvm/fault.h>
#include <uvm/fpu.h>
#include <uvm/fsapi.h>
#include <uvm/lock.h>
#include <uvm/poll.h>
#include <uvm/printk.h>
#include <uvm/proc.h>
#include <uvm/random.h>
#include <uvm/sched.h>
#include <uvm/string.h>
#include <uvm/syscall.h>
#include <uvm/time.h>
#include <uvm/trap.h>
#include <uvm/uts.h>
#include <uvm/vdso.h>
#include <uvm/vma.h>

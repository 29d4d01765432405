/* SPDX-License-Identifier: MIT */
/*
 * The FPU image of tasks: x87, SSE and whatever else XCR0 enables, saved and restored at every task switch.
 */
#pragma once

#include <uvm/types.h>

struct task;

void fpu_init(void);
u32 fpu_size(void);
u64 fpu_features(void); /* XCR0; 3 without XSAVE */
void *fpu_new(void);	/* an image in the initial state, or NULL */
void fpu_reset(void *image);
void fpu_save(void *image);
void fpu_load(const void *image);
/* Loads an image that user mode has written; false: the processor refused it. */
bool fpu_load_checked(const void *image, u64 features);

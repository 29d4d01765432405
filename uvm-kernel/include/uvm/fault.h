/* SPDX-License-Identifier: MIT */
/*
 * Page faults: what an access wanted, and what became of it.
 */
#pragma once

#include <uvm/types.h>

struct mm;

#define FAULT_ERROR_WRITE 2
#define FAULT_ERROR_USER 4
#define FAULT_ERROR_EXEC 16

enum fault_kind { FAULT_READ, FAULT_WRITE, FAULT_EXEC };

static inline enum fault_kind fault_access(u64 error)
{
	return error & FAULT_ERROR_WRITE ? FAULT_WRITE : error & FAULT_ERROR_EXEC ? FAULT_EXEC : FAULT_READ;
}

void fault_init(void);

struct fault_result {
	int signal; /* 0: resolved, try again */
	int code;
};

/* Brings the page at addr in for this access. May sleep. Out of memory kills a process and is "resolved": the
 * access is tried again, or its task dies. */
struct fault_result mm_fault(struct mm *mm, u64 addr, enum fault_kind kind);

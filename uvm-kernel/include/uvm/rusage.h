/* SPDX-License-Identifier: MIT */
/*
 * struct rusage as Linux lays it out, and where its numbers come from.
 */
#pragma once

#include <uvm/time.h>

struct process;
struct usage;

struct rusage {
	struct timeval utime, stime;
	s64 maxrss; /* KiB */
	s64 ixrss, idrss, isrss;
	s64 minflt, majflt;
	s64 nswap, inblock, oublock, msgsnd, msgrcv, nsignals;
	s64 nvcsw, nivcsw;
};
_Static_assert(sizeof(struct rusage) == 144, "struct rusage is 144 bytes");

/* The process and the children it has waited for, as wait4 reports it. */
void usage_add(struct usage *to, const struct usage *u);
void rusage_of_process(struct process *p, struct rusage *r);

/* SPDX-License-Identifier: MIT */
/*
 * signals.c: Linux' signals by name or number.
 */
#include "signals.h"

#include <stddef.h>
#include <stdlib.h>
#include <strings.h>

#define SIGNAL_MAX 64
#define KERNEL_RTMIN 34 /* as everybody else counts: 32 and 33 are the C library's */

static const char *const names[] = {
	NULL,	"HUP",	"INT",	"QUIT", "ILL",	  "TRAP",   "ABRT",  "BUS",  "FPE",  "KILL", "USR1",
	"SEGV", "USR2", "PIPE", "ALRM", "TERM",	  "STKFLT", "CHLD",  "CONT", "STOP", "TSTP", "TTIN",
	"TTOU", "URG",	"XCPU", "XFSZ", "VTALRM", "PROF",   "WINCH", "IO",   "PWR",  "SYS",
};
_Static_assert(sizeof(names) / sizeof(names[0]) == 32, "signals 1 to 31");

static int number_in(const char *text, int max)
{
	char *end;
	long n;

	if (*text < '0' || *text > '9')
		return -1;
	n = strtol(text, &end, 10);
	return *end || n > max ? -1 : (int)n;
}

int signal_number(const char *name)
{
	int n = number_in(name, SIGNAL_MAX);

	if (n >= 0)
		return n;
	if (strncasecmp(name, "SIG", 3) == 0)
		name += 3;
	for (size_t i = 1; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(names[i], name) == 0)
			return (int)i;
	if (strncasecmp(name, "RTMIN", 5) == 0) {
		n = name[5] == '+' ? number_in(name + 6, SIGNAL_MAX - KERNEL_RTMIN) : name[5] ? -1 : 0;
		return n < 0 ? 0 : KERNEL_RTMIN + n;
	}
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * What uname tells; /proc/version and /proc/sys/kernel repeat it.
 */
#pragma once

#include <uvm/types.h>

#define UTS_LEN 65

struct uts {
	char sysname[UTS_LEN];
	char nodename[UTS_LEN];
	char release[UTS_LEN];
	char version[UTS_LEN];
	char machine[UTS_LEN];
	char domainname[UTS_LEN];
};

extern struct uts uts;
void uts_init(void);

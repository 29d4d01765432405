/* SPDX-License-Identifier: MIT */
/*
 * /proc/net: what the worker reads there in the container's network namespace.
 */
#include "../fs/proc.h"
#include "proxy.h"

static void show(struct text *t, u64 file)
{
	void *page = proxy_open() ? NULL : page_alloc_virt(0);
	u64 at = 0;
	long n;

	if (!page) {
		t->failed = true;
		return;
	}
	do {
		struct nacelle_net_request *r = proxy_request(NACELLE_NET_PROC, NULL);

		r->arg[0] = (u32)file;
		r->arg[1] = (u32)at;
		*proxy_segs() = (struct virtq_seg){page, PAGE_SIZE, true};
		n = MIN(proxy_call(1), (long)PAGE_SIZE);
		if (n > 0) /* below: a file that is not there, without IPv6 */
			text_write(t, page, (size_t)n);
		at += (u64)n;
	} while (n > 0);
	page_free_virt(page);
}

const struct text_file proc_net_files[] = {
	{"net/dev", .show_number = show, .number = NACELLE_NET_FILE_DEV},
	{"net/if_inet6", .show_number = show, .number = NACELLE_NET_FILE_IF_INET6},
	{"net/route", .show_number = show, .number = NACELLE_NET_FILE_ROUTE},
	{"net/tcp", .show_number = show, .number = NACELLE_NET_FILE_TCP},
	{"net/tcp6", .show_number = show, .number = NACELLE_NET_FILE_TCP6},
	{"net/udp", .show_number = show, .number = NACELLE_NET_FILE_UDP},
	{"net/udp6", .show_number = show, .number = NACELLE_NET_FILE_UDP6},
};
const u32 proc_net_count = ARRAY_SIZE(proc_net_files);

/* SPDX-License-Identifier: MIT */
/*
 * hvctl.h: what hvctl's files share: access to /dev/mshv (device.c) and one function per verb (cmd_*.c).
 * A verb reads what it shows, then prints it as text or, with --json, as one JSON document.
 */
#ifndef HVCTL_H
#define HVCTL_H

#include <jansson.h>
#include <stdbool.h>

#include <abi/hypercall.h>

#include "../kmod/uapi.h"

#define MAX_PARTITIONS 4096

/* device.c. All of these end the program with a sentence on standard error when they cannot. */
void device_open(void);
void device_version(struct mshv_nacelle_version *version);
/* The one after previous; false after the last. */
bool device_next_partition(u64 previous, struct mshv_nacelle_partition *partition);
void device_ledger(struct hv_ext_ledger *ledger);
void device_log(u64 position, struct hv_ext_log_chunk *chunk);
/* false: the partition has gone meanwhile. */
bool device_stats(u64 id, struct hv_ext_stats *stats);

/* The root first, then its children; those that end while we look are left out. */
struct partition_info {
	struct mshv_nacelle_partition module; /* of the root: only the id */
	struct hv_ext_stats stats;
};
struct partition_list {
	size_t count;
	struct partition_info *items;
};
void partition_list_read(struct partition_list *list);
void partition_list_free(struct partition_list *list);

void print_json(json_t *document); /* and releases it */
__attribute__((format(printf, 1, 2), noreturn)) void die(const char *format, ...);

/* Each answers the exit status. */
int cmd_version(bool json);
int cmd_partitions(bool json);
int cmd_exits(bool json);
int cmd_memory(bool json);
int cmd_log(bool json, bool follow);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * config.h: an OCI runtime configuration (config.json, specification 1.0 and later 1.x) as far as a utility
 * VM honours it. What it does not honour is an error that names the field, unless the specification lets a
 * runtime ignore it: then it is a warning.
 */
#ifndef RUNTIME_CONFIG_H
#define RUNTIME_CONFIG_H

#include <abi/boot_block.h>
#include <jansson.h>
#include <stdbool.h>

#include "error.h"

#define CONFIG_SIZE_MAX (4u << 20)
#define CONFIG_WARNINGS_MAX 64
#define CONFIG_VPS_MAX 64
#define CONFIG_UNSET (-1LL) /* a limit that was not given */

struct config_strings {
	u32 count;
	const char **list;
};

struct config_mount {
	u32 kind;  /* enum boot_mount_kind */
	u32 flags; /* MS_* */
	const char *target;
	const char *source;
	const char *type;
	const char *data; /* joined options for the guest's file system */
};

struct config_unified {
	const char *file;
	const char *value;
};

struct config_resources {
	long long memory_limit;
	long long memory_reservation;
	long long memory_swap;
	long long cpu_shares;
	long long cpu_quota;
	long long cpu_period;
	long long cpu_burst;
	long long cpu_idle;
	const char *cpus;
	const char *mems;
	long long pids_limit;
	u32 unified_count;
	struct config_unified *unified;
};

struct config {
	json_t *json; /* owns all strings below but those in `owned` */
	void *owned;  /* list of allocations, see config.c */
	const char *oci_version;
	/* process */
	struct config_strings args;
	struct config_strings env;
	const char *cwd;
	bool terminal;
	u32 terminal_rows, terminal_columns; /* 0: not given */
	u32 uid, gid, umask;
	u32 group_count;
	u32 *groups;
	struct boot_rlimit rlimits[16];
	bool rlimit_set[16];
	u64 cap_effective, cap_permitted, cap_inheritable, cap_bounding, cap_ambient;
	bool no_new_privileges;
	int oom_score_adj;
	/* container */
	const char *root_path;
	bool root_readonly;
	const char *hostname;
	const char *domainname;
	u32 mount_count;
	struct config_mount *mounts;
	json_t *annotations; /* object or NULL; borrowed */
	u32 vps;
	bool strace;
	/* linux */
	const char *cgroups_path;
	const char *netns; /* path of a network namespace to join */
	bool new_network;  /* one of its own; neither: the root's */
	struct config_resources resources;
	/* what was not honoured but may be ignored; one line each */
	u32 warning_count;
	char *warnings[CONFIG_WARNINGS_MAX];
};

/* Reads a configuration from memory. Pure: the same bytes give the same result, nothing outside is
 * looked at. NULL and an error line that names the field otherwise. */
struct config *config_parse(const char *text, size_t size, struct error *e);

void config_free(struct config *c);

#endif

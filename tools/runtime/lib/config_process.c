/* SPDX-License-Identifier: MIT */
/*
 * config_process.c: config.json's "process": what is run, as whom, with which limits.
 */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "config_reader.h"

static const char *const rlimit_names[16] = {
	[RLIMIT_CPU] = "RLIMIT_CPU",	       [RLIMIT_FSIZE] = "RLIMIT_FSIZE",
	[RLIMIT_DATA] = "RLIMIT_DATA",	       [RLIMIT_STACK] = "RLIMIT_STACK",
	[RLIMIT_CORE] = "RLIMIT_CORE",	       [RLIMIT_RSS] = "RLIMIT_RSS",
	[RLIMIT_NPROC] = "RLIMIT_NPROC",       [RLIMIT_NOFILE] = "RLIMIT_NOFILE",
	[RLIMIT_MEMLOCK] = "RLIMIT_MEMLOCK",   [RLIMIT_AS] = "RLIMIT_AS",
	[RLIMIT_LOCKS] = "RLIMIT_LOCKS",       [RLIMIT_SIGPENDING] = "RLIMIT_SIGPENDING",
	[RLIMIT_MSGQUEUE] = "RLIMIT_MSGQUEUE", [RLIMIT_NICE] = "RLIMIT_NICE",
	[RLIMIT_RTPRIO] = "RLIMIT_RTPRIO",     [RLIMIT_RTTIME] = "RLIMIT_RTTIME",
};

/* By capability number. */
static const char *const capability_names[] = {
	"CHOWN",
	"DAC_OVERRIDE",
	"DAC_READ_SEARCH",
	"FOWNER",
	"FSETID",
	"KILL",
	"SETGID",
	"SETUID",
	"SETPCAP",
	"LINUX_IMMUTABLE",
	"NET_BIND_SERVICE",
	"NET_BROADCAST",
	"NET_ADMIN",
	"NET_RAW",
	"IPC_LOCK",
	"IPC_OWNER",
	"SYS_MODULE",
	"SYS_RAWIO",
	"SYS_CHROOT",
	"SYS_PTRACE",
	"SYS_PACCT",
	"SYS_ADMIN",
	"SYS_BOOT",
	"SYS_NICE",
	"SYS_RESOURCE",
	"SYS_TIME",
	"SYS_TTY_CONFIG",
	"MKNOD",
	"LEASE",
	"AUDIT_WRITE",
	"AUDIT_CONTROL",
	"SETFCAP",
	"MAC_OVERRIDE",
	"MAC_ADMIN",
	"SYSLOG",
	"WAKE_ALARM",
	"BLOCK_SUSPEND",
	"AUDIT_READ",
	"PERFMON",
	"BPF",
	"CHECKPOINT_RESTORE",
};
#define CAPABILITY_COUNT (sizeof(capability_names) / sizeof(capability_names[0]))
_Static_assert(sizeof(capability_names) / sizeof(capability_names[0]) == 41, "CAP_LAST_CAP is 40");

static int capability_number(const char *name)
{
	if (strncmp(name, "CAP_", 4) != 0)
		return -1;
	for (size_t i = 0; i < CAPABILITY_COUNT; i++)
		if (strcmp(capability_names[i], name + 4) == 0)
			return (int)i;
	return -1;
}

static int read_capability(struct reader *r, json_t *value, void *to)
{
	const char *name;
	int number;

	if (read_string(r, value, &name) < 0)
		return -1;
	number = capability_number(name);
	if (number < 0)
		reader_warn(r, "is ignored: \"%.40s\" is no capability of Linux", name);
	else
		*(u64 *)to |= 1ULL << number;
	return 0;
}

static int read_capability_set(struct reader *r, json_t *value, void *to)
{
	return read_array(r, value, read_capability, to);
}

static const struct field capability_fields[] = {
	FIELD("bounding", read_capability_set, offsetof(struct config, cap_bounding)),
	FIELD("effective", read_capability_set, offsetof(struct config, cap_effective)),
	FIELD("inheritable", read_capability_set, offsetof(struct config, cap_inheritable)),
	FIELD("permitted", read_capability_set, offsetof(struct config, cap_permitted)),
	FIELD("ambient", read_capability_set, offsetof(struct config, cap_ambient)),
};

static int read_capabilities(struct reader *r, json_t *value, void *to)
{
	struct config *c = to;

	if (READ_OBJECT(r, value, capability_fields, to) < 0)
		return -1;
	if (c->cap_effective & ~c->cap_permitted)
		return reader_fail(r, "has effective capabilities that are not permitted");
	if (c->cap_ambient & ~(c->cap_permitted & c->cap_inheritable))
		return reader_fail(r, "has ambient capabilities that are not permitted and inheritable");
	return 0;
}

static int append_group(struct reader *r, json_t *value, void *to)
{
	struct config *c = to;

	return read_u32(r, value, &c->groups[c->group_count++]);
}

static int read_groups(struct reader *r, json_t *value, void *to)
{
	struct config *c = to;
	size_t count = json_array_size(value);

	if (count > BOOT_BLOCK_GROUPS_MAX)
		return reader_fail(r, "has more than %d elements", BOOT_BLOCK_GROUPS_MAX);
	c->group_count = 0;
	c->groups = reader_allocate(r, count * sizeof(*c->groups));
	return read_array(r, value, append_group, c);
}

static int read_umask(struct reader *r, json_t *value, void *to)
{
	if (read_u32(r, value, to) < 0)
		return -1;
	return *(u32 *)to > 0777 ? reader_fail(r, "must be from 0 to 511 (octal 777)") : 0;
}

static const struct field user_fields[] = {
	REQUIRED("uid", read_u32, offsetof(struct config, uid)),
	REQUIRED("gid", read_u32, offsetof(struct config, gid)),
	FIELD("umask", read_umask, offsetof(struct config, umask)),
	FIELD("additionalGids", read_groups, 0),
	IGNORED("username", "it is for Windows"),
};

static int read_user(struct reader *r, json_t *value, void *to)
{
	return READ_OBJECT(r, value, user_fields, to);
}

struct rlimit_spec {
	const char *type;
	struct boot_rlimit limit;
};

/* 64 unsigned bits, which JSON readers see as negative numbers from 2^63 on. */
static int read_rlimit_value(struct reader *r, json_t *value, void *to)
{
	double real = json_real_value(value);

	if (json_is_real(value) && real >= 9223372036854775808.0 && real <= 18446744073709551616.0)
		*(u64 *)to = ~0ULL;
	else if (json_is_integer(value) && json_integer_value(value) >= -1)
		*(u64 *)to = (u64)json_integer_value(value);
	else
		return reader_fail(r, "must be a number");
	return 0;
}

static const struct field rlimit_fields[] = {
	REQUIRED("type", read_string, offsetof(struct rlimit_spec, type)),
	REQUIRED("soft", read_rlimit_value, offsetof(struct rlimit_spec, limit.cur)),
	REQUIRED("hard", read_rlimit_value, offsetof(struct rlimit_spec, limit.max)),
};

static int read_rlimit(struct reader *r, json_t *value, void *to)
{
	struct config *c = to;
	struct rlimit_spec spec;

	if (READ_OBJECT(r, value, rlimit_fields, &spec) < 0)
		return -1;
	if (spec.limit.cur > spec.limit.max)
		return reader_fail(r, "has a soft limit above the hard limit");
	for (int i = 0; i < 16; i++) {
		if (strcmp(rlimit_names[i], spec.type) != 0)
			continue;
		if (c->rlimit_set[i])
			return reader_fail(r, "gives %s a second time", spec.type);
		c->rlimits[i] = spec.limit;
		c->rlimit_set[i] = true;
		return 0;
	}
	return reader_fail(r, "has the type \"%.40s\", which Linux does not know", spec.type);
}

static int read_rlimits(struct reader *r, json_t *value, void *to)
{
	return read_array(r, value, read_rlimit, to);
}

static int read_args(struct reader *r, json_t *value, void *to)
{
	struct config_strings *s = to;

	if (read_strings(r, value, to) < 0)
		return -1;
	return s->count && s->list[0][0] ? 0 : reader_fail(r, "must name a program");
}

static int read_dimension(struct reader *r, json_t *value, void *to)
{
	if (read_u32(r, value, to) < 0)
		return -1;
	return *(u32 *)to > UINT16_MAX ? reader_fail(r, "must be from 0 to 65535") : 0;
}

static const struct field size_fields[] = {
	REQUIRED("height", read_dimension, offsetof(struct config, terminal_rows)),
	REQUIRED("width", read_dimension, offsetof(struct config, terminal_columns)),
};

static int read_console_size(struct reader *r, json_t *value, void *to)
{
	return READ_OBJECT(r, value, size_fields, to);
}

static int read_oom_score(struct reader *r, json_t *value, void *to)
{
	json_int_t n = json_integer_value(value);

	if (!json_is_integer(value) || n < -1000 || n > 1000)
		return reader_fail(r, "must be a number from -1000 to 1000");
	*(int *)to = (int)n;
	return 0;
}

static const struct field process_fields[] = {
	FIELD("terminal", read_bool, offsetof(struct config, terminal)),
	FIELD("consoleSize", read_console_size, 0),
	REQUIRED("cwd", read_absolute_path, offsetof(struct config, cwd)),
	FIELD("env", read_strings, offsetof(struct config, env)),
	REQUIRED("args", read_args, offsetof(struct config, args)),
	IGNORED("commandLine", "it is for Windows"),
	FIELD("rlimits", read_rlimits, 0),
	REFUSED("apparmorProfile", "the utility VM has no AppArmor"),
	FIELD("capabilities", read_capabilities, 0),
	FIELD("noNewPrivileges", read_bool, offsetof(struct config, no_new_privileges)),
	FIELD("oomScoreAdj", read_oom_score, offsetof(struct config, oom_score_adj)),
	REFUSED("scheduler", "set it on the worker process in the root"),
	REFUSED("selinuxLabel", "the utility VM has no SELinux"),
	REFUSED("ioPriority", "set it on the worker process in the root"),
	REFUSED("execCPUAffinity", "set it on the worker process in the root"),
	REQUIRED("user", read_user, 0),
};

int read_process(struct reader *r, json_t *value, void *to)
{
	return READ_OBJECT(r, value, process_fields, to);
}

/* SPDX-License-Identifier: MIT */
/*
 * config_mounts.c: config.json's "mounts". File systems of the kernel live in the utility VM; bind mounts are
 * served from the root by the worker.
 */
#include <string.h>
#include <sys/mount.h>

#include "config_reader.h"

struct mount_spec {
	const char *destination;
	const char *source;
	const char *type;
	struct config_strings options;
};

/* Options that set or clear flags. */
static const struct {
	const char *name;
	u32 set, clear;
} flag_options[] = {
	{"defaults", 0, 0},
	{"ro", MS_RDONLY, 0},
	{"rw", 0, MS_RDONLY},
	{"nosuid", MS_NOSUID, 0},
	{"suid", 0, MS_NOSUID},
	{"nodev", MS_NODEV, 0},
	{"dev", 0, MS_NODEV},
	{"noexec", MS_NOEXEC, 0},
	{"exec", 0, MS_NOEXEC},
	{"noatime", MS_NOATIME, 0},
	{"atime", 0, MS_NOATIME},
	{"nodiratime", MS_NODIRATIME, 0},
	{"diratime", 0, MS_NODIRATIME},
	{"relatime", MS_RELATIME, MS_STRICTATIME},
	{"norelatime", 0, MS_RELATIME},
	{"strictatime", MS_STRICTATIME, MS_RELATIME},
	{"nostrictatime", 0, MS_STRICTATIME},
	{"sync", MS_SYNCHRONOUS, 0},
	{"async", 0, MS_SYNCHRONOUS},
	{"bind", MS_BIND, 0},
	{"rbind", MS_BIND | MS_REC, 0},
	/* A utility VM passes no mount events on, which is what these ask for. */
	{"private", 0, 0},
	{"rprivate", 0, 0},
	{"slave", 0, 0},
	{"rslave", 0, 0},
};

/* Options that the guest's file systems take as text; "x=" takes a value. */
static const struct {
	u32 kind;
	const char *name;
} data_options[] = {
	{BOOT_MOUNT_TMPFS, "size="},	{BOOT_MOUNT_TMPFS, "mode="},	    {BOOT_MOUNT_TMPFS, "uid="},
	{BOOT_MOUNT_TMPFS, "gid="},	{BOOT_MOUNT_TMPFS, "nr_inodes="},   {BOOT_MOUNT_DEV, "size="},
	{BOOT_MOUNT_DEV, "mode="},	{BOOT_MOUNT_DEV, "uid="},	    {BOOT_MOUNT_DEV, "gid="},
	{BOOT_MOUNT_DEV, "nr_inodes="}, {BOOT_MOUNT_DEVPTS, "newinstance"}, {BOOT_MOUNT_DEVPTS, "ptmxmode="},
	{BOOT_MOUNT_DEVPTS, "mode="},	{BOOT_MOUNT_DEVPTS, "uid="},	    {BOOT_MOUNT_DEVPTS, "gid="},
};

static const struct {
	const char *name;
	u32 kind;
} types[] = {
	{"proc", BOOT_MOUNT_PROC},	{"tmpfs", BOOT_MOUNT_TMPFS},   {"devpts", BOOT_MOUNT_DEVPTS},
	{"sysfs", BOOT_MOUNT_SYSFS},	{"mqueue", BOOT_MOUNT_MQUEUE}, {"cgroup", BOOT_MOUNT_CGROUP},
	{"cgroup2", BOOT_MOUNT_CGROUP}, {"bind", BOOT_MOUNT_BIND},
};

static bool apply_flag(struct config_mount *m, const char *option)
{
	for (size_t i = 0; i < sizeof(flag_options) / sizeof(flag_options[0]); i++) {
		if (strcmp(flag_options[i].name, option) != 0)
			continue;
		m->flags = (m->flags & ~flag_options[i].clear) | flag_options[i].set;
		return true;
	}
	return false;
}

static bool is_data_option(u32 kind, const char *option)
{
	for (size_t i = 0; i < sizeof(data_options) / sizeof(data_options[0]); i++) {
		const char *name = data_options[i].name;
		size_t n = strlen(name);

		if (data_options[i].kind != kind)
			continue;
		if (name[n - 1] == '=' ? strncmp(option, name, n) == 0 && option[n]
				       : strcmp(option, name) == 0)
			return true;
	}
	return false;
}

/* Appends an option to the mount's data, which has room for all of them. */
static void add_data(char *data, const char *option)
{
	if (*data)
		strcat(data, ",");
	strcat(data, option);
}

static int read_options(struct reader *r, const struct mount_spec *spec, struct config_mount *m)
{
	size_t room = 1;
	char *data;

	for (u32 i = 0; i < spec->options.count; i++)
		room += strlen(spec->options.list[i]) + 1;
	data = reader_allocate(r, room);
	for (u32 i = 0; i < spec->options.count; i++) {
		const char *option = spec->options.list[i];

		if (apply_flag(m, option))
			continue;
		if (!is_data_option(m->kind, option))
			return reader_fail(r, "has the option \"%.80s\", which is not supported for type %s",
					   option, m->type);
		add_data(data, option);
	}
	m->data = data;
	return 0;
}

static bool asks_for_bind(const struct mount_spec *spec)
{
	for (u32 i = 0; i < spec->options.count; i++)
		if (strcmp(spec->options.list[i], "bind") == 0 || strcmp(spec->options.list[i], "rbind") == 0)
			return true;
	return spec->type && strcmp(spec->type, "bind") == 0;
}

static int find_kind(struct reader *r, const struct mount_spec *spec, struct config_mount *m)
{
	if (asks_for_bind(spec)) {
		m->kind = BOOT_MOUNT_BIND;
		m->type = "bind";
		return spec->source && spec->source[0] ? 0 : reader_fail(r, "has no source");
	}
	if (!spec->type)
		return reader_fail(r, "has neither a type nor the option bind");
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].name, spec->type) == 0)
			m->kind = types[i].kind;
	if (!m->kind)
		return reader_fail(r, "has the type \"%.40s\", which is not supported", spec->type);
	if (m->kind == BOOT_MOUNT_TMPFS && strcmp(spec->destination, "/dev") == 0)
		m->kind = BOOT_MOUNT_DEV;
	m->type = spec->type;
	return 0;
}

static const struct field mount_fields[] = {
	REQUIRED("destination", read_absolute_path, offsetof(struct mount_spec, destination)),
	FIELD("source", read_string, offsetof(struct mount_spec, source)),
	FIELD("type", read_string, offsetof(struct mount_spec, type)),
	FIELD("options", read_strings, offsetof(struct mount_spec, options)),
	REFUSED("uidMappings", "user ids are those of the root"),
	REFUSED("gidMappings", "group ids are those of the root"),
};

static int append_mount(struct reader *r, json_t *value, void *to)
{
	struct config *c = to;
	struct config_mount *m = &c->mounts[c->mount_count];
	struct mount_spec spec = {0};

	if (READ_OBJECT(r, value, mount_fields, &spec) < 0)
		return -1;
	if (find_kind(r, &spec, m) < 0 || read_options(r, &spec, m) < 0)
		return -1;
	m->target = spec.destination;
	m->source = spec.source ? spec.source : spec.type;
	c->mount_count++;
	return 0;
}

int read_mounts(struct reader *r, json_t *value, void *to)
{
	struct config *c = to;
	size_t count = json_array_size(value);

	if (count > BOOT_BLOCK_MOUNTS_MAX - 1)
		return reader_fail(r, "has more than %d elements", BOOT_BLOCK_MOUNTS_MAX - 1);
	c->mounts = reader_allocate(r, count * sizeof(*c->mounts));
	return read_array(r, value, append_mount, c);
}

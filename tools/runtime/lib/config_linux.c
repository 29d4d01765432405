/* SPDX-License-Identifier: MIT */
/*
 * config_linux.c: config.json's "linux". Namespaces come with the utility VM, but for the network's;
 * resources become limits of the worker's cgroup and the size of the guest's memory.
 */
#include <string.h>

#include "config_reader.h"

enum { NS_PID, NS_NETWORK, NS_MOUNT, NS_IPC, NS_UTS, NS_CGROUP, NS_USER, NS_TIME, NS_COUNT };
static const char *const namespace_names[NS_COUNT] = {"pid", "network", "mount", "ipc",
						      "uts", "cgroup",	"user",	 "time"};

struct namespace_spec {
	const char *type;
	const char *path;
};

static const struct field namespace_fields[] = {
	REQUIRED("type", read_string, offsetof(struct namespace_spec, type)),
	FIELD("path", read_string, offsetof(struct namespace_spec, path)),
};

static int namespace_number(const char *name)
{
	for (int i = 0; i < NS_COUNT; i++)
		if (strcmp(namespace_names[i], name) == 0)
			return i;
	return -1;
}

static int read_namespace(struct reader *r, json_t *value, void *to)
{
	struct namespace_spec spec = {0};
	u32 *seen = to;
	int n;

	if (READ_OBJECT(r, value, namespace_fields, &spec) < 0)
		return -1;
	n = namespace_number(spec.type);
	if (n < 0)
		return reader_fail(r, "has the type \"%.40s\", which Linux does not know", spec.type);
	if (*seen & 1u << n)
		return reader_fail(r, "gives the %s namespace a second time", spec.type);
	*seen |= 1u << n;
	if (n == NS_USER)
		return reader_fail(r, "is not supported: user ids in a utility VM are those of the root");
	if (!spec.path || !spec.path[0]) {
		r->config->new_network |= n == NS_NETWORK;
		return 0;
	}
	if (n != NS_NETWORK)
		return reader_fail(r,
				   "is not supported: a utility VM cannot join the %s namespace of the root",
				   spec.type);
	if (spec.path[0] != '/')
		return reader_fail(r, "has a path that is not absolute");
	r->config->netns = spec.path;
	return 0;
}

/* A namespace that is not listed means "share the root's", which a VM can only with the network's. */
static int read_namespaces(struct reader *r, json_t *value, void *to)
{
	u32 seen = 0;

	(void)to;
	if (read_array(r, value, read_namespace, &seen) < 0)
		return -1;
	for (int i = NS_PID; i <= NS_UTS; i++)
		if (i != NS_NETWORK && !(seen & 1u << i))
			reader_warn(r, "lacks \"%s\", but a utility VM always has its own",
				    namespace_names[i]);
	return 0;
}

/* Devices that every utility VM has. */
static bool is_standard_device(const char *path)
{
	static const char *const paths[] = {"/dev/null",   "/dev/zero",	   "/dev/full",
					    "/dev/random", "/dev/urandom", "/dev/tty"};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (strcmp(paths[i], path) == 0)
			return true;
	return false;
}

static int read_device(struct reader *r, json_t *value, void *to)
{
	const char *path = json_string_value(json_object_get(value, "path"));

	(void)to;
	if (!path)
		return reader_fail(r, "has no path");
	if (!is_standard_device(path))
		return reader_fail(r, "is not supported: a utility VM has no device %.80s", path);
	return 0;
}

static int read_devices(struct reader *r, json_t *value, void *to)
{
	return read_array(r, value, read_device, to);
}

/* Paths to hide or protect: those of /proc and /sys are the utility VM's own, not the root's. */
static int read_guarded_path(struct reader *r, json_t *value, void *to)
{
	const char *path;

	(void)to;
	if (read_absolute_path(r, value, &path) < 0)
		return -1;
	if (strncmp(path, "/proc/", 6) == 0 || strncmp(path, "/sys/", 5) == 0)
		return 0;
	return reader_fail(r, "is not supported: only paths in /proc and /sys are the VM's own");
}

static int read_guarded_paths(struct reader *r, json_t *value, void *to)
{
	return read_array(r, value, read_guarded_path, to);
}

static int read_propagation(struct reader *r, json_t *value, void *to)
{
	static const char *const fine[] = {"", "private", "rprivate", "slave", "rslave"};
	const char *text;

	(void)to;
	if (read_string(r, value, &text) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
		if (strcmp(fine[i], text) == 0)
			return 0;
	return reader_fail(r, "is not supported: mounts do not propagate out of a utility VM");
}

static int read_cgroups_path(struct reader *r, json_t *value, void *to)
{
	const char *path;

	if (read_string(r, value, &path) < 0)
		return -1;
	if (strchr(path, ':'))
		return reader_fail(r,
				   "is for the systemd cgroup driver, which is not supported: give a path");
	if (strncmp(path, "../", 3) == 0 || strstr(path, "/../") || strcmp(path, "..") == 0 ||
	    (strlen(path) >= 3 && strcmp(path + strlen(path) - 3, "/..") == 0))
		return reader_fail(r, "must not contain \"..\"");
	*(const char **)to = path;
	return 0;
}

#define RESOURCE(field) offsetof(struct config, resources.field)

static const struct field memory_fields[] = {
	FIELD("limit", read_limit, RESOURCE(memory_limit)),
	FIELD("reservation", read_limit, RESOURCE(memory_reservation)),
	FIELD("swap", read_limit, RESOURCE(memory_swap)),
	IGNORED("kernel", "the kernel's memory is the utility VM's own"),
	IGNORED("kernelTCP", "the kernel's memory is the utility VM's own"),
	REFUSED("swappiness", "cgroup v2 has no such control"),
	REFUSED("disableOOMKiller", "cgroup v2 has no such control"),
	IGNORED("useHierarchy", "cgroup v2 is always hierarchical"),
	IGNORED("checkBeforeUpdate", "nothing is updated"),
};

static int read_memory(struct reader *r, json_t *value, void *to)
{
	struct config *c = to;

	if (READ_OBJECT(r, value, memory_fields, to) < 0)
		return -1;
	if (c->resources.memory_swap >= 0 && c->resources.memory_limit < 0)
		return reader_fail(r, "has a swap limit without a memory limit");
	if (c->resources.memory_swap >= 0 && c->resources.memory_swap < c->resources.memory_limit)
		return reader_fail(r, "has a swap limit (memory and swap together) below the memory limit");
	return 0;
}

static const struct field cpu_fields[] = {
	FIELD("shares", read_limit, RESOURCE(cpu_shares)),
	FIELD("quota", read_limit, RESOURCE(cpu_quota)),
	FIELD("period", read_limit, RESOURCE(cpu_period)),
	FIELD("burst", read_limit, RESOURCE(cpu_burst)),
	FIELD("idle", read_limit, RESOURCE(cpu_idle)),
	FIELD("cpus", read_string, RESOURCE(cpus)),
	FIELD("mems", read_string, RESOURCE(mems)),
	REFUSED("realtimeRuntime", "cgroup v2 has no such control"),
	REFUSED("realtimePeriod", "cgroup v2 has no such control"),
};

static int read_cpu(struct reader *r, json_t *value, void *to)
{
	return READ_OBJECT(r, value, cpu_fields, to);
}

static const struct field pids_fields[] = {
	REQUIRED("limit", read_limit, RESOURCE(pids_limit)),
};

static int read_pids(struct reader *r, json_t *value, void *to)
{
	return READ_OBJECT(r, value, pids_fields, to);
}

/* Rules about devices of the root: none of them is reachable from a utility VM. */
static int read_device_rules(struct reader *r, json_t *value, void *to)
{
	(void)to;
	return json_is_array(value) ? 0 : reader_fail(r, "must be a list");
}

static int read_unified(struct reader *r, json_t *value, void *to)
{
	struct config_resources *res = &((struct config *)to)->resources;
	const char *key;
	json_t *v;

	if (!json_is_object(value))
		return reader_fail(r, "must be an object");
	res->unified = reader_allocate(r, json_object_size(value) * sizeof(*res->unified));
	json_object_foreach(value, key, v)
	{
		if (!json_is_string(v))
			return reader_fail(r, "has a value that is no string: %.80s", key);
		if (!key[0] || key[0] == '.' || strchr(key, '/') || strncmp(key, "cgroup.", 7) == 0)
			return reader_fail(r, "has a key that is no limit of a cgroup: %.80s", key);
		res->unified[res->unified_count].file = key;
		res->unified[res->unified_count++].value = json_string_value(v);
	}
	return 0;
}

static const struct field resource_fields[] = {
	FIELD("memory", read_memory, 0),
	FIELD("cpu", read_cpu, 0),
	FIELD("pids", read_pids, 0),
	FIELD("devices", read_device_rules, 0),
	FIELD("unified", read_unified, 0),
	REFUSED("blockIO", "use unified"),
	REFUSED("hugepageLimits", "utility VMs use no huge pages of the root"),
	REFUSED("network", "cgroup v2 has no such control"),
	REFUSED("rdma", "utility VMs have no RDMA"),
};

static int read_resources(struct reader *r, json_t *value, void *to)
{
	return READ_OBJECT(r, value, resource_fields, to);
}

static const struct field linux_fields[] = {
	FIELD("namespaces", read_namespaces, 0),
	FIELD("resources", read_resources, 0),
	FIELD("cgroupsPath", read_cgroups_path, offsetof(struct config, cgroups_path)),
	FIELD("devices", read_devices, 0),
	FIELD("maskedPaths", read_guarded_paths, 0),
	FIELD("readonlyPaths", read_guarded_paths, 0),
	FIELD("rootfsPropagation", read_propagation, 0),
	REFUSED("uidMappings", "user ids are those of the root"),
	REFUSED("gidMappings", "group ids are those of the root"),
	REFUSED("timeOffsets", "clocks are those of the root"),
	REFUSED("sysctl", "the utility VM's kernel has no such setting"),
	REFUSED("seccomp", "the utility VM's kernel has no seccomp"),
	REFUSED("mountLabel", "the utility VM has no SELinux"),
	REFUSED("intelRdt", "set it on the worker process in the root"),
	REFUSED("personality", "the utility VM's kernel has none"),
	REFUSED("memoryPolicy", "set it on the worker process in the root"),
};

int read_linux(struct reader *r, json_t *value, void *to)
{
	return READ_OBJECT(r, value, linux_fields, to);
}

/* SPDX-License-Identifier: MIT */
/*
 * config.c: config.json's top level, and the walk that all its parts share. Values with a meaning of their
 * own are read in config_process.c, config_mounts.c and config_linux.c.
 */
#include "config.h"

#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_reader.h"

int reader_fail(struct reader *r, const char *format, ...)
{
	char text[700];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return error_set(r->error, "config.json: %s %s", r->path[0] ? r->path : "the document", text);
}

void reader_warn(struct reader *r, const char *format, ...)
{
	struct config *c = r->config;
	char text[512], line[800];
	va_list args;

	if (c->warning_count == CONFIG_WARNINGS_MAX)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	snprintf(line, sizeof(line), "config.json: %s %s", r->path, text);
	c->warnings[c->warning_count] = strdup(line);
	if (!c->warnings[c->warning_count++])
		errx(125, "nacelle: out of memory");
}

struct owned {
	struct owned *next;
	max_align_t data[];
};

void *reader_allocate(struct reader *r, size_t size)
{
	struct owned *o = calloc(1, sizeof(*o) + size);

	if (!o)
		errx(125, "nacelle: out of memory");
	o->next = r->config->owned;
	r->config->owned = o;
	return o->data;
}

/* Appends to the path; returns its old length for leave(). */
static size_t enter(struct reader *r, const char *format, ...)
{
	size_t n = strlen(r->path);
	va_list args;

	va_start(args, format);
	vsnprintf(r->path + n, sizeof(r->path) - n, format, args);
	va_end(args);
	return n;
}

static void leave(struct reader *r, size_t length)
{
	r->path[length] = 0;
}

static bool is_empty(const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_NULL:
	case JSON_FALSE:
		return true;
	case JSON_STRING:
		return json_string_length(v) == 0;
	case JSON_ARRAY:
		return json_array_size(v) == 0;
	case JSON_OBJECT:
		return json_object_size(v) == 0;
	case JSON_INTEGER:
		return json_integer_value(v) == 0;
	default:
		return false;
	}
}

static int read_field(struct reader *r, json_t *value, const struct field *f, void *to)
{
	if (!f) {
		reader_warn(r, "is unknown and ignored");
		return 0;
	}
	if (f->read)
		return json_is_null(value) && !f->required ? 0 : f->read(r, value, (char *)to + f->offset);
	if (is_empty(value))
		return 0;
	if (!f->may_ignore)
		return reader_fail(r, "is not supported: %s", f->note);
	reader_warn(r, "is ignored: %s", f->note);
	return 0;
}

static const struct field *find_field(const struct field *fields, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(fields[i].name, name) == 0)
			return &fields[i];
	return NULL;
}

static int check_required(struct reader *r, json_t *object, const struct field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t n;

		if (!fields[i].required || json_object_get(object, fields[i].name))
			continue;
		n = enter(r, "%s%s", r->path[0] ? "." : "", fields[i].name);
		reader_fail(r, "is missing");
		leave(r, n);
		return -1;
	}
	return 0;
}

int read_object(struct reader *r, json_t *value, const struct field *fields, size_t count, void *to)
{
	const char *key;
	json_t *v;

	if (!json_is_object(value))
		return reader_fail(r, "must be an object");
	if (check_required(r, value, fields, count) < 0)
		return -1;
	json_object_foreach(value, key, v)
	{
		size_t n = enter(r, "%s%.100s", r->path[0] ? "." : "", key);

		if (read_field(r, v, find_field(fields, count, key), to) < 0)
			return -1;
		leave(r, n);
	}
	return 0;
}

int read_array(struct reader *r, json_t *value, field_reader *read, void *to)
{
	size_t i;
	json_t *v;

	if (!json_is_array(value))
		return reader_fail(r, "must be a list");
	json_array_foreach(value, i, v)
	{
		size_t n = enter(r, "[%zu]", i);

		if (read(r, v, to) < 0)
			return -1;
		leave(r, n);
	}
	return 0;
}

int read_string(struct reader *r, json_t *value, void *to)
{
	if (!json_is_string(value))
		return reader_fail(r, "must be a string");
	*(const char **)to = json_string_value(value);
	return 0;
}

int read_absolute_path(struct reader *r, json_t *value, void *to)
{
	if (read_string(r, value, to) < 0)
		return -1;
	if (**(const char **)to != '/')
		return reader_fail(r, "must be an absolute path");
	return 0;
}

int read_bool(struct reader *r, json_t *value, void *to)
{
	if (!json_is_boolean(value))
		return reader_fail(r, "must be true or false");
	*(bool *)to = json_is_true(value);
	return 0;
}

int read_u32(struct reader *r, json_t *value, void *to)
{
	json_int_t n = json_integer_value(value);

	if (!json_is_integer(value) || n < 0 || n > UINT32_MAX)
		return reader_fail(r, "must be a number from 0 to 4294967295");
	*(u32 *)to = (u32)n;
	return 0;
}

int read_limit(struct reader *r, json_t *value, void *to)
{
	if (!json_is_integer(value) || json_integer_value(value) < -1)
		return reader_fail(r, "must be a number, or -1 for no limit");
	*(long long *)to = json_integer_value(value);
	return 0;
}

static int append_string(struct reader *r, json_t *value, void *to)
{
	struct config_strings *s = to;

	return read_string(r, value, &s->list[s->count++]);
}

int read_strings(struct reader *r, json_t *value, void *to)
{
	struct config_strings *s = to;

	if (!json_is_array(value))
		return reader_fail(r, "must be a list of strings");
	if (json_array_size(value) > BOOT_BLOCK_ARGS_MAX)
		return reader_fail(r, "has more than %d elements", BOOT_BLOCK_ARGS_MAX);
	s->count = 0;
	s->list = reader_allocate(r, json_array_size(value) * sizeof(*s->list));
	return read_array(r, value, append_string, s);
}

static int read_version(struct reader *r, json_t *value, void *to)
{
	if (read_string(r, value, to) < 0)
		return -1;
	if (strncmp(*(const char **)to, "1.", 2) != 0)
		return reader_fail(r, "is \"%.40s\", and this runtime knows the specification 1.x",
				   *(const char **)to);
	return 0;
}

static int read_name(struct reader *r, json_t *value, void *to)
{
	if (read_string(r, value, to) < 0)
		return -1;
	if (json_string_length(value) > 64)
		return reader_fail(r, "is longer than 64 bytes");
	return 0;
}

static int read_vps(struct reader *r, const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n < 1 || n > CONFIG_VPS_MAX)
		return reader_fail(r, "must be a number from 1 to %d", CONFIG_VPS_MAX);
	r->config->vps = (u32)n;
	return 0;
}

/* Annotations of others are theirs; ours choose what OCI has no field for. */
static int read_annotation(struct reader *r, const char *key, json_t *value)
{
	const char *text = NULL;

	if (read_string(r, value, &text) < 0)
		return -1;
	if (strncmp(key, "io.nacelle.", 11) != 0)
		return 0;
	if (strcmp(key + 11, "vcpus") == 0)
		return read_vps(r, text);
	if (strcmp(key + 11, "strace") == 0 && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)) {
		r->config->strace = text[0] == 't';
		return 0;
	}
	return reader_fail(r, "is no annotation or value that nacelle knows");
}

static int read_annotations(struct reader *r, json_t *value, void *to)
{
	const char *key;
	json_t *v;

	if (!json_is_object(value))
		return reader_fail(r, "must be an object");
	json_object_foreach(value, key, v)
	{
		size_t n = enter(r, "[\"%.100s\"]", key);

		if (read_annotation(r, key, v) < 0)
			return -1;
		leave(r, n);
	}
	*(json_t **)to = value;
	return 0;
}

static const struct field root_fields[] = {
	REQUIRED("path", read_string, offsetof(struct config, root_path)),
	FIELD("readonly", read_bool, offsetof(struct config, root_readonly)),
};

static int read_root(struct reader *r, json_t *value, void *to)
{
	return READ_OBJECT(r, value, root_fields, to);
}

static const struct field hook_fields[] = {
	REFUSED("prestart", "hooks are not run"),	 REFUSED("createRuntime", "hooks are not run"),
	REFUSED("createContainer", "hooks are not run"), REFUSED("startContainer", "hooks are not run"),
	REFUSED("poststart", "hooks are not run"),	 REFUSED("poststop", "hooks are not run"),
};

static int read_hooks(struct reader *r, json_t *value, void *to)
{
	return READ_OBJECT(r, value, hook_fields, to);
}

static const struct field top_fields[] = {
	REQUIRED("ociVersion", read_version, offsetof(struct config, oci_version)),
	REQUIRED("process", read_process, 0),
	REQUIRED("root", read_root, 0),
	FIELD("hostname", read_name, offsetof(struct config, hostname)),
	FIELD("domainname", read_name, offsetof(struct config, domainname)),
	FIELD("mounts", read_mounts, 0),
	FIELD("hooks", read_hooks, 0),
	FIELD("annotations", read_annotations, offsetof(struct config, annotations)),
	FIELD("linux", read_linux, 0),
	IGNORED("solaris", "this is Linux"),
	IGNORED("windows", "this is Linux"),
	IGNORED("zos", "this is Linux"),
	IGNORED("freebsd", "this is Linux"),
	REFUSED("vm", "the hypervisor, kernel and image of the utility VM are nacelle's own"),
};

static void set_defaults(struct config *c)
{
	long long *limits[] = {
		&c->resources.memory_limit, &c->resources.memory_reservation, &c->resources.memory_swap,
		&c->resources.cpu_shares,   &c->resources.cpu_quota,	      &c->resources.cpu_period,
		&c->resources.cpu_burst,    &c->resources.cpu_idle,	      &c->resources.pids_limit};

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		*limits[i] = CONFIG_UNSET;
	c->umask = 022;
}

/* The length of a number's digits, if it is an integer above INT64_MAX that starts at `s`; otherwise 0. */
static size_t big_integer(const char *s, const char *end)
{
	static const char max[] = "9223372036854775807";
	size_t n = 0;

	while (s + n < end && s[n] >= '0' && s[n] <= '9')
		n++;
	if (n < 19 || (n == 19 && memcmp(s, max, 19) <= 0))
		return 0;
	return s + n < end && (s[n] == '.' || s[n] == 'e' || s[n] == 'E') ? 0 : n;
}

/* OCI has numbers of 64 unsigned bits (an infinite limit is 18446744073709551615), jansson's integers are
 * signed: ".0" behind those above makes them reals. Strings are left alone. */
static char *widen_integers(const char *text, size_t size, size_t *new_size)
{
	const char *end = text + size, *s = text;
	char *copy = malloc(size + size / 19 * 2 + 1), *to = copy;
	bool in_string = false;

	if (!copy)
		errx(125, "nacelle: out of memory");
	while (s < end) {
		bool starts = !in_string && (s == text || !strchr("0123456789.", s[-1]));
		size_t n = starts ? big_integer(s, end) : 0;

		if (n) {
			to = (char *)mempcpy(mempcpy(to, s, n), ".0", 2);
			s += n;
			continue;
		}
		if (*s == '"')
			in_string = !in_string;
		else if (in_string && *s == '\\' && s + 1 < end)
			*to++ = *s++;
		*to++ = *s++;
	}
	*new_size = (size_t)(to - copy);
	return copy;
}

static json_t *load_json(const char *text, size_t size, struct error *e)
{
	json_error_t where;
	size_t new_size;
	char *copy = widen_integers(text, size, &new_size);
	json_t *json = json_loadb(copy, new_size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &where);

	free(copy);
	if (!json)
		error_set(e, "config.json is no valid JSON: line %d, column %d: %s", where.line, where.column,
			  where.text);
	return json;
}

struct config *config_parse(const char *text, size_t size, struct error *e)
{
	struct config *c = calloc(1, sizeof(*c));
	struct reader r = {.config = c, .error = e};

	if (!c)
		errx(125, "nacelle: out of memory");
	set_defaults(c);
	c->json = load_json(text, size, e);
	if (c->json && READ_OBJECT(&r, c->json, top_fields, c) == 0)
		return c;
	config_free(c);
	return NULL;
}

void config_free(struct config *c)
{
	struct owned *o = c->owned;

	while (o) {
		struct owned *next = o->next;

		free(o);
		o = next;
	}
	for (u32 i = 0; i < c->warning_count; i++)
		free(c->warnings[i]);
	json_decref(c->json);
	free(c);
}

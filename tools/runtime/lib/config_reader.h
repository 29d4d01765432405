/* SPDX-License-Identifier: MIT */
/*
 * config_reader.h: tables of fields, and how the readers of config.json's parts walk them. Private to
 * config*.c.
 */
#ifndef RUNTIME_CONFIG_READER_H
#define RUNTIME_CONFIG_READER_H

#include "config.h"

struct reader {
	struct config *config;
	struct error *error;
	char path[256]; /* of the value being read, "linux.resources.memory.limit" */
};

typedef int field_reader(struct reader *r, json_t *value, void *to);

/* One known field of an object. Without a reader the field is not honoured: `note` says why, and it is an
 * error unless the value is empty (null, "", [], {}, false, 0); with `may_ignore`, a warning. */
struct field {
	const char *name;
	field_reader *read;
	size_t offset; /* added to `to` for the reader */
	bool required;
	bool may_ignore;
	const char *note;
};

#define FIELD(name, read, offset)                      \
	{                                              \
		name, read, offset, false, false, NULL \
	}
#define REQUIRED(name, read, offset)                  \
	{                                             \
		name, read, offset, true, false, NULL \
	}
#define REFUSED(name, note)                       \
	{                                         \
		name, NULL, 0, false, false, note \
	}
#define IGNORED(name, note)                      \
	{                                        \
		name, NULL, 0, false, true, note \
	}

/* Reads an object by its table. Properties that no table knows are warnings (OCI: "Extensibility"). */
int read_object(struct reader *r, json_t *value, const struct field *fields, size_t count, void *to);

#define READ_OBJECT(r, value, table, to) read_object(r, value, table, sizeof(table) / sizeof((table)[0]), to)

/* Calls `read` for every element, with the index in the path. */
int read_array(struct reader *r, json_t *value, field_reader *read, void *to);

/* "<path> <message>" as the error; always -1. */
int reader_fail(struct reader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
void reader_warn(struct reader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Memory that lives as long as the configuration; ends the program when there is none. */
void *reader_allocate(struct reader *r, size_t size);

/* Readers of simple values; `to` points to const char *, bool, u32, long long, struct config_strings. */
field_reader read_string, read_absolute_path, read_bool, read_u32, read_limit, read_strings;

/* Parts. */
field_reader read_process, read_mounts, read_linux;

#endif

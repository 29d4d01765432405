/* SPDX-License-Identifier: MIT */
/*
 * config.h: what nacelle.conf and the load options may say. Pure code, compiled for UEFI and, for tests, on
 * the host; it knows nothing of files or screens.
 */
#pragma once

#include <abi/types.h>

#define CONFIG_PATH_MAX 256
#define CONFIG_OPTIONS_MAX 2048

struct config {
	char hypervisor[CONFIG_PATH_MAX]; /* empty: the one inside nacelle.efi */
	char next[CONFIG_PATH_MAX];	  /* empty: the firmware's next boot option */
	char next_options[CONFIG_OPTIONS_MAX];
	u32 serial_port;
	u32 serial_baud;
	u32 log_level;
	u32 panic_action;
	u32 max_partitions;
};

/* What holds without any file. */
extern const struct config config_defaults;

/* Told once per line that cannot be honoured; line 0 means the load options. NULL: nobody wants to know. */
typedef void config_report_fn(unsigned int line, const char *why, const char *text);

/* Reads the file's text (size bytes, no terminator needed). Good lines take effect, each bad one is reported;
 * returns how many were bad. */
unsigned int config_parse(struct config *c, const char *text, size_t size, config_report_fn *report);

/* Reads load options: words like the file's lines, separated by spaces; next_options= takes all that follows.
 * A first word without '=' is the program's name and skipped. Returns how many words were bad. */
unsigned int config_parse_options(struct config *c, const char *text, size_t size, config_report_fn *report);

/* SPDX-License-Identifier: MIT */
/* Fuzz target: nacelle.conf and the load options. */
#include "../../boot/config.h"

#include "fuzz.h"

static void report(unsigned int line, const char *why, const char *text)
{
	(void)line;
	if (!why || !text || strlen(text) > 63)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config c = config_defaults;

	config_parse(&c, (const char *)data, size, report);
	if (!c.max_partitions || c.serial_baud < 300 || strlen(c.next) >= CONFIG_PATH_MAX)
		abort();
	config_parse_options(&c, (const char *)data, size, report);
	return 0;
}

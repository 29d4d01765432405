/* SPDX-License-Identifier: MIT */
/* Fuzz target: nacelle.conf and the load options. */
#include "../../boot/config.h"

#include "fuzz.h"

static void report(void *context, unsigned int line, const char *why, const char *text)
{
	(void)context, (void)line;
	if (!why || !text || strlen(text) > 63)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config c;
	char *text;

	config_defaults(&c);
	config_parse(&c, (const char *)data, size, report, NULL);
	if (!c.max_partitions || c.serial_baud < 300 || strlen(c.next) >= CONFIG_PATH_MAX)
		abort();
	text = malloc(size + 1);
	memcpy(text, data, size);
	text[size] = 0;
	config_parse_options(&c, text, report, NULL);
	free(text);
	return 0;
}

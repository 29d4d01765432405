/* SPDX-License-Identifier: MIT */
/* Fuzz target: config.json. A refusal has one line of explanation, an acceptance can be freed. */
#include "../../tools/runtime/lib/config.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error e = {""};
	struct config *c = config_parse((const char *)data, size, &e);

	if (c)
		config_free(c);
	else if (!e.text[0] || strchr(e.text, '\n'))
		abort();
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* What hv's sources call when they are linked into a unit test. */
#include <hv/assert.h>
#include <hv/phys.h>

#include "unit.h"

u8 unit_memory[UNIT_FRAMES][4096] __attribute__((aligned(4096)));

void assert_failed(const char *what, const char *file, unsigned line)
{
	static char text[256];

	snprintf(text, sizeof(text), "%s:%u: %s", file, line, what);
	unit_died(text);
}

/* SPDX-License-Identifier: MIT */
/* TAP on the first serial port, which the hypervisor and the firmware use, too: every line of ours is
 * written in one go. */
#include "lib.h"
#include <hv/log.h>

#define COM1 0x3f8

static u32 tests;

static void put(char c)
{
	u8 status;

	do
		__asm__ volatile("inb %1, %0" : "=a"(status) : "Nd"((u16)(COM1 + 5)));
	while (!(status & 0x20));
	__asm__ volatile("outb %0, %1" : : "a"(c), "Nd"((u16)COM1));
}

static void puts_line(const char *line)
{
	for (; *line; line++)
		put(*line);
	put('\n');
}

static void line(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void line(const char *format, ...)
{
	char text[256];
	va_list arguments;

	va_start(arguments, format);
	format_text(text, sizeof(text), format, arguments);
	va_end(arguments);
	puts_line(text);
}

bool check(bool good, const char *name, ...)
{
	char text[160];
	va_list arguments;

	va_start(arguments, name);
	format_text(text, sizeof(text), name, arguments);
	va_end(arguments);
	line("%sok %u - %s", good ? "" : "not ", ++tests, text);
	return good;
}

bool check_equal(u64 got, u64 wanted, const char *name, ...)
{
	char text[160];
	va_list arguments;

	va_start(arguments, name);
	format_text(text, sizeof(text), name, arguments);
	va_end(arguments);
	line("%sok %u - %s", got == wanted ? "" : "not ", ++tests, text);
	if (got != wanted)
		line("#   got 0x%lx, wanted 0x%lx", got, wanted);
	return got == wanted;
}

void skip(const char *why, const char *name, ...)
{
	char text[160];
	va_list arguments;

	va_start(arguments, name);
	format_text(text, sizeof(text), name, arguments);
	va_end(arguments);
	line("ok %u - %s # SKIP %s", ++tests, text, why);
}

void note(const char *format, ...)
{
	char text[200];
	va_list arguments;

	va_start(arguments, format);
	format_text(text, sizeof(text), format, arguments);
	va_end(arguments);
	line("# %s", text);
}

/* The machine stops after it: what stands in the port's queue must be out before. */
void plan(void)
{
	u8 status;

	line("1..%u", tests);
	do
		__asm__ volatile("inb %1, %0" : "=a"(status) : "Nd"((u16)(COM1 + 5)));
	while (!(status & 0x40));
}

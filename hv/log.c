/* SPDX-License-Identifier: MIT */
/* The log ring and its copy on the serial line. Formatting is format.c's, the device x86/uart.c's. */
#include <hv/config.h>
#include <hv/lock.h>
#include <hv/log.h>
#include <x86/uart.h>

#define LINE_MAX 256

static struct spinlock log_lock;
static bool lock_broken;
static enum log_level serial_level;
static u64 written; /* bytes ever logged; only grows */
static char ring[LOG_RING_SIZE];

void log_init(enum log_level level)
{
	serial_level = level;
}

void log_break_lock(void)
{
	lock_broken = true;
}

static void emit(const char *text, size_t length, bool serial)
{
	for (size_t i = 0; i < length; i++) {
		ring[written++ % LOG_RING_SIZE] = text[i];
		if (serial && text[i] == '\n')
			uart_put('\r');
		if (serial)
			uart_put(text[i]);
	}
}

void log_write(enum log_level level, const char *format, ...)
{
	char line[LINE_MAX];
	va_list arguments;
	size_t n;

	va_start(arguments, format);
	n = format_text(line, sizeof(line) - 1, format, arguments);
	va_end(arguments);
	line[n++] = '\n';
	if (!lock_broken)
		lock(&log_lock);
	emit(line, n, level <= serial_level);
	if (!lock_broken)
		unlock(&log_lock);
}

size_t log_read(u64 *position, char *to, size_t size)
{
	u64 oldest;
	size_t n = 0;

	lock(&log_lock);
	oldest = written > LOG_RING_SIZE ? written - LOG_RING_SIZE : 0;
	if (*position < oldest)
		*position = oldest;
	if (*position > written)
		*position = written;
	for (; n < size && *position + n < written; n++)
		to[n] = ring[(*position + n) % LOG_RING_SIZE];
	unlock(&log_lock);
	return n;
}

/* SPDX-License-Identifier: MIT */
/* Text formatting for the log: the few conversions hv uses, into a bounded buffer. Pure. */
#include <hv/log.h>
#include <stdbool.h>

struct output {
	char *to;
	size_t used, size;
};

static void put(struct output *o, char c)
{
	if (o->used + 1 < o->size)
		o->to[o->used++] = c;
}

static void put_string(struct output *o, const char *text)
{
	while (*text)
		put(o, *text++);
}

static void put_number(struct output *o, u64 value, unsigned base, unsigned width, char pad)
{
	char digits[21] = "";
	size_t i = sizeof(digits) - 1;

	do
		digits[--i] = "0123456789abcdef"[value % base];
	while (value /= base);
	for (size_t n = sizeof(digits) - 1 - i; n < width; n++)
		put(o, pad);
	put_string(o, digits + i);
}

size_t format_text(char *to, size_t size, const char *format, va_list arguments)
{
	struct output o = {to, 0, size};

	for (; *format; format++) {
		unsigned width = 0;
		char pad = ' ';
		bool wide;

		if (*format != '%') {
			put(&o, *format);
			continue;
		}
		if (*++format == '0')
			pad = '0';
		for (; *format >= '0' && *format <= '9'; format++)
			width = width * 10 + (unsigned)(*format - '0');
		wide = *format == 'l';
		format += wide;
		if (*format == 's')
			put_string(&o, va_arg(arguments, const char *));
		else
			put_number(&o, wide ? va_arg(arguments, unsigned long) : va_arg(arguments, unsigned),
				   *format == 'x' ? 16 : 10, width, pad);
	}
	to[o.used] = '\0';
	return o.used;
}

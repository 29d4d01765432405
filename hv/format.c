/* SPDX-License-Identifier: MIT */
/* Text formatting for the log: the few conversions hv uses, into a bounded buffer. Pure. */
#include <hv/log.h>

struct output {
	char *to;
	size_t used, size;
};

static void put(struct output *o, char c)
{
	if (o->used + 1 < o->size)
		o->to[o->used++] = c;
}

static void put_padded(struct output *o, const char *text, size_t length, unsigned width, char pad)
{
	for (; width > length; width--)
		put(o, pad);
	while (length--)
		put(o, *text++);
}

static void put_number(struct output *o, u64 value, unsigned base, bool negative, unsigned width, char pad)
{
	char digits[24];
	size_t i = sizeof(digits);

	do
		digits[--i] = "0123456789abcdef"[value % base];
	while (value /= base);
	if (negative)
		digits[--i] = '-';
	put_padded(o, digits + i, sizeof(digits) - i, width, pad);
}

static void put_string(struct output *o, const char *text, unsigned width)
{
	size_t length = 0;

	while (text[length])
		length++;
	put_padded(o, text, length, width, ' ');
}

size_t format_text(char *to, size_t size, const char *format, va_list arguments)
{
	struct output o = {to, 0, size};

	for (; *format; format++) {
		unsigned width = 0;
		char pad = ' ';
		bool wide = false;
		u64 value;

		if (*format != '%') {
			put(&o, *format);
			continue;
		}
		if (*++format == '0')
			pad = '0';
		for (; *format >= '0' && *format <= '9'; format++)
			width = width * 10 + (unsigned)(*format - '0');
		for (; *format == 'l' || *format == 'z'; format++)
			wide = true;
		switch (*format) {
		case 's':
			put_string(&o, va_arg(arguments, const char *), width);
			break;
		case 'c':
			put(&o, (char)va_arg(arguments, int));
			break;
		case 'p':
			put_number(&o, (u64)va_arg(arguments, void *), 16, false, width, pad);
			break;
		case 'd': {
			s64 number = wide ? va_arg(arguments, long) : va_arg(arguments, int);
			put_number(&o, number < 0 ? -(u64)number : (u64)number, 10, number < 0, width, pad);
			break;
		}
		case 'u':
		case 'x':
			value = wide ? va_arg(arguments, unsigned long) : va_arg(arguments, unsigned);
			put_number(&o, value, *format == 'x' ? 16 : 10, false, width, pad);
			break;
		case '\0':
			format--;
			break;
		default:
			put(&o, *format);
		}
	}
	to[o.used] = '\0';
	return o.used;
}

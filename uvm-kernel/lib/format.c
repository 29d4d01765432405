/* SPDX-License-Identifier: MIT */
/*
 * printf-style formatting into a buffer; the directives known are listed in printk.h.
 */
#include <uvm/printk.h>
#include <uvm/string.h>

struct out {
	char *buf;
	size_t size;
	size_t len; /* as if the buffer had no end */
};

struct spec {
	bool left, zero, plus, alt;
	int width;
	int precision; /* -1: not given */
	int length;    /* bytes of the integer */
};

static void put(struct out *o, char c)
{
	if (o->len + 1 < o->size)
		o->buf[o->len] = c;
	o->len++;
}

static void pad(struct out *o, char c, int n)
{
	while (n-- > 0)
		put(o, c);
}

static void put_text(struct out *o, const struct spec *s, const char *text, size_t len)
{
	int fill = s->width - (int)len;

	if (!s->left)
		pad(o, ' ', fill);
	for (size_t i = 0; i < len; i++)
		put(o, text[i]);
	if (s->left)
		pad(o, ' ', fill);
}

static void put_number(struct out *o, const struct spec *s, u64 v, unsigned base, bool upper,
		       const char *prefix)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char tmp[24];
	int n = 0, zeros, fill, plen = (int)strlen(prefix);

	while (v) {
		tmp[n++] = digits[v % base];
		v /= base;
	}
	zeros = (s->precision < 0 ? 1 : s->precision) - n;
	if (zeros < 0)
		zeros = 0;
	fill = s->width - n - zeros - plen;
	if (s->zero && !s->left && s->precision < 0 && fill > 0) {
		zeros += fill;
		fill = 0;
	}
	if (!s->left)
		pad(o, ' ', fill);
	while (*prefix)
		put(o, *prefix++);
	pad(o, '0', zeros);
	while (n)
		put(o, tmp[--n]);
	if (s->left)
		pad(o, ' ', fill);
}

static void put_signed(struct out *o, const struct spec *s, s64 v)
{
	if (v < 0)
		put_number(o, s, 0 - (u64)v, 10, false, "-");
	else
		put_number(o, s, (u64)v, 10, false, s->plus ? "+" : "");
}

static const char *parse_flags(const char *f, struct spec *s)
{
	for (;; f++) {
		if (*f == '-')
			s->left = true;
		else if (*f == '0')
			s->zero = true;
		else if (*f == '+')
			s->plus = true;
		else if (*f == '#')
			s->alt = true;
		else
			return f;
	}
}

static const char *parse_length(const char *f, struct spec *s)
{
	s->length = 4;
	if (*f == 'h') {
		s->length = 2;
		if (*++f == 'h') {
			s->length = 1;
			f++;
		}
	} else if (*f == 'l' || *f == 'z') {
		s->length = 8;
		f++;
		if (*f == 'l')
			f++;
	}
	return f;
}

static u64 narrow_unsigned(u64 v, int length)
{
	return length == 8 ? v : v & ((1ULL << length * 8) - 1);
}

static s64 narrow_signed(s64 v, int length)
{
	switch (length) {
	case 1:
		return (signed char)v;
	case 2:
		return (short)v;
	case 4:
		return (s32)v;
	}
	return v;
}

int vsnprintf(char *buf, size_t size, const char *f, va_list ap)
{
	struct out o = {buf, size, 0};

	for (; *f; f++) {
		struct spec s = {.precision = -1};
		u64 v;

		if (*f != '%') {
			put(&o, *f);
			continue;
		}
		f = parse_flags(f + 1, &s);
		if (*f == '*') {
			s.width = va_arg(ap, int);
			f++;
		}
		while (*f >= '0' && *f <= '9')
			s.width = s.width * 10 + *f++ - '0';
		if (*f == '.') {
			s.precision = 0;
			if (*++f == '*') {
				s.precision = va_arg(ap, int);
				f++;
			}
			while (*f >= '0' && *f <= '9')
				s.precision = s.precision * 10 + *f++ - '0';
		}
		f = parse_length(f, &s);
		switch (*f) {
		case 'd':
		case 'i':
			put_signed(
				&o, &s,
				narrow_signed(s.length == 8 ? va_arg(ap, s64) : va_arg(ap, int), s.length));
			break;
		case 'u':
		case 'x':
		case 'X':
		case 'o':
			v = narrow_unsigned(s.length == 8 ? va_arg(ap, u64) : va_arg(ap, u32), s.length);
			put_number(&o, &s, v,
				   *f == 'u'   ? 10
				   : *f == 'o' ? 8
					       : 16,
				   *f == 'X',
				   !s.alt || *f == 'u' || !v ? ""
				   : *f == 'o'		     ? "0"
							     : "0x");
			break;
		case 'p':
			put_number(&o, &s, (u64)va_arg(ap, void *), 16, false, "0x");
			break;
		case 'c':
			put_text(&o, &s, (char[]){(char)va_arg(ap, int)}, 1);
			break;
		case 's': {
			const char *t = va_arg(ap, const char *);

			t = t ? t : "(null)";
			put_text(&o, &s, t, s.precision < 0 ? strlen(t) : strnlen(t, (size_t)s.precision));
			break;
		}
		case '%':
			put(&o, '%');
			break;
		default: /* a mistake in the kernel: show it, stop reading arguments */
			put(&o, '%');
			f--;
		}
	}
	if (size)
		buf[MIN(o.len, size - 1)] = 0;
	return (int)o.len;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return (size_t)n < size ? n : size ? (int)size - 1 : 0;
}

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
	bool left, zero, alt;
	int width;
	int precision; /* -1: not given */
	bool wide;     /* of 64 bits */
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

static void put_number(struct out *o, const struct spec *s, u64 v, unsigned base, const char *prefix)
{
	char tmp[24];
	int n = 0, zeros, fill, plen = (int)strlen(prefix);

	while (v) {
		tmp[n++] = "0123456789abcdef"[v % base];
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

static const char *parse_flags(const char *f, struct spec *s)
{
	for (;; f++) {
		if (*f == '-')
			s->left = true;
		else if (*f == '0')
			s->zero = true;
		else if (*f == '#')
			s->alt = true;
		else
			return f;
	}
}

/* A number in the text, or the next argument for '*'. */
static const char *parse_number(const char *f, int *n, va_list *ap)
{
	*n = 0;
	if (*f == '*') {
		*n = va_arg(*ap, int);
		return f + 1;
	}
	while (*f >= '0' && *f <= '9')
		*n = *n * 10 + *f++ - '0';
	return f;
}

int vsnprintf(char *buf, size_t size, const char *f, va_list args)
{
	struct out o = {buf, size, 0};
	va_list ap;

	va_copy(ap, args);
	for (; *f; f++) {
		struct spec s = {.precision = -1};
		s64 n;
		u64 v;

		if (*f != '%') {
			put(&o, *f);
			continue;
		}
		f = parse_number(parse_flags(f + 1, &s), &s.width, &ap);
		if (*f == '.')
			f = parse_number(f + 1, &s.precision, &ap);
		for (; *f == 'l' || *f == 'z'; f++)
			s.wide = true;
		switch (*f) {
		case 'd':
			n = s.wide ? va_arg(ap, s64) : va_arg(ap, int);
			put_number(&o, &s, n < 0 ? 0 - (u64)n : (u64)n, 10, n < 0 ? "-" : "");
			break;
		case 'u':
		case 'x':
		case 'o':
			v = s.wide ? va_arg(ap, u64) : va_arg(ap, u32);
			put_number(&o, &s, v,
				   *f == 'u'   ? 10
				   : *f == 'o' ? 8
					       : 16,
				   !s.alt || *f == 'u' || !v ? ""
				   : *f == 'o'		     ? "0"
							     : "0x");
			break;
		case 'p':
			put_number(&o, &s, (u64)va_arg(ap, void *), 16, "0x");
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
	va_end(ap);
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

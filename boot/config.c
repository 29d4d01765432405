/* SPDX-License-Identifier: MIT */
/*
 * config.c: reads "key=value" lines into struct config, strictly: an unknown key, a value out of range or a
 * line without '=' is reported and changes nothing.
 */
#include "config.h"

#include <stdbool.h>

#include <abi/boot_info.h>

enum value_kind { VALUE_TEXT, VALUE_NUMBER, VALUE_WORD };

struct word {
	const char *name;
	u32 value;
};

static const struct word log_levels[] = {{"error", 0}, {"warning", 1}, {"info", 2}, {"debug", 3}, {NULL, 0}};
static const struct word panic_actions[] = {
	{"halt", BOOT_PANIC_HALT}, {"reboot", BOOT_PANIC_REBOOT}, {NULL, 0}};
static const struct word serial_ports[] = {{"none", 0},	    {"com1", 0x3f8}, {"com2", 0x2f8},
					   {"com3", 0x3e8}, {"com4", 0x2e8}, {NULL, 0}};

struct key {
	const char *name;
	enum value_kind kind;
	u8 width; /* of a number's field: 2 or 4 */
	size_t offset;
	u32 min, max; /* of a number; max of a text: its room */
	const struct word *words;
};

#define TEXT(field, room)                                                            \
	{                                                                            \
#field, VALUE_TEXT, 0, offsetof(struct config, field), 0, room, NULL \
	}

/* boot/nacelle.conf explains each. */
static const struct key keys[] = {
	TEXT(hypervisor, CONFIG_PATH_MAX),
	TEXT(next, CONFIG_PATH_MAX),
	TEXT(next_options, CONFIG_OPTIONS_MAX),
	{"serial", VALUE_NUMBER, 2, offsetof(struct config, serial_port), 0x100, 0xfff8, serial_ports},
	{"baud", VALUE_NUMBER, 4, offsetof(struct config, serial_baud), 300, 115200, NULL},
	{"log", VALUE_WORD, 4, offsetof(struct config, log_level), 0, 0, log_levels},
	{"panic", VALUE_WORD, 4, offsetof(struct config, panic_action), 0, 0, panic_actions},
	{"max_partitions", VALUE_NUMBER, 4, offsetof(struct config, max_partitions), 1, 4096, NULL},
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static size_t length_of(const char *text)
{
	size_t n = 0;

	while (text[n])
		n++;
	return n;
}

static void copy_text(char *to, const char *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = from[i];
	to[n] = 0;
}

/* Is text[0..n) this word? */
static bool same(const char *word, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (word[i] == 0 || word[i] != text[i])
			return false;
	return word[n] == 0;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

/* Decimal, or hexadecimal after 0x; nothing else, and no overflow. */
static bool parse_number(const char *text, size_t n, u32 *value)
{
	u64 sum = 0;
	size_t i = 0;
	int base = 10;

	if (n > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		i = 2;
	}
	if (i == n)
		return false;
	for (; i < n; i++) {
		int digit = digit_of(text[i]);

		if (digit >= base)
			return false;
		sum = sum * (unsigned int)base + (unsigned int)digit;
		if (sum > 0xffffffffULL)
			return false;
	}
	*value = (u32)sum;
	return true;
}

static bool find_word(const struct word *words, const char *text, size_t n, u32 *value)
{
	for (; words && words->name; words++) {
		if (same(words->name, text, n)) {
			*value = words->value;
			return true;
		}
	}
	return false;
}

/* Returns why not, or NULL. */
static const char *set_text(const struct key *k, char *field, const char *text, size_t n)
{
	if (n >= k->max)
		return "value too long";
	for (size_t i = 0; i < n; i++)
		if (text[i] < ' ' || text[i] > '~')
			return "only printable ASCII is allowed";
	copy_text(field, text, n);
	return NULL;
}

static const char *set_number(const struct key *k, void *field, const char *text, size_t n)
{
	u32 value;

	if (!find_word(k->words, text, n, &value)) {
		if (k->kind == VALUE_WORD)
			return "no such choice";
		if (!parse_number(text, n, &value))
			return "not a number";
		if (value < k->min || value > k->max)
			return "number out of range";
	}
	if (k->width == 2)
		*(u16 *)field = (u16)value;
	else
		*(u32 *)field = value;
	return NULL;
}

/* One "key=value" without surrounding blanks. */
static const char *set(struct config *c, const char *text, size_t n)
{
	size_t name = 0, value, end;

	while (name < n && text[name] != '=')
		name++;
	if (name == n)
		return "no '=' in it";
	for (value = name + 1; value < n && is_blank(text[value]); value++)
		;
	for (end = name; end && is_blank(text[end - 1]); end--)
		;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const struct key *k = &keys[i];
		char *field = (char *)c + k->offset;

		if (!same(k->name, text, end))
			continue;
		if (k->kind == VALUE_TEXT)
			return set_text(k, field, text + value, n - value);
		return set_number(k, field, text + value, n - value);
	}
	return "unknown key";
}

/* Sets one entry, reporting a bad one with a copy of its text. */
static unsigned int apply(struct config *c, const char *text, size_t n, unsigned int line,
			  config_report_fn report, void *context)
{
	const char *why = set(c, text, n);
	char shown[64];

	if (!why || !report)
		return why != NULL;
	if (n >= sizeof(shown))
		n = sizeof(shown) - 1;
	copy_text(shown, text, n);
	for (size_t i = 0; i < n; i++)
		if (shown[i] < ' ' || shown[i] > '~')
			shown[i] = '?';
	report(context, line, why, shown);
	return 1;
}

void config_defaults(struct config *c)
{
	c->hypervisor[0] = 0;
	c->next[0] = 0;
	c->next_options[0] = 0;
	c->serial_port = 0x3f8;
	c->serial_baud = 115200;
	c->log_level = 2;
	c->panic_action = BOOT_PANIC_HALT;
	c->max_partitions = 256;
}

unsigned int config_parse(struct config *c, const char *text, size_t size, config_report_fn report,
			  void *context)
{
	unsigned int bad = 0, line = 0;
	size_t at = 0;

	while (at < size) {
		size_t end = at, next;

		while (end < size && text[end] != '\n')
			end++;
		next = end + 1;
		line++;
		while (at < end && is_blank(text[at]))
			at++;
		while (end > at && is_blank(text[end - 1]))
			end--;
		if (at < end && text[at] != '#')
			bad += apply(c, text + at, end - at, line, report, context);
		at = next;
	}
	return bad;
}

unsigned int config_parse_options(struct config *c, const char *text, config_report_fn report, void *context)
{
	static const char rest[] = "next_options=";
	size_t at = 0, size = length_of(text);
	unsigned int bad = 0;
	bool first = true;

	while (size && is_blank(text[size - 1]))
		size--;
	while (at < size) {
		size_t end = at;
		bool assigns = false;

		if (is_blank(text[at])) {
			at++;
			continue;
		}
		if (size - at >= sizeof(rest) - 1 && same(rest, text + at, sizeof(rest) - 1))
			end = size;
		while (end < size && !is_blank(text[end]))
			end++;
		for (size_t i = at; i < end; i++)
			assigns |= text[i] == '=';
		if (assigns || !first)
			bad += apply(c, text + at, end - at, 0, report, context);
		first = false;
		at = end;
	}
	return bad;
}

/* SPDX-License-Identifier: MIT */
/*
 * config.c: reads "key=value" lines into struct config, strictly: an unknown key, a value out of range or a
 * line without '=' is reported and changes nothing.
 */
#include "config.h"

#include <stdbool.h>

#include <abi/boot_info.h>

/* A piece of the text. */
struct piece {
	const char *at;
	size_t n;
};

struct word {
	const char *name;
	u32 value;
};

static const struct word log_levels[] = {{"error", 0}, {"warning", 1}, {"info", 2}, {"debug", 3}, {NULL, 0}};
static const struct word panic_actions[] = {
	{"halt", BOOT_PANIC_HALT}, {"reboot", BOOT_PANIC_REBOOT}, {NULL, 0}};
static const struct word serial_ports[] = {{"none", 0},	    {"com1", 0x3f8}, {"com2", 0x2f8},
					   {"com3", 0x3e8}, {"com4", 0x2e8}, {NULL, 0}};
static const struct word no_words[] = {{NULL, 0}};

#define AT(field) offsetof(struct config, field)

/* A value is text, or one of the words, or a number, if max is one. boot/nacelle.conf explains each. */
static const struct key {
	const char *name;
	size_t at;
	const struct word *words; /* NULL: text, shorter than max */
	u32 min, max;
} keys[] = {
	{"hypervisor", AT(hypervisor), NULL, 0, CONFIG_PATH_MAX},
	{"next", AT(next), NULL, 0, CONFIG_PATH_MAX},
	{"next_options", AT(next_options), NULL, 0, CONFIG_OPTIONS_MAX},
	{"serial", AT(serial_port), serial_ports, 0x100, 0xfff8},
	{"baud", AT(serial_baud), no_words, 300, 115200},
	{"log", AT(log_level), log_levels, 0, 0},
	{"panic", AT(panic_action), panic_actions, 0, 0},
	{"max_partitions", AT(max_partitions), no_words, 1, 4096},
};

const struct config config_defaults = {
	.serial_port = 0x3f8,
	.serial_baud = 115200,
	.log_level = 2,
	.panic_action = BOOT_PANIC_HALT,
	.max_partitions = 256,
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is_printable(char c)
{
	return c >= ' ' && c <= '~';
}

static struct piece trim(struct piece p)
{
	for (; p.n && is_blank(p.at[0]); p.n--)
		p.at++;
	while (p.n && is_blank(p.at[p.n - 1]))
		p.n--;
	return p;
}

/* How many characters stand before the first such one. */
static size_t find(struct piece p, char c)
{
	size_t n = 0;

	while (n < p.n && p.at[n] != c)
		n++;
	return n;
}

/* Those characters, trimmed; *rest goes on behind the separator. */
static struct piece cut(struct piece *rest, char separator)
{
	size_t n = find(*rest, separator), skip = n + (n < rest->n);
	struct piece first = {rest->at, n};

	*rest = (struct piece){rest->at + skip, rest->n - skip};
	return trim(first);
}

static bool same(struct piece p, const char *word)
{
	for (size_t i = 0; i < p.n; i++)
		if (!word[i] || p.at[i] != word[i])
			return false;
	return !word[p.n];
}

/* Decimal, or hexadecimal after 0x; nothing else, and no overflow. */
static bool parse_number(struct piece p, u32 *value)
{
	static const struct piece digits = {"0123456789abcdefABCDEF", 22};
	bool hex = p.n > 2 && p.at[0] == '0' && (p.at[1] == 'x' || p.at[1] == 'X');
	u64 sum = 0, base = hex ? 16 : 10;

	for (size_t i = hex ? 2 : 0; i < p.n; i++) {
		size_t place = find(digits, p.at[i]), digit = place < 16 ? place : place - 6;

		sum = sum * base + digit;
		if (digit >= base || sum > 0xffffffff)
			return false;
	}
	*value = (u32)sum;
	return p.n > 0;
}

/* These return why not, or NULL. */
static const char *set_text(const struct key *k, char *field, struct piece p)
{
	if (p.n >= k->max)
		return "value too long";
	for (size_t i = 0; i < p.n; i++)
		if (!is_printable(p.at[i]))
			return "only printable ASCII is allowed";
	for (size_t i = 0; i < p.n; i++)
		field[i] = p.at[i];
	field[p.n] = 0;
	return NULL;
}

static const char *set_number(const struct key *k, u32 *field, struct piece p)
{
	const struct word *w = k->words;
	u32 value;

	while (w->name && !same(p, w->name))
		w++;
	if (w->name)
		value = w->value;
	else if (!k->max)
		return "no such choice";
	else if (!parse_number(p, &value))
		return "not a number";
	else if (value < k->min || value > k->max)
		return "number out of range";
	*field = value;
	return NULL;
}

static const char *set(struct config *c, struct piece entry)
{
	struct piece value = entry, name = cut(&value, '=');

	if (find(entry, '=') == entry.n)
		return "no '=' in it";
	value = trim(value);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		void *field = (char *)c + keys[i].at;

		if (same(name, keys[i].name))
			return keys[i].words ? set_number(&keys[i], field, value)
					     : set_text(&keys[i], field, value);
	}
	return "unknown key";
}

/* Sets one entry, reporting a bad one with a copy of its text. 1: it was bad. */
static unsigned int apply(struct config *c, struct piece entry, unsigned int line, config_report_fn *report)
{
	const char *why = set(c, entry);
	char shown[64] = "";

	for (size_t i = 0; i < entry.n && i < sizeof(shown) - 1; i++)
		shown[i] = is_printable(entry.at[i]) ? entry.at[i] : '?';
	if (why && report)
		report(line, why, shown);
	return why != NULL;
}

unsigned int config_parse(struct config *c, const char *text, size_t size, config_report_fn *report)
{
	struct piece rest = {text, size};
	unsigned int bad = 0;

	for (unsigned int line = 1; rest.n; line++) {
		struct piece entry = cut(&rest, '\n');

		if (entry.n && entry.at[0] != '#')
			bad += apply(c, entry, line, report);
	}
	return bad;
}

unsigned int config_parse_options(struct config *c, const char *text, size_t size, config_report_fn *report)
{
	static const char last[] = "next_options=";
	struct piece rest = trim((struct piece){text, size});
	unsigned int bad = 0;

	for (bool first = true; rest.n; first = false) {
		struct piece key = {rest.at, sizeof(last) - 1};
		char separator = rest.n >= key.n && same(key, last) ? '\n' : ' ';
		struct piece word = cut(&rest, separator);

		if (!first || find(word, '=') < word.n)
			bad += apply(c, word, 0, report);
		rest = trim(rest);
	}
	return bad;
}

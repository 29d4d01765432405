/* SPDX-License-Identifier: MIT */
/* nacelle.conf and the load options: every key, and every kind of bad line with its number. */
#include "../../boot/config.h"
#include <abi/boot_info.h>

#include "unit.h"

static struct config c;
static unsigned int reports, last_line;
static char last_why[100], last_text[100];

static void report(unsigned int line, const char *why, const char *text)
{
	reports++;
	last_line = line;
	snprintf(last_why, sizeof(last_why), "%s", why);
	snprintf(last_text, sizeof(last_text), "%s", text);
}

/* From an exact copy on the heap: a byte read behind the end is found. */
static unsigned int parse(const char *text, size_t size)
{
	char *copy = malloc(size + !size);
	unsigned int bad;

	memcpy(copy, text, size);
	c = config_defaults;
	reports = last_line = 0;
	last_why[0] = last_text[0] = 0;
	bad = config_parse(&c, copy, size, report);
	EQ(bad, reports);
	free(copy);
	return bad;
}

static unsigned int parse_text(const char *text)
{
	return parse(text, strlen(text));
}

static unsigned int options(const char *text)
{
	size_t size = strlen(text);
	char *copy = malloc(size + !size);
	unsigned int bad;

	memcpy(copy, text, size);
	c = config_defaults;
	reports = last_line = 0;
	bad = config_parse_options(&c, copy, size, report);
	EQ(bad, reports);
	free(copy);
	return bad;
}

TEST(defaults)
{
	EQ(parse_text(""), 0);
	EQ(c.hypervisor[0], 0);
	EQ(c.next[0], 0);
	EQ(c.serial_port, 0x3f8);
	EQ(c.serial_baud, 115200);
	EQ(c.log_level, 2);
	EQ(c.max_partitions, 256);
}

TEST(all_keys)
{
	EQ(parse_text("# a comment\n\n"
		      "hypervisor=other.hv\r\n"
		      "  next = \\EFI\\debian\\grubx64.efi  \n"
		      "next_options=root=/dev/sda1 ro  quiet\n"
		      "serial=com2\nbaud=9600\nlog=debug\npanic=reboot\nmax_partitions=17"),
	   0);
	CHECK(!strcmp(c.hypervisor, "other.hv"));
	CHECK(!strcmp(c.next, "\\EFI\\debian\\grubx64.efi"));
	CHECK(!strcmp(c.next_options, "root=/dev/sda1 ro  quiet"));
	EQ(c.serial_port, 0x2f8);
	EQ(c.serial_baud, 9600);
	EQ(c.log_level, 3);
	EQ(c.panic_action, BOOT_PANIC_REBOOT);
	EQ(c.max_partitions, 17);
	EQ(parse_text("serial=0x3e8\nlog=error\nserial=none\n"), 0);
	EQ(c.serial_port, 0);
	EQ(parse_text("serial=0x3F8"), 0);
	EQ(c.serial_port, 0x3f8);
	EQ(parse_text("serial=0X2eC"), 0);
	EQ(c.serial_port, 0x2ec);
}

TEST(bad_lines_are_named)
{
	EQ(parse_text("log=info\nnonsense\nlog=error\n"), 1);
	EQ(last_line, 2);
	CHECK(!strcmp(last_text, "nonsense"));
	EQ(c.log_level, 0); /* the good ones count */
	EQ(parse_text("\n\n\ncolour=red"), 1);
	EQ(last_line, 4);
	SAYS(last_why, "unknown key");
	EQ(parse_text("log=loud"), 1);
	EQ(parse_text("log=2"), 1);
	EQ(parse_text("baud=12"), 1);
	EQ(parse_text("baud=115201"), 1);
	EQ(parse_text("baud=fast"), 1);
	EQ(parse_text("baud="), 1);
	EQ(parse_text("baud=9600x"), 1);
	EQ(parse_text("baud=-9600"), 1);
	EQ(parse_text("baud=4294976896"), 1); /* 2^32 + 9600 */
	EQ(parse_text("baud=99999999999999999999999"), 1);
	EQ(parse_text("max_partitions=0"), 1);
	EQ(parse_text("serial=0x"), 1);
	EQ(parse_text("serial=0x10000"), 1);
	EQ(parse_text("=x"), 1);
	EQ(parse_text("LOG=info"), 1);
	EQ(parse_text("lo=info\nlogg=info"), 2);
	EQ(c.serial_baud, 115200);
}

TEST(long_and_strange_values)
{
	static char text[5000];

	memset(text, 'a', sizeof(text));
	memcpy(text, "next=", 5);
	EQ(parse(text, 5 + CONFIG_PATH_MAX - 1), 0);
	EQ(strlen(c.next), CONFIG_PATH_MAX - 1);
	EQ(parse(text, 5 + CONFIG_PATH_MAX), 1);
	EQ(c.next[0], 0);
	EQ(parse(text, sizeof(text)), 1);
	EQ(parse("next=a\0b", 8), 1);
	EQ(parse("next=\xc3\xa4", 7), 1);
	EQ(parse("\0\0\0", 3), 1);
	EQ(parse_text("next=\n"), 0);
	EQ(parse("\xff\xfe", 2), 1); /* UTF-16 */
}

TEST(load_options)
{
	EQ(options(""), 0);
	EQ(options("nacelle.efi"), 0);
	EQ(options("nacelle.efi log=debug  max_partitions=3 "), 0);
	EQ(c.log_level, 3);
	EQ(c.max_partitions, 3);
	EQ(options("next=\\vmlinuz next_options=root=/dev/vda ro log=x"), 0);
	CHECK(!strcmp(c.next, "\\vmlinuz"));
	CHECK(!strcmp(c.next_options, "root=/dev/vda ro log=x"));
	EQ(c.log_level, 2);
	EQ(options("nacelle.efi word"), 1);
	EQ(last_line, 0);
	EQ(options("log=loud"), 1);
	EQ(options("   "), 0);
	EQ(options("next="), 0);
	EQ(options("=x"), 1);
	EQ(options("log=debug next_options="), 0);
	EQ(c.log_level, 3);
}

TEST(random_bytes)
{
	static const char alphabet[] = "log=info\nbaud #0x1\r\t\\next_options=\0\xff";
	char text[300];

	for (int i = 0; i < 20000; i++) {
		size_t n = unit_random() % sizeof(text);

		for (size_t j = 0; j < n; j++)
			text[j] = alphabet[unit_random() % sizeof(alphabet)];
		parse(text, n);
		CHECK(c.serial_baud >= 300 && c.max_partitions >= 1);
	}
}

/* SPDX-License-Identifier: MIT */
/* uvm-kernel's string functions and its formatter, compared with the C library's. */
#include "unit.h"

/* The kernel's, under the names of over/uvm_rename.h. */
void *uvm_memcpy(void *dst, const void *src, size_t n);
void *uvm_memmove(void *dst, const void *src, size_t n);
int uvm_memcmp(const void *a, const void *b, size_t n);
void *uvm_memchr(const void *s, int c, size_t n);
size_t uvm_strlen(const char *s);
size_t uvm_strnlen(const char *s, size_t max);
int uvm_strcmp(const char *a, const char *b);
int uvm_strncmp(const char *a, const char *b, size_t n);
char *uvm_strchr(const char *s, int c);
char *uvm_strrchr(const char *s, int c);
long parse_decimal(const char *s, long max);
size_t uvm_strlcpy(char *dst, const char *src, size_t size);
int uvm_snprintf(char *buf, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int uvm_scnprintf(char *buf, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The kernel's own is assembly (REP MOVSB); memmove relies on its going upwards byte by byte. */
void *uvm_memcpy(void *dst, const void *src, size_t n)
{
	volatile char *d = dst;
	const char *s = src;

	for (size_t i = 0; i < n; i++)
		d[i] = s[i];
	return dst;
}

static int sign(int v)
{
	return (v > 0) - (v < 0);
}

static const char *const words[] = {"",	    "a",    "ab",  "abc", "abd",
				    "\xff", "aaab", "aab", "b",	  "some longer text"};
#define WORDS (sizeof(words) / sizeof(words[0]))

TEST(comparisons)
{
	for (unsigned i = 0; i < WORDS; i++)
		for (unsigned j = 0; j < WORDS; j++) {
			EQ(sign(uvm_strcmp(words[i], words[j])), sign(strcmp(words[i], words[j])));
			for (size_t n = 0; n < 5; n++)
				EQ(sign(uvm_strncmp(words[i], words[j], n)),
				   sign(strncmp(words[i], words[j], n)));
		}
	EQ(sign(uvm_memcmp("a\0b", "a\0c", 3)), -1);
	EQ(uvm_memcmp("a\0b", "a\0c", 2), 0);
	EQ(sign(uvm_memcmp("\x80", "\x7f", 1)), 1);
}

TEST(numbers_in_decimal)
{
	EQ(parse_decimal("0", 9), 0);
	EQ(parse_decimal("42", 42), 42);
	EQ(parse_decimal("43", 42), -1);
	EQ(parse_decimal("2147483647", 2147483647), 2147483647);
	EQ(parse_decimal("99999999999999999999", 2147483647), -1);
	EQ(parse_decimal("", 9), -1);
	EQ(parse_decimal("-1", 9), -1);
	EQ(parse_decimal("1x", 99), -1);
}

TEST(searches)
{
	for (unsigned i = 0; i < WORDS; i++) {
		EQ(uvm_strlen(words[i]), strlen(words[i]));
		EQ(uvm_strnlen(words[i], 2), strnlen(words[i], 2));
		for (int c = 0; c < 256; c++) {
			CHECK(uvm_strchr(words[i], c) == strchr(words[i], c));
			CHECK(uvm_strrchr(words[i], c) == strrchr(words[i], c));
			CHECK(uvm_memchr(words[i], c, strlen(words[i])) ==
			      memchr(words[i], c, strlen(words[i])));
		}
	}
}

TEST(bounded_copy)
{
	char *to = malloc(4);

	EQ(uvm_strlcpy(to, "abcdef", 4), 6);
	CHECK(!strcmp(to, "abc"));
	EQ(uvm_strlcpy(to, "ab", 4), 2);
	CHECK(!strcmp(to, "ab"));
	EQ(uvm_strlcpy(to, "", 1), 0);
	EQ(uvm_strlcpy(NULL, "abc", 0), 3);
	free(to);
}

TEST(overlapping_moves)
{
	for (int from = 0; from < 12; from++)
		for (int at = 0; at < 12; at++)
			for (size_t n = 0; n <= 12; n++) {
				char a[24] = "0123456789abcdefghijklm", b[24];

				memcpy(b, a, 24);
				uvm_memmove(a + at, a + from, n);
				memmove(b + at, b + from, n);
				CHECK(!memcmp(a, b, 24));
			}
}

#define LIKE_LIBC(...)                                                            \
	do {                                                                      \
		char got[128], want[128];                                         \
		int a = uvm_snprintf(got, sizeof(got), __VA_ARGS__),              \
		    b = snprintf(want, sizeof(want), __VA_ARGS__);                \
		if (a != b || strcmp(got, want)) {                                \
			CHECK(!#__VA_ARGS__);                                     \
			printf("# %d \"%s\", want %d \"%s\"\n", a, got, b, want); \
		}                                                                 \
	} while (0)

TEST(format_like_the_c_library)
{
	LIKE_LIBC("plain %% text");
	LIKE_LIBC("%d %d %u", -5, 2147483647, 4294967295u);
	LIKE_LIBC("%d", (int)0x80000000);
	LIKE_LIBC("%ld %lu %lld %llu", -1l, ~0ul, -0x7fffffffffffffffll - 1, ~0ull);
	LIKE_LIBC("%x %o %#x %#o", 255u, 8u, 255u, 8u);
	LIKE_LIBC("%#x %#o", 0u, 0u);
	LIKE_LIBC("[%5d] [%-5d] [%05d]", 42, 42, 42);
	LIKE_LIBC("[%5d] [%-5d] [%05d]", -42, -42, -42);
	LIKE_LIBC("[%.3d] [%8.3d] [%-8.3d] [%.0d]", 7, 7, 7, 0);
	LIKE_LIBC("[%08x] [%8x] [%-8x] [%#010x]", 0xbeefu, 0xbeefu, 0xbeefu, 0xbeefu);
	LIKE_LIBC("%016lx", 0x123456789abcul);
	LIKE_LIBC("%zu", sizeof(int));
	LIKE_LIBC("%c%c", 'a', 'b');
	LIKE_LIBC("[%s] [%8s] [%-8s] [%.2s] [%8.2s]", "abc", "abc", "abc", "abc", "abc");
	LIKE_LIBC("[%*d] [%-*d] [%.*s]", 6, 5, 6, 5, 2, "xyz");
	LIKE_LIBC("%s", "");
}

TEST(format_cuts)
{
	for (size_t size = 0; size < 12; size++) {
		char *to = malloc(size + !size), want[12];

		EQ(uvm_snprintf(to, size, "ab%dcd%s", 123, "efg"), 10);
		snprintf(want, size ? size : 1, "ab%dcd%s", 123, "efg");
		if (size)
			CHECK(!strcmp(to, want));
		if (size)
			EQ(uvm_scnprintf(to, size, "ab%dcd%s", 123, "efg"), strlen(want));
		free(to);
	}
}

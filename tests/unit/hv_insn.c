/* SPDX-License-Identifier: MIT */
/* The decoder of stores to device registers: lengths, registers, and refusals. */
#include <hv/insn.h>

#include "unit.h"

static struct insn_store s;

static bool decode(const char *bytes, unsigned count)
{
	return insn_decode_store((const u8 *)bytes, (u8)count, &s);
}

TEST(mov_register)
{
	CHECK(decode("\x89\x07", 2)); /* mov %eax,(%rdi) */
	EQ(s.length, 2);
	EQ(s.reg, 0);
	CHECK(!s.immediate && !s.exchange);
	CHECK(decode("\x89\xb7\x00\xb3\x5f\xff", 6)); /* mov %esi,disp32(%rdi) */
	EQ(s.length, 6);
	EQ(s.reg, 6);
	CHECK(decode("\x89\x34\x25\x00\xb3\x5f\xff", 7)); /* mov %esi,abs32 */
	EQ(s.length, 7);
	CHECK(decode("\x89\x0d\x10\x00\x00\x00", 6)); /* mov %ecx,disp(%rip) */
	EQ(s.length, 6);
	EQ(s.reg, 1);
	CHECK(decode("\x89\x54\x24\x08", 4)); /* mov %edx,8(%rsp) */
	EQ(s.length, 4);
	EQ(s.reg, 2);
}

TEST(extended_registers)
{
	CHECK(decode("\x44\x89\x07", 3)); /* mov %r8d,(%rdi) */
	EQ(s.length, 3);
	EQ(s.reg, 8);
	CHECK(decode("\x45\x89\xb5\x00\x03\x00\x00", 7)); /* mov %r14d,0x300(%r13) */
	EQ(s.length, 7);
	EQ(s.reg, 14);
	CHECK(decode("\x48\x89\x07", 3)); /* mov %rax,(%rdi) */
	EQ(s.reg, 0);
	CHECK(decode("\x4c\x87\x3f", 3)); /* xchg %r15,(%rdi) */
	EQ(s.reg, 15);
	CHECK(s.exchange);
}

/* A REX that is not the last prefix does not count (APM3 1.2.7). */
TEST(rex_must_come_last)
{
	CHECK(decode("\x44\x2e\x89\x07", 4));
	EQ(s.reg, 0);
	EQ(s.length, 4);
	CHECK(decode("\x44\x40\x89\x07", 4));
	EQ(s.reg, 0);
}

TEST(mov_immediate)
{
	CHECK(decode("\xc7\x07\x78\x56\x34\x12", 6)); /* movl $0x12345678,(%rdi) */
	EQ(s.length, 6);
	CHECK(s.immediate);
	EQ(s.value, 0x12345678);
	CHECK(decode("\x48\xc7\x07\xff\xff\xff\xff", 7)); /* movq $-1 */
	EQ(s.value, 0xffffffff);
	CHECK(!decode("\xc7\x0f\x78\x56\x34\x12", 6)); /* /1 is no MOV */
}

TEST(exchange_and_absolute)
{
	CHECK(decode("\x87\x87\x00\x03\x00\x00", 6)); /* xchg %eax,0x300(%rdi): how Linux writes its APIC */
	EQ(s.length, 6);
	CHECK(s.exchange);
	CHECK(decode("\xa3\x00\x03\xe0\xfe\x00\x00\x00\x00", 9)); /* mov %eax,moffs64 */
	EQ(s.length, 9);
	CHECK(decode("\x67\xa3\x00\x03\xe0\xfe", 6)); /* mov %eax,moffs32 */
	EQ(s.length, 6);
}

TEST(refusals)
{
	static const char *const others[] = {"\x8b\x07\x00\x00\x00\x00\x00", "\x88\x07\x00\x00\x00\x00\x00",
					     "\x66\x89\x07\x00\x00\x00\x00", "\x0f\x01\xf9\x00\x00\x00\x00",
					     "\x89\xc1\x00\x00\x00\x00\x00", "\xf3\xab\x00\x00\x00\x00\x00"};

	for (unsigned i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (!CHECK(!decode(others[i], 7)))
			printf("# case %u\n", i);
}

/* Cut off at any place: refused, and nothing behind the end is read (the sanitizer looks). */
TEST(cut_off)
{
	static const char *const whole[] = {"\x45\x89\xb5\x00\x03\x00\x00", "\x48\xc7\x07\xff\xff\xff\xff",
					    "\x89\x34\x25\x00\xb3\x5f\xff"};

	for (unsigned i = 0; i < 3; i++)
		for (u8 n = 0; n < 7; n++) {
			u8 *copy = malloc(n + !n);

			memcpy(copy, whole[i], n);
			CHECK(!insn_decode_store(copy, n, &s));
			free(copy);
		}
}

TEST(random_bytes)
{
	for (int i = 0; i < 300000; i++) {
		u8 bytes[15], n = unit_random() % 16, *copy = malloc(n + !n);
		bool good;

		for (int j = 0; j < 15; j++)
			bytes[j] = (u8)unit_random();
		memcpy(copy, bytes, n);
		good = insn_decode_store(copy, n, &s);
		CHECK(!good || (s.length <= n && s.length > 0 && s.reg < 16));
		free(copy);
	}
}

/* SPDX-License-Identifier: MIT */
/* MOV and XCHG to memory (opcodes 89, C7, A3, 87) in 64-bit code: what writes to a local APIC
 * register looks like. The address itself is known from the fault. */
#include <hv/insn.h>

#define REX_R 4u

struct cursor {
	const u8 *bytes;
	u8 count, at;
	bool operand16, address32;
	u8 rex;
};

/* REX counts only directly before the opcode: a legacy prefix after it voids it (APM3:1.2.7). */
static bool prefix(struct cursor *c, u8 byte)
{
	if ((byte & 0xf0) == 0x40) {
		c->rex = byte;
		return true;
	}
	if (byte == 0x66)
		c->operand16 = true;
	else if (byte == 0x67)
		c->address32 = true;
	else if ((byte & 0xe7) != 0x26 && (byte & 0xfe) != 0x64 && byte != 0xf0) /* segments, LOCK */
		return false;
	c->rex = 0;
	return true;
}

/* Bytes after the opcode for this ModRM: itself, SIB, displacement. 0: a register operand. */
static u8 modrm_length(const struct cursor *c)
{
	u8 modrm = c->bytes[c->at], mod = modrm >> 6, rm = modrm & 7, length = 1;

	if (mod == 3)
		return 0;
	if (rm == 4) {
		if (c->at + 1 >= c->count)
			return 0;
		length++;
		if (mod == 0 && (c->bytes[c->at + 1] & 7) == 5)
			length += 4;
	}
	if (mod == 0 && rm == 5)
		length += 4;
	return length + (mod == 1 ? 1 : mod == 2 ? 4 : 0);
}

static bool with_modrm(struct cursor *c, struct insn_store *s)
{
	u8 length;

	if (c->at >= c->count)
		return false;
	s->reg = (c->bytes[c->at] >> 3 & 7) | (c->rex & REX_R ? 8 : 0);
	length = modrm_length(c);
	c->at += length;
	return length && c->at <= c->count;
}

static bool immediate(struct cursor *c, struct insn_store *s)
{
	if (s->reg & 7 || c->at + 4 > c->count)
		return false;
	for (unsigned i = 0; i < 4; i++)
		s->value |= (u32)c->bytes[c->at++] << 8 * i;
	s->immediate = true;
	return true;
}

bool insn_decode_store(const u8 *bytes, u8 count, struct insn_store *s)
{
	struct cursor c = {.bytes = bytes, .count = count};
	bool good;
	u8 opcode;

	*s = (struct insn_store){0};
	while (c.at < count && prefix(&c, bytes[c.at]))
		c.at++;
	if (c.at >= count || c.operand16)
		return false;
	opcode = bytes[c.at++];
	switch (opcode) {
	case 0x87:
	case 0x89:
		s->exchange = opcode == 0x87;
		good = with_modrm(&c, s);
		break;
	case 0xc7:
		good = with_modrm(&c, s) && immediate(&c, s);
		break;
	case 0xa3: /* MOV moffs, eAX */
		c.at += c.address32 ? 4 : 8;
		good = c.at <= count;
		break;
	default:
		return false;
	}
	s->length = c.at;
	return good;
}

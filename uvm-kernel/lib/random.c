/* SPDX-License-Identifier: MIT */
/*
 * ChaCha20 (RFC 8439 block function) as a generator: each request replaces the key with the first half of its
 * own key stream, so what was given out cannot be computed from a later state.
 */
#include <uvm/kernel.h>

static u32 key[8];
static u64 nonce;

static u32 rotl(u32 v, int n)
{
	return v << n | v >> (32 - n);
}

static void quarter(u32 *x, int a, int b, int c, int d)
{
	x[a] += x[b];
	x[d] = rotl(x[d] ^ x[a], 16);
	x[c] += x[d];
	x[b] = rotl(x[b] ^ x[c], 12);
	x[a] += x[b];
	x[d] = rotl(x[d] ^ x[a], 8);
	x[c] += x[d];
	x[b] = rotl(x[b] ^ x[c], 7);
}

static void chacha_block(const u32 k[8], u64 counter, u64 iv, u32 out[16])
{
	u32 in[16] = {
		0x61707865, 0x3320646e,	    0x79622d32, 0x6b206574, k[0], k[1],		k[2],
		k[3],	    k[4],	    k[5],	k[6],	    k[7], (u32)counter, (u32)(counter >> 32),
		(u32)iv,    (u32)(iv >> 32)};

	memcpy(out, in, sizeof(in));
	for (int i = 0; i < 10; i++) {
		for (int j = 0; j < 4; j++)
			quarter(out, j, j + 4, j + 8, j + 12);
		quarter(out, 0, 5, 10, 15);
		quarter(out, 1, 6, 11, 12);
		quarter(out, 2, 7, 8, 13);
		quarter(out, 3, 4, 9, 14);
	}
	for (int i = 0; i < 16; i++)
		out[i] += in[i];
}

void random_init(const u8 seed[32])
{
	memcpy(key, seed, sizeof(key));
	nonce = rdtsc();
}

void random_bytes(void *buf, size_t len)
{
	u8 *dst = buf;
	u32 block[16];
	u32 old[8];
	size_t n;

	memcpy(old, key, sizeof(old));
	nonce++;
	chacha_block(old, 0, nonce, block);
	memcpy(key, block, sizeof(key));
	n = MIN(len, (size_t)32);
	memcpy(dst, block + 8, n);
	for (u64 counter = 1; n < len; counter++) {
		size_t part = MIN(len - n, sizeof(block));

		chacha_block(old, counter, nonce, block);
		memcpy(dst + n, block, part);
		n += part;
	}
	memset(old, 0, sizeof(old));
	memset(block, 0, sizeof(block));
	__asm__ volatile("" ::"r"(old), "r"(block) : "memory");
}

u64 random_u64(void)
{
	u64 v;

	random_bytes(&v, sizeof(v));
	return v;
}

void random_mix(const void *buf, size_t len)
{
	const u8 *src = buf;
	u8 fresh[32];

	for (size_t i = 0; i < len; i++) {
		((u8 *)key)[i % sizeof(key)] ^= src[i];
		if (i % sizeof(key) == sizeof(key) - 1)
			random_bytes(fresh, sizeof(fresh));
	}
	random_bytes(fresh, sizeof(fresh));
}

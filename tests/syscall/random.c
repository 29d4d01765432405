/* SPDX-License-Identifier: MIT */
/* getrandom(2), /dev/urandom, AT_RANDOM. */
#include "check.h"

#include <sys/auxv.h>

TEST(getrandom)
{
	unsigned char a[256], b[256];
	int ones = 0;

	memset(a, 0, sizeof(a));
	memset(b, 0, sizeof(b));
	IS(sys(SYS_getrandom, a, 256, 0), 256);
	IS(sys(SYS_getrandom, b, 256, 1), 256);
	TRUE(memcmp(a, b, 256) != 0);
	for (int i = 0; i < 2048; i++)
		ones += a[i / 8] >> (i % 8) & 1;
	TRUE(ones > 800 && ones < 1250);
	IS(sys(SYS_getrandom, a, 0, 0), 0);
	IS(sys(SYS_getrandom, a, 10, 4), 10); /* GRND_INSECURE */
	IS(sys(SYS_getrandom, a, 10, 0x100), -EINVAL);
	IS(sys(SYS_getrandom, BAD_KERNEL, 10, 0), -EFAULT);
}

static void take(void *arg)
{
	IS(sys(SYS_getrandom, arg, 16, 0), 16);
}

/* Not the same after a fork. */
TEST(differs_between_processes)
{
	unsigned char *shared = (void *)MUST(
		sys(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));

	IS(in_child(take, shared), 0);
	IS(in_child(take, shared + 16), 0);
	TRUE(memcmp(shared, shared + 16, 16) != 0);
}

TEST(devices)
{
	static const char *const names[] = {"/dev/urandom", "/dev/random"};
	unsigned char a[64], b[64];
	long fd;

	for (int i = 0; i < 2; i++) {
		fd = MUST(sys(SYS_open, names[i], O_RDONLY));
		IS(sys(SYS_read, fd, a, 64), 64);
		IS(sys(SYS_read, fd, b, 64), 64);
		TRUE(memcmp(a, b, 64) != 0);
	}
	fd = MUST(sys(SYS_open, "/dev/urandom", O_WRONLY));
	IS(sys(SYS_write, fd, "seed", 4), 4);
}

TEST(auxiliary_vector)
{
	unsigned char *p = (void *)getauxval(AT_RANDOM), sum = 0;

	if (TRUE(p != NULL))
		for (int i = 0; i < 16; i++)
			sum |= p[i];
	TRUE(sum != 0);
}

/* SPDX-License-Identifier: MIT */
/*
 * FPU images: standard-format XSAVE areas (FXSAVE where there is no XSAVE). The kernel itself uses no FPU, so
 * the registers are the current task's at all times.
 */
#include <uvm/kernel.h>

#define FXSAVE_SIZE 512
#define XSAVE_HEADER 64
#define AVX_SIZE 256

static u32 size = FXSAVE_SIZE;

int user_xrstor(const void *area, u64 mask);

void fpu_init(void)
{
	u32 id[4];

	if (!cpu_xsave)
		return;
	size = FXSAVE_SIZE + XSAVE_HEADER + (boot->xcr0 & 4 ? AVX_SIZE : 0);
	if (boot->xcr0 & ~7ULL) {
		cpuid(0xd, 0, id);
		size = id[1];
	}
}

u32 fpu_size(void)
{
	return size;
}

u64 fpu_features(void)
{
	return cpu_xsave ? boot->xcr0 : 3;
}

void fpu_reset(void *image)
{
	memset(image, 0, size);
	*(u16 *)image = 0x37f;		       /* FCW */
	*(u32 *)((char *)image + 24) = 0x1f80; /* MXCSR */
}

void *fpu_new(void)
{
	void *image = kmalloc(size); /* sizes from 512 on have natural alignment */

	if (image)
		fpu_reset(image);
	return image;
}

void fpu_save(void *image)
{
	if (cpu_xsave)
		__asm__ volatile("xsave64 (%0)" ::"r"(image), "a"(-1), "d"(-1) : "memory");
	else
		__asm__ volatile("fxsave64 (%0)" ::"r"(image) : "memory");
}

void fpu_load(const void *image)
{
	if (cpu_xsave)
		__asm__ volatile("xrstor64 (%0)" ::"r"(image), "a"(-1), "d"(-1) : "memory");
	else
		__asm__ volatile("fxrstor64 (%0)" ::"r"(image) : "memory");
}

bool fpu_load_checked(const void *image, u64 features)
{
	if (!cpu_xsave) {
		fpu_load(image);
		return true;
	}
	return !user_xrstor(image, features);
}

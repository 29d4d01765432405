// SPDX-License-Identifier: (GPL-2.0 OR MIT)
/*
 * detect.c: is Nacelle below us, and does it speak this module's ABI? Reads CPUID only; every refusal is
 * one line in the kernel log that says what was found.
 */
#include <asm/cpufeature.h>
#include <asm/processor.h>

#include "mshv.h"

static bool same_vendor(u32 ebx, u32 ecx, u32 edx)
{
	return ebx == HV_VENDOR_EBX && ecx == HV_VENDOR_ECX && edx == HV_VENDOR_EDX;
}

static void text_of(char text[16], u32 ebx, u32 ecx, u32 edx)
{
	const u32 words[4] = {ebx, ecx, edx, 0};
	int i;

	memcpy(text, words, 16);
	for (i = 0; i < 12; i++)
		if (text[i] && (text[i] < ' ' || text[i] > '~'))
			text[i] = '?';
}

int mshv_detect(struct mshv_nacelle_version *version)
{
	u32 max, eax, ebx, ecx, edx;

	memset(version, 0, sizeof(*version));
	if (!boot_cpu_has(X86_FEATURE_HYPERVISOR)) {
		pr_err("no hypervisor: nacelle.efi did not start this machine\n");
		return -ENODEV;
	}
	cpuid(HV_CPUID_VENDOR, &max, &ebx, &ecx, &edx);
	text_of(version->hv_vendor, ebx, ecx, edx);
	if (!same_vendor(ebx, ecx, edx)) {
		pr_err("the hypervisor below is \"%s\", not \"Nacelle Hv#1\"\n", version->hv_vendor);
		return -ENODEV;
	}
	eax = cpuid_eax(HV_CPUID_INTERFACE);
	if (max < HV_CPUID_LIMITS || eax != HV_INTERFACE_HV1) {
		pr_err("the hypervisor offers interface %#x up to leaf %#x, needed are %#x and %#x\n", eax,
		       max, HV_INTERFACE_HV1, HV_CPUID_LIMITS);
		return -ENODEV;
	}
	cpuid(HV_CPUID_VS_INTERFACE, &eax, &version->hv_abi, &ecx, &edx);
	version->module_abi = HV_ABI_VERSION;
	if (eax != HV_INTERFACE_VS1 || version->hv_abi != HV_ABI_VERSION) {
		pr_err("the hypervisor's ABI is version %u, this module's %u: they must be of one build\n",
		       eax == HV_INTERFACE_VS1 ? version->hv_abi : 0, HV_ABI_VERSION);
		return -ENODEV;
	}
	cpuid(HV_CPUID_FEATURES, &eax, &ebx, &ecx, &edx);
	if (!(((u64)ebx << 32 | eax) & HV_PRIV_CREATE_PARTITIONS)) {
		pr_err("this is a child of the hypervisor: only the root partition has children\n");
		return -ENODEV;
	}
	cpuid(HV_CPUID_VERSION, &version->hv_build, &ebx, &ecx, &edx);
	version->hv_major = ebx >> 16;
	version->hv_minor = ebx & 0xffff;
	return 0;
}

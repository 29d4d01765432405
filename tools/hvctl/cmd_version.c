// SPDX-License-Identifier: MIT
/*
 * cmd_version.c: hvctl version: the hypervisor below, the module, and the ABI they speak.
 */
#include <stdio.h>

#include "hvctl.h"

int cmd_version(bool json)
{
	struct mshv_nacelle_version v;

	device_version(&v);
	if (json) {
		print_json(json_pack("{s:{s:s#,s:i,s:i,s:I,s:i},s:{s:s#,s:i},s:{s:s}}", "hypervisor",
				     "vendor", v.hv_vendor, 12, "major", v.hv_major, "minor", v.hv_minor,
				     "build", (json_int_t)v.hv_build, "abi", v.hv_abi, "module", "version",
				     v.module_version, (int)__builtin_strlen(v.module_version), "abi",
				     v.module_abi, "hvctl", "version", NACELLE_VERSION_STRING));
		return 0;
	}
	printf("hypervisor  %.16s %u.%u build %u, ABI %u\n", v.hv_vendor, v.hv_major, v.hv_minor, v.hv_build,
	       v.hv_abi);
	printf("module      mshv %.16s, ABI %u\n", v.module_version, v.module_abi);
	printf("hvctl       %s\n", NACELLE_VERSION_STRING);
	return 0;
}

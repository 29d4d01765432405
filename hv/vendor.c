/* SPDX-License-Identifier: MIT */
/* The choice of the vendor's half, once at boot. */
#include <hv/vendor.h>

const struct vendor_ops *vendor;

const char *vendor_select(void)
{
	static const struct vendor_ops *const all[] = {&svm_ops};
	const char *why = "no known kind of processor";

	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		why = all[i]->check();
		if (!why) {
			vendor = all[i];
			return NULL;
		}
	}
	return why;
}

/* SPDX-License-Identifier: MIT */
/* The choice of the vendor's half, once at boot. */
#include <hv/vendor.h>

const struct vendor_ops *vendor;

const char *vendor_select(void)
{
	static const struct vendor_ops *const all[] = {&svm_ops, &vmx_ops};

	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (all[i]->present()) {
			vendor = all[i];
			return vendor->check();
		}
	}
	return "the processor has neither SVM nor VMX";
}

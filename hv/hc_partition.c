/* SPDX-License-Identifier: MIT */
/* Hypercalls on partitions as a whole: create, properties, intercepts. The rest of their life is
 * partition.c's. */
#include <hv/dispatch.h>
#include <hv/hypercall.h>
#include <hv/partition.h>
#include <hv/vendor.h>
#include <x86/defs.h>

#define TSC_HZ_MIN 1000000ULL
#define TSC_HZ_MAX 100000000000ULL

u32 hc_create_partition(struct call *c)
{
	const struct hv_input_create_partition *in = c->in;
	struct partition *p;

	if (in->flags & ~HV_PARTITION_CREATE_KNOWN || in->padding || in->isolation)
		return HV_STATUS_INVALID_PARAMETER;
	/* Nothing can be taken away from what a child sees, yet. */
	if (in->disabled_processor_features[0] || in->disabled_processor_features[1] ||
	    in->disabled_xsave_features)
		return HV_STATUS_FEATURE_UNAVAILABLE;
	if (!tsc_frequency)
		return HV_STATUS_OPERATION_DENIED;
	p = partition_create();
	if (!p)
		return HV_STATUS_NO_RESOURCES;
	*(u64 *)c->out = p->id;
	partition_put(p);
	return HV_STATUS_SUCCESS;
}

/* ---- Properties ------------------------------------------------------------------------------------ */

u32 hc_get_partition_property(struct call *c)
{
	const struct hv_input_get_partition_property *in = c->in;
	const struct partition *p = c->partition;
	u64 *value = c->out;

	if (in->padding)
		return HV_STATUS_INVALID_PARAMETER;
	switch (in->property_code) {
	case HV_PROPERTY_PRIVILEGE_FLAGS:
		*value = p->privileges;
		break;
	case HV_PROPERTY_SUSPEND:
		*value = p->suspended;
		break;
	case HV_PROPERTY_REFERENCE_TIME:
		*value = partition_reference_time(p);
		break;
	case HV_PROPERTY_UNIMPLEMENTED_MSR_ACTION:
		*value = p->msr_action;
		break;
	case HV_PROPERTY_PROCESSOR_VENDOR:
		*value = vendor->processor_vendor;
		break;
	case HV_PROPERTY_PROCESSOR_CLOCK_FREQUENCY:
		*value = tsc_frequency;
		break;
	default:
		return HV_STATUS_UNKNOWN_PROPERTY;
	}
	return HV_STATUS_SUCCESS;
}

/* The root says it once, before it creates anything. */
static u32 set_frequency(struct partition *p, u64 hz)
{
	if (!partition_is_root(p))
		return HV_STATUS_ACCESS_DENIED;
	if (hz < TSC_HZ_MIN || hz > TSC_HZ_MAX)
		return HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE;
	if (hz != tsc_frequency && partition_children())
		return HV_STATUS_OBJECT_IN_USE;
	__atomic_store_n(&tsc_frequency, hz, __ATOMIC_RELEASE);
	return HV_STATUS_SUCCESS;
}

static u32 set_suspend(struct partition *p, u64 value)
{
	if (value > 1)
		return HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE;
	__atomic_store_n(&p->suspended, (u32)value, __ATOMIC_SEQ_CST);
	for (u32 i = 0; value && p->page && i < HV_MAX_VPS; i++) {
		if (p->page->vps[i])
			dispatch_kick(p->page->vps[i]);
	}
	return HV_STATUS_SUCCESS;
}

static u32 set_child_property(struct partition *p, u32 code, u64 value)
{
	switch (code) {
	case HV_PROPERTY_SUSPEND:
		return set_suspend(p, value);
	case HV_PROPERTY_UNIMPLEMENTED_MSR_ACTION:
		if (value > 1)
			return HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE;
		p->msr_action = (u32)value;
		return HV_STATUS_SUCCESS;
	case HV_PROPERTY_PRIVILEGE_FLAGS:
	case HV_PROPERTY_REFERENCE_TIME:
	case HV_PROPERTY_PROCESSOR_VENDOR:
		return HV_STATUS_ACCESS_DENIED;
	default:
		return HV_STATUS_UNKNOWN_PROPERTY;
	}
}

u32 hc_set_partition_property(struct call *c)
{
	const struct hv_input_set_partition_property *in = c->in;

	if (in->padding)
		return HV_STATUS_INVALID_PARAMETER;
	if (in->property_code == HV_PROPERTY_PROCESSOR_CLOCK_FREQUENCY)
		return set_frequency(c->partition, in->value);
	if (partition_is_root(c->partition))
		return HV_STATUS_ACCESS_DENIED;
	return set_child_property(c->partition, in->property_code, in->value);
}

u32 hc_install_intercept(struct call *c)
{
	const struct hv_input_install_intercept *in = c->in;
	struct partition *p = c->partition;
	u32 bit;

	if (in->access_type & ~7u)
		return HV_STATUS_INVALID_PARAMETER;
	switch (in->intercept_type) {
	case HV_INTERCEPT_TYPE_MSR:
		p->msr_intercepts = in->access_type;
		return HV_STATUS_SUCCESS;
	case HV_INTERCEPT_TYPE_CPUID:
		p->cpuid_intercept = in->access_type != 0;
		return HV_STATUS_SUCCESS;
	case HV_INTERCEPT_TYPE_EXCEPTION:
		if (in->parameter >= 32 || in->parameter == EXC_NMI)
			return HV_STATUS_INVALID_PARAMETER;
		bit = 1u << in->parameter;
		p->exceptions = in->access_type ? p->exceptions | bit : p->exceptions & ~bit;
		return HV_STATUS_SUCCESS;
	case HV_INTERCEPT_TYPE_IO_PORT: /* always intercept */
		return HV_STATUS_FEATURE_UNAVAILABLE;
	default:
		return HV_STATUS_INVALID_PARAMETER;
	}
}

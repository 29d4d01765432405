/* SPDX-License-Identifier: MIT */
/* Hypercalls on partitions as a whole: create, initialize, finalize, delete, properties. */
#include <hv/dispatch.h>
#include <hv/hypercall.h>
#include <hv/partition.h>
#include <hv/vendor.h>

#define DOMAIN_ANY 0u
#define TSC_HZ_MIN 1000000ULL
#define TSC_HZ_MAX 100000000000ULL

/* The partition that the caller names. SELF is the caller. */
struct partition *call_partition(struct call *c, u64 id)
{
	return partition_get(id == HV_PARTITION_ID_SELF ? c->caller->id : id);
}

struct partition *call_child(struct call *c, u64 id, u32 *status)
{
	struct partition *p = call_partition(c, id);

	*status = HV_STATUS_SUCCESS;
	if (p && !partition_is_root(p))
		return p;
	*status = p ? HV_STATUS_ACCESS_DENIED : HV_STATUS_INVALID_PARTITION_ID;
	return NULL;
}

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

/* Runs one of the life cycle's steps under the partition's lock. */
static u32 with_lock(struct call *c, u32 (*step)(struct partition *))
{
	const struct hv_input_partition *in = c->in;
	u32 status;
	struct partition *p = call_child(c, in->partition_id, &status);

	if (!p)
		return status;
	lock(&p->lock);
	status = step(p);
	unlock(&p->lock);
	partition_put(p);
	return status;
}

u32 hc_initialize_partition(struct call *c)
{
	return with_lock(c, partition_initialize);
}

u32 hc_finalize_partition(struct call *c)
{
	return with_lock(c, partition_finalize);
}

u32 hc_delete_partition(struct call *c)
{
	const struct hv_input_partition *in = c->in;
	u32 status;
	struct partition *p = call_child(c, in->partition_id, &status);

	return p ? partition_delete(p) : status;
}

u32 hc_get_partition_id(struct call *c)
{
	*(u64 *)c->out = c->caller->id;
	return HV_STATUS_SUCCESS;
}

u32 hc_get_next_child_partition(struct call *c)
{
	const struct hv_input_get_next_child_partition *in = c->in;

	if (in->parent_id != HV_PARTITION_ID_SELF && in->parent_id != HV_PARTITION_ID_ROOT)
		return HV_STATUS_INVALID_PARTITION_ID;
	*(u64 *)c->out = partition_next(in->previous_id);
	return HV_STATUS_SUCCESS;
}

/* ---- Properties ------------------------------------------------------------------------------------ */

static u32 get_property(const struct partition *p, u32 code, u64 *value)
{
	switch (code) {
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

u32 hc_get_partition_property(struct call *c)
{
	const struct hv_input_get_partition_property *in = c->in;
	struct partition *p = call_partition(c, in->partition_id);
	u32 status;

	if (!p)
		return HV_STATUS_INVALID_PARTITION_ID;
	status = in->padding ? HV_STATUS_INVALID_PARAMETER : get_property(p, in->property_code, c->out);
	partition_put(p);
	return status;
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
	case HV_PROPERTY_PRIVILEGE_FLAGS:
		if (p->state != PARTITION_CREATED)
			return HV_STATUS_INVALID_PARTITION_STATE;
		if (value & ~CHILD_PRIVILEGES)
			return HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE;
		p->privileges = value;
		return HV_STATUS_SUCCESS;
	case HV_PROPERTY_SUSPEND:
		return set_suspend(p, value);
	case HV_PROPERTY_UNIMPLEMENTED_MSR_ACTION:
		if (value > 1)
			return HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE;
		p->msr_action = (u32)value;
		return HV_STATUS_SUCCESS;
	case HV_PROPERTY_REFERENCE_TIME:
	case HV_PROPERTY_PROCESSOR_VENDOR:
		return HV_STATUS_ACCESS_DENIED;
	default:
		return HV_STATUS_UNKNOWN_PROPERTY;
	}
}

static u32 set_property(struct partition *p, u32 code, u64 value)
{
	if (code == HV_PROPERTY_PROCESSOR_CLOCK_FREQUENCY)
		return set_frequency(p, value);
	if (partition_is_root(p))
		return HV_STATUS_ACCESS_DENIED;
	return set_child_property(p, code, value);
}

u32 hc_set_partition_property(struct call *c)
{
	const struct hv_input_set_partition_property *in = c->in;
	struct partition *p = call_partition(c, in->partition_id);
	u32 status = HV_STATUS_INVALID_PARAMETER;

	if (!p)
		return HV_STATUS_INVALID_PARTITION_ID;
	lock(&p->lock);
	if (!in->padding)
		status = set_property(p, in->property_code, in->value);
	unlock(&p->lock);
	partition_put(p);
	return status;
}

u32 hc_install_intercept(struct call *c)
{
	const struct hv_input_install_intercept *in = c->in;
	u32 status;
	struct partition *p = call_child(c, in->partition_id, &status);

	if (!p)
		return status;
	status = in->access_type & ~7u ? HV_STATUS_INVALID_PARAMETER : HV_STATUS_SUCCESS;
	lock(&p->lock);
	if (status) {
		;
	} else if (in->intercept_type == HV_INTERCEPT_TYPE_MSR) {
		p->msr_intercepts = in->access_type;
	} else if (in->intercept_type == HV_INTERCEPT_TYPE_CPUID) {
		p->cpuid_intercept = in->access_type != 0;
	} else if (in->intercept_type == HV_INTERCEPT_TYPE_EXCEPTION && in->parameter < 32 &&
		   in->parameter != 2) {
		u32 bit = 1u << in->parameter;

		p->exceptions = in->access_type ? p->exceptions | bit : p->exceptions & ~bit;
	} else {
		/* I/O ports always intercept. */
		status = in->intercept_type == HV_INTERCEPT_TYPE_IO_PORT ? HV_STATUS_FEATURE_UNAVAILABLE
									 : HV_STATUS_INVALID_PARAMETER;
	}
	unlock(&p->lock);
	partition_put(p);
	return status;
}

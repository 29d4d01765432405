/* SPDX-License-Identifier: MIT */
/* The checks of a hypercall input value that need nothing but the value and the table entry. Pure. */
#include <hv/hypercall.h>

static u32 field(u64 value, u64 mask, unsigned shift)
{
	return (u32)((value & mask) >> shift);
}

u32 hypercall_check_value(const struct call_info *info, u64 value)
{
	u32 count = field(value, HV_CALL_REP_COUNT_MASK, HV_CALL_REP_COUNT_SHIFT);
	u32 start = field(value, HV_CALL_REP_START_MASK, HV_CALL_REP_START_SHIFT);

	if (value & (HV_CALL_RESERVED_MASK | HV_CALL_NESTED | HV_CALL_VARHEAD_MASK))
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	if (value & HV_CALL_FAST && !(info->flags & CALL_FAST))
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	if (!(info->flags & CALL_REP))
		return count || start ? HV_STATUS_INVALID_HYPERCALL_INPUT : HV_STATUS_SUCCESS;
	if (count == 0 || start >= count || count > info->max_reps)
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	return HV_STATUS_SUCCESS;
}

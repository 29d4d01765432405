/* SPDX-License-Identifier: MIT */
/* The checks of a hypercall's input value: reserved bits, fast, rep count and start. */
#include <hv/hypercall.h>

#include "unit.h"

static const struct call_info plain = {.code = 1}, fast = {.code = 2, .flags = CALL_FAST},
			      rep = {.code = 3, .flags = CALL_REP, .max_reps = 509};

static u64 reps(u64 count, u64 start)
{
	return count << HV_CALL_REP_COUNT_SHIFT | start << HV_CALL_REP_START_SHIFT;
}

TEST(good_ones)
{
	EQ(hypercall_check_value(&plain, 1), HV_STATUS_SUCCESS);
	EQ(hypercall_check_value(&fast, 2), HV_STATUS_SUCCESS);
	EQ(hypercall_check_value(&fast, 2 | HV_CALL_FAST), HV_STATUS_SUCCESS);
	EQ(hypercall_check_value(&rep, 3 | reps(1, 0)), HV_STATUS_SUCCESS);
	EQ(hypercall_check_value(&rep, 3 | reps(509, 0)), HV_STATUS_SUCCESS);
	EQ(hypercall_check_value(&rep, 3 | reps(509, 508)), HV_STATUS_SUCCESS);
}

TEST(bad_reps)
{
	EQ(hypercall_check_value(&plain, 1 | reps(1, 0)), HV_STATUS_INVALID_HYPERCALL_INPUT);
	EQ(hypercall_check_value(&plain, 1 | reps(0, 1)), HV_STATUS_INVALID_HYPERCALL_INPUT);
	EQ(hypercall_check_value(&rep, 3), HV_STATUS_INVALID_HYPERCALL_INPUT);
	EQ(hypercall_check_value(&rep, 3 | reps(5, 5)), HV_STATUS_INVALID_HYPERCALL_INPUT);
	EQ(hypercall_check_value(&rep, 3 | reps(5, 6)), HV_STATUS_INVALID_HYPERCALL_INPUT);
	EQ(hypercall_check_value(&rep, 3 | reps(510, 0)), HV_STATUS_INVALID_HYPERCALL_INPUT);
	EQ(hypercall_check_value(&rep, 3 | reps(0xfff, 0)), HV_STATUS_INVALID_HYPERCALL_INPUT);
	EQ(hypercall_check_value(&fast, 2 | HV_CALL_FAST | reps(1, 0)), HV_STATUS_INVALID_HYPERCALL_INPUT);
}

/* Of the 64 bits, exactly the defined ones may be set. */
TEST(every_bit)
{
	for (unsigned bit = 16; bit < 64; bit++) {
		u64 value = 1ull << bit;
		u32 status = hypercall_check_value(&fast, 2 | value);

		EQ(status, bit == 16 ? HV_STATUS_SUCCESS : HV_STATUS_INVALID_HYPERCALL_INPUT);
		EQ(hypercall_check_value(&plain, 1 | value), HV_STATUS_INVALID_HYPERCALL_INPUT);
	}
}

/* SPDX-License-Identifier: MIT */
/* Every hypercall of the table with bad arguments, in the order in which the TLFS wants them checked. */
#include "tests.h"

#define FAST HV_CALL_FAST
#define REPS(n) ((u64)(n) << HV_CALL_REP_COUNT_SHIFT)
#define START(n) ((u64)(n) << HV_CALL_REP_START_SHIFT)

enum { REP = 1, CAN_FAST = 2, HAS_IN = 4, HAS_OUT = 8, NAMES_CHILD = 16 };

struct shape {
	u16 code;
	u8 flags;
	u16 max_reps;
	const char *name;
};

static const struct shape shapes[] = {
	{0x0008, CAN_FAST | HAS_IN, 0, "NotifyLongSpinWait"},
	{0x0040, HAS_IN | HAS_OUT, 0, "CreatePartition"},
	{0x0041, CAN_FAST | HAS_IN | NAMES_CHILD, 0, "InitializePartition"},
	{0x0042, CAN_FAST | HAS_IN | NAMES_CHILD, 0, "FinalizePartition"},
	{0x0043, CAN_FAST | HAS_IN | NAMES_CHILD, 0, "DeletePartition"},
	{0x0044, HAS_IN | HAS_OUT | NAMES_CHILD, 0, "GetPartitionProperty"},
	{0x0045, HAS_IN | NAMES_CHILD, 0, "SetPartitionProperty"},
	{0x0048, REP | HAS_IN | NAMES_CHILD, 511, "DepositMemory"},
	{0x0049, REP | HAS_IN | HAS_OUT | NAMES_CHILD, 512, "WithdrawMemory"},
	{0x004b, REP | HAS_IN | NAMES_CHILD, 509, "MapGpaPages"},
	{0x004c, REP | HAS_IN | NAMES_CHILD, 4095, "UnmapGpaPages"},
	{0x004d, HAS_IN | NAMES_CHILD, 0, "InstallIntercept"},
	{0x004e, HAS_IN | NAMES_CHILD, 0, "CreateVp"},
	{0x004f, CAN_FAST | HAS_IN | NAMES_CHILD, 0, "DeleteVp"},
	{0x0050, REP | HAS_IN | HAS_OUT | NAMES_CHILD, 256, "GetVpRegisters"},
	{0x0051, REP | HAS_IN | NAMES_CHILD, 127, "SetVpRegisters"},
	{0x005d, CAN_FAST | HAS_IN, 0, "SignalEvent"},
	{0x0094, HAS_IN | NAMES_CHILD, 0, "AssertVirtualInterrupt"},
	{0x00c2, HAS_IN | HAS_OUT | NAMES_CHILD, 0, "DispatchVp"},
	{0x00c9, REP | HAS_IN | HAS_OUT | NAMES_CHILD, 4095, "GetGpaPagesAccessStates"},
	{0x00e1, HAS_IN | HAS_OUT | NAMES_CHILD, 0, "MapVpStatePage"},
	{0x00e2, CAN_FAST | HAS_IN | NAMES_CHILD, 0, "UnmapVpStatePage"},
	{0x8100, HAS_IN | HAS_OUT, 0, "ReadLog"},
	{0x8101, HAS_IN | HAS_OUT | NAMES_CHILD, 0, "GetStats"},
	{0x8102, HAS_OUT, 0, "GetMemoryLedger"},
};

static u8 in[PAGE] __attribute__((aligned(4096)));
static u8 out[PAGE] __attribute__((aligned(4096)));

static void expect(const struct shape *s, u64 value, u64 rdx, u64 r8, u32 wanted, const char *what)
{
	u64 result = hypercall(s->code | value, rdx, r8);

	check_equal(status_of(result), wanted, "%s: %s", s->name, what);
	if (s->flags & REP &&
	    reps_of(result) != (value & HV_CALL_REP_START_MASK) >> HV_CALL_REP_START_SHIFT &&
	    wanted == HV_STATUS_INVALID_HYPERCALL_INPUT)
		note("reps %u", reps_of(result));
}

static void test_value(const struct shape *s)
{
	u64 reps = s->flags & REP ? REPS(1) : 0;
	u32 bad = HV_STATUS_INVALID_HYPERCALL_INPUT;

	for (unsigned bit = 27; bit < 64; bit++) {
		if (HV_CALL_RESERVED_MASK >> bit & 1)
			expect(s, reps | 1ULL << bit, (u64)in, (u64)out, bad,
			       "reserved bit of the input value");
	}
	expect(s, reps | 1ULL << HV_CALL_VARHEAD_SHIFT, (u64)in, (u64)out, bad,
	       "variable header where none is");
	expect(s, reps | HV_CALL_NESTED, (u64)in, (u64)out, bad, "nested");
	if (!(s->flags & CAN_FAST))
		expect(s, reps | FAST, 0, 0, bad, "fast where not allowed");
	if (!(s->flags & REP)) {
		expect(s, REPS(1), (u64)in, (u64)out, bad, "rep count on a simple call");
		expect(s, START(1), (u64)in, (u64)out, bad, "rep start on a simple call");
		return;
	}
	expect(s, 0, (u64)in, (u64)out, bad, "rep count 0");
	expect(s, REPS(1) | START(1), (u64)in, (u64)out, bad, "rep start not below rep count");
	if (s->max_reps < 4095)
		expect(s, REPS(s->max_reps + 1), (u64)in, (u64)out, bad, "more reps than a page holds");
}

/* Eight bytes at most cannot cross a page when they are aligned. */
static bool small_input(u16 code)
{
	return (code < 0x44 && code != 0x40) || code == 0x5d || code == 0x8100 || code == 0x8101;
}

static void test_lists(const struct shape *s)
{
	u64 reps = s->flags & REP ? REPS(1) : 0;

	if (s->flags & HAS_IN) {
		expect(s, reps, (u64)in + 4, (u64)out, HV_STATUS_INVALID_ALIGNMENT, "input not aligned");
		expect(s, s->flags & REP ? REPS(s->max_reps > 500 ? 500 : s->max_reps) : 0,
		       (u64)in + PAGE - (small_input(s->code) ? 4 : 8), (u64)out, HV_STATUS_INVALID_ALIGNMENT,
		       "input crosses a page or is not aligned");
		expect(s, reps, 0xfee00000, (u64)out, HV_STATUS_INVALID_PARAMETER, "input on device memory");
		expect(s, reps, 0xfffffffffffff000, (u64)out, HV_STATUS_INVALID_PARAMETER,
		       "input beyond memory");
	}
	if (s->flags & HAS_OUT) {
		expect(s, reps, (u64)in, (u64)out + 1, HV_STATUS_INVALID_ALIGNMENT, "output not aligned");
		expect(s, reps, (u64)in, 0xfee00000, HV_STATUS_INVALID_PARAMETER, "output on device memory");
		expect(s, reps, (u64)in, 0xfffffffffffff000, HV_STATUS_INVALID_PARAMETER,
		       "output beyond memory");
	}
	if (s->flags & HAS_IN && s->flags & HAS_OUT)
		expect(s, reps, (u64)in, (u64)in, HV_STATUS_INVALID_ALIGNMENT, "input and output overlap");
}

/* A number that never was, one that is no child's, and 0. */
static void test_partition_id(const struct shape *s)
{
	static const u64 ids[] = {0, 0x123456789, 2ULL << 32, HV_PARTITION_ID_SELF - 1};
	u64 reps = s->flags & REP ? REPS(1) : 0;

	for (unsigned i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		for (unsigned byte = 0; byte < 64; byte++)
			in[byte] = 0;
		*(u64 *)in = ids[i];
		expect(s, reps, (u64)in, (u64)out, HV_STATUS_INVALID_PARTITION_ID, "unknown partition");
	}
	*(u64 *)in = 0;
}

void test_arguments(void)
{
	static const u16 unknown[] = {0,    1,	  2,	3,     0xb,    0x3f,   0x46,   0x58,   0x5c,
				      0x99, 0xc0, 0xe3, 0x111, 0x7fff, 0x8001, 0x80ff, 0x8103, 0xffff};

	for (unsigned i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		/* Unknown comes before every other check. */
		check_equal(status_of(hypercall(unknown[i] | HV_CALL_RESERVED_MASK, 1, 1)),
			    HV_STATUS_INVALID_HYPERCALL_CODE, "code 0x%x is unknown", unknown[i]);
	}
	for (unsigned i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		test_value(&shapes[i]);
		test_lists(&shapes[i]);
		if (shapes[i].flags & NAMES_CHILD)
			test_partition_id(&shapes[i]);
	}
}

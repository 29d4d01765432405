/* SPDX-License-Identifier: MIT */
/* Many machines at once and one after another: nothing is left behind. */
#include "tests.h"

#define AT_ONCE 20
#define IN_TURN 50

static u32 quiet_life(u32 turn)
{
	struct hv_ext_ledger before = ledger(), after;
	struct vm vm;
	u32 bad = 0;

	if (!vm_create(&vm, 1 + turn % 2, payload_halt))
		return 1;
	bad += vm_run(&vm, 0, false) != 0;
	vm_destroy(&vm);
	after = ledger();
	return bad + !ledger_equal(&before, &after);
}

void test_many(void)
{
	static struct vm vms[AT_ONCE];
	u32 good = 0, bad = 0;

	for (u32 i = 0; i < AT_ONCE; i++) {
		if (vm_create(&vms[i], 1, payload_halt))
			good += vm_run(&vms[i], 0, false) == 0;
	}
	check_equal(good, AT_ONCE, "%u machines at once", AT_ONCE);
	check_equal(ledger().partitions, AT_ONCE, "the ledger counts them all");
	for (u32 i = 0; i < AT_ONCE; i++)
		vm_destroy(&vms[i]);
	for (u32 i = 0; i < IN_TURN; i++)
		bad += quiet_life(i);
	check_equal(bad, 0, "%u machines one after another leave nothing", IN_TURN);
}

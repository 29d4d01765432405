/* SPDX-License-Identifier: MIT */
/* What entries do not switch by themselves: extended and debug registers of root and child stay apart. */
#include "tests.h"

static u64 get_dr0(void)
{
	u64 v;

	__asm__ volatile("mov %%dr0, %0" : "=r"(v));
	return v;
}

static void set_dr0(u64 v)
{
	__asm__ volatile("mov %0, %%dr0" : : "r"(v));
}

static void test_fpu(void)
{
	struct vm a, b;

	if (!vm_create(&a, 1, payload_fpu) || !vm_create(&b, 1, payload_fpu))
		return;
	a.data[0][1] = 0x1111111111111111;
	b.data[0][1] = 0x2222222222222222;
	a.data[0][3] = 3;
	b.data[0][3] = 1;
	check_equal(vm_run(&a, 0, false), 0, "A loads XMM0");
	check_equal(vm_run(&b, 0, false), 0, "B loads XMM0");
	vm_set(&a, 0, HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0);
	vm_set(&b, 0, HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0);
	vm_run(&a, 0, false);
	vm_run(&b, 0, false);
	check_equal(a.data[0][2], 0x1111111111111111, "A still has its value");
	check_equal(b.data[0][2], 0x2222222222222222, "B has its own");
	check_equal(a.data[0][4], 3, "A's XCR0");
	check_equal(b.data[0][4], 1, "B's XCR0");
	vm_destroy(&a);
	vm_destroy(&b);
}

static void test_debug(void)
{
	struct vm vm;
	u64 mine = get_dr0();

	if (!vm_create(&vm, 1, payload_debug))
		return;
	set_dr0(0x4444);
	vm.data[0][1] = 0x5555;
	check_equal(vm_run(&vm, 0, false), 0, "the child sets DR0");
	check_equal(get_dr0(), 0x4444, "the root's DR0 is unchanged");
	vm_set(&vm, 0, HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0);
	vm_run(&vm, 0, false);
	check_equal(vm.data[0][2], 0x5555, "the child's, too");
	set_dr0(mine);
	vm_destroy(&vm);
}

void test_switched_state(void)
{
	test_fpu();
	test_debug();
}

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

static void leaf_ecx(u32 leaf, u32 *ecx)
{
	u32 ebx, edx;

	*ecx = 0;
	__asm__ volatile("cpuid" : "+a"(leaf), "=b"(ebx), "+c"(*ecx), "=d"(edx));
}

static u32 get_keys(void)
{
	u32 v, edx;

	__asm__ volatile("rdpkru" : "=a"(v), "=d"(edx) : "c"(0));
	return v;
}

static void set_keys(u32 v)
{
	__asm__ volatile("wrpkru" : : "a"(v), "c"(0), "d"(0) : "memory");
}

/* A component that a child was not offered, but that no intercept of SVM keeps from it. */
static void test_keys(void)
{
	u64 cr4, pke = 1u << 22;
	u32 features;
	struct vm vm;

	leaf_ecx(7, &features);
	if (intel() || !(features & 1u << 3)) {
		skip("VMX refuses CR4.PKE, or the processor has none", "protection keys");
		return;
	}
	if (!vm_create(&vm, 1, payload_keys))
		return;
	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	__asm__ volatile("mov %0, %%cr4" : : "r"(cr4 | pke));
	set_keys(0xc);
	check_equal(vm_run(&vm, 0, false), 0, "the child turns protection keys on");
	check(vm.data[0][0] == 1 && vm.data[0][1] == 0, "the root's are not there");
	check_equal(get_keys(), 0xc, "the child's are not the root's");
	set_keys(0);
	__asm__ volatile("mov %0, %%cr4" : : "r"(cr4));
	vm_destroy(&vm);
}

void test_switched_state(void)
{
	test_fpu();
	test_keys();
	test_debug();
}

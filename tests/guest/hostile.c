/* SPDX-License-Identifier: MIT */
/* Guests that do what they should not: everything they reach is their own end. */
#include "tests.h"

static void test_storm(void (*payload)(void), u32 cell, u64 wanted, const char *name)
{
	struct vm vm;

	if (!vm_create(&vm, 1, payload))
		return;
	check_equal(vm_run(&vm, 0, false), 0, "%s: it comes to its end", name);
	check_equal(vm.data[0][cell], wanted, "%s: every step answered as it should", name);
	vm_destroy(&vm);
}

/* Known calls that a child may not make, and unknown ones. */
static void test_hypercall_storm(void)
{
	struct vm vm;

	if (!vm_create(&vm, 1, payload_hypercall_storm))
		return;
	check_equal(vm_run(&vm, 0, false), 0, "all hypercall codes");
	check_equal(vm.data[0][2], 23, "23 known ones are denied");
	check_equal(vm.data[0][1], 0x8200 - 23 - 2, "all others are unknown");
	check_equal(vm.data[0][3], 0, "no other answer");
	vm_destroy(&vm);
}

static void test_msr_storm(void)
{
	struct vm vm;

	if (!vm_create(&vm, 1, payload_msr_storm))
		return;
	check_equal(vm_run(&vm, 0, false), 0, "24576 MSRs read and written back");
	check_equal(vm.data[0][0], 1, "it went through all");
	check(vm.data[0][1] > 0 && vm.data[0][1] < 64, "few of them exist (%lu)", vm.data[0][1]);
	vm_destroy(&vm);
}

static void test_fault_loop(void)
{
	struct vm vm;

	if (on_bochs_svm) {
		skip("this emulator ends itself at a triple fault", "a fault without end is a triple fault");
		return;
	}
	if (!vm_create(&vm, 1, payload_fault_loop))
		return;
	check_equal(vm_run(&vm, 0, false), HVMSG_UNRECOVERABLE_EXCEPTION,
		    "a fault without end is a triple fault");
	vm_destroy(&vm);
}

/* A guest that never stops: the root's timer ends each dispatch. */
static void test_preemption(void)
{
	u64 interrupts = 0;
	struct vm vm;

	if (!vm_create(&vm, 1, payload_spin))
		return;
	if (on_bochs_svm)
		vm_set(&vm, 0, HV_X64_REGISTER_RFLAGS, 0x202);
	for (u32 i = 0; i < 20; i++) {
		vm_dispatch(&vm, 0, 0);
		interrupts += vm.last.dispatch_state == HV_VP_DISPATCH_READY &&
			      vm.last.dispatch_event == HV_VP_DISPATCH_EVENT_NONE;
	}
	check_equal(interrupts, 20, "an endless loop is interrupted by the root's timer");
	vm_destroy(&vm);
}

/* Its #DB exits before it is over. */
static void test_int1(void)
{
	struct vm vm;

	if (!intel())
		return skip("QEMU stops the machine at INT1", "INT1 is one trap");
	if (!vm_create(&vm, 1, payload_int1))
		return;
	check_equal(vm_run(&vm, 0, false), 0, "INT1 is one trap: it comes to its end");
	check_equal(vm.data[0][5], 2, "two of them are two");
	vm_destroy(&vm);
}

void test_hostile(void)
{
	test_preemption();
	test_storm(payload_undefined, 1, 8, "undefined instructions");
	test_storm(payload_reserved_bits, 1, 3, "reserved bits");
	test_hypercall_storm();
	test_msr_storm();
	test_fault_loop();
	test_int1();
}

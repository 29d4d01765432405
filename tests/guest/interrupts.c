/* SPDX-License-Identifier: MIT */
/* Interrupts, the timer and IPIs of a child. */
#include "tests.h"

static u32 assert_type(struct vm *vm, u32 type, u64 destination, u32 vector)
{
	struct hv_input_assert_virtual_interrupt in = {.partition_id = vm->id,
						       .interrupt_type = type,
						       .dest_addr = destination,
						       .requested_vector = vector};

	return status_of(call_simple(HVCALL_ASSERT_VIRTUAL_INTERRUPT, &in, sizeof(in)));
}

static void test_delivery(void)
{
	struct vm vm;

	if (!vm_create(&vm, 1, payload_interrupts))
		return;
	check_equal(vm_run(&vm, 0, false), 0, "wait for interrupts");
	check_equal(vm.data[0][0], 1, "set up");
	check_equal(assert_type(&vm, 0, 0, 0x30), 0, "interrupt 0x30");
	vm_run(&vm, 0, false);
	check_equal(vm.data[0][5], 1, "arrived once");
	assert_type(&vm, 0, 0, 0x30);
	assert_type(&vm, 0, 0, 0x30);
	vm_run(&vm, 0, false);
	check_equal(vm.data[0][5], 2, "two requests before delivery are one interrupt");
	check_equal(assert_type(&vm, 4, 0, 0), 0, "NMI");
	vm_run(&vm, 0, false);
	check_equal(vm.data[0][8], 1, "arrived");
	assert_type(&vm, 4, 0, 0);
	vm_run(&vm, 0, false);
	check_equal(vm.data[0][8], 2, "and after its IRET another one");
	check_equal(assert_type(&vm, 0, 0, 15), HV_STATUS_INVALID_PARAMETER, "vector 15");
	check_equal(assert_type(&vm, 0, 0, 256), HV_STATUS_INVALID_PARAMETER, "vector 256");
	check_equal(assert_type(&vm, 5, 0, 0x30), HV_STATUS_INVALID_PARAMETER, "INIT");
	check_equal(assert_type(&vm, 0, 1, 0x30), HV_STATUS_INVALID_VP_INDEX, "no such VP");
	check_equal(assert_type(&vm, 0, 1ULL << 40, 0x30), HV_STATUS_INVALID_PARAMETER,
		    "no such destination");
	vm_destroy(&vm);
}

/* Two interrupts wait while IF = 0: the higher one first, both when IF opens. */
static void test_window(void)
{
	struct vm vm;

	if (on_bochs_svm) {
		skip("this emulator does not interrupt a guest entered with IF = 0",
		     "runs with interrupts off");
		return;
	}
	if (!vm_create(&vm, 1, payload_window))
		return;
	assert_type(&vm, 0, 0, 0x30);
	for (int i = 0; i < 100 && !vm.data[0][0]; i++)
		vm_dispatch(&vm, 0, 0);
	check_equal(vm.data[0][0], 1, "runs with interrupts off");
	assert_type(&vm, 0, 0, 0x31);
	vm_dispatch(&vm, 0, 0);
	check_equal(vm.data[0][5] + vm.data[0][6], 0, "nothing is delivered while IF = 0");
	vm.data[0][1] = 1;
	check_equal(vm_run(&vm, 0, false), 0, "interrupts on");
	check(vm.data[0][5] == 1 && vm.data[0][6] == 1, "both arrive");
	vm_destroy(&vm);
}

/* Vector 0x30 is of class 3: it waits for a priority below that. */
static void test_priority(void)
{
	struct vm vm;
	u64 cr8;

	if (!vm_create(&vm, 1, payload_priority))
		return;
	vm.data[0][1] = 5;
	check_equal(vm_run(&vm, 0, false), 0, "CR8 is 5");
	check(vm_get(&vm, 0, HV_X64_REGISTER_CR8, &cr8) == 0 && cr8 == 5, "the root reads it");
	check_equal(vm.data[0][2], 5, "so does the child");
	check_equal(assert_type(&vm, 0, 0, 0x30), 0, "an interrupt of a lower class");
	check_equal(vm_run(&vm, 0, false), 0, "does not wake it");
	check_equal(vm.data[0][5], 0, "nor arrive");
	vm_set(&vm, 0, HV_X64_REGISTER_CR8, 3);
	vm_run(&vm, 0, false);
	check_equal(vm.data[0][5], 0, "its own class holds it back, too");
	vm_set(&vm, 0, HV_X64_REGISTER_CR8, 2);
	vm_run(&vm, 0, false);
	check_equal(vm.data[0][5], 1, "below that it arrives");
	check_equal(vm.data[0][2], 2, "and the child reads what the root has set");
	vm_destroy(&vm);
}

static void test_step(void)
{
	struct vm vm;

	if (on_bochs_svm) {
		skip("this emulator takes the trap of a step that an intercept has ended in the hypervisor",
		     "the child steps over CPUID");
		return;
	}
	if (!vm_create(&vm, 1, payload_step))
		return;
	check_equal(vm_run(&vm, 0, false), 0, "the child steps over CPUID");
	check_equal(vm.data[0][1], 1, "one trap");
	check_equal(vm.data[0][2], vm.data[0][3], "directly behind it");
	check(vm.data[0][4] & 1u << 14, "DR6 says why");
	vm_destroy(&vm);
}

void test_interrupts(void)
{
	test_delivery();
	test_window();
	test_priority();
	test_step();
}

/* An hour does not pass in a test, however slow the machine. */
static void test_far_timer(void)
{
	struct vm vm;

	if (!vm_create(&vm, 1, payload_timer))
		return;
	vm.data[0][1] = 36000000000; /* units of 100 ns */
	check_equal(vm_run(&vm, 0, false), 0, "set the timer and wait");
	check_equal(vm.data[0][0], 0, "it has not come yet");
	check(vm.last.deadline_tsc > tsc(), "the root is told the deadline");
	vm_destroy(&vm);
}

static void test_near_timer(void)
{
	struct vm vm;

	if (!vm_create(&vm, 1, payload_timer))
		return;
	vm.data[0][1] = 200000;
	check_equal(vm_run(&vm, 0, false), 0, "set the timer and wait");
	while (tsc() < vm.last.deadline_tsc)
		cpu_pause();
	check_equal(vm_run(&vm, 0, false), 0, "after the deadline it runs");
	check_equal(vm.data[0][5], 1, "one interrupt");
	check(vm.data[0][2] >= vm.data[0][3], "not before its time");
	check_equal(vm.last.deadline_tsc, 0, "no deadline is left");
	vm_destroy(&vm);
}

void test_timer(void)
{
	test_far_timer();
	test_near_timer();
}

/* VP 0 signals VP 1, which is blocked: the root finds VP 1 in its message page. */
void test_ipi(void)
{
	struct hv_scheduler_bitset_message *s = (void *)simp()->payload;
	struct vm vm;
	u32 status;

	if (!vm_create(&vm, 2, payload_ipi))
		return;
	check_equal(vm_run(&vm, 1, false), 0, "VP 1 waits");
	simp()->type = HVMSG_NONE;
	vm.data[0][1] = 1;
	do
		status = vm_dispatch(&vm, 0, 0);
	while (!status && !vm.data[0][0] && vm.last.dispatch_state == HV_VP_DISPATCH_READY &&
	       simp()->type == HVMSG_NONE);
	check_equal(vm.last.dispatch_state, HV_VP_DISPATCH_READY, "an IPI to a blocked VP ends the dispatch");
	check_equal(simp()->type, HVMSG_SCHEDULER_VP_SIGNAL_BITSET, "with a message");
	check(s->partition_id == vm.id && s->bank0 == 2 && s->vp_count == 1, "that names VP 1");
	simp()->type = HVMSG_NONE;
	vm_run(&vm, 1, false);
	check_equal(vm.data[1][5], 1, "VP 1 got it");
	check_equal(vm_run(&vm, 0, false), 0, "VP 0 goes on");
	check_equal(simp()->type, HVMSG_NONE, "no second message");
	vm_destroy(&vm);
}

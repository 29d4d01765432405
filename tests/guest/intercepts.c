/* SPDX-License-Identifier: MIT */
/* Why a VP stops: HLT, triple fault, suspension, MSRs, CPUID, hypercalls. */
#include "tests.h"

#define REFTIME 0x40000020u

static void wake(struct vm *vm)
{
	vm_set(vm, 0, HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0);
}

static void test_halt(void)
{
	struct vm vm;
	u64 halted;

	if (!vm_create(&vm, 1, payload_halt))
		return;
	check_equal(vm_run(&vm, 0, false), 0, "HLT blocks");
	check(vm.last.dispatch_event == HV_VP_DISPATCH_EVENT_NONE && vm.last.deadline_tsc == 0,
	      "without an event");
	vm_get(&vm, 0, HV_REGISTER_INTERNAL_ACTIVITY_STATE, &halted);
	check_equal(halted, 2, "the activity state says so");
	check_equal(vm_run(&vm, 0, false), 0, "and stays so");
	check_equal(vm.data[0][0], 0, "nothing ran");
	wake(&vm);
	check_equal(vm_run(&vm, 0, false), 0, "next HLT");
	check_equal(vm.data[0][0], 1, "what is between ran");
	vm_destroy(&vm);
}

static void test_suspend(void)
{
	struct hv_input_set_partition_property suspend = {.property_code = HV_PROPERTY_SUSPEND, .value = 1};
	struct vm vm;

	if (!vm_create(&vm, 1, payload_halt))
		return;
	suspend.partition_id = vm.id;
	vm_set(&vm, 0, HV_REGISTER_EXPLICIT_SUSPEND, 1);
	vm_dispatch(&vm, 0, 0);
	check(vm.last.dispatch_state == HV_VP_DISPATCH_BLOCKED &&
		      vm.last.dispatch_event == HV_VP_DISPATCH_EVENT_SUSPEND,
	      "explicit suspend blocks");
	vm_set(&vm, 0, HV_REGISTER_EXPLICIT_SUSPEND, 0);
	call_simple(HVCALL_SET_PARTITION_PROPERTY, &suspend, sizeof(suspend));
	vm_dispatch(&vm, 0, 0);
	check_equal(vm.last.dispatch_event, HV_VP_DISPATCH_EVENT_SUSPEND, "the partition's suspension, too");
	suspend.value = 0;
	call_simple(HVCALL_SET_PARTITION_PROPERTY, &suspend, sizeof(suspend));
	check_equal(vm_run(&vm, 0, false), 0, "then it runs");
	check_equal(vm_dispatch(&vm, 1, 0), HV_STATUS_INVALID_VP_INDEX, "dispatch of no VP");
	check_equal(vm_dispatch(&vm, 0, 0x100), HV_STATUS_INVALID_PARAMETER, "dispatch with unknown flags");
	vm_destroy(&vm);
}

static void test_triple_fault(void)
{
	struct vm vm, other;

	if (on_bochs_svm) {
		skip("this emulator ends itself at a triple fault", "a triple fault is reported");
		return;
	}
	if (!vm_create(&vm, 1, payload_triple_fault) || !vm_create(&other, 1, payload_halt))
		return;
	check_equal(vm_run(&vm, 0, false), HVMSG_UNRECOVERABLE_EXCEPTION, "a triple fault is reported");
	check_equal(vm.message[0]->sender, vm.id, "by its partition");
	check_equal(vm_run(&other, 0, false), 0, "another partition goes on");
	vm_destroy(&vm);
	vm_destroy(&other);
}

static void test_cpuid_leaf(struct vm *vm, u32 leaf, u32 *result)
{
	vm->data[0][1] = leaf;
	vm_set(vm, 0, HV_X64_REGISTER_RIP, *(u64 *)result);
	wake(vm);
	check_equal(vm_run(vm, 0, false), 0, "CPUID %x a hundred times, then HLT", leaf);
	for (unsigned i = 0; i < 4; i++)
		result[i] = ((u32 *)vm->data[0])[4 + i];
}

static void test_cpuid(void)
{
	struct vm vm;
	u32 r[4];
	u64 entry;

	if (!vm_create(&vm, 1, payload_cpuid))
		return;
	vm_get(&vm, 0, HV_X64_REGISTER_RIP, &entry);
#define LEAF(n) (*(u64 *)r = entry, test_cpuid_leaf(&vm, (n), r))
	LEAF(1);
	check(r[2] >> 31 & 1 && r[2] >> 21 & 1, "leaf 1: hypervisor, x2APIC");
	check(!(r[3] >> 12 & 1) && !(r[3] >> 7 & 1), "no MTRR, no machine check");
	LEAF(0x80000001);
	check(!(r[2] & 4) && r[3] >> 29 & 1, "no SVM, but long mode");
	LEAF(HV_CPUID_VENDOR);
	check(r[1] == HV_VENDOR_EBX && r[2] == HV_VENDOR_ECX, "the vendor leaf");
	LEAF(HV_CPUID_FEATURES);
	check(!(r[1] & 1), "a child may not create partitions");
#undef LEAF
	vm_destroy(&vm);
}

static void run_at(struct vm *vm, u64 entry)
{
	vm_set(vm, 0, HV_X64_REGISTER_RIP, entry);
	wake(vm);
}

static void test_msrs(void)
{
	struct hv_input_set_partition_property ignore = {
		.property_code = HV_PROPERTY_UNIMPLEMENTED_MSR_ACTION, .value = 1};
	struct hv_input_install_intercept all = {.access_type = 3, .intercept_type = HV_INTERCEPT_TYPE_MSR};
	struct vm vm;
	u64 entry, first;

	if (!vm_create(&vm, 1, payload_rdmsr))
		return;
	ignore.partition_id = all.partition_id = vm.id;
	vm_get(&vm, 0, HV_X64_REGISTER_RIP, &entry);
	vm.data[0][1] = 0x40000002;
	check_equal(vm_run(&vm, 0, false), 0, "read VP_INDEX");
	check(vm.data[0][2] == 0 && vm.data[0][4] == 0, "it is 0");
	vm.data[0][1] = REFTIME;
	run_at(&vm, entry);
	vm_run(&vm, 0, false);
	first = vm.data[0][2];
	run_at(&vm, entry);
	vm_run(&vm, 0, false);
	check(vm.data[0][2] > first, "the reference time runs");
	vm.data[0][1] = 0x1234;
	run_at(&vm, entry);
	vm_run(&vm, 0, false);
	check_equal(vm.data[0][4], 13, "an unknown MSR is #GP");
	call_simple(HVCALL_SET_PARTITION_PROPERTY, &ignore, sizeof(ignore));
	run_at(&vm, entry);
	vm_run(&vm, 0, false);
	check(vm.data[0][4] == 0 && vm.data[0][2] == 0, "or 0, as the property says");
	check_equal(status_of(call_simple(HVCALL_INSTALL_INTERCEPT, &all, sizeof(all))), 0, "intercept MSRs");
	run_at(&vm, entry);
	check_equal(vm_run(&vm, 0, false), HVMSG_X64_MSR_INTERCEPT, "or an intercept");
	check_equal(((struct hv_x64_msr_intercept *)vm.message[0]->payload)->msr, 0x1234, "that names it");
	vm_destroy(&vm);
}

static u64 child_call(struct vm *vm, u64 entry, u64 value, u64 in, u64 out, u32 wanted)
{
	vm->data[0][1] = value;
	vm->data[0][2] = in;
	vm->data[0][3] = out;
	vm_set(vm, 0, HV_REGISTER_INTERCEPT_SUSPEND, 0);
	run_at(vm, entry);
	check_equal(vm_run(vm, 0, false), wanted, "call %lx in a child", value);
	return vm->data[0][0];
}

/* The root is told when a VP says how often it looked for what another one holds. */
static void test_long_spin(struct vm *vm, u64 entry)
{
	for (u32 spins = 0; spins < 2; spins++) {
		u32 interrupts = 0;

		run_at(vm, entry);
		vm->data[0][1] = 0x0008 | HV_CALL_FAST;
		vm->data[0][2] = spins;
		do
			vm_dispatch(vm, 0, 0);
		while (vm->last.dispatch_state == HV_VP_DISPATCH_READY &&
		       vm->last.dispatch_event == HV_VP_DISPATCH_EVENT_NONE && interrupts++ < 100);
		check_equal(vm->last.dispatch_event, spins ? HV_EXT_VP_DISPATCH_EVENT_LONG_SPIN : 0,
			    "NotifyLongSpinWait after %u spins: event", spins);
		check_equal(vm->last.dispatch_state, spins ? HV_VP_DISPATCH_READY : HV_VP_DISPATCH_BLOCKED,
			    "and state");
	}
	check_equal(vm_run(vm, 0, false), 0, "it goes on");
}

static void test_hypercalls(void)
{
	struct vm vm;
	u64 entry;

	if (!vm_create(&vm, 1, payload_hypercall))
		return;
	vm_get(&vm, 0, HV_X64_REGISTER_RIP, &entry);
	check_equal(child_call(&vm, entry, 0x0008 | HV_CALL_FAST, 5, 0, 0), 0, "NotifyLongSpinWait");
	test_long_spin(&vm, entry);
	check_equal(child_call(&vm, entry, 0x0040, VM_DATA, VM_DATA + 0x100, 0), HV_STATUS_ACCESS_DENIED,
		    "CreatePartition is denied");
	check_equal(child_call(&vm, entry, 0x0041 | HV_CALL_FAST, vm.id, 0, 0), HV_STATUS_ACCESS_DENIED,
		    "InitializePartition is denied");
	check_equal(child_call(&vm, entry, 0x004b | 1ULL << 32, VM_DATA, 0, 0), HV_STATUS_ACCESS_DENIED,
		    "MapGpaPages is denied");
	check_equal(child_call(&vm, entry, 0x8100, VM_DATA, VM_DATA, 0), HV_STATUS_ACCESS_DENIED,
		    "the log is denied");
	check_equal(child_call(&vm, entry, 0x7777, 0, 0, 0), HV_STATUS_INVALID_HYPERCALL_CODE,
		    "unknown code");
	check_equal(child_call(&vm, entry, 0x0008, VM_DATA, 0, 0), HV_STATUS_INVALID_HYPERCALL_INPUT,
		    "NotifyLongSpinWait with a list");
	check_equal(child_call(&vm, entry, 0x005d, VM_DATA, 0, 0), HV_STATUS_INVALID_HYPERCALL_INPUT,
		    "SignalEvent with a list");
	vm_destroy(&vm);
}

static void signal(struct vm *vm, u64 entry, u64 event, u32 wanted, const char *what)
{
	check_equal(child_call(vm, entry, 0x005d | HV_CALL_FAST, event, 0, 0), wanted, "SignalEvent: %s",
		    what);
}

static void test_events(void)
{
	static u8 flags[PAGE] __attribute__((aligned(4096)));
	struct hv_input_set_vp_registers set = {.partition_id = HV_PARTITION_ID_SELF,
						.vp_index = HV_VP_INDEX_SELF};
	struct hv_register_assoc siefp = {.name = HV_REGISTER_SIEFP, .value.reg64 = (u64)flags | 1};
	struct vm vm;
	u64 entry, event = 2 | 3ULL << 32, last = 15 | 2047ULL << 32;
	u32 set_bytes = 0;

	if (!vm_create(&vm, 1, payload_hypercall))
		return;
	vm_get(&vm, 0, HV_X64_REGISTER_RIP, &entry);
	signal(&vm, entry, event, HV_STATUS_INVALID_SYNIC_STATE, "no page for flags yet");
	call_rep(HVCALL_SET_VP_REGISTERS, 1, &set, sizeof(set), &siefp, sizeof(siefp));
	signal(&vm, entry, event, 0, "flag 3 of connection 2");
	check_equal(flags[2 * 256], 1u << 3, "is set in SINT 2");
	signal(&vm, entry, last, 0, "the last flag of the last connection");
	check_equal(flags[PAGE - 1], 0x80, "is the last bit of the page");
	signal(&vm, entry, 3ULL << 32, HV_STATUS_INVALID_CONNECTION_ID, "connection 0");
	signal(&vm, entry, 16, HV_STATUS_INVALID_CONNECTION_ID, "connection 16");
	signal(&vm, entry, 0xffffffff, HV_STATUS_INVALID_CONNECTION_ID, "connection ffffffff");
	signal(&vm, entry, 2 | 2048ULL << 32, HV_STATUS_INVALID_PARAMETER, "flag 2048");
	signal(&vm, entry, 2 | 1ULL << 48, HV_STATUS_INVALID_PARAMETER, "the reserved field");
	for (u32 i = 0; i < PAGE; i++)
		set_bytes += flags[i] != 0;
	check_equal(set_bytes, 2, "the refused ones have set nothing");
	check_equal(status_of(hypercall(0x005d | HV_CALL_FAST, 2, 0)), HV_STATUS_INVALID_CONNECTION_ID,
		    "the root has no connections");
	vm.data[0][1] = 0x005d | HV_CALL_FAST;
	vm.data[0][2] = 2;
	run_at(&vm, entry);
	vm_dispatch(&vm, 0, 0);
	check_equal(vm.last.dispatch_state, HV_VP_DISPATCH_READY, "an event ends the dispatch");
	vm_run(&vm, 0, false);
	siefp.value.reg64 = 0;
	call_rep(HVCALL_SET_VP_REGISTERS, 1, &set, sizeof(set), &siefp, sizeof(siefp));
	vm_destroy(&vm);
}

/* No verdict: what a call costs, for whoever looks (with -icount: instructions). */
static void show_cost(void)
{
	struct vm vm;

	if (!vm_create(&vm, 1, payload_clock))
		return;
	vm.data[0][1] = 100;
	check_equal(vm_run(&vm, 0, false), 0, "100 hypercalls");
	note("a hypercall of a child takes %lu ticks", vm.data[0][0] / 100);
	vm_destroy(&vm);
}

void test_intercepts(void)
{
	show_cost();
	test_halt();
	test_suspend();
	test_triple_fault();
	test_cpuid();
	test_msrs();
	test_hypercalls();
	test_events();
}

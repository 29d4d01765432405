/* SPDX-License-Identifier: MIT */
/* Two processors: a VP runs on the other one while this one interrupts it, suspends it, takes memory
 * from it and from the root. */
#include "tests.h"

#define RW (HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE)

struct runner {
	struct vm *vm;
	u32 vp;
	volatile bool stop;
	u64 dispatches;
	u32 status, event, type;
	u8 page[PAGE] __attribute__((aligned(4096))); /* input and output of its own */
};

static struct runner runner;

/* Keeps a VP running until it stops for something, or is told to end. */
static void run_vp(void *argument)
{
	struct runner *r = argument;
	struct hv_input_dispatch_vp *in = (void *)r->page;
	struct hv_output_dispatch_vp *out = (void *)(r->page + 512);

	trap_silence();
	while (!r->stop) {
		*in = (struct hv_input_dispatch_vp){.partition_id = r->vm->id, .vp_index = r->vp};
		r->status = status_of(hypercall(HVCALL_DISPATCH_VP, (u64)in, (u64)out));
		r->dispatches++;
		r->event = out->dispatch_event;
		if (r->status || r->event == HV_VP_DISPATCH_EVENT_INTERCEPT ||
		    r->event == HV_VP_DISPATCH_EVENT_SUSPEND)
			break;
	}
	r->type = r->vm->message[r->vp]->type;
}

static bool start(struct vm *vm, u32 vp)
{
	runner = (struct runner){.vm = vm, .vp = vp};
	return check(cpu_start(run_vp, &runner), "start a VP on the other processor");
}

static bool wait_until(volatile u64 *word, u64 more_than)
{
	u64 end = tsc() + 20000000000;

	while (*word <= more_than && tsc() < end)
		cpu_pause();
	return *word > more_than;
}

static void test_running(struct vm *vm)
{
	u64 value, seen;

	if (!start(vm, 0))
		return;
	check(wait_until(&vm->data[0][0], 0), "it runs");
	seen = vm->data[0][0];
	check_equal(vm_set(vm, 0, HV_X64_REGISTER_RAX, 1), HV_STATUS_INVALID_VP_STATE,
		    "no registers while it runs");
	check_equal(vm_get(vm, 0, HV_X64_REGISTER_RAX, &value), HV_STATUS_INVALID_VP_STATE,
		    "not to read either");
	check_equal(vm_dispatch(vm, 0, 0), HV_STATUS_INVALID_VP_STATE, "no second dispatch");
	check_equal(status_of(call_simple(HVCALL_FINALIZE_PARTITION, &vm->id, 8)), HV_STATUS_OBJECT_IN_USE,
		    "the partition is not finalized");
	check(wait_until(&vm->data[0][0], seen), "it ran all the time");
	check_equal(vm_set(vm, 0, HV_REGISTER_EXPLICIT_SUSPEND, 1), 0, "but it can be suspended");
	cpu_wait();
	check(runner.status == 0 && runner.event == HV_VP_DISPATCH_EVENT_SUSPEND, "that ends its dispatch");
	vm_set(vm, 0, HV_REGISTER_EXPLICIT_SUSPEND, 0);
}

static void test_unmap_running(struct vm *vm)
{
	if (!start(vm, 0))
		return;
	check(wait_until(&vm->data[0][0], 0), "it runs again");
	check_equal(vm_unmap(vm, VM_DATA, 1), 0, "take its data page");
	cpu_wait();
	check(runner.event == HV_VP_DISPATCH_EVENT_INTERCEPT && runner.type == HVMSG_UNMAPPED_GPA,
	      "its next access is an intercept");
	check_equal(vm_map(vm, VM_DATA, vm->data[0], RW), 0, "give it back");
}

/* The other processor reads a page in a loop while this one deposits it. */
struct reader {
	u64 *page;
	volatile u64 reads;
	volatile bool stop;
	int trap;
};

static void read_on(void *argument)
{
	struct reader *r = argument;

	trap_load();
	do {
		r->trap = trap_read((u64)r->page);
		r->reads++;
	} while (r->trap == -1);
}

static void read_always(void *argument)
{
	struct reader *r = argument;

	trap_load();
	for (; !r->stop; r->reads++)
		trap_read((u64)r->page);
}

/* The other processor reads a page all the time while it comes and goes: each read works or faults. */
static void test_deposit_race(struct vm *vm)
{
	static struct reader reader;
	struct hv_input_withdraw_memory in = {.partition_id = vm->id};
	u32 good = 0;
	u64 pfn;

	reader = (struct reader){.page = page_alloc()};
	pfn = pfn_of(reader.page);
	if (!check(cpu_start(read_always, &reader), "the other processor reads a page that comes and goes"))
		return;
	wait_until(&reader.reads, 10);
	for (u32 i = 0; i < 200; i++) {
		good += status_of(call_rep(HVCALL_DEPOSIT_MEMORY, 1, &vm->id, 8, &pfn, 8)) == 0;
		good += status_of(call_rep(HVCALL_WITHDRAW_MEMORY, 1, &in, sizeof(in), &in, 0)) == 0;
	}
	reader.stop = true;
	cpu_wait();
	check_equal(good, 400, "200 times");
	check_equal((u32)trap_read((u64)reader.page), (u32)-1, "and is there in the end");
	page_free(reader.page);
}

static void test_deposit_kick(struct vm *vm)
{
	static struct reader reader;
	struct hv_input_withdraw_memory in = {.partition_id = vm->id};
	u64 pfn, result;

	reader = (struct reader){.page = page_alloc()};
	pfn = pfn_of(reader.page);
	if (!check(cpu_start(read_on, &reader), "the other processor reads a page"))
		return;
	check(wait_until(&reader.reads, 1000), "again and again");
	check_equal(status_of(call_rep(HVCALL_DEPOSIT_MEMORY, 1, &vm->id, 8, &pfn, 8)), 0,
		    "deposit that page");
	cpu_wait();
	check_equal((u32)reader.trap, 13, "its next read faults");
	result = call_rep(HVCALL_WITHDRAW_MEMORY, 1, &in, sizeof(in), &in, 0);
	check(reps_of(result) == 1 && *(u64 *)call_output() == pfn, "withdraw it");
	page_free(reader.page);
}

static void test_cross_ipi(void)
{
	struct vm vm;
	u64 end = tsc() + 60000000000;

	if (!vm_create(&vm, 2, payload_ipi))
		return;
	vm.data[0][1] = 1;
	if (start(&vm, 1)) {
		check(wait_until(&vm.data[1][0], 0), "VP 1 runs there");
		for (u32 i = 0; i < 50; i++) {
			vm_set(&vm, 0, HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0);
			vm_run(&vm, 0, false);
			simp()->type = HVMSG_NONE;
			while (vm.data[1][5] < vm.data[0][0] && tsc() < end)
				cpu_pause();
		}
		check_equal(vm.data[1][5], 50, "50 IPIs between VPs on two processors");
		runner.stop = true;
		vm_set(&vm, 1, HV_REGISTER_EXPLICIT_SUSPEND, 1);
		cpu_wait();
	}
	vm_destroy(&vm);
}

void test_two_processors(void)
{
	struct vm vm;

	if (cpu_total() < 2)
		return skip("one processor", "two processors");
	if (!vm_create(&vm, 1, payload_spin))
		return;
	test_running(&vm);
	test_unmap_running(&vm);
	test_deposit_kick(&vm);
	test_deposit_race(&vm);
	vm_destroy(&vm);
	test_cross_ipi();
}

/* SPDX-License-Identifier: MIT */
/* The owner of every frame, seen from outside: what may be mapped, deposited, shared; and that access
 * rights hold in the guest. */
#include "tests.h"

#define RW (HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE)
#define RO HV_MAP_GPA_READABLE
#define RX (RO | HV_MAP_GPA_KERNEL_EXECUTABLE | HV_MAP_GPA_USER_EXECUTABLE)
#define SPARE 0x300000ULL
#define BAD HV_STATUS_INVALID_PARAMETER

static u32 deposit_one(u64 id, void *page)
{
	u64 pfn = pfn_of(page);

	return status_of(call_rep(HVCALL_DEPOSIT_MEMORY, 1, &id, 8, &pfn, 8));
}

static void test_sharing(struct vm *a, struct vm *b, void *page)
{
	check_equal(vm_map(a, SPARE, page, RW), 0, "map a page writable in A");
	check_equal(vm_map(b, SPARE, page, RW), BAD, "not writable in B, too");
	check_equal(vm_map(b, SPARE, page, RO), BAD, "nor readable");
	check_equal(deposit_one(b->id, page), BAD, "nor deposited");
	check_equal(vm_map(a, SPARE + PAGE, page, RO), 0, "but again in A");
	check_equal(ledger().child_rw, 2 * (3 + 2 * 1 + 1) + 1, "the ledger counts it once");
	check_equal(vm_unmap(a, SPARE, 2), 0, "unmap both");
	check_equal(vm_map(a, SPARE, page, RO), 0, "map it read-only in A");
	check_equal(vm_map(b, SPARE, page, RO), 0, "and in B");
	check_equal(vm_map(b, SPARE + PAGE, page, RW), BAD, "not writable while shared");
	check_equal(vm_map(b, SPARE, page, RW), BAD, "nor by other rights for the mapping that is there");
	check_equal(vm_map(b, SPARE, page, RX), 0, "B's mapping can become executable");
	check_equal(vm_unmap(a, SPARE, 1), 0, "A's goes");
	check_equal(deposit_one(a->id, page), BAD, "still not deposited");
	check_equal(vm_unmap(b, SPARE, 1), 0, "B's goes");
	check_equal(vm_map(b, SPARE, page, RW), 0, "now B may write it");
	check_equal(vm_unmap(b, SPARE, 1), 0, "unmap");
	check_equal(deposit_one(a->id, page), 0, "and now it can be deposited");
	check_equal(vm_map(b, SPARE, page, RO), BAD, "a deposited page is not mapped in B");
	check_equal(vm_map(a, SPARE, page, RO), BAD, "nor in its own partition");
}

/* The pages of the hypervisor itself, found by reading. */
static u64 hidden_frame(void)
{
	for (u64 at = 0x200000; at < 0x80000000; at += 0x200000) {
		if (trap_read(at) == 13)
			return at;
	}
	return 0;
}

static void test_forbidden(struct vm *a)
{
	u64 hv = hidden_frame(), before;

	check_equal(vm_map(a, SPARE, (void *)hv, RO), BAD, "the hypervisor's memory is not mapped");
	check_equal(deposit_one(a->id, (void *)hv), BAD, "nor deposited");
	check_equal(vm_map(a, SPARE, (void *)0xfee00000, RW), BAD, "device memory is not mapped");
	check_equal(vm_map(a, SPARE, (void *)(1ULL << 45), RW), BAD, "nor what is beyond memory");
	before = ledger().child_rw;
	check_equal(vm_map(a, VM_DATA, (void *)(1ULL << 45), RW), BAD, "in the place of a page, too");
	check_equal(ledger().child_rw, before, "which stays where it is");
	vm_run(a, 0, false);
	vm_set(a, 0, HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0);
	vm_run(a, 0, false);
	check_equal(a->data[0][0], 1, "and takes what the guest writes");
	check_equal(vm_map(a, SPARE, a->message[0], RW), BAD, "nor a state page");
	check_equal(vm_map(a, SPARE, simp(), RW), BAD, "nor the root's message page");
	check_equal(deposit_one(a->id, a->registers[0]), BAD, "a state page is not deposited");
	check_equal(status_of(hypercall(HV_EXT_CALL_GET_MEMORY_LEDGER, 0, (u64)a->message[0])), BAD,
		    "nor is it output of a call");
	check_equal(status_of(hypercall(HV_EXT_CALL_GET_MEMORY_LEDGER, 0, (u64)a->data[0])), BAD,
		    "nor is a child's page");
}

void test_frames(void)
{
	struct vm a, b;
	void *page = page_alloc();
	struct hv_input_withdraw_memory in;
	u64 result;

	if (!vm_create(&a, 1, payload_halt) || !vm_create(&b, 1, payload_halt))
		return;
	test_sharing(&a, &b, page);
	test_forbidden(&a);
	in = (struct hv_input_withdraw_memory){.partition_id = a.id};
	result = call_rep(HVCALL_WITHDRAW_MEMORY, 1, &in, sizeof(in), &in, 0);
	check(status_of(result) == 0 && *(u64 *)call_output() == pfn_of(page), "withdraw the page again");
	page_free(page);
	vm_destroy(&a);
	vm_destroy(&b);
}

/* ---- Mappings and what the guest may do with them ------------------------------------------------------ */

static void test_rights(struct vm *vm)
{
	u64 *page = page_alloc();
	struct hv_x64_memory_intercept *m = (void *)vm->message[0]->payload;

	page[0] = 0x1234;
	vm->data[0][1] = SPARE;
	check_equal(vm_run(vm, 0, false), HVMSG_UNMAPPED_GPA, "a touch of nothing is an intercept");
	check(m->gpa == SPARE && m->header.access_type == HV_INTERCEPT_ACCESS_READ,
	      "with address and direction");
	check_equal(vm_run(vm, 0, true), HVMSG_UNMAPPED_GPA, "again while nothing is there");
	check_equal(vm_map(vm, SPARE, page, RO), 0, "map the page read-only");
	check_equal(vm_run(vm, 0, true), 0, "now it goes on");
	check_equal(vm->data[0][0], 0x1234, "and has read the page");
	vm->data[0][2] = 1;
	vm_set(vm, 0, HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0);
	check_equal(vm_run(vm, 0, false), HVMSG_GPA_INTERCEPT, "a write to it is an intercept");
	check_equal(m->header.access_type, HV_INTERCEPT_ACCESS_WRITE, "of a write");
	check_equal(page[0], 0x1234, "and nothing was written");
	check_equal(vm_map(vm, SPARE, page, RW), 0, "map it writable in place");
	check_equal(vm_run(vm, 0, true), 0, "now it goes on");
	check_equal(page[0], 0x77, "and has written");
	check_equal(vm_unmap(vm, SPARE, 1), 0, "unmap");
	vm_set(vm, 0, HV_REGISTER_INTERNAL_ACTIVITY_STATE, 0);
	check_equal(vm_run(vm, 0, false), HVMSG_UNMAPPED_GPA, "no access after unmapping");
	page_free(page);
}

static void test_execute(void)
{
	struct vm vm;
	struct hv_x64_memory_intercept *m;

	if (!vm_create(&vm, 1, payload_jump))
		return;
	m = (void *)vm.message[0]->payload;
	vm.data[0][1] = VM_DATA + 0x800; /* readable and writable, not executable */
	check_equal(vm_run(&vm, 0, false), HVMSG_GPA_INTERCEPT, "data is not executed");
	check(m->gpa == VM_DATA + 0x800 && m->header.access_type == HV_INTERCEPT_ACCESS_EXECUTE,
	      "with address and kind");
	vm_destroy(&vm);
}

static void test_map_arguments(struct vm *vm)
{
	u8 *page = page_alloc();

	check_equal(vm_map(vm, SPARE, page, 0), BAD, "a mapping without rights");
	check_equal(vm_map(vm, SPARE, page, HV_MAP_GPA_WRITABLE), BAD, "write without read");
	check_equal(vm_map(vm, SPARE, page, RO | HV_MAP_GPA_KERNEL_EXECUTABLE), BAD,
		    "half of the execute rights");
	check_equal(vm_map(vm, SPARE, page, RO | 0x10), BAD, "an unknown flag");
	check_equal(vm_map(vm, 1ULL << HV_CHILD_GPA_BITS, page, RO), BAD,
		    "an address beyond the guest's space");
	check_equal(vm_map(vm, 0, page, RO | 0x80000000), BAD, "a large page");
	check_equal(vm_unmap(vm, SPARE, 16), 0, "unmapping nothing is no error");
	check_equal(vm_unmap(vm, 1ULL << HV_CHILD_GPA_BITS, 1), BAD, "unmapping beyond the guest's space");
	check_equal(vm_unmap(vm, (1ULL << HV_CHILD_GPA_BITS) - PAGE, 2), BAD, "or across its end");
	page_free(page);
}

static void test_many_pages(struct vm *vm)
{
	u64 before = ledger().child_rw;
	struct hv_input_get_gpa_pages_access_state in = {.partition_id = vm->id,
							 .gpa_pfn = 0x40000000 / PAGE};
	struct hv_input_map_gpa_pages map = {.partition_id = vm->id, .gpa_pfn = in.gpa_pfn, .map_flags = RW};
	u8 *pages = large_alloc();
	u64 list[200], result;

	for (u32 i = 0; i < 200; i++)
		list[i] = pfn_of(pages) + i;
	result = call_rep(HVCALL_MAP_GPA_PAGES, 200, &map, sizeof(map), list, sizeof(list));
	check(status_of(result) == 0 && reps_of(result) == 200, "map 200 pages");
	check_equal(ledger().child_rw - before, 200, "200 frames changed hands");
	check_equal(vm_unmap(vm, 0x40000000 + 17 * PAGE, 1), 0, "unmap one in the middle");
	check_equal(ledger().child_rw - before, 199, "199 are left");
	result = call_rep(HVCALL_GET_GPA_PAGES_ACCESS_STATES, 512, &in, sizeof(in), &in, 0);
	check(status_of(result) == 0 && reps_of(result) == 512, "access states of 512, holes included");
	check_equal(vm_unmap(vm, 0x40000000 - 100 * PAGE, 400), 0, "unmap all, and nothing around them");
	check_equal(ledger().child_rw, before, "all are the root's again");
}

void test_mappings(void)
{
	struct vm vm;

	if (!vm_create(&vm, 1, payload_touch))
		return;
	test_map_arguments(&vm);
	test_rights(&vm);
	test_many_pages(&vm);
	vm_destroy(&vm);
	test_execute();
}

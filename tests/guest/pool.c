/* SPDX-License-Identifier: MIT */
/* Deposit and withdraw: pages vanish from the root, come back zeroed, and never twice. */
#include "tests.h"

#define GP 13

static u64 make(void)
{
	struct hv_input_create_partition in = {0};

	call_simple(HVCALL_CREATE_PARTITION, &in, sizeof(in));
	return *(u64 *)call_output();
}

static u64 deposit(u64 id, const u64 *list, u32 count)
{
	return call_rep(HVCALL_DEPOSIT_MEMORY, count, &id, 8, list, count * 8);
}

static u64 withdraw(u64 id, u32 count, u64 *list)
{
	struct hv_input_withdraw_memory in = {.partition_id = id};
	u64 result = call_rep(HVCALL_WITHDRAW_MEMORY, count, &in, sizeof(in), &in, 0);

	for (u32 i = 0; i < reps_of(result); i++)
		list[i] = ((u64 *)call_output())[i];
	return result;
}

static void test_refusals(u64 id)
{
	u64 *page = page_alloc();
	u64 twice[3] = {pfn_of(page), pfn_of(page), 0}, list[4];
	u64 bad[] = {0, 0xfee00, 1ULL << 40, ~0ULL}, result;

	for (unsigned i = 0; i < 4; i++)
		check_equal(status_of(deposit(id, &bad[i], 1)), HV_STATUS_INVALID_PARAMETER,
			    "frame 0x%lx is not deposited", bad[i]);
	result = deposit(id, twice, 2);
	check_equal(status_of(result), HV_STATUS_INVALID_PARAMETER, "a frame is not deposited twice");
	check_equal(reps_of(result), 1, "the element before it took effect");
	check_equal((u32)trap_read((u64)page), GP, "a deposited page cannot be read");
	check_equal((u32)trap_write((u64)page, 1), GP, "nor written");
	result = withdraw(id, 4, list);
	check_equal(status_of(result), HV_STATUS_NO_RESOURCES, "withdraw more than there is");
	check_equal(reps_of(result), 1, "gives what there is");
	check_equal(list[0], pfn_of(page), "the same page");
	check_equal((u32)trap_read((u64)page), (u32)-1, "which can be read again");
	page_free(page);
}

static void test_zeroed(u64 id)
{
	u64 list[32], back[32];
	bool clean = true;

	for (unsigned i = 0; i < 32; i++) {
		u64 *page = page_alloc();

		for (unsigned j = 0; j < PAGE / 8; j++)
			page[j] = ~0ULL;
		list[i] = pfn_of(page);
	}
	check_equal(reps_of(deposit(id, list, 32)), 32, "deposit 32 pages with something in them");
	check_equal(reps_of(withdraw(id, 32, back)), 32, "withdraw them");
	for (unsigned i = 0; i < 32; i++) {
		u64 *page = (u64 *)(back[i] * PAGE);

		for (unsigned j = 0; j < PAGE / 8; j++)
			clean = clean && page[j] == 0;
		page_free(page);
	}
	check(clean, "all are zero");
}

static bool pool_is(u64 id, u64 deposited, u64 in_use)
{
	const struct hv_ext_stats *s = call_output();

	return status_of(call_simple(HV_EXT_CALL_GET_STATS, &id, 8)) == 0 && s->partition_id == id &&
	       s->pages_deposited == deposited && s->pages_in_use == in_use;
}

static void test_balance(u64 id)
{
	u64 list[8], back[8];

	for (unsigned i = 0; i < 8; i++)
		list[i] = pfn_of(page_alloc());
	deposit(id, list, 8);
	check(pool_is(id, 8, 0), "statistics: 8 pages deposited, 0 in use");
	call_simple(HVCALL_INITIALIZE_PARTITION, &id, 8);
	check(pool_is(id, 8, 2), "initialize uses 2");
	call_simple(HVCALL_FINALIZE_PARTITION, &id, 8);
	check_equal(reps_of(withdraw(id, 8, back)), 8, "finalize gave them back");
	check(pool_is(id, 0, 0), "nothing is left");
	for (unsigned i = 0; i < 8; i++)
		page_free((void *)(back[i] * PAGE));
}

/* A whole 2 MiB: the root's table is split once and becomes one entry again. */
static void test_large(u64 id)
{
	u8 *large = large_alloc();
	u64 list[512], tables = ledger().root_tables_free;
	u32 got = 0;

	for (u32 i = 0; i < 512; i++)
		list[i] = pfn_of(large) + i;
	check_equal(reps_of(deposit(id, list, 511)), 511, "deposit 511 pages in one call");
	check_equal(reps_of(deposit(id, list + 511, 1)), 1, "and the last of 2 MiB");
	check(ledger().root_tables_free <= tables, "hiding them costs table pages");
	check_equal((u32)trap_read((u64)large + 0x100000), GP, "the middle is hidden");
	for (u32 n = 1; got < 512 && n; got += n)
		n = reps_of(withdraw(id, 100, list));
	check_equal(got, 512, "withdraw all in hundreds");
	check_equal((u32)trap_read((u64)large + 0x100000), (u32)-1, "the middle is back");
	check(ledger().root_tables_free >= tables, "the table pages are free again");
}

void test_pool(void)
{
	u64 id = make();

	test_refusals(id);
	test_zeroed(id);
	test_large(id);
	test_balance(id);
	check_equal(status_of(call_simple(HVCALL_DELETE_PARTITION, &id, 8)), HV_STATUS_SUCCESS, "delete");
}

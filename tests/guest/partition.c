/* SPDX-License-Identifier: MIT */
/* Life cycle and properties of partitions: state x call -> status. */
#include "tests.h"

static u32 by_id(u16 code, u64 id)
{
	return status_of(call_simple(code, &id, sizeof(id)));
}

static u64 create(u64 flags)
{
	struct hv_input_create_partition in = {.flags = flags};

	return status_of(call_simple(HVCALL_CREATE_PARTITION, &in, sizeof(in))) ? 0 : *(u64 *)call_output();
}

static u32 create_vp(u64 id, u32 index)
{
	struct hv_input_create_vp in = {.partition_id = id, .vp_index = index};

	return status_of(call_simple(HVCALL_CREATE_VP, &in, sizeof(in)));
}

static u32 delete_vp(u64 id, u32 index)
{
	struct hv_input_delete_vp in = {.partition_id = id, .vp_index = index};

	return status_of(call_simple(HVCALL_DELETE_VP, &in, sizeof(in)));
}

static u32 deposit(u64 id, void **pages, u32 count)
{
	u64 list[16];

	for (u32 i = 0; i < count; i++) {
		pages[i] = page_alloc();
		list[i] = pfn_of(pages[i]);
	}
	return status_of(call_rep(HVCALL_DEPOSIT_MEMORY, count, &id, 8, list, count * 8));
}

static u32 withdraw_all(u64 id)
{
	struct hv_input_withdraw_memory in = {.partition_id = id};
	u64 result = call_rep(HVCALL_WITHDRAW_MEMORY, 16, &in, sizeof(in), &in, 0);

	for (u32 i = 0; i < reps_of(result); i++)
		page_free((void *)(((u64 *)call_output())[i] * PAGE));
	return reps_of(result);
}

void test_life_cycle(void)
{
	struct vm fake = {0};
	void *pages[16];
	u64 id, other;

	check_equal(create(1), 0, "unknown creation flags are refused");
	id = create(0);
	other = create(HV_PARTITION_CREATE_KNOWN);
	check(id >= 2 && other > id, "partitions get rising ids");
	fake.id = id;
	check_equal(ledger().partitions, 2, "and are counted");
	check_equal(by_id(HVCALL_FINALIZE_PARTITION, id), HV_STATUS_INVALID_PARTITION_STATE,
		    "created: not finalized");
	check_equal(create_vp(id, 0), HV_STATUS_INVALID_PARTITION_STATE, "created: no VPs");
	check_equal(vm_map(&fake, 0, call_output(), 1), HV_STATUS_INVALID_PARTITION_STATE,
		    "created: no mappings");
	check_equal(by_id(HVCALL_INITIALIZE_PARTITION, id), HV_STATUS_INSUFFICIENT_MEMORY,
		    "initialize wants memory first");
	check_equal(deposit(id, pages, 2), HV_STATUS_SUCCESS, "deposit 2 pages");
	check_equal(by_id(HVCALL_DELETE_PARTITION, id), HV_STATUS_OBJECT_IN_USE, "not deleted with memory");
	check_equal(by_id(HVCALL_INITIALIZE_PARTITION, id), HV_STATUS_SUCCESS, "initialize");
	check_equal(by_id(HVCALL_INITIALIZE_PARTITION, id), HV_STATUS_INVALID_PARTITION_STATE, "not twice");
	check_equal(by_id(HVCALL_DELETE_PARTITION, id), HV_STATUS_INVALID_PARTITION_STATE,
		    "initialized: not deleted");
	check_equal(create_vp(id, 0), HV_STATUS_INSUFFICIENT_MEMORY, "a VP wants memory");
	check_equal(deposit(id, pages + 2, 4), HV_STATUS_SUCCESS, "deposit 4 more");
	check_equal(create_vp(id, HV_MAX_VPS), HV_STATUS_INVALID_VP_INDEX, "VP index out of range");
	check_equal(create_vp(id, 3), HV_STATUS_SUCCESS, "VP 3");
	check_equal(create_vp(id, 3), HV_STATUS_OBJECT_IN_USE, "not twice");
	check_equal(delete_vp(id, 2), HV_STATUS_INVALID_VP_INDEX, "VP 2 is not there");
	check_equal(delete_vp(id, 3), HV_STATUS_SUCCESS, "delete VP 3");
	check_equal(create_vp(id, 3), HV_STATUS_SUCCESS, "and create it again");
	check_equal(withdraw_all(id), 2, "only free pages can be withdrawn");
	check_equal(by_id(HVCALL_FINALIZE_PARTITION, id), HV_STATUS_SUCCESS, "finalize");
	check_equal(by_id(HVCALL_FINALIZE_PARTITION, id), HV_STATUS_INVALID_PARTITION_STATE, "not twice");
	check_equal(create_vp(id, 0), HV_STATUS_INVALID_PARTITION_STATE, "finalized: no VPs");
	check_equal(deposit(id, pages + 6, 1), HV_STATUS_INVALID_PARTITION_STATE, "finalized: no deposits");
	page_free(pages[6]);
	check_equal(withdraw_all(id), 4, "withdraw the rest");
	check_equal(by_id(HVCALL_DELETE_PARTITION, id), HV_STATUS_SUCCESS, "delete");
	check_equal(by_id(HVCALL_DELETE_PARTITION, id), HV_STATUS_INVALID_PARTITION_ID, "gone");
	check_equal(by_id(HVCALL_DELETE_PARTITION, other), HV_STATUS_SUCCESS,
		    "an empty partition is deleted at once");
	check_equal(by_id(HVCALL_DELETE_PARTITION, HV_PARTITION_ID_ROOT), HV_STATUS_ACCESS_DENIED,
		    "the root cannot be deleted");
	check_equal(by_id(HVCALL_FINALIZE_PARTITION, HV_PARTITION_ID_SELF), HV_STATUS_ACCESS_DENIED,
		    "nor finalize itself");
}

static u32 get_property(u64 id, u32 code, u64 *value)
{
	struct hv_input_get_partition_property in = {id, code, 0};
	u32 status = status_of(call_simple(HVCALL_GET_PARTITION_PROPERTY, &in, sizeof(in)));

	*value = *(u64 *)call_output();
	return status;
}

static u32 set_property(u64 id, u32 code, u64 value)
{
	struct hv_input_set_partition_property in = {id, code, 0, value};

	return status_of(call_simple(HVCALL_SET_PARTITION_PROPERTY, &in, sizeof(in)));
}

void test_properties(void)
{
	u64 id = create(0), value = 0, later = 0;

	check_equal(get_property(id, 0x12345, &value), HV_STATUS_UNKNOWN_PROPERTY, "unknown property: get");
	check_equal(set_property(id, 0x12345, 0), HV_STATUS_UNKNOWN_PROPERTY, "unknown property: set");
	check_equal(get_property(id, HV_PROPERTY_PRIVILEGE_FLAGS, &value), HV_STATUS_SUCCESS,
		    "privileges: get");
	check(!(value & HV_PRIV_CREATE_PARTITIONS), "a child may not create partitions");
	check_equal(set_property(id, HV_PROPERTY_PRIVILEGE_FLAGS, value | HV_PRIV_CREATE_PARTITIONS),
		    HV_STATUS_ACCESS_DENIED, "nor be allowed to");
	check_equal(set_property(id, HV_PROPERTY_SUSPEND, 2), HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE,
		    "suspend: 0 or 1");
	check_equal(set_property(id, HV_PROPERTY_UNIMPLEMENTED_MSR_ACTION, 2),
		    HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE, "MSR action: 0 or 1");
	check_equal(set_property(id, HV_PROPERTY_REFERENCE_TIME, 0), HV_STATUS_ACCESS_DENIED,
		    "time is read-only");
	check_equal(set_property(id, HV_PROPERTY_PROCESSOR_CLOCK_FREQUENCY, 1), HV_STATUS_ACCESS_DENIED,
		    "the frequency is the root's");
	check_equal(set_property(HV_PARTITION_ID_SELF, HV_PROPERTY_PROCESSOR_CLOCK_FREQUENCY, 0),
		    HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE, "no frequency of 0");
	check_equal(set_property(HV_PARTITION_ID_SELF, HV_PROPERTY_PROCESSOR_CLOCK_FREQUENCY, 2000000000),
		    HV_STATUS_OBJECT_IN_USE, "no other frequency while children exist");
	check_equal(set_property(HV_PARTITION_ID_SELF, HV_PROPERTY_SUSPEND, 1), HV_STATUS_ACCESS_DENIED,
		    "the root is not suspended");
	get_property(id, HV_PROPERTY_REFERENCE_TIME, &value);
	get_property(id, HV_PROPERTY_REFERENCE_TIME, &later);
	check(later >= value, "reference time does not run backwards");
	check_equal(by_id(HVCALL_DELETE_PARTITION, id), HV_STATUS_SUCCESS, "delete");
}

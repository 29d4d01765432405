/* SPDX-License-Identifier: MIT */
/* Every hypercall: code, flags, shape, handler. Sorted by code; docs/abi.md lists the same. */
#include <hv/hypercall.h>

#define LOCKED (CALL_TAKE | CALL_LOCKED)
#define SPACE (CALL_TAKE | CALL_SPACE)
#define VP (CALL_TAKE | CALL_SPACE | CALL_VP)

/* Sizes in bytes: input and output, or fixed input, then elements of input and output and how many at most.
 */
#define IN(name) sizeof(struct hv_input_##name)
#define CALL(number, name, flags, in, out)                 \
	{                                                  \
		number, flags, in, 0, out, 0, 0, hc_##name \
	}
#define REP(number, name, flags, in_rep, out_rep, max)                                   \
	{                                                                                \
		number, (flags) | CALL_REP, IN(name), in_rep, 0, out_rep, max, hc_##name \
	}

/* The ABI names one element. */
#define hv_input_get_gpa_pages_access_states hv_input_get_gpa_pages_access_state

const struct call_info hypercall_table[] = {
	CALL(HVCALL_NOTIFY_LONG_SPIN_WAIT, notify_long_spin_wait, CALL_FAST | CALL_CHILD, 8, 0),
	CALL(HVCALL_CREATE_PARTITION, create_partition, 0, IN(create_partition), 8),
	CALL(HVCALL_INITIALIZE_PARTITION, initialize_partition, CALL_FAST | LOCKED, IN(partition), 0),
	CALL(HVCALL_FINALIZE_PARTITION, finalize_partition, CALL_FAST | LOCKED, IN(partition), 0),
	CALL(HVCALL_DELETE_PARTITION, delete_partition, CALL_FAST | CALL_TAKE, IN(partition), 0),
	CALL(HVCALL_GET_PARTITION_PROPERTY, get_partition_property, LOCKED | CALL_ANY,
	     IN(get_partition_property), 8),
	CALL(HVCALL_SET_PARTITION_PROPERTY, set_partition_property, LOCKED | CALL_ANY,
	     IN(set_partition_property), 0),
	REP(HVCALL_DEPOSIT_MEMORY, deposit_memory, LOCKED, 8, 0, HV_DEPOSIT_MAX_REPS),
	REP(HVCALL_WITHDRAW_MEMORY, withdraw_memory, LOCKED, 0, 8, HV_WITHDRAW_MAX_REPS),
	REP(HVCALL_MAP_GPA_PAGES, map_gpa_pages, SPACE, 8, 0, HV_MAP_GPA_MAX_REPS),
	REP(HVCALL_UNMAP_GPA_PAGES, unmap_gpa_pages, SPACE, 0, 0, HV_UNMAP_GPA_MAX_REPS),
	CALL(HVCALL_INSTALL_INTERCEPT, install_intercept, LOCKED, IN(install_intercept), 0),
	CALL(HVCALL_CREATE_VP, create_vp, SPACE, IN(create_vp), 0),
	CALL(HVCALL_DELETE_VP, delete_vp, CALL_FAST | VP, IN(delete_vp), 0),
	REP(HVCALL_GET_VP_REGISTERS, get_vp_registers, 0, 4, sizeof(union hv_register_value), 256),
	REP(HVCALL_SET_VP_REGISTERS, set_vp_registers, 0, sizeof(struct hv_register_assoc), 0, 127),
	CALL(HVCALL_SIGNAL_EVENT, signal_event, CALL_FAST | CALL_CHILD, IN(signal_event), 0),
	CALL(HVCALL_ASSERT_VIRTUAL_INTERRUPT, assert_virtual_interrupt, LOCKED, IN(assert_virtual_interrupt),
	     0),
	CALL(HVCALL_DISPATCH_VP, dispatch_vp, VP, IN(dispatch_vp), sizeof(struct hv_output_dispatch_vp)),
	REP(HVCALL_GET_GPA_PAGES_ACCESS_STATES, get_gpa_pages_access_states, SPACE, 0, 1, 4095),
	CALL(HVCALL_MAP_VP_STATE_PAGE, map_vp_state_page, VP, IN(map_vp_state_page), 8),
	CALL(HVCALL_UNMAP_VP_STATE_PAGE, unmap_vp_state_page, CALL_FAST | VP, IN(unmap_vp_state_page), 0),
	CALL(HV_EXT_CALL_READ_LOG, read_log, 0, sizeof(struct hv_ext_read_log),
	     sizeof(struct hv_ext_log_chunk)),
	CALL(HV_EXT_CALL_GET_STATS, get_stats, LOCKED | CALL_ANY, sizeof(struct hv_ext_get_stats),
	     sizeof(struct hv_ext_stats)),
	CALL(HV_EXT_CALL_GET_MEMORY_LEDGER, get_memory_ledger, 0, 0, sizeof(struct hv_ext_ledger)),
};

const u32 hypercall_table_size = sizeof(hypercall_table) / sizeof(hypercall_table[0]);

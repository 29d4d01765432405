/* SPDX-License-Identifier: MIT */
/* Every hypercall: code, name, shape, privilege, handler. Sorted by code; docs/abi.md lists the same. */
#include <hv/hypercall.h>

#define IN(type) .in = sizeof(struct type)
#define OUT(type) .out = sizeof(struct type)
#define CALL(number, function) .code = HVCALL_##number, .handler = hc_##function, .name = #function
#define EXT(number, function) .code = HV_EXT_CALL_##number, .handler = hc_##function, .name = #function
#define LOCKED (CALL_TAKE | CALL_LOCKED)
#define SPACE (CALL_TAKE | CALL_SPACE)
#define VP (CALL_TAKE | CALL_SPACE | CALL_VP)
#define ROOT .privilege = HV_PRIV_CREATE_PARTITIONS
#define POOL .privilege = HV_PRIV_MEMORY_POOL
#define EXTENDED .privilege = HV_PRIV_EXTENDED_CALLS

const struct call_info hypercall_table[] = {
	{CALL(NOTIFY_LONG_SPIN_WAIT, notify_long_spin_wait), .flags = CALL_FAST | CALL_CHILD, .in = 8},
	{CALL(CREATE_PARTITION, create_partition), ROOT, IN(hv_input_create_partition), .out = 8},
	{CALL(INITIALIZE_PARTITION, initialize_partition), ROOT, IN(hv_input_partition),
	 .flags = CALL_FAST | LOCKED},
	{CALL(FINALIZE_PARTITION, finalize_partition), ROOT, IN(hv_input_partition),
	 .flags = CALL_FAST | LOCKED},
	{CALL(DELETE_PARTITION, delete_partition), ROOT, IN(hv_input_partition),
	 .flags = CALL_FAST | CALL_TAKE},
	{CALL(GET_PARTITION_PROPERTY, get_partition_property), ROOT, IN(hv_input_get_partition_property),
	 .out = 8, .flags = LOCKED | CALL_ANY},
	{CALL(SET_PARTITION_PROPERTY, set_partition_property), ROOT, IN(hv_input_set_partition_property),
	 .flags = LOCKED | CALL_ANY},
	{CALL(GET_PARTITION_ID, get_partition_id), .privilege = HV_PRIV_GET_PARTITION_ID, .flags = CALL_CHILD,
	 .out = 8},
	{CALL(GET_NEXT_CHILD_PARTITION, get_next_child_partition), ROOT,
	 IN(hv_input_get_next_child_partition), .out = 8},
	{CALL(DEPOSIT_MEMORY, deposit_memory), POOL, IN(hv_input_deposit_memory), .flags = CALL_REP | LOCKED,
	 .in_rep = 8, .max_reps = HV_DEPOSIT_MAX_REPS},
	{CALL(WITHDRAW_MEMORY, withdraw_memory), POOL, IN(hv_input_withdraw_memory),
	 .flags = CALL_REP | LOCKED, .out_rep = 8, .max_reps = HV_WITHDRAW_MAX_REPS},
	{CALL(GET_MEMORY_BALANCE, get_memory_balance), POOL, IN(hv_input_withdraw_memory),
	 OUT(hv_output_get_memory_balance), .flags = LOCKED},
	{CALL(MAP_GPA_PAGES, map_gpa_pages), ROOT, IN(hv_input_map_gpa_pages), .flags = CALL_REP | SPACE,
	 .in_rep = 8, .max_reps = HV_MAP_GPA_MAX_REPS},
	{CALL(UNMAP_GPA_PAGES, unmap_gpa_pages), ROOT, IN(hv_input_unmap_gpa_pages),
	 .flags = CALL_REP | SPACE, .max_reps = HV_UNMAP_GPA_MAX_REPS},
	{CALL(INSTALL_INTERCEPT, install_intercept), ROOT, IN(hv_input_install_intercept), .flags = LOCKED},
	{CALL(CREATE_VP, create_vp), ROOT, IN(hv_input_create_vp), .flags = SPACE},
	{CALL(DELETE_VP, delete_vp), ROOT, IN(hv_input_delete_vp), .flags = CALL_FAST | VP},
	{CALL(GET_VP_REGISTERS, get_vp_registers), ROOT, IN(hv_input_get_vp_registers), .flags = CALL_REP,
	 .in_rep = 4, .out_rep = sizeof(union hv_register_value), .max_reps = 256},
	{CALL(SET_VP_REGISTERS, set_vp_registers), ROOT, IN(hv_input_set_vp_registers), .flags = CALL_REP,
	 .in_rep = sizeof(struct hv_register_assoc), .max_reps = 127},
	{CALL(DELETE_PORT, delete_port), .privilege = HV_PRIV_CREATE_PORT, IN(hv_input_delete_port),
	 .flags = CALL_FAST},
	{CALL(DISCONNECT_PORT, disconnect_port), .privilege = HV_PRIV_CONNECT_PORT,
	 IN(hv_input_disconnect_port), .flags = CALL_FAST | CALL_TAKE},
	{CALL(SIGNAL_EVENT, signal_event), .privilege = HV_PRIV_SIGNAL_EVENTS, IN(hv_input_signal_event),
	 .flags = CALL_FAST | CALL_CHILD},
	{CALL(GET_SYSTEM_PROPERTY, get_system_property), ROOT, IN(hv_input_get_system_property), .out = 8},
	{CALL(ASSERT_VIRTUAL_INTERRUPT, assert_virtual_interrupt), ROOT,
	 IN(hv_input_assert_virtual_interrupt), .flags = LOCKED},
	{CALL(CREATE_PORT, create_port), .privilege = HV_PRIV_CREATE_PORT, IN(hv_input_create_port)},
	{CALL(CONNECT_PORT, connect_port), .privilege = HV_PRIV_CONNECT_PORT, IN(hv_input_connect_port),
	 .flags = CALL_TAKE},
	{CALL(DISPATCH_VP, dispatch_vp), ROOT, IN(hv_input_dispatch_vp), OUT(hv_output_dispatch_vp),
	 .flags = VP},
	{CALL(GET_GPA_PAGES_ACCESS_STATES, get_gpa_pages_access_states), ROOT, .flags = CALL_REP | SPACE,
	 IN(hv_input_get_gpa_pages_access_state), .out_rep = 1, .max_reps = 4095},
	{CALL(MAP_VP_STATE_PAGE, map_vp_state_page), ROOT, IN(hv_input_map_vp_state_page), .out = 8,
	 .flags = VP},
	{CALL(UNMAP_VP_STATE_PAGE, unmap_vp_state_page), ROOT, IN(hv_input_unmap_vp_state_page),
	 .flags = CALL_FAST | VP},
	{EXT(READ_LOG, read_log), EXTENDED, IN(hv_ext_read_log), OUT(hv_ext_log_chunk)},
	{EXT(GET_STATS, get_stats), EXTENDED, IN(hv_ext_get_stats), OUT(hv_ext_stats),
	 .flags = LOCKED | CALL_ANY},
	{EXT(GET_MEMORY_LEDGER, get_memory_ledger), EXTENDED, OUT(hv_ext_ledger)},
	{EXT(DISABLE, disable), EXTENDED, .flags = CALL_FAST},
};

const u32 hypercall_table_size = sizeof(hypercall_table) / sizeof(hypercall_table[0]);

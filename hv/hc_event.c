/* SPDX-License-Identifier: MIT */
/* Hypercalls on interrupts, ports and events. */
#include <hv/dispatch.h>
#include <hv/hypercall.h>
#include <hv/partition.h>
#include <hv/port.h>
#include <x86/defs.h>

#define INTERRUPT_FIXED 0u
#define INTERRUPT_NMI 4u

static u32 check_interrupt(const struct hv_input_assert_virtual_interrupt *in)
{
	if (in->interrupt_type != INTERRUPT_FIXED && in->interrupt_type != INTERRUPT_NMI)
		return HV_STATUS_INVALID_PARAMETER;
	if (in->level_and_dest_mode || in->target_vtl || in->dest_addr >= HV_MAX_VPS)
		return HV_STATUS_INVALID_PARAMETER;
	if (in->interrupt_type == INTERRUPT_FIXED &&
	    (in->requested_vector < 16 || in->requested_vector > 255))
		return HV_STATUS_INVALID_PARAMETER;
	return HV_STATUS_SUCCESS;
}

/* The caller wakes a blocked VP's thread itself: it knows whom it interrupts. */
u32 hc_assert_virtual_interrupt(struct call *c)
{
	const struct hv_input_assert_virtual_interrupt *in = c->in;
	u32 status = check_interrupt(in);
	struct vp *vp = !status && c->partition->page ? c->partition->page->vps[in->dest_addr] : NULL;

	if (status)
		return status;
	if (!vp)
		return HV_STATUS_INVALID_VP_INDEX;
	dispatch_interrupt(vp, in->interrupt_type == INTERRUPT_NMI ? EXC_NMI : (u8)in->requested_vector);
	return HV_STATUS_SUCCESS;
}

/* Only the root receives. */
u32 hc_create_port(struct call *c)
{
	const struct hv_input_create_port *in = c->in;
	u32 status;

	if (!call_names_root(in->port_partition))
		return HV_STATUS_INVALID_PARTITION_ID;
	if (in->port_vtl || in->min_connection_vtl || in->padding)
		return HV_STATUS_INVALID_PARAMETER;
	status = call_take(c, in->connection_partition, 0);
	return status ? status : port_create(in->port_id, c->partition->id, &in->info);
}

u32 hc_delete_port(struct call *c)
{
	const struct hv_input_delete_port *in = c->in;

	if (!call_names_root(in->port_partition))
		return HV_STATUS_INVALID_PARTITION_ID;
	return in->reserved ? HV_STATUS_INVALID_PARAMETER : port_delete(in->port_id);
}

u32 hc_connect_port(struct call *c)
{
	const struct hv_input_connect_port *in = c->in;

	if (in->connection_vtl || in->reserved || in->info.type != HV_PORT_TYPE_EVENT || in->info.padding)
		return HV_STATUS_INVALID_PARAMETER;
	if (!call_names_root(in->port_partition))
		return HV_STATUS_INVALID_PARTITION_ID;
	return port_connect(c->partition->id, in->connection_id, in->port_id);
}

u32 hc_disconnect_port(struct call *c)
{
	const struct hv_input_disconnect_port *in = c->in;

	return in->reserved ? HV_STATUS_INVALID_PARAMETER
			    : port_disconnect(c->partition->id, in->connection_id);
}

u32 hc_signal_event(struct call *c)
{
	const struct hv_input_signal_event *in = c->in;

	if (in->reserved)
		return HV_STATUS_INVALID_PARAMETER;
	return port_signal(c->caller->id, in->connection_id, in->flag_number);
}

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
	u32 status;
	struct partition *p = call_child(c, in->partition_id, &status);
	struct vp *vp = NULL;

	if (!p)
		return status;
	lock(&p->lock);
	status = check_interrupt(in);
	if (!status && p->page)
		vp = p->page->vps[in->dest_addr];
	if (!status && !vp)
		status = HV_STATUS_INVALID_VP_INDEX;
	if (!status)
		dispatch_interrupt(vp,
				   in->interrupt_type == INTERRUPT_NMI ? EXC_NMI : (u8)in->requested_vector);
	unlock(&p->lock);
	partition_put(p);
	return status;
}

static bool is_root_id(u64 id)
{
	return id == HV_PARTITION_ID_SELF || id == HV_PARTITION_ID_ROOT;
}

u32 hc_create_port(struct call *c)
{
	const struct hv_input_create_port *in = c->in;
	struct partition *child;
	u32 status;

	if (!is_root_id(in->port_partition))
		return HV_STATUS_INVALID_PARTITION_ID; /* only the root receives */
	if (in->port_vtl || in->min_connection_vtl || in->padding)
		return HV_STATUS_INVALID_PARAMETER;
	child = call_child(c, in->connection_partition, &status);
	if (!child)
		return status;
	status = port_create(in->port_id, child->id, &in->info);
	partition_put(child);
	return status;
}

u32 hc_delete_port(struct call *c)
{
	const struct hv_input_delete_port *in = c->in;

	if (!is_root_id(in->port_partition))
		return HV_STATUS_INVALID_PARTITION_ID;
	return in->reserved ? HV_STATUS_INVALID_PARAMETER : port_delete(in->port_id);
}

u32 hc_connect_port(struct call *c)
{
	const struct hv_input_connect_port *in = c->in;
	struct partition *child;
	u32 status;

	if (in->connection_vtl || in->reserved || in->info.type != HV_PORT_TYPE_EVENT || in->info.padding)
		return HV_STATUS_INVALID_PARAMETER;
	if (!is_root_id(in->port_partition))
		return HV_STATUS_INVALID_PARTITION_ID;
	child = call_child(c, in->connection_partition, &status);
	if (!child)
		return status;
	status = port_connect(child->id, in->connection_id, in->port_id);
	partition_put(child);
	return status;
}

u32 hc_disconnect_port(struct call *c)
{
	const struct hv_input_disconnect_port *in = c->in;
	struct partition *child;
	u32 status;

	if (in->reserved)
		return HV_STATUS_INVALID_PARAMETER;
	child = call_child(c, in->connection_partition, &status);
	if (!child)
		return status;
	status = port_disconnect(child->id, in->connection_id);
	partition_put(child);
	return status;
}

u32 hc_signal_event(struct call *c)
{
	const struct hv_input_signal_event *in = c->in;

	if (in->reserved)
		return HV_STATUS_INVALID_PARAMETER;
	return port_signal(c->caller->id, in->connection_id, in->flag_number);
}

/* SPDX-License-Identifier: MIT */
/*
 * Event ports (TLFS "Inter-Partition Communication"): a child's SignalEvent sets a flag in the SIEFP
 * page of a root VP and ends the dispatch on that processor, so that the root looks at once.
 */
#include <hv/cpu.h>
#include <hv/hypercall.h>
#include <hv/partition.h>
#include <hv/phys.h>
#include <hv/port.h>
#include <hv/smp.h>
#include <hv/vp.h>

#define PORTS 1024
#define ID_MASK 0xffffffu
#define SINTS 16u
#define FLAGS_PER_SINT 2048u
#define SINT_BYTES 256u

struct port {
	u64 partition; /* that may connect; 0 = free entry */
	u32 id;
	u32 connection_id;
	bool connected;
	struct hv_port_info info;
};

static struct port ports[PORTS];
static struct spinlock port_lock;

static struct port *find_port(u32 id)
{
	for (u32 i = 0; i < PORTS; i++) {
		if (ports[i].partition && ports[i].id == id)
			return &ports[i];
	}
	return NULL;
}

static struct port *find_connection(u64 partition, u32 connection_id)
{
	for (u32 i = 0; i < PORTS; i++) {
		if (ports[i].partition == partition && ports[i].connected &&
		    ports[i].connection_id == connection_id)
			return &ports[i];
	}
	return NULL;
}

static bool valid_info(const struct hv_port_info *info)
{
	return info->type == HV_PORT_TYPE_EVENT && !info->padding && !info->reserved &&
	       info->target_sint < SINTS && info->target_vp < cpu_count && info->flag_count &&
	       (u32)info->base_flag_number + info->flag_count <= FLAGS_PER_SINT;
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
	if (status)
		return status;
	if (!in->port_id || in->port_id & ~ID_MASK)
		return HV_STATUS_INVALID_PORT_ID;
	if (!valid_info(&in->info))
		return HV_STATUS_INVALID_PARAMETER;
	lock(&port_lock);
	status = find_port(in->port_id) ? HV_STATUS_OBJECT_IN_USE : HV_STATUS_NO_RESOURCES;
	for (u32 i = 0; status == HV_STATUS_NO_RESOURCES && i < PORTS; i++) {
		if (ports[i].partition)
			continue;
		ports[i] = (struct port){.partition = c->partition->id, .id = in->port_id, .info = in->info};
		status = HV_STATUS_SUCCESS;
	}
	unlock(&port_lock);
	return status;
}

u32 hc_delete_port(struct call *c)
{
	const struct hv_input_delete_port *in = c->in;
	struct port *p;

	if (!call_names_root(in->port_partition))
		return HV_STATUS_INVALID_PARTITION_ID;
	if (in->reserved)
		return HV_STATUS_INVALID_PARAMETER;
	lock(&port_lock);
	p = find_port(in->port_id);
	if (p)
		*p = (struct port){0};
	unlock(&port_lock);
	return p ? HV_STATUS_SUCCESS : HV_STATUS_INVALID_PORT_ID;
}

u32 hc_connect_port(struct call *c)
{
	const struct hv_input_connect_port *in = c->in;
	u64 partition = c->partition->id;
	u32 status = HV_STATUS_SUCCESS;
	struct port *p;

	if (in->connection_vtl || in->reserved || in->info.type != HV_PORT_TYPE_EVENT || in->info.padding)
		return HV_STATUS_INVALID_PARAMETER;
	if (!call_names_root(in->port_partition))
		return HV_STATUS_INVALID_PARTITION_ID;
	if (!in->connection_id || in->connection_id & ~ID_MASK)
		return HV_STATUS_INVALID_CONNECTION_ID;
	lock(&port_lock);
	p = find_port(in->port_id);
	if (!p || p->partition != partition)
		status = HV_STATUS_INVALID_PORT_ID;
	else if (p->connected || find_connection(partition, in->connection_id))
		status = HV_STATUS_OBJECT_IN_USE;
	else
		*p = (struct port){partition, in->port_id, in->connection_id, true, p->info};
	unlock(&port_lock);
	return status;
}

u32 hc_disconnect_port(struct call *c)
{
	const struct hv_input_disconnect_port *in = c->in;
	struct port *p;

	if (in->reserved)
		return HV_STATUS_INVALID_PARAMETER;
	lock(&port_lock);
	p = find_connection(c->partition->id, in->connection_id);
	if (p)
		p->connected = false;
	unlock(&port_lock);
	return p ? HV_STATUS_SUCCESS : HV_STATUS_INVALID_CONNECTION_ID;
}

void port_disconnect_all(u64 partition)
{
	lock(&port_lock);
	for (u32 i = 0; i < PORTS; i++) {
		if (ports[i].partition == partition)
			ports[i] = (struct port){0};
	}
	unlock(&port_lock);
}

/* Under the lock: the port's root VP and its page. */
static u32 set_flag(const struct port *p, u16 flag)
{
	struct cpu *cpu = cpus[p->info.target_vp];
	u64 siefp = __atomic_load_n(&cpu->root_vp->siefp, __ATOMIC_ACQUIRE);
	u32 bit = p->info.base_flag_number + flag;
	u8 *flags;

	if (flag >= p->info.flag_count)
		return HV_STATUS_INVALID_PARAMETER;
	if (!(siefp & 1))
		return HV_STATUS_INVALID_SYNIC_STATE;
	flags = (u8 *)phys_ptr(siefp & ~(u64)(PAGE_SIZE - 1)) + p->info.target_sint * SINT_BYTES;
	if (!(__atomic_fetch_or(&flags[bit / 8], (u8)(1u << bit % 8), __ATOMIC_SEQ_CST) >> bit % 8 & 1))
		smp_kick(cpu, KICK_READY);
	return HV_STATUS_SUCCESS;
}

u64 port_exchange_page(u64 *slot, u64 page)
{
	u64 old;

	lock(&port_lock);
	old = *slot;
	__atomic_store_n(slot, page, __ATOMIC_RELEASE);
	unlock(&port_lock);
	return old;
}

u32 hc_signal_event(struct call *c)
{
	const struct hv_input_signal_event *in = c->in;
	const struct port *p;
	u32 status;

	if (in->reserved)
		return HV_STATUS_INVALID_PARAMETER;
	lock(&port_lock);
	p = find_connection(c->caller->id, in->connection_id);
	status = p ? set_flag(p, in->flag_number) : HV_STATUS_INVALID_CONNECTION_ID;
	unlock(&port_lock);
	return status;
}

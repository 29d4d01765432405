/* SPDX-License-Identifier: MIT */
/* What children may call; and hypercalls about the hypervisor: log, counters, memory ledger. */
#include <hv/frame.h>
#include <hv/hypercall.h>
#include <hv/log.h>
#include <hv/memory.h>
#include <hv/partition.h>
#include <hv/vp.h>

#define CONNECTIONS 15u
#define EVENT_FLAGS 2048u /* of a SINT */

/* The root schedules: dispatch.c tells it. Who did not spin yet needs nobody else to run. */
u32 hc_notify_long_spin_wait(struct call *c)
{
	c->vp->spins = *(const u32 *)c->in;
	return HV_STATUS_SUCCESS;
}

/* Every child is born with connections 1 to 15, to those SINTs of the root VP that dispatches it: a flag is
 * set in its SIEFP page, which nobody else writes or moves meanwhile, and the dispatch ends. */
u32 hc_signal_event(struct call *c)
{
	const struct hv_input_signal_event *in = c->in;
	struct cpu *cpu = this_cpu();
	u64 siefp = cpu->root_vp->siefp, bit = in->connection_id * EVENT_FLAGS + in->flag_number;

	if (partition_is_root(c->caller) || in->connection_id - 1 >= CONNECTIONS)
		return HV_STATUS_INVALID_CONNECTION_ID;
	if (in->flag_number >= EVENT_FLAGS || in->reserved)
		return HV_STATUS_INVALID_PARAMETER;
	if (!(siefp & 1))
		return HV_STATUS_INVALID_SYNIC_STATE;
	__atomic_fetch_or((u8 *)phys_ptr(siefp & ~1ULL) + bit / 8, (u8)(1u << bit % 8), __ATOMIC_SEQ_CST);
	__atomic_fetch_or(&cpu->kicks, KICK_READY, __ATOMIC_SEQ_CST);
	return HV_STATUS_SUCCESS;
}

u32 hc_read_log(struct call *c)
{
	const struct hv_ext_read_log *in = c->in;
	struct hv_ext_log_chunk *out = c->out;
	u64 position = in->position;

	out->length = (u32)log_read(&position, out->text, sizeof(out->text));
	out->position = position;
	out->next = position + out->length;
	return HV_STATUS_SUCCESS;
}

static void add_vp(struct hv_ext_stats *out, const struct vp *vp)
{
	out->dispatches += vp->dispatches;
	for (unsigned i = 0; i < HV_EXIT_KINDS; i++)
		out->exits[i] += vp->exits[i];
}

static void root_stats(struct hv_ext_stats *out)
{
	out->partition_state = PARTITION_ACTIVE;
	out->vp_count = cpu_count;
	for (u32 i = 0; i < cpu_count; i++)
		add_vp(out, cpus[i]->root_vp);
}

static void child_stats(const struct partition *p, struct hv_ext_stats *out)
{
	out->partition_state = p->state;
	out->vp_count = p->vp_count;
	out->pages_deposited = p->pool.total;
	out->pages_in_use = p->pool.total - p->pool.free;
	out->pages_mapped = p->pages_mapped;
	out->dispatches = p->dispatches;
	for (unsigned i = 0; i < HV_EXIT_KINDS; i++)
		out->exits[i] = p->exits[i];
	for (u32 i = 0; p->page && i < HV_MAX_VPS; i++) {
		if (p->page->vps[i])
			add_vp(out, p->page->vps[i]);
	}
}

u32 hc_get_stats(struct call *c)
{
	struct hv_ext_stats *out = c->out;

	out->partition_id = c->partition->id;
	if (partition_is_root(c->partition))
		root_stats(out);
	else
		child_stats(c->partition, out);
	return HV_STATUS_SUCCESS;
}

u32 hc_get_memory_ledger(struct call *c)
{
	struct hv_ext_ledger *out = c->out;

	out->total_frames = frame_total();
	out->hypervisor = frame_count(FRAME_HV);
	out->firmware = frame_count(FRAME_FIRMWARE);
	out->root = frame_count(FRAME_ROOT);
	out->deposited = frame_count(FRAME_DEPOSITED);
	out->child_rw = frame_count(FRAME_CHILD_RW);
	out->child_ro = frame_count(FRAME_CHILD_RO);
	out->state_pages = frame_count(FRAME_STATE);
	out->partitions = partition_children();
	out->root_tables_total = memory_rest.total;
	out->root_tables_free = memory_rest.free;
	return HV_STATUS_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/* The table of partitions and their life cycle: created, initialized, active, finalized, deleted. */
#include <hv/assert.h>
#include <hv/config.h>
#include <hv/gpa.h>
#include <hv/hypercall.h>
#include <hv/memory.h>
#include <hv/partition.h>
#include <hv/string.h>
#include <hv/vendor.h>
#include <hv/vp.h>
#include <x86/asm.h>

#define FIRST_CHILD 2u
#define TIME_UNITS 10000000ULL /* 100 ns in a second */

#define ROOT_PRIVILEGES (HV_PRIV_CREATE_PARTITIONS | HV_PRIV_MEMORY_POOL | HV_PRIV_EXTENDED_CALLS)
#define CHILD_PRIVILEGES                                                                            \
	(HV_PRIV_TIME_REF_COUNT | HV_PRIV_SYNTHETIC_TIMERS | HV_PRIV_INTR_CTRL | HV_PRIV_VP_INDEX | \
	 HV_PRIV_SIGNAL_EVENTS)

u64 tsc_frequency;
static struct partition *children;
static u32 max_children, alive;
static u64 next_id = FIRST_CHILD;
static struct spinlock table_lock;

bool partition_init(u32 max_partitions)
{
	u64 bytes = (u64)max_partitions * sizeof(struct partition);

	if (max_partitions == 0 || max_partitions > MAX_PARTITIONS)
		return false;
	children = memory_pages((bytes + PAGE_SIZE - 1) / PAGE_SIZE);
	if (!children)
		return false;
	max_children = max_partitions;
	for (u32 i = 0; i < max_children; i++)
		children[i].state = PARTITION_UNUSED;
	root_partition.id = HV_PARTITION_ID_ROOT;
	root_partition.owner = HV_PARTITION_ID_ROOT;
	root_partition.state = PARTITION_ACTIVE;
	root_partition.privileges = ROOT_PRIVILEGES;
	root_partition.created_tsc = rdtsc();
	return true;
}

u32 partition_children(void)
{
	return __atomic_load_n(&alive, __ATOMIC_RELAXED);
}

/* Ids are handed out so that id - 2, modulo the table's size, is the entry. */
static struct partition *entry_of(u64 id)
{
	struct partition *p;

	if (id < FIRST_CHILD)
		return NULL;
	p = &children[(id - FIRST_CHILD) % max_children];
	return p->state != PARTITION_UNUSED && p->id == id ? p : NULL;
}

struct partition *partition_get(u64 id)
{
	struct partition *p;

	if (id == HV_PARTITION_ID_ROOT)
		return &root_partition;
	lock(&table_lock);
	p = entry_of(id);
	if (p)
		p->users++;
	unlock(&table_lock);
	return p;
}

void partition_put(struct partition *p)
{
	if (partition_is_root(p))
		return;
	lock(&table_lock);
	assert(p->users > 0);
	p->users--;
	unlock(&table_lock);
}

struct partition *partition_create(void)
{
	struct partition *p = NULL;

	lock(&table_lock);
	for (u32 i = 0; !p && i < max_children; i++, next_id++) {
		u32 entry = (u32)((next_id - FIRST_CHILD) % max_children);

		if (children[entry].state != PARTITION_UNUSED)
			continue;
		p = &children[entry];
		memset(p, 0, sizeof(*p));
		p->id = next_id;
		p->owner = FIRST_CHILD + entry;
		p->state = PARTITION_CREATED;
		p->users = 1;
		p->created_tsc = rdtsc();
		p->privileges = CHILD_PRIVILEGES;
		alive++;
	}
	unlock(&table_lock);
	return p;
}

void partition_set_state(struct partition *p, enum partition_state state)
{
	static const u8 legal[] = {
		[PARTITION_CREATED] = 1u << PARTITION_INITIALIZED | 1u << PARTITION_UNUSED,
		[PARTITION_INITIALIZED] = 1u << PARTITION_ACTIVE | 1u << PARTITION_FINALIZED,
		[PARTITION_ACTIVE] = 1u << PARTITION_FINALIZED,
		[PARTITION_FINALIZED] = 1u << PARTITION_UNUSED,
		[PARTITION_UNUSED] = 0,
	};

	assert(legal[p->state] >> state & 1);
	__atomic_store_n(&p->state, state, __ATOMIC_RELEASE);
}

u32 hc_initialize_partition(struct call *c)
{
	struct partition *p = c->partition;
	u64 pfn;

	if (p->state != PARTITION_CREATED)
		return HV_STATUS_INVALID_PARTITION_STATE;
	if (p->pool.free < 2)
		return HV_STATUS_INSUFFICIENT_MEMORY;
	pfn = pool_get(&p->pool);
	p->page = frame_ptr(pfn);
	assert(slat_init(&p->slat, vendor->slat, &p->pool));
	partition_set_state(p, PARTITION_INITIALIZED);
	return HV_STATUS_SUCCESS;
}

/* Nobody acquires a VP without the lock, which is held: one that runs keeps the partition as it is. */
static bool delete_vps(struct partition *p)
{
	struct vp **vps = p->page->vps;

	for (u32 i = 0; i < HV_MAX_VPS; i++) {
		if (vps[i] && __atomic_load_n(&vps[i]->busy, __ATOMIC_ACQUIRE))
			return false;
	}
	for (u32 i = 0; i < HV_MAX_VPS; i++) {
		if (vps[i])
			vp_delete(vps[i]);
	}
	return true;
}

/* What is mapped goes in slices. */
u32 hc_finalize_partition(struct call *c)
{
	struct partition *p = c->partition;

	if (p->state != PARTITION_INITIALIZED && p->state != PARTITION_ACTIVE)
		return HV_STATUS_INVALID_PARTITION_STATE;
	if (p->vp_count && !delete_vps(p))
		return HV_STATUS_OBJECT_IN_USE;
	if (!gpa_teardown(p))
		return CALL_CONTINUE;
	slat_destroy(&p->slat);
	pool_put(&p->pool, ptr_frame(p->page));
	p->page = NULL;
	partition_set_state(p, PARTITION_FINALIZED);
	return HV_STATUS_SUCCESS;
}

/* Only a child that has nothing any more; the call's reference goes with it. */
u32 hc_delete_partition(struct call *c)
{
	struct partition *p = c->partition;
	u32 status = HV_STATUS_SUCCESS;

	lock(&table_lock);
	if (p->state != PARTITION_CREATED && p->state != PARTITION_FINALIZED)
		status = HV_STATUS_INVALID_PARTITION_STATE;
	else if (p->pool.total || p->users != 1)
		status = HV_STATUS_OBJECT_IN_USE;
	p->users--;
	c->partition = NULL;
	if (!status) {
		partition_set_state(p, PARTITION_UNUSED);
		alive--;
	}
	unlock(&table_lock);
	return status;
}

u64 partition_reference_time(const struct partition *p)
{
	return tsc_frequency ? muldiv(rdtsc() - p->created_tsc, TIME_UNITS, tsc_frequency) : 0;
}

u64 partition_tsc_at(const struct partition *p, u64 reference_time)
{
	u64 ticks = muldiv(reference_time, tsc_frequency, TIME_UNITS);

	/* Rounded up: at that TSC the reference time has been reached. */
	return ticks + 1 > ~p->created_tsc ? ~0ULL : p->created_tsc + ticks + 1;
}

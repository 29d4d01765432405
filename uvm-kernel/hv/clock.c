/* SPDX-License-Identifier: MIT */
/*
 * The TSC as clock, and synthetic timer 0 in direct mode as the only source of timed interrupts.
 */
#include <abi/registers.h>
#include <uvm/kernel.h>

#define REF_UNIT_NS 100
#define EARLY_NS 20000
#define LATE_NS 1000000
#define FAR_NS (NSEC_PER_SEC << 32) /* whatever is later: asked again then */

static u64 mult; /* ns per tick, 32.32 fixed point */
static u64 ref_base, ref_base_ns;

void clock_init(void)
{
	mult = (NSEC_PER_SEC << 32) / boot->tsc_hz;
}

u64 time_ticks_to_ns(u64 ticks)
{
	return (u64)((unsigned __int128)ticks * mult >> 32);
}

static u64 since_base(void)
{
	u64 now = rdtsc();

	return now > boot->tsc_base ? time_ticks_to_ns(now - boot->tsc_base) : 0;
}

u64 time_monotonic(void)
{
	return boot->boottime_base + since_base();
}

static u64 realtime_offset; /* by clock_settime */

u64 time_realtime(void)
{
	return boot->realtime_base + since_base() + realtime_offset;
}

void time_set_realtime(u64 ns)
{
	realtime_offset += ns - time_realtime();
	vdso_update();
}

void clock_describe(struct vdso_data *d)
{
	d->tsc_base = boot->tsc_base;
	d->mult = mult;
	d->monotonic = boot->boottime_base;
	d->realtime = boot->realtime_base + realtime_offset;
}

static void anchor(void)
{
	ref_base = rdmsr(HV_MSR_TIME_REF_COUNT);
	ref_base_ns = time_monotonic();
}

static void timer_interrupt(void *arg __unused)
{
	struct cpu *cpu = this_cpu();
	s64 late = (s64)(time_monotonic() - cpu->timer_armed);
	u64 next;

	if (late < -EARLY_NS || late > LATE_NS)
		anchor(); /* the two clocks have drifted apart */
	cpu->timer_armed = 0;
	next = timers_run(time_monotonic());
	if (cpu->slice_end) {
		if (time_monotonic() >= cpu->slice_end)
			cpu->need_resched = 1;
		else if (cpu->slice_end < next)
			next = cpu->slice_end;
	}
	if (next != NO_DEADLINE)
		timer_hw_arm(next);
}

void timer_hw_init(void)
{
	if (!ref_base_ns) {
		anchor();
		irq_set_handler(VECTOR_TIMER, timer_interrupt, NULL);
	}
	wrmsr(HV_MSR_STIMER0_CONFIG,
	      HV_STIMER_AUTO_ENABLE | HV_STIMER_DIRECT | (u64)VECTOR_TIMER << HV_STIMER_VECTOR_SHIFT);
}

void timer_hw_arm(u64 deadline)
{
	struct cpu *cpu = this_cpu();
	u64 away = deadline > ref_base_ns ? MIN(deadline - ref_base_ns, FAR_NS) : 0;

	if (cpu->timer_armed && cpu->timer_armed <= deadline)
		return;
	cpu->timer_armed = deadline;
	wrmsr(HV_MSR_STIMER0_COUNT, ref_base + away / REF_UNIT_NS + 1);
}

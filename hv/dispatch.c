/* SPDX-License-Identifier: MIT */
/*
 * DispatchVp: the loop around a child's VP. It ends for a physical interrupt (the root takes it at
 * once), when the VP waits, for an intercept, on suspension, or when the root must wake another VP.
 *
 * No wake-up is lost: a VP that is about to wait says so (blocked), then looks for interrupts again; a
 * sender requests the interrupt, then looks whether the target is blocked or runs somewhere.
 */
#include <abi/message.h>
#include <hv/assert.h>
#include <hv/cpu.h>
#include <hv/cpuid.h>
#include <hv/dispatch.h>
#include <hv/fpu.h>
#include <hv/gpa.h>
#include <hv/hypercall.h>
#include <hv/log.h>
#include <hv/panic.h>
#include <hv/smp.h>
#include <hv/stimer.h>
#include <hv/string.h>
#include <hv/vendor.h>
#include <x86/asm.h>
#include <x86/defs.h>

enum outcome { GO_ON, READY, SPINNING, BLOCKED, SUSPENDED, INTERCEPTED };

/* ---- Waking ---------------------------------------------------------------------------------------- */

void dispatch_kick(struct vp *vp)
{
	for (u32 i = 0; i < cpu_count; i++) {
		if (cpus[i] != this_cpu() && __atomic_load_n(&cpus[i]->running, __ATOMIC_SEQ_CST) == vp)
			smp_kick(cpus[i], KICK_VP);
	}
}

bool dispatch_interrupt(struct vp *target, u8 vector)
{
	bool fresh = vector == EXC_NMI ? !__atomic_exchange_n(&target->vapic.nmi, 1, __ATOMIC_SEQ_CST)
				       : vapic_request(&target->vapic, vector);

	if (!fresh)
		return false;
	if (__atomic_exchange_n(&target->blocked, 0, __ATOMIC_SEQ_CST))
		return true;
	dispatch_kick(target);
	return false;
}

/* Slot 0 of the page is read and emptied by root code on this processor only. A message for the same
 * partition takes the bit in; one for another partition counts as overflow. */
void dispatch_signal_root(struct partition *p, u32 vp_index)
{
	struct cpu *cpu = this_cpu();
	u64 simp = cpu->root_vp->simp;
	struct hv_message *m = phys_ptr(simp & ~(u64)(PAGE_SIZE - 1));
	struct hv_scheduler_bitset_message *s = (void *)m->payload;

	__atomic_fetch_or(&cpu->kicks, KICK_READY, __ATOMIC_SEQ_CST);
	if (!(simp & 1))
		return;
	if (m->type == HVMSG_NONE) {
		*s = (struct hv_scheduler_bitset_message){.partition_id = p->id, .valid_banks = 1};
		m->payload_size = sizeof(*s);
		m->flags = 0;
		m->sender = p->id;
	} else if (s->partition_id != p->id) {
		s->overflow_count++;
		return;
	}
	if (!(s->bank0 >> vp_index & 1))
		s->vp_count++;
	s->bank0 |= 1ULL << vp_index;
	__atomic_store_n(&m->type, HVMSG_SCHEDULER_VP_SIGNAL_BITSET, __ATOMIC_RELEASE);
}

/* ---- Before an entry --------------------------------------------------------------------------------- */

static bool has_wakeup(struct vp *vp)
{
	return __atomic_load_n(&vp->vapic.nmi, __ATOMIC_SEQ_CST) ||
	       (vp->rflags & RFLAGS_IF && vapic_deliverable(&vp->vapic));
}

/* HLT goes on when an interrupt can be taken. */
static enum outcome wait(struct vp *vp)
{
	if (!has_wakeup(vp)) {
		__atomic_store_n(&vp->blocked, 1, __ATOMIC_SEQ_CST);
		if (!has_wakeup(vp))
			return BLOCKED;
		__atomic_store_n(&vp->blocked, 0, __ATOMIC_SEQ_CST);
	}
	vp->halted = false;
	return GO_ON;
}

static void deliver(struct vp *vp)
{
	u8 vector;

	if (__atomic_load_n(&vp->vapic.nmi, __ATOMIC_SEQ_CST))
		vp_deliver_nmi(vp);
	vector = vapic_deliverable(&vp->vapic);
	if (vector && !vp->event && !vp->step && vp->rflags & RFLAGS_IF && !vp->shadow) {
		vapic_accept(&vp->vapic, vector);
		vp_inject(vp, EVENT_EXTERNAL, vector);
		vector = vapic_deliverable(&vp->vapic);
	}
	vp->window = vector;
}

static enum outcome intercept(struct vp *vp, const struct vp_exit *exit, u32 type)
{
	intercept_report(vp, exit, type);
	return INTERCEPTED;
}

/* Registers that were set one by one must make sense together. */
static bool state_is_valid(struct vp *vp)
{
	const char *rule;

	if (!vp->changed)
		return true;
	rule = state_broken_rule(vp);
	vp->changed = rule != NULL;
	if (rule)
		log_warning("partition %lu vp %u: state refused: %s", vp->partition->id, vp->index, rule);
	return !rule;
}

static enum outcome prepare(struct vp *vp)
{
	u32 suspend = __atomic_load_n(&vp->suspend, __ATOMIC_SEQ_CST);

	if (suspend & (SUSPEND_EXPLICIT | SUSPEND_DISPATCH) ||
	    __atomic_load_n(&vp->partition->suspended, __ATOMIC_SEQ_CST))
		return SUSPENDED;
	if (suspend & SUSPEND_INTERCEPT)
		return INTERCEPTED;
	if (!state_is_valid(vp)) {
		static const struct vp_exit none = {.kind = EXIT_INVALID, .access = ACCESS_EXECUTE};

		return intercept(vp, &none, HVMSG_INVALID_VP_REGISTER_VALUE);
	}
	if (vp->stimer_tsc)
		stimer_expire(vp);
	if (vp->halted && wait(vp) == BLOCKED)
		return BLOCKED;
	deliver(vp);
	return GO_ON;
}

/* ---- Debug registers: the root's until the VP touches its own ------------------------------------------ */

static void exchange_debug(u64 *save, const u64 *load)
{
	u64 now[4] = {read_dr0(), read_dr1(), read_dr2(), read_dr3()};

	memcpy(save, now, sizeof(now));
	write_dr0(load[0]);
	write_dr1(load[1]);
	write_dr2(load[2]);
	write_dr3(load[3]);
}

static void load_debug(struct cpu *cpu, struct vp *vp)
{
	exchange_debug(cpu->debug, vp->debug);
	vp->debug_used = vp->debug_loaded = true;
}

static void unload_debug(struct cpu *cpu, struct vp *vp)
{
	exchange_debug(vp->debug, cpu->debug);
	vp->debug_loaded = false;
}

/* ---- Exits ----------------------------------------------------------------------------------------------
 */

static enum outcome fault(struct vp *vp, u8 vector)
{
	vp_fault(vp, vector);
	return GO_ON;
}

static enum outcome skip(struct vp *vp, struct vp_exit *exit)
{
	vp_skip(vp, exit->length);
	return GO_ON;
}

static enum outcome on_memory(struct vp *vp, struct vp_exit *exit)
{
	u32 rights = gpa_rights(vp->partition, exit->memory.gpa);

	if (!(exit->access & ~rights)) /* mapped meanwhile, by another processor */
		return GO_ON;
	return intercept(vp, exit, rights ? HVMSG_GPA_INTERCEPT : HVMSG_UNMAPPED_GPA);
}

static enum outcome on_hypercall(struct vp *vp, struct vp_exit *exit)
{
	hypercall(vp, exit->length);
	return vp->spins ? SPINNING : GO_ON;
}

static enum outcome on_cpuid(struct vp *vp, struct vp_exit *exit)
{
	if (vp->partition->cpuid_intercept)
		return intercept(vp, exit, HVMSG_X64_CPUID_INTERCEPT);
	cpuid_set(vp, cpuid_child(vp));
	return skip(vp, exit);
}

/* The root must know of a deadline that comes before the one it was told last. */
static bool deadline_is_news(const struct vp *vp)
{
	return vp->stimer_tsc && (vp->stimer_tsc < vp->told_tsc || vp->told_tsc < rdtsc());
}

static enum outcome on_msr(struct vp *vp, struct vp_exit *exit)
{
	switch (msr_child(vp, exit->access == ACCESS_WRITE)) {
	case MSR_DONE:
		skip(vp, exit);
		return deadline_is_news(vp) ? READY : GO_ON;
	case MSR_INTERCEPT:
		return intercept(vp, exit, HVMSG_X64_MSR_INTERCEPT);
	default:
		return fault(vp, EXC_GP);
	}
}

/* #MC belongs to the machine, and so to the root. #DB and #AC exit only to bound their repetition. */
static enum outcome on_exception(struct vp *vp, struct vp_exit *exit)
{
	u8 vector = exit->exception.vector;

	if (vector == EXC_MC) {
		vp_fault(this_cpu()->root_vp, EXC_MC);
		return READY;
	}
	if (vp->partition->exceptions >> vector & 1)
		return intercept(vp, exit, HVMSG_X64_EXCEPTION_INTERCEPT);
	vp_fault(vp, vector);
	vp->event |= (u64)exit->exception.error << 32;
	return GO_ON;
}

static enum outcome refused(struct vp *vp, struct vp_exit *exit, u32 type)
{
	log_warning("partition %lu vp %u: exit 0x%x at rip 0x%lx", vp->partition->id, vp->index, exit->code,
		    vp->rip);
	if (HV_DEBUG)
		state_dump(vp);
	return intercept(vp, exit, type);
}

static enum outcome handle_exit(struct cpu *cpu, struct vp *vp, struct vp_exit *exit)
{
	switch (exit->kind) {
	case EXIT_INTERRUPT:
		return READY;
	case EXIT_NMI:
		vendor->take_nmi();
		return GO_ON;
	case EXIT_HYPERCALL:
		return on_hypercall(vp, exit);
	case EXIT_CPUID:
		return on_cpuid(vp, exit);
	case EXIT_MSR:
		return on_msr(vp, exit);
	case EXIT_IO:
		return intercept(vp, exit, HVMSG_X64_IO_PORT_INTERCEPT);
	case EXIT_MEMORY:
		return on_memory(vp, exit);
	case EXIT_HALT:
		vp->halted = true;
		return skip(vp, exit);
	case EXIT_EXCEPTION:
		return on_exception(vp, exit);
	case EXIT_WINDOW: /* deliver() looks again */
	case EXIT_HANDLED:
		return GO_ON;
	case EXIT_SHUTDOWN:
		return intercept(vp, exit, HVMSG_UNRECOVERABLE_EXCEPTION);
	case EXIT_INIT:
		machine_reset();
	case EXIT_UNDEFINED:
		return fault(vp, EXC_UD);
	case EXIT_PRIVILEGED:
		return fault(vp, EXC_GP);
	case EXIT_NOP:
		return skip(vp, exit);
	case EXIT_XSETBV:
		fpu_xsetbv(vp, exit, false);
		return GO_ON;
	case EXIT_DEBUG_REGISTER:
		load_debug(cpu, vp);
		return GO_ON;
	case EXIT_INVALID:
		return refused(vp, exit, HVMSG_INVALID_VP_REGISTER_VALUE);
	case EXIT_UNKNOWN:
		return refused(vp, exit, HVMSG_UNSUPPORTED_FEATURE);
	default:
		panic("exit kind %u from the vendor's code", exit->kind);
	}
}

/* ---- The loop ---------------------------------------------------------------------------------------------
 */

static bool has_barrier;

/* IBPB (APM2 3.2.9, SDM): Intel's bit for it, and AMD's. */
void dispatch_init(void)
{
	has_barrier = cpuid(7, 0).edx & 1u << 26 || cpuid(0x80000008, 0).ebx & 1u << 12;
}

static void begin(struct cpu *cpu, struct vp *vp)
{
	fpu_begin(cpu, vp);
	vendor->child_begin(vp);
	if (vp->debug_used)
		load_debug(cpu, vp);
}

static void end(struct cpu *cpu, struct vp *vp)
{
	if (vp->debug_loaded)
		unload_debug(cpu, vp);
	vendor->child_end(vp);
	fpu_end(cpu, vp);
	/* What the child taught the branch predictor steers neither the root's kernel, a guest as well, nor
	 * the next child. */
	if (has_barrier)
		wrmsr(MSR_PRED_CMD, PRED_IBPB);
}

/* What only the root's loop can do (INIT, NMI) ends the dispatch and stays flagged. */
static enum outcome handle_kicks(struct cpu *cpu)
{
	u32 mine = KICK_VP | KICK_FLUSH | KICK_READY;
	u32 kicks = __atomic_fetch_and(&cpu->kicks, ~mine, __ATOMIC_SEQ_CST);

	if (kicks & KICK_PANIC)
		panic_stop();
	if (kicks & KICK_FLUSH)
		vendor->flush(cpu->root_vp);
	return kicks & ~(KICK_VP | KICK_FLUSH) ? READY : GO_ON;
}

static enum outcome run_once(struct cpu *cpu, struct vp *vp)
{
	struct vp_exit exit;

	if (smp_enter(cpu)) {
		smp_exit(cpu);
		return handle_kicks(cpu);
	}
	vendor->vp_run(vp, &exit);
	smp_exit(cpu);
	vp_count_exit(cpu, vp, (u32)vp->partition->id, &exit);
	return handle_exit(cpu, vp, &exit);
}

static void report(struct hv_output_dispatch_vp *out, enum outcome outcome)
{
	out->dispatch_state = outcome <= SPINNING ? HV_VP_DISPATCH_READY : HV_VP_DISPATCH_BLOCKED;
	out->dispatch_event = outcome == SUSPENDED     ? HV_VP_DISPATCH_EVENT_SUSPEND
			      : outcome == INTERCEPTED ? HV_VP_DISPATCH_EVENT_INTERCEPT
			      : outcome == SPINNING    ? HV_EXT_VP_DISPATCH_EVENT_LONG_SPIN
						       : HV_VP_DISPATCH_EVENT_NONE;
}

void dispatch_vp(struct vp *vp, struct hv_output_dispatch_vp *out)
{
	struct cpu *cpu = this_cpu();
	enum outcome outcome;
	bool begun = false;

	__atomic_store_n(&vp->blocked, 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&cpu->running_partition, vp->partition, __ATOMIC_SEQ_CST);
	__atomic_store_n(&cpu->running, vp, __ATOMIC_SEQ_CST);
	vp->dispatches++;
	vp->spins = 0;
	for (outcome = prepare(vp); outcome == GO_ON; outcome = prepare(vp)) {
		if (!begun)
			begin(cpu, vp);
		begun = true;
		outcome = run_once(cpu, vp);
		if (outcome != GO_ON)
			break;
	}
	if (begun)
		end(cpu, vp);
	__atomic_store_n(&cpu->running, NULL, __ATOMIC_SEQ_CST);
	__atomic_store_n(&cpu->running_partition, NULL, __ATOMIC_SEQ_CST);
	report(out, outcome);
	out->deadline_tsc = vp->told_tsc = vp->stimer_tsc;
}

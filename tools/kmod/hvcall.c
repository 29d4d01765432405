// SPDX-License-Identifier: (GPL-2.0 OR MIT)
/*
 * hvcall.c: making hypercalls. Every CPU has an input page, an output page and a SIMP page, on which the
 * hypervisor leaves kicks. Depositing memory is deposit.c's part.
 */
#include <asm/alternative.h>
#include <linux/cpuhotplug.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/percpu.h>
#include <linux/topology.h>

#include "mshv.h"

struct mshv_cpu {
	void *in;
	void *out;
	struct hv_message *simp; /* slot 0 */
};

static DEFINE_PER_CPU(struct mshv_cpu, mshv_cpu);
static int cpuhp_state;

/* The instruction. Everything but RAX is preserved, RCX moves on in a call that is continued. */
static u64 hypercall(u64 control, u64 in, u64 out)
{
	register u64 r8 asm("r8") = out;
	u64 result;

	asm volatile(ALTERNATIVE("vmcall", "vmmcall", X86_FEATURE_VMMCALL)
		     : "=a"(result), "+c"(control), "+d"(in), "+r"(r8)
		     :
		     : "memory", "cc");
	return result;
}

/* A kick is for the thread that runs a VP; the hypervisor writes only during this CPU's own calls. */
static void empty_simp(struct mshv_cpu *cpu)
{
	struct hv_message message;

	if (!READ_ONCE(cpu->simp->type))
		return;
	memcpy(&message, cpu->simp, sizeof(message));
	WRITE_ONCE(cpu->simp->type, HVMSG_NONE);
	mshv_kick_message(&message);
}

static u64 call_through_pages(u64 control, const void *in, size_t in_sz, void *out, size_t out_sz)
{
	struct mshv_cpu *cpu = this_cpu_ptr(&mshv_cpu);
	u64 result;

	if (WARN_ON_ONCE(!cpu->in || in_sz > PAGE_SIZE || out_sz > PAGE_SIZE))
		return HV_STATUS_OPERATION_FAILED;
	memcpy(cpu->in, in, in_sz);
	memcpy(cpu->out, out, out_sz); /* what a continued or refused call leaves as it was is the caller's */
	result = hypercall(control, virt_to_phys(cpu->in), out_sz ? virt_to_phys(cpu->out) : 0);
	memcpy(out, cpu->out, out_sz);
	empty_simp(cpu);
	return result;
}

u64 mshv_hvcall_rep(u16 code, u16 reps, u16 start, const void *in, size_t in_sz, void *out, size_t out_sz)
{
	u64 control = code | (u64)reps << HV_CALL_REP_COUNT_SHIFT | (u64)start << HV_CALL_REP_START_SHIFT;
	unsigned long flags;
	u64 result;

	local_irq_save(flags);
	result = call_through_pages(control, in, in_sz, out, out_sz);
	local_irq_restore(flags);
	return result;
}

u64 mshv_hvcall(u16 code, const void *in, size_t in_sz, void *out, size_t out_sz)
{
	return mshv_hvcall_rep(code, 0, 0, in, in_sz, out, out_sz);
}

u64 mshv_hvcall_dispatch(const struct hv_input_dispatch_vp *in, struct hv_output_dispatch_vp *out)
{
	lockdep_assert_irqs_disabled();
	return call_through_pages(HVCALL_DISPATCH_VP, in, sizeof(*in), out, sizeof(*out));
}

/* As mainline's drivers/hv does it; what is not named is EIO. */
int mshv_status_to_errno(u16 status)
{
	switch (status) {
	case HV_STATUS_SUCCESS:
		return 0;
	case HV_STATUS_INVALID_HYPERCALL_CODE:
	case HV_STATUS_INVALID_HYPERCALL_INPUT:
	case HV_STATUS_INVALID_PARAMETER:
	case HV_STATUS_INVALID_PARTITION_ID:
	case HV_STATUS_INVALID_VP_INDEX:
	case HV_STATUS_INVALID_PORT_ID:
	case HV_STATUS_INVALID_CONNECTION_ID:
	case HV_STATUS_INVALID_REGISTER_VALUE:
		return -EINVAL;
	case HV_STATUS_INSUFFICIENT_MEMORY:
	case HV_STATUS_INSUFFICIENT_ROOT_MEMORY:
		return -ENOMEM;
	default:
		return -EIO;
	}
}

static u16 set_simp(u64 value)
{
	struct {
		struct hv_input_set_vp_registers head;
		struct hv_register_assoc simp;
	} in = {
		.head = {.partition_id = HV_PARTITION_ID_SELF, .vp_index = HV_VP_INDEX_SELF},
		.simp = {.name = HV_REGISTER_SIMP, .value.reg64 = value},
	};

	return hv_status(mshv_hvcall_rep(HVCALL_SET_VP_REGISTERS, 1, 0, &in, sizeof(in), NULL, 0));
}

static void free_pages_of(struct mshv_cpu *cpu)
{
	free_page((unsigned long)cpu->in);
	free_page((unsigned long)cpu->out);
	free_page((unsigned long)cpu->simp);
	memset(cpu, 0, sizeof(*cpu));
}

static int alloc_pages_of(struct mshv_cpu *cpu)
{
	if (cpu->in)
		return 0;
	cpu->out = (void *)get_zeroed_page(GFP_KERNEL);
	cpu->simp = (void *)get_zeroed_page(GFP_KERNEL);
	cpu->in = (void *)get_zeroed_page(GFP_KERNEL);
	if (cpu->in && cpu->out && cpu->simp)
		return 0;
	free_pages_of(cpu);
	return -ENOMEM;
}

/* These two run on the CPU that comes or goes. The pages of one that is gone stay until the module goes:
 * its last interrupts may still make hypercalls. */
static int cpu_comes(unsigned int number)
{
	struct mshv_cpu *cpu = this_cpu_ptr(&mshv_cpu);
	u16 status;

	if (alloc_pages_of(cpu))
		return -ENOMEM;
	status = set_simp(virt_to_phys(cpu->simp) | 1);
	if (status)
		pr_err("CPU %u: the hypervisor refused the message page: status %#x\n", number, status);
	return mshv_status_to_errno(status);
}

static int cpu_goes(unsigned int number)
{
	struct mshv_cpu *cpu = this_cpu_ptr(&mshv_cpu);
	u16 status = set_simp(0);

	/* A page that the hypervisor may still write to is never used again. */
	if (status) {
		pr_err("CPU %u: the message page stays registered: status %#x\n", number, status);
		memset(cpu, 0, sizeof(*cpu));
	}
	return 0;
}

static void free_all_pages(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		free_pages_of(per_cpu_ptr(&mshv_cpu, cpu));
}

int mshv_hvcall_init(void)
{
	int state = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "mshv:online", cpu_comes, cpu_goes);

	if (state < 0) {
		free_all_pages();
		return state;
	}
	cpuhp_state = state;
	return 0;
}

void mshv_hvcall_exit(void)
{
	cpuhp_remove_state(cpuhp_state);
	free_all_pages();
}

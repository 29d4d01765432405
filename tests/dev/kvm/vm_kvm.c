/* SPDX-License-Identifier: MIT */
/*
 * vm_kvm.c: the worker's machine on /dev/kvm, for developing uvm-kernel where no Nacelle hypervisor runs.
 * It gives the guest what abi/registers.h promises: Hyper-V's synthetic MSRs, virtual x2APIC, HLT.
 */
#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <abi/hypercall.h>

#include "die.h"
#include "vm.h"

#define APIC_BASE_X2APIC 0xfee00c00ULL
#define APIC_BASE_BSP 0x100ULL
#define APIC_SVR 0xf0
#define MSR_TSC 0x10
#define SLOTS_MAX 8192 /* more than the window has */
#define CR4_OSXSAVE (1ULL << 18)

struct vm {
	int dev;
	int fd;
	u64 slots[SLOTS_MAX]; /* what is mapped there: a guest physical address; 0 = nothing */
	unsigned int vp_count;
	size_t run_size;
	int vp_fd[VM_VPS_MAX];
	struct kvm_run *run[VM_VPS_MAX];
};

static struct vm the_vm;

union cpuid_list {
	struct kvm_cpuid2 head;
	u8 room[sizeof(struct kvm_cpuid2) + 256 * sizeof(struct kvm_cpuid_entry2)];
};

static int call(int fd, unsigned long request, void *argument, const char *what)
{
	int r = ioctl(fd, request, argument);

	if (r < 0)
		die_errno("/dev/kvm: %s", what);
	return r;
}

static struct kvm_cpuid_entry2 *find(union cpuid_list *list, u32 leaf)
{
	for (u32 i = 0; i < list->head.nent; i++)
		if (list->head.entries[i].function == leaf && list->head.entries[i].index == 0)
			return &list->head.entries[i];
	return NULL;
}

/* The host's processor with the Hyper-V leaves in place of KVM's own. */
static void read_cpuid(struct vm *vm, union cpuid_list *list)
{
	static union cpuid_list hv;
	u32 kept = 0;

	list->head.nent = 256;
	call(vm->dev, KVM_GET_SUPPORTED_CPUID, &list->head, "processor features");
	hv.head.nent = 256;
	call(vm->dev, KVM_GET_SUPPORTED_HV_CPUID, &hv.head, "Hyper-V features");
	for (u32 i = 0; i < list->head.nent; i++)
		if ((list->head.entries[i].function >> 8) != 0x400000)
			list->head.entries[kept++] = list->head.entries[i];
	for (u32 i = 0; i < hv.head.nent && kept < 256; i++)
		list->head.entries[kept++] = hv.head.entries[i];
	list->head.nent = kept;
}

static void set_cpuid(struct vm *vm, unsigned int vp, union cpuid_list *list)
{
	struct kvm_cpuid_entry2 *e;

	for (u32 i = 0; i < list->head.nent; i++) {
		e = &list->head.entries[i];
		if (e->function == 1)
			e->ebx = (e->ebx & 0xffffff) | vp << 24;
		if (e->function == 0xb)
			e->edx = vp;
	}
	e = find(list, 1);
	if (e)
		e->ecx |= 1u << 31 | 1u << 21; /* hypervisor, x2APIC */
	call(vm->vp_fd[vp], KVM_SET_CPUID2, &list->head, "setting processor features");
}

static void create_vp(struct vm *vm, unsigned int vp, union cpuid_list *cpuid)
{
	struct kvm_enable_cap synic = {.cap = KVM_CAP_HYPERV_SYNIC2};
	struct kvm_lapic_state lapic;
	struct kvm_mp_state mp = {.mp_state = KVM_MP_STATE_RUNNABLE};
	u32 svr = 0x1ff;
	int fd;

	fd = vm->vp_fd[vp] = call(vm->fd, KVM_CREATE_VCPU, (void *)(size_t)vp, "creating a processor");
	set_cpuid(vm, vp, cpuid);
	call(fd, KVM_ENABLE_CAP, &synic, "Hyper-V interrupt controller");
	call(fd, KVM_GET_LAPIC, &lapic, "reading the local APIC");
	memcpy(lapic.regs + APIC_SVR, &svr, sizeof(svr));
	call(fd, KVM_SET_LAPIC, &lapic, "enabling the local APIC");
	call(fd, KVM_SET_MP_STATE, &mp, "making a processor runnable");
	vm->run[vp] = mmap(NULL, vm->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (vm->run[vp] == MAP_FAILED)
		die_errno("/dev/kvm: mapping a processor");
}

struct vm *vm_create(unsigned int vp_count)
{
	static union cpuid_list cpuid;
	struct vm *vm = &the_vm;

	vm->dev = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (vm->dev < 0)
		die_errno("cannot open /dev/kvm");
	vm->fd = call(vm->dev, KVM_CREATE_VM, NULL, "creating a machine");
	call(vm->fd, KVM_CREATE_IRQCHIP, NULL, "creating interrupt controllers");
	vm->run_size = (size_t)call(vm->dev, KVM_GET_VCPU_MMAP_SIZE, NULL, "asking for sizes");
	vm->vp_count = vp_count;
	read_cpuid(vm, &cpuid);
	for (unsigned int vp = 0; vp < vp_count; vp++)
		create_vp(vm, vp, &cpuid);
	return vm;
}

static u64 guest_tsc(struct vm *vm)
{
	union {
		struct kvm_msrs head;
		u8 room[sizeof(struct kvm_msrs) + sizeof(struct kvm_msr_entry)];
	} msrs = {.room = {0}};

	msrs.head.nmsrs = 1;
	msrs.head.entries[0].index = MSR_TSC;
	call(vm->vp_fd[0], KVM_GET_MSRS, &msrs, "reading the time stamp counter");
	return msrs.head.entries[0].data;
}

static u64 offered_cr4(void)
{
	u32 a, b, c, d, ecx1;
	u64 cr4 = 0;

	__cpuid(1, a, b, ecx1, d);
	__cpuid_count(7, 0, a, b, c, d);
	if (ecx1 & 1u << 26)
		cr4 |= CR4_OSXSAVE;
	if (b & 1u << 7)
		cr4 |= 1ULL << 20; /* SMEP */
	if (b & 1u << 20)
		cr4 |= 1ULL << 21; /* SMAP */
	if (b & 1u << 0)
		cr4 |= 1ULL << 16; /* FSGSBASE */
	if (c & 1u << 2)
		cr4 |= 1ULL << 11; /* UMIP */
	return cr4;
}

static u64 offered_xcr0(void)
{
	u32 a, b, c, d;

	__cpuid(1, a, b, c, d);
	if (!(c & 1u << 26))
		return 0;
	__cpuid_count(0xd, 0, a, b, c, d);
	return a & 7;
}

void vm_facts(struct vm *vm, struct vm_facts *facts)
{
	u32 a, b, c, d;

	__cpuid(0, a, b, c, d);
	facts->hypercall_insn = b == 0x756e6547; /* "Genu"ineIntel */
	facts->tsc_hz = 1000ULL * (u32)call(vm->vp_fd[0], KVM_GET_TSC_KHZ, NULL, "asking for the TSC's rate");
	facts->xcr0 = offered_xcr0();
	facts->cr4_offered = offered_cr4();
	facts->tsc_now = guest_tsc(vm);
}

static u32 slot_of(const struct vm *vm, u64 gpa)
{
	u32 i = 0;

	while (i < SLOTS_MAX - 1 && vm->slots[i] != gpa)
		i++;
	return i;
}

void vm_map(struct vm *vm, u64 gpa, void *host, u64 size, unsigned int access)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot_of(vm, 0),
		.flags = access & VM_ACCESS_WRITE ? 0 : KVM_MEM_READONLY,
		.guest_phys_addr = gpa,
		.memory_size = size,
		.userspace_addr = (u64)(size_t)host,
	};

	vm->slots[region.slot] = gpa;
	call(vm->fd, KVM_SET_USER_MEMORY_REGION, &region, "mapping memory");
}

void vm_unmap(struct vm *vm, u64 gpa, void *host, u64 size)
{
	struct kvm_userspace_memory_region region = {.slot = slot_of(vm, gpa)};

	(void)host, (void)size;
	vm->slots[region.slot] = 0;
	call(vm->fd, KVM_SET_USER_MEMORY_REGION, &region, "unmapping memory");
}

static void set_segments(struct kvm_sregs *s)
{
	struct kvm_segment data = {
		.limit = 0xffffffff, .selector = 0x18, .type = 3, .present = 1, .s = 1, .db = 1, .g = 1};
	struct kvm_segment code = {
		.limit = 0xffffffff, .selector = 0x10, .type = 11, .present = 1, .s = 1, .l = 1, .g = 1};

	s->cs = code;
	s->ss = s->ds = s->es = s->fs = s->gs = data;
	s->ldt = (struct kvm_segment){.unusable = 1, .type = 2};
	s->tr = (struct kvm_segment){.type = 11, .present = 1, .limit = 0x67};
	s->gdt = s->idt = (struct kvm_dtable){0};
}

static void set_xcr0(int fd, u64 xcr0)
{
	struct kvm_xcrs xcrs = {.nr_xcrs = 1, .xcrs = {{.xcr = 0, .value = xcr0}}};

	if (xcr0)
		call(fd, KVM_SET_XCRS, &xcrs, "setting XCR0");
}

void vm_start(struct vm *vm, unsigned int vp, const struct vm_start *start)
{
	int fd = vm->vp_fd[vp];
	struct kvm_regs regs = {.rip = start->rip, .rdi = start->rdi, .rsi = start->rsi, .rflags = 2};
	struct kvm_sregs s;

	call(fd, KVM_GET_SREGS, &s, "reading registers");
	set_segments(&s);
	s.cr0 = start->cr0;
	s.cr3 = start->cr3;
	s.cr4 = start->cr4;
	s.efer = start->efer;
	s.apic_base = APIC_BASE_X2APIC | (vp == 0 ? APIC_BASE_BSP : 0);
	call(fd, KVM_SET_SREGS, &s, "setting system registers");
	call(fd, KVM_SET_REGS, &regs, "setting registers");
	set_xcr0(fd, start->xcr0);
}

static u64 rip_of(struct vm *vm, unsigned int vp)
{
	struct kvm_regs regs;

	call(vm->vp_fd[vp], KVM_GET_REGS, &regs, "reading registers");
	return regs.rip;
}

static void read_exit(struct vm *vm, unsigned int vp, struct vm_exit *e)
{
	struct kvm_run *run = vm->run[vp];

	if (run->exit_reason == KVM_EXIT_IO && run->io.direction == KVM_EXIT_IO_OUT && run->io.size == 4 &&
	    run->io.count == 1) {
		e->kind = VM_EXIT_PORT;
		e->port = run->io.port;
		memcpy(&e->value, (u8 *)run + run->io.data_offset, sizeof(e->value));
		return;
	}
	e->rip = rip_of(vm, vp);
	e->code = run->exit_reason;
	e->kind = VM_EXIT_UNKNOWN;
	if (run->exit_reason == KVM_EXIT_SHUTDOWN) {
		e->kind = VM_EXIT_SHUTDOWN;
	} else if (run->exit_reason == KVM_EXIT_MMIO) {
		e->kind = VM_EXIT_MEMORY;
		e->gpa = run->mmio.phys_addr;
		e->write = run->mmio.is_write;
	}
}

void vm_run(struct vm *vm, unsigned int vp, struct vm_exit *e)
{
	*e = (struct vm_exit){.kind = VM_EXIT_AGAIN};
	if (ioctl(vm->vp_fd[vp], KVM_RUN, NULL) == 0)
		read_exit(vm, vp, e);
	else if (errno != EINTR && errno != EAGAIN)
		die_errno("/dev/kvm: running a processor at %#llx", (unsigned long long)rip_of(vm, vp));
}

void vm_interrupt(struct vm *vm, u8 vector)
{
	struct kvm_msi msi = {.address_lo = 0xfee00000, .data = vector};

	call(vm->fd, KVM_SIGNAL_MSI, &msi, "raising an interrupt");
}

/* SPDX-License-Identifier: MIT */
/*
 * vm_mshv.c: the worker's machine on /dev/mshv (tools/kmod/uapi.h): partition, processors, memory regions,
 * and the intercept messages that need a virtual machine monitor.
 */
#include <abi/hypercall.h>
#include <abi/message.h>
#include <abi/registers.h>
#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <x86intrin.h>

#include "die.h"
#include "uapi.h"
#include "vm.h"

#define PAGE 4096ULL

struct vm {
	int fd;
	int vp_fd[VM_VPS_MAX];
	volatile struct hv_vp_register_page *page[VM_VPS_MAX];
};

static struct vm the_vm;

static int call(int fd, unsigned long request, void *argument, const char *what)
{
	int r = ioctl(fd, request, argument);

	if (r < 0)
		die_errno("/dev/mshv: %s", what);
	return r;
}

static void hypercall(int fd, u16 code, u16 reps, void *in, size_t in_size, void *out, size_t out_size,
		      const char *what)
{
	struct mshv_root_hvcall h = {
		.code = code,
		.reps = reps,
		.in_sz = (u16)in_size,
		.out_sz = (u16)out_size,
		.in_ptr = (u64)(size_t)in,
		.out_ptr = (u64)(size_t)out,
	};

	if (ioctl(fd, MSHV_ROOT_HVCALL, &h) < 0)
		die_errno("the hypervisor refused %s (status %#x)", what, h.status);
}

static void create_vp(struct vm *vm, u32 vp)
{
	struct mshv_create_vp create = {.vp_index = vp};
	void *page;
	int fd;

	fd = vm->vp_fd[vp] = call(vm->fd, MSHV_CREATE_VP, &create, "creating a virtual processor");
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, MSHV_VP_MMAP_OFFSET_REGISTERS * PAGE);
	if (page == MAP_FAILED)
		die_errno("/dev/mshv: mapping a virtual processor's registers");
	vm->page[vp] = page;
}

struct vm *vm_create(unsigned int vp_count)
{
	struct mshv_create_partition create = {.pt_flags = 1ULL << MSHV_PT_BIT_LAPIC |
							   1ULL << MSHV_PT_BIT_X2APIC};
	struct vm *vm = &the_vm;
	int dev = open("/dev/mshv", O_RDWR | O_CLOEXEC);

	if (dev < 0)
		die_errno(
			"cannot open /dev/mshv (was this machine started by nacelle.efi, is the module mshv "
			"loaded?)");
	vm->fd = call(dev, MSHV_CREATE_PARTITION, &create, "creating a partition");
	close(dev);
	call(vm->fd, MSHV_INITIALIZE_PARTITION, NULL, "initializing the partition");
	for (u32 vp = 0; vp < vp_count; vp++)
		create_vp(vm, vp);
	return vm;
}

static u64 property(struct vm *vm, u32 code)
{
	struct hv_input_get_partition_property in = {.property_code = code};
	u64 value = 0;

	hypercall(vm->fd, HVCALL_GET_PARTITION_PROPERTY, 0, &in, sizeof(in), &value, sizeof(value),
		  "a property of the partition");
	return value;
}

/* The root's processor is the child's, less what hv hides: AVX-512 and PKRU (bits above 7 of XCR0). */
static void processor_facts(struct vm_facts *facts)
{
	u32 a, b, c, d, features;

	__cpuid(1, a, b, features, d);
	__cpuid_count(7, 0, a, b, c, d);
	facts->cr4_offered = (b & 1u << 7 ? 1ULL << 20 : 0) |  /* SMEP */
			     (b & 1u << 20 ? 1ULL << 21 : 0) | /* SMAP */
			     (b & 1u << 0 ? 1ULL << 16 : 0) |  /* FSGSBASE */
			     (c & 1u << 2 ? 1ULL << 11 : 0);   /* UMIP */
	facts->xcr0 = 0;
	if (!(features & 1u << 26))
		return;
	facts->cr4_offered |= 1ULL << 18; /* OSXSAVE */
	__cpuid_count(0xd, 0, a, b, c, d);
	facts->xcr0 = a & 7;
}

void vm_facts(struct vm *vm, struct vm_facts *facts)
{
	processor_facts(facts);
	facts->hypercall_insn = (u32)property(vm, HV_PROPERTY_PROCESSOR_VENDOR);
	facts->tsc_hz = property(vm, HV_PROPERTY_PROCESSOR_CLOCK_FREQUENCY);
	facts->tsc_now = __rdtsc(); /* passed through, offset 0 */
}

static void set_memory(struct vm *vm, u64 gpa, void *host, u64 size, u32 flags, const char *what)
{
	struct mshv_user_mem_region region = {
		.size = size,
		.guest_pfn = gpa / PAGE,
		.userspace_addr = (u64)(size_t)host,
		.flags = (u8)flags,
	};

	call(vm->fd, MSHV_SET_GUEST_MEMORY, &region, what);
}

void vm_map(struct vm *vm, u64 gpa, void *host, u64 size, unsigned int access)
{
	set_memory(vm, gpa, host, size,
		   (access & VM_ACCESS_WRITE ? 1u << MSHV_SET_MEM_BIT_WRITABLE : 0) |
			   (access & VM_ACCESS_EXECUTE ? 1u << MSHV_SET_MEM_BIT_EXECUTABLE : 0),
		   "mapping memory");
}

void vm_unmap(struct vm *vm, u64 gpa, void *host, u64 size)
{
	set_memory(vm, gpa, host, size, 1u << MSHV_SET_MEM_BIT_UNMAP, "unmapping memory");
}

#define REGISTERS_MAX 24

struct register_list {
	u16 count;
	union {
		struct hv_input_set_vp_registers head;
		u8 room[sizeof(struct hv_input_set_vp_registers) +
			REGISTERS_MAX * sizeof(struct hv_register_assoc)];
	};
};

static union hv_register_value *add(struct register_list *list, u32 name)
{
	struct hv_register_assoc *e = &list->head.elements[list->count++];

	e->name = name;
	return &e->value;
}

/* Attributes: type 3:0, S 4, P 7, L 13, D 14, G 15. */
static void add_segments(struct register_list *list)
{
	static const u32 data[] = {HV_X64_REGISTER_ES, HV_X64_REGISTER_SS, HV_X64_REGISTER_DS,
				   HV_X64_REGISTER_FS, HV_X64_REGISTER_GS};
	union hv_register_value *v = add(list, HV_X64_REGISTER_CS);

	v->segment.limit = 0xffffffff;
	v->segment.selector = 0x10;
	v->segment.attributes = 0xa09b;
	for (size_t i = 0; i < sizeof(data) / sizeof(data[0]); i++) {
		v = add(list, data[i]);
		v->segment.limit = 0xffffffff;
		v->segment.selector = 0x18;
		v->segment.attributes = 0xc093;
	}
	v = add(list, HV_X64_REGISTER_LDTR);
	v->segment.attributes = 0x82;
	v = add(list, HV_X64_REGISTER_TR);
	v->segment.limit = 0x67;
	v->segment.attributes = 0x8b;
	add(list, HV_X64_REGISTER_GDTR);
	add(list, HV_X64_REGISTER_IDTR);
}

void vm_start(struct vm *vm, unsigned int vp, const struct vm_start *start)
{
	struct register_list list = {.head.vp_index = vp};

	add_segments(&list);
	add(&list, HV_X64_REGISTER_EFER)->reg64 = start->efer;
	add(&list, HV_X64_REGISTER_CR4)->reg64 = start->cr4;
	add(&list, HV_X64_REGISTER_CR3)->reg64 = start->cr3;
	add(&list, HV_X64_REGISTER_CR0)->reg64 = start->cr0;
	if (start->xcr0)
		add(&list, HV_X64_REGISTER_XFEM)->reg64 = start->xcr0;
	add(&list, HV_X64_REGISTER_RIP)->reg64 = start->rip;
	add(&list, HV_X64_REGISTER_RFLAGS)->reg64 = 2;
	add(&list, HV_X64_REGISTER_RSP);
	add(&list, HV_X64_REGISTER_RDI)->reg64 = start->rdi;
	add(&list, HV_X64_REGISTER_RSI)->reg64 = start->rsi;
	hypercall(vm->vp_fd[vp], HVCALL_SET_VP_REGISTERS, list.count, &list.head,
		  sizeof(list.head) + list.count * sizeof(list.head.elements[0]), NULL, 0,
		  "the first registers of a virtual processor");
}

/* Moves the VP behind the instruction that was intercepted. */
static void advance(struct vm *vm, unsigned int vp, const struct hv_x64_intercept_header *h)
{
	volatile struct hv_vp_register_page *page = vm->page[vp];

	page->rip = h->rip + (h->instruction_length & 15);
	page->dirty |= HV_VP_REGISTER_DIRTY_RIP;
}

static void read_port(struct vm *vm, unsigned int vp, const struct hv_message *m, struct vm_exit *e)
{
	const struct hv_x64_io_port_intercept *io = (const void *)m->payload;

	e->rip = io->header.rip;
	if (io->header.access_type != HV_INTERCEPT_ACCESS_WRITE || (io->info & 0x1f) != 4 ||
	    !(io->header.instruction_length & 15)) {
		e->kind = VM_EXIT_UNKNOWN;
		return;
	}
	e->kind = VM_EXIT_PORT;
	e->port = io->port;
	e->value = (u32)io->rax;
	advance(vm, vp, &io->header);
}

static void read_memory(const struct hv_message *m, struct vm_exit *e)
{
	const struct hv_x64_memory_intercept *mem = (const void *)m->payload;

	e->kind = VM_EXIT_MEMORY;
	e->rip = mem->header.rip;
	e->gpa = mem->gpa;
	e->write = mem->header.access_type == HV_INTERCEPT_ACCESS_WRITE;
}

static void read_message(struct vm *vm, unsigned int vp, const struct hv_message *m, struct vm_exit *e)
{
	const struct hv_x64_intercept_header *h = (const void *)m->payload;

	e->code = m->type;
	switch (m->type) {
	case HVMSG_NONE:
		e->kind = VM_EXIT_AGAIN;
		break;
	case HVMSG_X64_IO_PORT_INTERCEPT:
		read_port(vm, vp, m, e);
		break;
	case HVMSG_UNMAPPED_GPA:
	case HVMSG_GPA_INTERCEPT:
		read_memory(m, e);
		break;
	case HVMSG_UNRECOVERABLE_EXCEPTION:
		e->kind = VM_EXIT_SHUTDOWN;
		e->rip = h->rip;
		break;
	default:
		e->kind = VM_EXIT_UNKNOWN;
		e->rip = h->rip;
	}
}

void vm_run(struct vm *vm, unsigned int vp, struct vm_exit *e)
{
	struct hv_message message;

	_Static_assert(sizeof(message) == sizeof(struct mshv_run_vp), "the driver copies a whole message");
	*e = (struct vm_exit){.kind = VM_EXIT_AGAIN};
	if (ioctl(vm->vp_fd[vp], MSHV_RUN_VP, &message) == 0)
		read_message(vm, vp, &message, e);
	else if (errno != EINTR && errno != EAGAIN)
		die_errno("/dev/mshv: running virtual processor %u", vp);
}

void vm_interrupt(struct vm *vm, u8 vector)
{
	struct hv_input_assert_virtual_interrupt in = {.requested_vector = vector};

	hypercall(vm->fd, HVCALL_ASSERT_VIRTUAL_INTERRUPT, 0, &in, sizeof(in), NULL, 0, "an interrupt");
}

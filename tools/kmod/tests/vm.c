// SPDX-License-Identifier: MIT
/*
 * vm.c: the smallest machine that runs guest.S, made through the ioctls under test.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "test.h"

#define TABLES_GPA 0x1000UL /* PML4, PDPT, PD for the first GiB; the second GiB as one page */
#define PAGE_PRESENT_WRITE 0x3
#define PAGE_LARGE 0x80

int dev_fd = -1;

static void *anonymous(size_t size)
{
	void *memory =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	CHECK(memory != MAP_FAILED);
	return memory;
}

int vm_set_memory(int fd, u64 gpa, void *memory, u64 size, u8 flags)
{
	struct mshv_user_mem_region region = {
		.size = size,
		.guest_pfn = gpa / MSHV_HV_PAGE_SIZE,
		.userspace_addr = (uintptr_t)memory,
		.flags = flags,
	};

	return ioctl(fd, MSHV_SET_GUEST_MEMORY, &region);
}

static void make_tables(struct vm *vm)
{
	u64 *pml4 = (u64 *)(vm->ram + TABLES_GPA), *pdpt = pml4 + 512, *pd = pdpt + 512;
	u64 i;

	pml4[0] = (TABLES_GPA + 0x1000) | PAGE_PRESENT_WRITE;
	pdpt[0] = (TABLES_GPA + 0x2000) | PAGE_PRESENT_WRITE;
	pdpt[1] = (1UL << 30) | PAGE_PRESENT_WRITE | PAGE_LARGE;
	for (i = 0; i < 512; i++)
		pd[i] = i << 21 | PAGE_PRESENT_WRITE | PAGE_LARGE;
}

static void create_vp(struct vm *vm, u32 index)
{
	struct mshv_create_vp args = {.vp_index = index};

	vm->vp[index] = ioctl(vm->fd, MSHV_CREATE_VP, &args);
	CHECK(vm->vp[index] >= 0);
	vm->regs[index] = mmap(NULL, MSHV_HV_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, vm->vp[index],
			       MSHV_VP_MMAP_OFFSET_REGISTERS * MSHV_HV_PAGE_SIZE);
	CHECK(vm->regs[index] != MAP_FAILED);
}

void vm_create(struct vm *vm, unsigned int vps)
{
	struct mshv_create_partition args = {
		.pt_flags = 1 << MSHV_PT_BIT_LAPIC | 1 << MSHV_PT_BIT_X2APIC,
	};
	unsigned int i;

	memset(vm, 0, sizeof(*vm));
	vm->fd = ioctl(dev_fd, MSHV_CREATE_PARTITION, &args);
	CHECK(vm->fd >= 0);
	CHECK_EQ(ioctl(vm->fd, MSHV_INITIALIZE_PARTITION), 0);
	vm->ram = anonymous(RAM_SIZE);
	make_tables(vm);
	CHECK_EQ(vm_set_memory(vm->fd, 0, vm->ram, RAM_SIZE, MEM_W | MEM_X), 0);
	for (i = 0; i < vps; i++)
		create_vp(vm, i);
}

void vm_destroy(struct vm *vm)
{
	unsigned int i;

	for (i = 0; i < MAX_VPS; i++) {
		if (!vm->regs[i])
			continue;
		munmap(vm->regs[i], MSHV_HV_PAGE_SIZE);
		close(vm->vp[i]);
	}
	close(vm->fd);
	munmap(vm->ram, RAM_SIZE);
}

/* The fixed part of Get- and SetVpRegisters' input. */
struct registers_head {
	u64 partition_id;
	u32 vp_index;
	u32 vtl;
};

int vm_hvcall(int fd, u16 code, u16 reps, void *in, size_t in_sz, void *out, size_t out_sz, u16 *status)
{
	struct mshv_root_hvcall args = {
		.code = code,
		.reps = reps,
		.in_sz = (u16)in_sz,
		.out_sz = (u16)out_sz,
		.in_ptr = (uintptr_t)in,
		.out_ptr = (uintptr_t)out,
	};
	int ret = ioctl(fd, MSHV_ROOT_HVCALL, &args);

	if (status)
		*status = args.status;
	return ret;
}

u64 vm_get_reg(struct vm *vm, unsigned int vp, u32 name)
{
	struct {
		struct registers_head head;
		u32 name;
	} in = {.head.vp_index = vp, .name = name};
	union hv_register_value value;

	CHECK_EQ(vm_hvcall(vm->vp[vp], HVCALL_GET_VP_REGISTERS, 1, &in, 20, &value, sizeof(value), NULL), 0);
	return value.reg64;
}

static const struct hv_register_assoc *start_state(unsigned int vp, size_t *count)
{
	static struct hv_register_assoc regs[20];
	size_t n = 0;
	u32 s;

#define REG(register_name, v) (regs[n].name = (register_name), regs[n++].value.reg64 = (v))
	memset(regs, 0, sizeof(regs));
	REG(HV_X64_REGISTER_RIP, CODE_GPA);
	REG(HV_X64_REGISTER_RFLAGS, 2);
	REG(HV_X64_REGISTER_RSP, STACK_TOP - vp * 0x400);
	REG(HV_X64_REGISTER_RDI, vp);
	REG(HV_X64_REGISTER_CR0, 0x80010033); /* PG WP NE ET MP PE */
	REG(HV_X64_REGISTER_CR3, TABLES_GPA);
	REG(HV_X64_REGISTER_CR4, 0x620);  /* OSXMMEXCPT OSFXSR PAE */
	REG(HV_X64_REGISTER_EFER, 0x500); /* LMA LME */
	for (s = HV_X64_REGISTER_ES; s <= HV_X64_REGISTER_GS; s++) {
		regs[n].name = s;
		regs[n].value.segment.limit = 0xffffffff;
		regs[n].value.segment.selector = s == HV_X64_REGISTER_CS ? 0x10 : 0x18;
		regs[n++].value.segment.attributes = s == HV_X64_REGISTER_CS ? 0xa09b : 0xc093;
	}
	regs[n].name = HV_X64_REGISTER_TR;
	regs[n].value.segment.limit = 0x67;
	regs[n++].value.segment.attributes = 0x8b;
	regs[n].name = HV_X64_REGISTER_GDTR;
	regs[n].value.table.base = 0x6000;
	regs[n++].value.table.limit = 0x1f;
	regs[n].name = HV_X64_REGISTER_IDTR;
	regs[n].value.table.base = IDT_GPA;
	regs[n++].value.table.limit = 0xfff;
#undef REG
	*count = n;
	return regs;
}

void vm_reset_vp(struct vm *vm, unsigned int vp)
{
	struct {
		struct registers_head head;
		struct hv_register_assoc regs[20];
	} in = {.head.vp_index = vp};
	size_t count;
	const struct hv_register_assoc *regs = start_state(vp, &count);

	memcpy(in.regs, regs, count * sizeof(*regs));
	CHECK_EQ(vm_hvcall(vm->vp[vp], HVCALL_SET_VP_REGISTERS, (u16)count, &in,
			   sizeof(in.head) + count * sizeof(*regs), NULL, 0, NULL),
		 0);
}

void vm_load_bytes(struct vm *vm, const u8 *code, size_t size)
{
	u64 *gdt = (u64 *)(vm->ram + 0x6000);
	unsigned int i;

	memcpy(vm->ram + CODE_GPA, code, size);
	gdt[2] = 0x00af9b000000ffffULL; /* selector 0x10: 64-bit code */
	gdt[3] = 0x00cf93000000ffffULL; /* selector 0x18: data */
	for (i = 0; i < MAX_VPS && vm->regs[i]; i++)
		vm_reset_vp(vm, i);
}

int vm_run(struct vm *vm, unsigned int vp, struct hv_message *message)
{
	struct mshv_run_vp args;

	if (ioctl(vm->vp[vp], MSHV_RUN_VP, &args) < 0)
		return -errno;
	memcpy(message, args.msg_buf, sizeof(*message));
	return 0;
}

int vm_run_on(struct vm *vm, unsigned int vp, struct hv_message *message)
{
	int ret;

	do
		ret = vm_run(vm, vp, message);
	while (ret == -EINTR);
	return ret;
}

u32 vm_run_to_out(struct vm *vm, unsigned int vp, u16 port)
{
	const struct hv_x64_io_port_intercept *io;
	struct hv_message message;

	CHECK_EQ(vm_run_on(vm, vp, &message), 0);
	CHECK_EQ(message.type, HVMSG_X64_IO_PORT_INTERCEPT);
	io = (const void *)message.payload;
	CHECK_EQ(io->port, port);
	CHECK_EQ(io->info & 7, 4);
	CHECK_EQ(io->header.access_type, HV_INTERCEPT_ACCESS_WRITE);
	CHECK_EQ(io->header.vp_index, vp);
	CHECK_EQ(io->header.instruction_length & 15, 1);
	CHECK_EQ(vm->regs[vp]->valid, 1);
	CHECK_EQ(vm->regs[vp]->rip, io->header.rip);
	vm->regs[vp]->rip = io->header.rip + (io->header.instruction_length & 15);
	vm->regs[vp]->dirty |= HV_VP_REGISTER_DIRTY_RIP;
	return (u32)io->rax;
}

int vm_assert(struct vm *vm, unsigned int vp, u32 vector)
{
	struct hv_input_assert_virtual_interrupt in = {.dest_addr = vp, .requested_vector = vector};

	return vm_hvcall(vm->fd, HVCALL_ASSERT_VIRTUAL_INTERRUPT, 0, &in, sizeof(in), NULL, 0, NULL);
}

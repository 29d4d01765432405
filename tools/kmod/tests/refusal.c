// SPDX-License-Identifier: MIT
/*
 * refusal.c: every call with arguments it must not take, and the errno it must answer.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

static void test_create(void)
{
	struct mshv_create_partition args = {.pt_flags = 1 << MSHV_PT_BIT_COUNT};

	CHECK_ERRNO(ioctl(dev_fd, MSHV_CREATE_PARTITION, &args), EINVAL);
	args.pt_flags = 0;
	args.pt_isolation = MSHV_PT_ISOLATION_COUNT;
	CHECK_ERRNO(ioctl(dev_fd, MSHV_CREATE_PARTITION, &args), EINVAL);
	CHECK_ERRNO(ioctl(dev_fd, MSHV_CREATE_PARTITION, NULL), EFAULT);
	CHECK_ERRNO(ioctl(dev_fd, _IO(MSHV_IOCTL, 0x99)), ENOTTY);
}

static void test_vp(void)
{
	struct mshv_get_set_vp_state state = {.type = MSHV_VP_STATE_LAPIC};
	struct mshv_create_vp args = {.vp_index = 0};
	struct vm vm;

	vm_create(&vm, 1);
	CHECK_ERRNO(ioctl(vm.fd, MSHV_CREATE_VP, &args), EEXIST);
	args.vp_index = HV_MAX_VPS;
	CHECK_ERRNO(ioctl(vm.fd, MSHV_CREATE_VP, &args), EINVAL);
	CHECK_ERRNO(ioctl(vm.vp[0], _IO(MSHV_IOCTL, 0x99)), ENOTTY);
	CHECK_ERRNO(ioctl(vm.fd, _IO(MSHV_IOCTL, 0x99)), ENOTTY);
	CHECK_ERRNO(ioctl(vm.vp[0], MSHV_GET_VP_STATE, &state), EOPNOTSUPP);
	vm_destroy(&vm);
}

static long map_vp(struct vm *vm, int prot, int flags, size_t size, unsigned int page)
{
	return (long)mmap(NULL, size, prot, flags, vm->vp[0], page * MSHV_HV_PAGE_SIZE);
}

static void test_mmap(void)
{
	struct vm vm;

	vm_create(&vm, 1);
	CHECK_ERRNO(map_vp(&vm, PROT_READ, MAP_SHARED, 4096, MSHV_VP_MMAP_OFFSET_GHCB), ENODEV);
	CHECK_ERRNO(map_vp(&vm, PROT_READ, MAP_SHARED, 4096, MSHV_VP_MMAP_OFFSET_COUNT), EINVAL);
	CHECK_ERRNO(map_vp(&vm, PROT_READ, MAP_SHARED, 8192, MSHV_VP_MMAP_OFFSET_REGISTERS), EINVAL);
	CHECK_ERRNO(map_vp(&vm, PROT_READ, MAP_PRIVATE, 4096, MSHV_VP_MMAP_OFFSET_REGISTERS), EINVAL);
	CHECK_ERRNO(
		map_vp(&vm, PROT_READ | PROT_WRITE, MAP_SHARED, 4096, MSHV_VP_MMAP_OFFSET_INTERCEPT_MESSAGE),
		EACCES);
	CHECK(map_vp(&vm, PROT_READ, MAP_SHARED, 4096, MSHV_VP_MMAP_OFFSET_INTERCEPT_MESSAGE) != -1);
	vm_destroy(&vm);
}

static void test_memory(void)
{
	struct mshv_user_mem_region region = {.size = 4096, .flags = MEM_W};
	struct vm vm;
	u8 *ram;

	vm_create(&vm, 1);
	ram = vm.ram;
	/* overlapping in guest addresses, in user addresses */
	CHECK_ERRNO(vm_set_memory(vm.fd, RAM_SIZE - 4096, ram + 2 * RAM_SIZE, 8192, MEM_W), EINVAL);
	CHECK_ERRNO(vm_set_memory(vm.fd, 0x40000000, ram + RAM_SIZE - 4096, 4096, MEM_W), EEXIST);
	CHECK(mmap(ram + RAM_SIZE, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		   0) != MAP_FAILED);
	CHECK_ERRNO(vm_set_memory(vm.fd, RAM_SIZE - 4096, ram + RAM_SIZE, 8192, MEM_W), EEXIST);
	CHECK_ERRNO(vm_set_memory(vm.fd, 0x40000000, ram + RAM_SIZE, 0, MEM_W), EINVAL);
	CHECK_ERRNO(vm_set_memory(vm.fd, 0x40000000, ram + RAM_SIZE, 100, MEM_W), EINVAL);
	CHECK_ERRNO(vm_set_memory(vm.fd, 0x40000000, ram + RAM_SIZE + 1, 4096, MEM_W), EINVAL);
	CHECK_ERRNO(vm_set_memory(vm.fd, 0x40000000, ram + RAM_SIZE, 4096, 1 << MSHV_SET_MEM_BIT_COUNT),
		    EINVAL);
	CHECK_ERRNO(vm_set_memory(vm.fd, 1UL << HV_CHILD_GPA_BITS, ram + RAM_SIZE, 4096, MEM_W), EINVAL);
	CHECK_ERRNO(vm_set_memory(vm.fd, 0x40000000, (void *)0xffff888000000000, 4096, MEM_W), EINVAL);
	CHECK_ERRNO(vm_set_memory(vm.fd, 0x40000000, (void *)vm.regs[0], 4096, MEM_W | MEM_UNMAP), EINVAL);
	region.userspace_addr = (uintptr_t)(ram + RAM_SIZE);
	region.guest_pfn = 0x40000;
	region.rsvd[3] = 1;
	CHECK_ERRNO(ioctl(vm.fd, MSHV_SET_GUEST_MEMORY, &region), EINVAL);
	region.rsvd[3] = 0;
	region.guest_pfn = ~0ULL;
	CHECK_ERRNO(ioctl(vm.fd, MSHV_SET_GUEST_MEMORY, &region), EINVAL);
	vm_destroy(&vm);
}

static void test_hvcall(void)
{
	struct hv_input_get_partition_property in = {.property_code = HV_PROPERTY_PROCESSOR_VENDOR};
	struct hv_input_set_partition_property vendor = {.property_code = HV_PROPERTY_PROCESSOR_VENDOR};
	u64 out = ~0ULL;
	struct vm vm;
	u16 status;

	vm_create(&vm, 1);
	/* The partition id is filled in: the root's own id gets us no further. */
	in.partition_id = HV_PARTITION_ID_ROOT;
	CHECK_EQ(vm_hvcall(vm.fd, HVCALL_GET_PARTITION_PROPERTY, 0, &in, sizeof(in), &out, 8, &status), 0);
	CHECK(out <= 1);
	CHECK_ERRNO(vm_hvcall(vm.fd, HVCALL_DEPOSIT_MEMORY, 1, &in, sizeof(in), NULL, 0, NULL), EINVAL);
	CHECK_ERRNO(vm_hvcall(vm.fd, HVCALL_DISPATCH_VP, 0, &in, sizeof(in), NULL, 0, NULL), EINVAL);
	CHECK_ERRNO(vm_hvcall(vm.fd, HVCALL_MAP_GPA_PAGES, 1, &in, sizeof(in), NULL, 0, NULL), EINVAL);
	CHECK_ERRNO(vm_hvcall(vm.fd, HV_EXT_CALL_READ_LOG, 0, &in, sizeof(in), NULL, 0, NULL), EINVAL);
	CHECK_ERRNO(vm_hvcall(vm.fd, HVCALL_GET_PARTITION_PROPERTY, 0, &in, 8, &out, 8, NULL), EINVAL);
	CHECK_ERRNO(vm_hvcall(vm.fd, HVCALL_GET_PARTITION_PROPERTY, 1, &in, sizeof(in), &out, 8, NULL),
		    EINVAL);
	CHECK_ERRNO(vm_hvcall(vm.fd, HVCALL_SET_VP_REGISTERS, 100, &in, sizeof(in), NULL, 0, NULL), EINVAL);
	/* A refusal of the hypervisor: read-only property. Its status comes along. */
	CHECK_EQ(
		vm_hvcall(vm.fd, HVCALL_SET_PARTITION_PROPERTY, 0, &vendor, sizeof(vendor), NULL, 0, &status),
		-1);
	CHECK(status != HV_STATUS_SUCCESS);
	CHECK_EQ(vm_assert(&vm, 0, 3), -1);	/* vector below 16 */
	CHECK_EQ(vm_assert(&vm, 50, 0x41), -1); /* no such VP */
	vm_destroy(&vm);
}

static void test_irqfd(void)
{
	struct mshv_user_irqfd irqfd = {.fd = dev_fd};
	struct mshv_user_irq_table table = {.nr = MSHV_MAX_GUEST_IRQS + 1};
	struct mshv_user_ioeventfd io = {.fd = dev_fd};
	struct vm vm;

	vm_create(&vm, 1);
	CHECK_ERRNO(ioctl(vm.fd, MSHV_IRQFD, &irqfd), EINVAL); /* not an eventfd */
	irqfd.fd = -1;
	CHECK_ERRNO(ioctl(vm.fd, MSHV_IRQFD, &irqfd), EBADF);
	irqfd.flags = 1 << MSHV_IRQFD_BIT_RESAMPLE;
	CHECK_ERRNO(ioctl(vm.fd, MSHV_IRQFD, &irqfd), EOPNOTSUPP);
	CHECK_ERRNO(ioctl(vm.fd, MSHV_SET_MSI_ROUTING, &table), EINVAL);
	CHECK_ERRNO(ioctl(vm.fd, MSHV_IOEVENTFD, &io), EOPNOTSUPP);
	vm_destroy(&vm);
}

/* A child process has the descriptors, but another address space. */
static void test_other_mm(void)
{
	struct hv_message message;
	struct vm vm;
	int status;
	pid_t pid;

	vm_create(&vm, 1);
	vm_load(&vm, out);
	pid = fork();
	if (pid == 0) {
		CHECK_EQ(vm_run(&vm, 0, &message), -EIO);
		CHECK_ERRNO(vm_set_memory(vm.fd, 0, vm.ram, RAM_SIZE, MEM_UNMAP), EIO);
		CHECK_EQ(vm_assert(&vm, 0, 0x41), -1);
		CHECK_EQ(errno, EIO);
		_exit(0);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
	CHECK_EQ(vm_run_to_out(&vm, 0, 0x4e04), 0xcafe);
	vm_destroy(&vm);
}

static void test_unload(void)
{
	struct vm vm;

	vm_create(&vm, 1);
	CHECK_ERRNO(syscall(SYS_delete_module, "mshv", O_NONBLOCK), EWOULDBLOCK);
	vm_destroy(&vm);
}

static void test_reports(void)
{
	struct hv_ext_ledger ledger;
	struct mshv_nacelle_report args = {.buf_ptr = (uintptr_t)&ledger, .buf_sz = sizeof(ledger) - 8};
	struct mshv_nacelle_partition none = {.id = ~0ULL};

	CHECK_ERRNO(ioctl(dev_fd, MSHV_NACELLE_LEDGER, &args), EINVAL);
	args.buf_sz = sizeof(ledger);
	CHECK_EQ(ioctl(dev_fd, MSHV_NACELLE_LEDGER, &args), 0);
	args.argument = 1;
	CHECK_ERRNO(ioctl(dev_fd, MSHV_NACELLE_LEDGER, &args), EINVAL);
	CHECK_ERRNO(ioctl(dev_fd, MSHV_NACELLE_NEXT_PARTITION, &none), ENOENT);
}

const struct test refusal_tests[] = {
	{"bad partitions", test_create},	 {"bad VPs", test_vp},
	{"bad mappings of VP pages", test_mmap}, {"bad memory regions", test_memory},
	{"bad hypercalls", test_hvcall},	 {"bad interrupts", test_irqfd},
	{"bad reports", test_reports},		 {"another address space", test_other_mm},
	{"no unload while in use", test_unload}, {NULL, NULL},
};

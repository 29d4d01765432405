// SPDX-License-Identifier: MIT
/*
 * run.c: guests run: port writes, registers, signals, interrupts, timers, several VPs.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "test.h"

#define PORT 0x4e04

static void test_out(void)
{
	struct vm vm;

	vm_create(&vm, 1);
	vm_load(&vm, out);
	CHECK_EQ(vm_run_to_out(&vm, 0, PORT), 0xcafe);
	CHECK_EQ(vm.regs[0]->gpr[3], 0x1234567890);
	CHECK_EQ(vm_get_reg(&vm, 0, HV_X64_REGISTER_RBX), 0x1234567890);
	CHECK_EQ(vm_get_reg(&vm, 0, HV_X64_REGISTER_CR3), 0x1000);
	vm.regs[0]->gpr[3] = 0xbeef;
	vm.regs[0]->dirty |= HV_VP_REGISTER_DIRTY_GPR;
	CHECK_EQ(vm_run_to_out(&vm, 0, PORT), 0xbeef);
	vm_destroy(&vm);
}

static void expect_eintr(const char *what, struct vm *vm)
{
	struct hv_message message;
	int i, ret;

	for (i = 0; i < 3; i++) {
		alarm_ms(100);
		ret = vm_run(vm, 0, &message);
		if (ret != -EINTR)
			fail_at(__FILE__, __LINE__, "%s: RUN_VP answers %d, message %#x", what, ret,
				ret ? 0 : message.type);
	}
}

static void test_signal_ends_spin(void)
{
	struct vm vm;

	vm_create(&vm, 1);
	vm_load(&vm, spin);
	expect_eintr("spinning", &vm);
	vm_destroy(&vm);
}

static void test_signal_ends_halt(void)
{
	struct vm vm;

	vm_create(&vm, 1);
	vm_load(&vm, halt);
	expect_eintr("halted", &vm);
	vm_destroy(&vm);
}

static void test_triple_fault(void)
{
	struct hv_message message;
	struct vm vm;

	vm_create(&vm, 1);
	vm_load(&vm, triple);
	CHECK_EQ(vm_run_on(&vm, 0, &message), 0);
	CHECK_EQ(message.type, HVMSG_UNRECOVERABLE_EXCEPTION);
	vm_destroy(&vm);
}

static void *assert_later(void *arg)
{
	struct vm *vm = arg;

	usleep(50000);
	CHECK_EQ(vm_assert(vm, 0, 0x41), 0);
	return NULL;
}

/* The guest sleeps in HLT; another thread wakes it, twice. */
static void test_interrupt_wakes(void)
{
	pthread_t thread;
	struct vm vm;
	int i;

	vm_create(&vm, 1);
	vm_load(&vm, idle);
	CHECK_EQ(vm_run_to_out(&vm, 0, PORT), 1);
	for (i = 0; i < 2; i++) {
		CHECK_EQ(pthread_create(&thread, NULL, assert_later, &vm), 0);
		CHECK_EQ(vm_run_to_out(&vm, 0, PORT), 0x41);
		pthread_join(thread, NULL);
	}
	vm_destroy(&vm);
}

static void test_irqfd(void)
{
	struct { /* struct mshv_user_irq_table with one entry */
		u32 nr;
		u32 rsvd;
		struct mshv_user_irq_entry entry;
	} routing = {.nr = 1, .entry = {.gsi = 5, .address_lo = 0xfee00000, .data = 0x41}};
	struct mshv_user_irqfd irqfd = {.gsi = 5};
	struct vm vm;
	int fd = eventfd(0, EFD_CLOEXEC);

	vm_create(&vm, 1);
	vm_load(&vm, idle);
	CHECK_EQ(vm_run_to_out(&vm, 0, PORT), 1);
	irqfd.fd = fd;
	CHECK_EQ(ioctl(vm.fd, MSHV_SET_MSI_ROUTING, &routing), 0);
	CHECK_EQ(ioctl(vm.fd, MSHV_IRQFD, &irqfd), 0);
	CHECK_ERRNO(ioctl(vm.fd, MSHV_IRQFD, &irqfd), EBUSY);
	CHECK_EQ(eventfd_write(fd, 1), 0);
	CHECK_EQ(vm_run_to_out(&vm, 0, PORT), 0x41);
	irqfd.flags = 1 << MSHV_IRQFD_BIT_DEASSIGN;
	CHECK_EQ(ioctl(vm.fd, MSHV_IRQFD, &irqfd), 0);
	CHECK_ERRNO(ioctl(vm.fd, MSHV_IRQFD, &irqfd), ENOENT);
	close(fd);
	vm_destroy(&vm);
}

/* First with the VP asleep, then with the VP computing. */
static void test_timer(void)
{
	struct vm vm;

	vm_create(&vm, 1);
	vm_load(&vm, timer);
	CHECK_EQ(vm_run_to_out(&vm, 0, PORT), 0x41);
	CHECK_EQ(vm_run_to_out(&vm, 0, PORT), 0x41);
	vm_destroy(&vm);
}

struct vp_thread {
	struct vm *vm;
	unsigned int vp;
	u32 value;
};

static void *run_vp_thread(void *arg)
{
	struct vp_thread *thread = arg;

	thread->value = vm_run_to_out(thread->vm, thread->vp, PORT);
	return NULL;
}

static void test_two_vps(void)
{
	struct vp_thread other = {.vp = 1};
	pthread_t thread;
	struct vm vm;

	vm_create(&vm, 2);
	vm_load(&vm, pingpong);
	other.vm = &vm;
	CHECK_EQ(pthread_create(&thread, NULL, run_vp_thread, &other), 0);
	CHECK_EQ(vm_run_to_out(&vm, 0, PORT), 1000);
	pthread_join(thread, NULL);
	CHECK_EQ(other.value, 1000);
	vm_destroy(&vm);
}

/* The sleeping VP 1 gets VP 0's interrupt: the kick comes by message. */
static void test_ipi(void)
{
	struct vp_thread other = {.vp = 1};
	pthread_t thread;
	struct vm vm;

	vm_create(&vm, 2);
	vm_load(&vm, ipi);
	CHECK_EQ(vm_run_to_out(&vm, 1, PORT), 1);
	other.vm = &vm;
	CHECK_EQ(pthread_create(&thread, NULL, run_vp_thread, &other), 0);
	usleep(100000); /* usually asleep by now; either way the interrupt must arrive */
	CHECK_EQ(vm_run_to_out(&vm, 0, PORT), 2);
	pthread_join(thread, NULL);
	CHECK_EQ(other.value, 0x41);
	vm_destroy(&vm);
}

/* Suspended, the VP sleeps; resumed, it goes on. */
static void set_suspend(struct vm *vm, u64 value)
{
	struct hv_input_set_partition_property in = {.property_code = HV_PROPERTY_SUSPEND, .value = value};

	CHECK_EQ(vm_hvcall(vm->fd, HVCALL_SET_PARTITION_PROPERTY, 0, &in, sizeof(in), NULL, 0, NULL), 0);
}

static void test_suspend(void)
{
	struct vm vm;

	vm_create(&vm, 1);
	vm_load(&vm, out);
	set_suspend(&vm, 1);
	expect_eintr("suspended", &vm);
	set_suspend(&vm, 0);
	CHECK_EQ(vm_run_to_out(&vm, 0, PORT), 0xcafe);
	vm_destroy(&vm);
}

const struct test run_tests[] = {
	{"port write and registers", test_out},
	{"signal ends a spinning guest", test_signal_ends_spin},
	{"signal ends a halted guest", test_signal_ends_halt},
	{"triple fault is reported", test_triple_fault},
	{"interrupt wakes a halted guest", test_interrupt_wakes},
	{"irqfd", test_irqfd},
	{"timer, asleep and computing", test_timer},
	{"two VPs share memory", test_two_vps},
	{"interrupt between VPs", test_ipi},
	{"suspend and resume", test_suspend},
	{NULL, NULL},
};

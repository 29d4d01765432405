// SPDX-License-Identifier: MIT
/*
 * leak.c: whatever way a partition ends, the hypervisor's ledger is afterwards what it was before.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#define ROUNDS 30

static struct hv_ext_ledger read_ledger(void)
{
	struct hv_ext_ledger ledger;
	struct mshv_nacelle_report args = {.buf_ptr = (uintptr_t)&ledger, .buf_sz = sizeof(ledger)};

	CHECK_EQ(ioctl(dev_fd, MSHV_NACELLE_LEDGER, &args), 0);
	return ledger;
}

static void check_same(const struct hv_ext_ledger *before)
{
	const struct hv_ext_ledger after = read_ledger();

	CHECK_EQ(after.partitions, before->partitions);
	CHECK_EQ(after.deposited, before->deposited);
	CHECK_EQ(after.child_rw, before->child_rw);
	CHECK_EQ(after.child_ro, before->child_ro);
	CHECK_EQ(after.state_pages, before->state_pages);
	CHECK_EQ(after.root, before->root);
	CHECK_EQ(after.hypervisor + after.firmware + after.root + after.deposited + after.child_rw +
			 after.child_ro + after.state_pages,
		 after.total_frames);
}

static void test_sequence(void)
{
	const struct hv_ext_ledger before = read_ledger();
	struct vm vm;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		vm_create(&vm, 2);
		vm_load(&vm, touch);
		CHECK_EQ(vm_run_to_out(&vm, 0, 0x4e04), 7 * 256);
		CHECK(read_ledger().partitions > before.partitions);
		CHECK(read_ledger().child_rw > before.child_rw);
		vm_destroy(&vm);
		check_same(&before);
	}
}

/* Descriptors closed in every order: the partition's first, mapped pages last. */
static void test_order(void)
{
	const struct hv_ext_ledger before = read_ledger();
	struct vm vm;

	vm_create(&vm, 2);
	vm_load(&vm, out);
	close(vm.fd);
	CHECK_EQ(vm_run_to_out(&vm, 0, 0x4e04), 0xcafe);
	close(vm.vp[0]);
	close(vm.vp[1]);
	CHECK_EQ(read_ledger().partitions, before.partitions + 1); /* the mapped pages hold it */
	vm.fd = vm.vp[0] = vm.vp[1] = -1;
	vm_destroy(&vm);
	check_same(&before);
}

static void spin_for_ever(void)
{
	struct hv_message message;
	struct vm vm;

	for (;;) {
		vm_create(&vm, 2);
		vm_load(&vm, touch);
		vm_run_on(&vm, 0, &message);
		vm_load(&vm, spin);
		alarm_ms(3);
		vm_run(&vm, 0, &message);
		vm_destroy(&vm);
	}
}

static void test_killed(void)
{
	const struct hv_ext_ledger before = read_ledger();
	int i, status;
	pid_t pid;

	for (i = 0; i < ROUNDS; i++) {
		pid = fork();
		if (pid == 0)
			spin_for_ever();
		usleep((unsigned int)(i * 1731 % 40000) + 500);
		CHECK_EQ(kill(pid, SIGKILL), 0);
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK(WIFSIGNALED(status));
		check_same(&before);
	}
}

const struct test leak_tests[] = {
	{"nothing leaks in a sequence", test_sequence},
	{"nothing leaks in any order of closing", test_order},
	{"nothing leaks when killed", test_killed},
	{NULL, NULL},
};

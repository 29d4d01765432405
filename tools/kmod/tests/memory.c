// SPDX-License-Identifier: MIT
/*
 * memory.c: guest memory: first touch, rights, holes, unmapping, and memory that is not there.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "test.h"

#define PORT 0x4e04
#define BEYOND (1UL << 30)
#define SIZE 0x10000UL

static u8 *map_anonymous(size_t size)
{
	u8 *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(memory != MAP_FAILED);
	return memory;
}

static u64 expect_memory_message(struct vm *vm, u32 type, u8 access)
{
	const struct hv_x64_memory_intercept *fault;
	struct hv_message message;

	CHECK_EQ(vm_run_on(vm, 0, &message), 0);
	CHECK_EQ(message.type, type);
	fault = (const void *)message.payload;
	CHECK_EQ(fault->header.access_type, access);
	return fault->gpa;
}

static void test_touch_all(void)
{
	unsigned long page;
	struct vm vm;

	vm_create(&vm, 1);
	vm_load(&vm, touch);
	CHECK_EQ(vm_run_to_out(&vm, 0, PORT), 7 * 256);
	for (page = 0x100000; page < RAM_SIZE; page += 4096)
		CHECK_EQ(*(u64 *)(vm.ram + page), page);
	vm_destroy(&vm);
}

static void test_hole(void)
{
	struct vm vm;

	vm_create(&vm, 1);
	vm_load(&vm, beyond);
	CHECK_EQ(expect_memory_message(&vm, HVMSG_UNMAPPED_GPA, HV_INTERCEPT_ACCESS_READ), BEYOND);
	/* Once there is memory the same instruction goes on. */
	*(u32 *)vm.ram = 0x55;
	CHECK_EQ(vm_set_memory(vm.fd, BEYOND, map_anonymous(SIZE), SIZE, MEM_W), 0);
	CHECK_EQ(vm_run_to_out(&vm, 0, PORT), 0);
	CHECK_EQ(vm_run_to_out(&vm, 0, PORT), 0x77);
	vm_destroy(&vm);
}

static void test_read_only(void)
{
	struct vm vm;
	u8 *memory = map_anonymous(SIZE);

	*(u32 *)memory = 0x1234;
	vm_create(&vm, 1);
	vm_load(&vm, beyond);
	CHECK_EQ(vm_set_memory(vm.fd, BEYOND, memory, SIZE, 0), 0);
	CHECK_EQ(vm_run_to_out(&vm, 0, PORT), 0x1234);
	CHECK_EQ(expect_memory_message(&vm, HVMSG_GPA_INTERCEPT, HV_INTERCEPT_ACCESS_WRITE), BEYOND);
	CHECK_EQ(*(u32 *)memory, 0x1234);
	vm_destroy(&vm);
}

static void test_no_execute(void)
{
	struct vm vm;
	u8 *memory = map_anonymous(SIZE);

	memset(memory, 0xf4, SIZE);
	vm_create(&vm, 1);
	vm_load(&vm, jump);
	CHECK_EQ(vm_set_memory(vm.fd, BEYOND, memory, SIZE, MEM_W), 0);
	CHECK_EQ(expect_memory_message(&vm, HVMSG_UNMAPPED_GPA, HV_INTERCEPT_ACCESS_EXECUTE), BEYOND);
	vm_destroy(&vm);
}

/* A private mapping of a file: what the guest writes stays the guest's. */
static void test_private_file(void)
{
	char path[] = "/tmp/kmodtest.XXXXXX";
	int fd = mkstemp(path);
	u32 word = 0x1234;
	struct vm vm;
	u8 *memory;

	CHECK(fd >= 0);
	unlink(path);
	CHECK_EQ(ftruncate(fd, SIZE), 0);
	CHECK_EQ(pwrite(fd, &word, 4, 0), 4);
	memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	CHECK(memory != MAP_FAILED);
	vm_create(&vm, 1);
	vm_load(&vm, beyond);
	CHECK_EQ(vm_set_memory(vm.fd, BEYOND, memory, SIZE, MEM_W), 0);
	CHECK_EQ(vm_run_to_out(&vm, 0, PORT), 0x1234);
	CHECK_EQ(vm_run_to_out(&vm, 0, PORT), 0x77);
	CHECK_EQ(*(u32 *)memory, 0x77);
	CHECK_EQ(pread(fd, &word, 4, 0), 4);
	CHECK_EQ(word, 0x1234);
	vm_destroy(&vm);
}

/* Two guests read the same page of a file at the same time. */
static void test_shared_file_page(void)
{
	char path[] = "/tmp/kmodtest.XXXXXX";
	int fd = mkstemp(path), i;
	u32 word = 0x4711;
	struct vm vm[2];

	CHECK(fd >= 0);
	unlink(path);
	CHECK_EQ(ftruncate(fd, SIZE), 0);
	CHECK_EQ(pwrite(fd, &word, 4, 0), 4);
	for (i = 0; i < 2; i++) {
		u8 *memory = mmap(NULL, SIZE, PROT_READ, MAP_PRIVATE, fd, 0);

		CHECK(memory != MAP_FAILED);
		vm_create(&vm[i], 1);
		vm_load(&vm[i], beyond);
		CHECK_EQ(vm_set_memory(vm[i].fd, BEYOND, memory, SIZE, 0), 0);
		CHECK_EQ(vm_run_to_out(&vm[i], 0, PORT), 0x4711);
	}
	vm_destroy(&vm[0]);
	vm_destroy(&vm[1]);
}

static void test_memory_gone(void)
{
	struct hv_message message;
	struct vm vm;
	u8 *memory = map_anonymous(SIZE);

	vm_create(&vm, 1);
	vm_load(&vm, beyond);
	CHECK_EQ(vm_set_memory(vm.fd, BEYOND, memory, SIZE, MEM_W), 0);
	CHECK_EQ(munmap(memory, SIZE), 0);
	CHECK_EQ(vm_run_on(&vm, 0, &message), -EFAULT);
	/* And back: the guest goes on as if nothing had been. */
	CHECK(mmap(memory, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
	      memory);
	CHECK_EQ(vm_run_to_out(&vm, 0, PORT), 0);
	vm_destroy(&vm);
}

/* A file whose pages each begin with the word. */
static int make_file(u32 word)
{
	char path[] = "/tmp/kmodtest.XXXXXX";
	int fd = mkstemp(path);

	CHECK(fd >= 0);
	unlink(path);
	CHECK_EQ(ftruncate(fd, SIZE), 0);
	for (unsigned long at = 0; at < SIZE; at += 4096)
		CHECK_EQ(pwrite(fd, &word, 4, (off_t)at), 4);
	return fd;
}

/* Read-only memory is what its owner has there at any time: nothing of it is pinned. */
static void test_follows_owner(void)
{
	const u32 word = 0x4711, other = 0x12, pages = SIZE / 4096;
	int fd = make_file(word);
	u8 *memory = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0);
	struct vm vm;

	CHECK(memory != MAP_FAILED);
	vm_create(&vm, 1);
	vm_load(&vm, sums);
	CHECK_EQ(vm_set_memory(vm.fd, BEYOND, memory, SIZE, 0), 0);
	CHECK_EQ(vm_run_to_out(&vm, 0, PORT), pages * word);
	CHECK_EQ(pwrite(fd, &other, 4, 4096), 4);
	CHECK_EQ(vm_run_to_out(&vm, 0, PORT), (pages - 1) * word + other);
	CHECK_EQ(ftruncate(fd, 4096), 0);
	CHECK_EQ(ftruncate(fd, SIZE), 0);
	CHECK_EQ(vm_run_to_out(&vm, 0, PORT), word);
	CHECK(mmap(memory + 4096, 4096, PROT_READ, MAP_SHARED | MAP_FIXED, make_file(other), 0) ==
	      memory + 4096);
	CHECK_EQ(vm_run_to_out(&vm, 0, PORT), word + other);
	CHECK_EQ(munmap(memory, SIZE), 0);
	CHECK_EQ(expect_memory_message(&vm, HVMSG_UNMAPPED_GPA, HV_INTERCEPT_ACCESS_READ), BEYOND);
	vm_destroy(&vm);
}

static void *take_back(void *memory)
{
	for (int i = 0; i < 3000; i++)
		CHECK_EQ(madvise(memory, SIZE, MADV_DONTNEED), 0);
	return NULL;
}

/* Taken away again and again while the guest reads it. */
static void test_taken_while_read(void)
{
	const u32 word = 0x4711, pages = SIZE / 4096;
	u8 *memory = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, make_file(word), 0);
	pthread_t thread;
	struct vm vm;

	CHECK(memory != MAP_FAILED);
	vm_create(&vm, 1);
	vm_load(&vm, sums);
	CHECK_EQ(vm_set_memory(vm.fd, BEYOND, memory, SIZE, 0), 0);
	CHECK_EQ(pthread_create(&thread, NULL, take_back, memory), 0);
	while (pthread_tryjoin_np(thread, NULL) == EBUSY)
		CHECK_EQ(vm_run_to_out(&vm, 0, PORT), pages * word);
	vm_destroy(&vm);
}

/* A file that has shrunk under the guest: the VMM is asked, and may put something else there. */
static void test_file_cut(void)
{
	int fd = make_file(0x4711);
	u8 *memory = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0);
	struct vm vm;

	CHECK(memory != MAP_FAILED);
	vm_create(&vm, 1);
	vm_load(&vm, beyond);
	CHECK_EQ(vm_set_memory(vm.fd, BEYOND, memory, SIZE, 0), 0);
	CHECK_EQ(ftruncate(fd, 0), 0);
	CHECK_EQ(expect_memory_message(&vm, HVMSG_UNMAPPED_GPA, HV_INTERCEPT_ACCESS_READ), BEYOND);
	CHECK(mmap(memory, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == memory);
	CHECK_EQ(vm_run_to_out(&vm, 0, PORT), 0);
	CHECK_EQ(expect_memory_message(&vm, HVMSG_GPA_INTERCEPT, HV_INTERCEPT_ACCESS_WRITE), BEYOND);
	vm_destroy(&vm);
}

static void test_unmap(void)
{
	struct vm vm;
	u8 *memory = map_anonymous(SIZE);

	vm_create(&vm, 1);
	vm_load(&vm, beyond);
	CHECK_EQ(vm_set_memory(vm.fd, BEYOND, memory, SIZE, MEM_W), 0);
	CHECK_EQ(vm_run_to_out(&vm, 0, PORT), 0);
	CHECK_EQ(vm_set_memory(vm.fd, BEYOND, memory, SIZE, MEM_UNMAP), 0);
	CHECK_EQ(expect_memory_message(&vm, HVMSG_UNMAPPED_GPA, HV_INTERCEPT_ACCESS_WRITE), BEYOND);
	CHECK_ERRNO(vm_set_memory(vm.fd, BEYOND, memory, SIZE, MEM_UNMAP), EINVAL);
	vm_destroy(&vm);
}

static void test_access_bitmap(void)
{
	u8 bits[RAM_SIZE / 4096 / 8];
	struct mshv_gpap_access_bitmap args = {
		.access_type = MSHV_GPAP_ACCESS_TYPE_DIRTY,
		.page_count = RAM_SIZE / 4096,
		.bitmap_ptr = (uintptr_t)bits,
	};
	struct vm vm;
	size_t i;

	vm_create(&vm, 1);
	vm_load(&vm, touch);
	CHECK_EQ(vm_run_to_out(&vm, 0, PORT), 7 * 256);
	CHECK_EQ(ioctl(vm.fd, MSHV_GET_GPAP_ACCESS_BITMAP, &args), 0);
	for (i = 0x100000 / 4096 / 8; i < sizeof(bits); i++)
		CHECK_EQ(bits[i], 0xff);
	CHECK_EQ(bits[CODE_GPA / 4096 / 8] & 1, 0);
	vm_destroy(&vm);
}

const struct test memory_tests[] = {
	{"first touch of all memory", test_touch_all},
	{"a hole is reported, and filled", test_hole},
	{"read-only memory", test_read_only},
	{"memory without execution", test_no_execute},
	{"private file mapping", test_private_file},
	{"file page read by two guests", test_shared_file_page},
	{"memory taken away by its owner", test_memory_gone},
	{"file that shrinks", test_file_cut},
	{"read-only memory follows its owner", test_follows_owner},
	{"read-only memory that Linux takes back", test_taken_while_read},
	{"unmapping", test_unmap},
	{"dirty bitmap", test_access_bitmap},
	{NULL, NULL},
};

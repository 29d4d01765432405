/* SPDX-License-Identifier: MIT */
/*
 * test.h: tests of /dev/mshv from user space, run inside the root partition. Each test makes its own
 * partition, runs a few bytes of guest.S in it and prints one TAP line; a failed check ends the test.
 */
#ifndef KMOD_TEST_H
#define KMOD_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <abi/hypercall.h>
#include <abi/message.h>
#include <abi/registers.h>

#include "../uapi.h"

/* ---- A machine: RAM at GPA 0, identity-mapped; code at CODE_GPA, 64-bit mode, CPL 0 ----------------- */

#define RAM_SIZE (8UL << 20)
#define CODE_GPA 0x10000UL
#define IDT_GPA 0x5000UL
#define STACK_TOP 0x9000UL /* VP n: minus n * 0x400 */
#define MAX_VPS 4

struct vm {
	int fd;
	u8 *ram;
	int vp[MAX_VPS];
	struct hv_vp_register_page *regs[MAX_VPS];
};

extern int dev_fd;

void vm_create(struct vm *vm, unsigned int vps);
/* The bytes between two labels of guest.S, at CODE_GPA; and every VP set to start there. */
#define vm_load(vm, name)                                                                     \
	do {                                                                                  \
		extern const u8 guest_##name[], guest_##name##_end[];                         \
		vm_load_bytes(vm, guest_##name, (size_t)(guest_##name##_end - guest_##name)); \
	} while (0)
void vm_load_bytes(struct vm *vm, const u8 *code, size_t size);
void vm_reset_vp(struct vm *vm, unsigned int vp);
void vm_destroy(struct vm *vm);
int vm_run(struct vm *vm, unsigned int vp, struct hv_message *message); /* 0 or -errno */
/* The same, again and again while it answers EINTR: that may always happen. */
int vm_run_on(struct vm *vm, unsigned int vp, struct hv_message *message);
/* Runs until an OUT and steps over it; answers the value. Everything else fails the test. */
u32 vm_run_to_out(struct vm *vm, unsigned int vp, u16 port);
int vm_hvcall(int fd, u16 code, u16 reps, void *in, size_t in_sz, void *out, size_t out_sz, u16 *status);
u64 vm_get_reg(struct vm *vm, unsigned int vp, u32 name);
int vm_assert(struct vm *vm, unsigned int vp, u32 vector);
int vm_set_memory(int fd, u64 gpa, void *memory, u64 size, u8 flags);

#define MEM_W (1 << MSHV_SET_MEM_BIT_WRITABLE)
#define MEM_X (1 << MSHV_SET_MEM_BIT_EXECUTABLE)
#define MEM_UNMAP (1 << MSHV_SET_MEM_BIT_UNMAP)

/* ---- Verdicts -------------------------------------------------------------------------------------- */

struct test {
	const char *name;
	void (*run)(void);
};

__attribute__((format(printf, 3, 4), noreturn)) void fail_at(const char *file, int line, const char *format,
							     ...);
#define CHECK(condition) ((condition) ? (void)0 : fail_at(__FILE__, __LINE__, "%s", #condition))
#define CHECK_EQ(got, want)                                                                       \
	do {                                                                                      \
		long long got_ = (long long)(got), want_ = (long long)(want);                     \
		if (got_ != want_)                                                                \
			fail_at(__FILE__, __LINE__, "%s is %#llx, not %#llx", #got, got_, want_); \
	} while (0)
/* The call fails with exactly that errno. */
#define CHECK_ERRNO(call, error)                                                                      \
	do {                                                                                          \
		long ret_ = (call);                                                                   \
		if (ret_ != -1 || errno != (error))                                                   \
			fail_at(__FILE__, __LINE__, "%s: answers %ld, errno %d, not %s", #call, ret_, \
				ret_ < 0 ? errno : 0, #error);                                        \
	} while (0)

/* A signal after so many milliseconds, to end RUN_VP; 0 cancels. Also the net under every test. */
void alarm_ms(unsigned int ms);

extern const struct test run_tests[], refusal_tests[], memory_tests[], leak_tests[];

#endif

/* SPDX-License-Identifier: MIT */
/*
 * From a system call's number to its handler, with the built-in strace. The table is syscalls.def.
 */
#include "net/socket.h"

#include <uvm/strace.h>

#define SYSCALLS_MAX 463

/* The calls that are another one with some arguments fixed. NEEDED: NULL is a bad address, not left out. */
#define NEEDED(address) (address ? address : ~0UL)
#define ARGUMENTS(...)      \
	{                   \
		__VA_ARGS__ \
	}
#define AS(nr, name, other, arguments, level, note)               \
	long sys_##name(const struct sysargs *args)               \
	{                                                         \
		const u64 *a __unused = args->a;                  \
		const struct sysargs all = {ARGUMENTS arguments}; \
                                                                  \
		return sys_##other(&all);                         \
	}
#define SOCK(nr, name, level, note)                                      \
	long sys_##name(const struct sysargs *args)                      \
	{                                                                \
		struct file *f __drop_file;                              \
		int error;                                               \
		struct socket *s = socket_of_fd(ARG_INT(0), &f, &error); \
                                                                         \
		return s ? socket_##name(s, f, args) : error;            \
	}
#define SYS(nr, name, level, note)
#define NOSYS(nr, ...)
#include "syscalls.def"

static const syscall_fn table[SYSCALLS_MAX] = {
#define SYS(nr, name, level, note) [nr] = sys_##name,
#define NOSYS(nr, ...)
#include "syscalls.def"
};

static const char *const names[SYSCALLS_MAX] = {
#define SYS(nr, name, level, note) [nr] = #name,
#define NOSYS(nr, ...) [nr] = __VA_ARGS__,
#include "syscalls.def"
};

u64 syscall_unknown_count;
static u8 unknown_seen[SYSCALLS_MAX / 8 + 1];

int syscall_handle(struct pt_regs *regs);

static long unknown(u64 nr)
{
	syscall_unknown_count++;
	if (nr >= SYSCALLS_MAX) {
		pr_debug("%s[%d]: no system call %lu", current->name, current->tid, nr);
		return -ENOSYS;
	}
	if (!(unknown_seen[nr / 8] & 1 << nr % 8)) {
		unknown_seen[nr / 8] |= (u8)(1 << nr % 8);
		pr_info("%s[%d]: system call %lu (%s) is not there", current->name, current->tid, nr,
			names[nr] ? names[nr] : "?");
	}
	return -ENOSYS;
}

/* An index that stays inside the table even where the processor guesses the comparison's outcome. */
static inline u64 clamp_index(u64 i, u64 size)
{
	u64 mask;

	__asm__("cmp %1, %2\n\tsbb %0, %0" : "=r"(mask) : "r"(size), "r"(i) : "cc");
	return i & mask;
}

static inline long call(u64 nr, const struct sysargs *args)
{
	if (likely(nr < SYSCALLS_MAX) && likely(table[clamp_index(nr, SYSCALLS_MAX)] != NULL))
		return table[clamp_index(nr, SYSCALLS_MAX)](args);
	return unknown(nr);
}

/* Calls that come back as another program or not at all. */
static bool ends_program(u64 nr)
{
	return nr == 59 || nr == 60 || nr == 231 || nr == 322; /* execve, exit, exit_group, execveat */
}

static __noinline long call_traced(u64 nr, const struct sysargs *args)
{
	char line[STRACE_LINE];
	long result;

	strace_call(line, nr < SYSCALLS_MAX && names[nr] ? names[nr] : "?", nr, args->a);
	if (ends_program(nr))
		strace_ends(line);
	result = call(nr, args);
	if (result || !ends_program(nr))
		strace_result(line, result);
	return result;
}

/* SYSRET leaves rcx and r11 as rip and rflags, and must never see a rip outside the user half. */
static bool sysret_possible(const struct pt_regs *r)
{
	return r->rcx == r->rip && r->r11 == r->rflags && r->rip < USER_END && r->cs == SELECTOR_USER_CS &&
	       r->ss == SELECTOR_USER_DS && !(r->rflags & (RFLAGS_RF | RFLAGS_TF));
}

/* Calls that only read what belongs to the current task: no lock, no accounting, no exit work, because
 * nothing that concerns another can have happened since interrupts went off. */
static const u64 lockless[4] = {
	[39 / 64] = 1ULL << 39, /* getpid */
	[102 / 64] =
		1ULL << (102 - 64) | 1ULL << (104 - 64) | 1ULL << (107 - 64) | 1ULL << (108 - 64), /* ids */
	[186 / 64] = 1ULL << (186 - 128), /* gettid */
};

int syscall_handle(struct pt_regs *regs)
{
	struct sysargs args = {{regs->rdi, regs->rsi, regs->rdx, regs->r10, regs->r8, regs->r9}};
	u64 nr = regs->orig_rax;
	long result;

	if (nr < 256 && lockless[nr / 64] >> nr % 64 & 1 && likely(!boot->strace)) {
		regs->rax = (u64)table[nr](&args);
		return true; /* SYSCALL left everything as SYSRET wants it */
	}
	user_enter();
	result = unlikely(boot->strace) ? call_traced(nr, &args) : call(nr, &args);
	/* a handler that replaced the registers (execve, rt_sigreturn) says so in orig_rax */
	if (regs->orig_rax == nr)
		regs->rax = (u64)result;
	user_return(regs);
	return sysret_possible(regs);
}

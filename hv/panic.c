/* SPDX-License-Identifier: MIT */
/* The end of hv: stop the other processors, print registers, the call chain, the last exits of every
 * processor and the build id, then halt or reset as configured. */
#include "build_id.h"
#include <abi/boot_info.h>
#include <hv/assert.h>
#include <hv/cpu.h>
#include <hv/log.h>
#include <hv/panic.h>
#include <hv/smp.h>
#include <x86/asm.h>

#define CHAIN_MAX 24

extern const u8 hv_image_header[];
extern const u8 hv_text_start[], hv_text_end[];

static u32 panic_action;
static u32 panicking;

void panic_init(u32 action)
{
	panic_action = action;
}

void machine_reset(void)
{
	outb(0xcf9, 0x02);
	outb(0xcf9, 0x06);
	outb(0x64, 0xfe);
	cpu_halt_forever();
}

void panic_stop(void)
{
	cpu_halt_forever();
}

/* Without frame pointers, which would cost instructions on every exit: each word of the stack that
 * points into the code. Most are return addresses, the newest first. */
static void print_chain(u64 sp)
{
	u64 top = (sp | (STACK_SIZE - 1)) + 1;
	unsigned shown = 0;

	for (u64 at = sp & ~7ULL; cpu_has_own_stack() && at < top && shown < CHAIN_MAX; at += 8) {
		u64 word = *(const u64 *)at;

		if (word < (u64)hv_text_start || word >= (u64)hv_text_end)
			continue;
		log_error("  from +0x%lx", word - (u64)hv_image_header);
		shown++;
	}
}

static void print_trace(const struct cpu *cpu)
{
	const struct trace *t = &cpu->trace;
	u64 first = t->count > 8 ? t->count - 8 : 0;

	log_error("cpu %u: %lu exits, the last ones:", cpu->index, t->count);
	for (u64 i = first; i < t->count; i++) {
		const struct trace_entry *e = &t->entries[i % TRACE_ENTRIES];

		log_error("  partition %u vp %u exit 0x%x rip 0x%lx info 0x%lx", e->partition, e->vp, e->code,
			  e->rip, e->info);
	}
}

static void begin(void)
{
	if (__atomic_exchange_n(&panicking, 1, __ATOMIC_ACQ_REL))
		cpu_halt_forever();
	log_break_lock();
	smp_stop_others();
}

static void __attribute__((noreturn)) finish(u64 sp)
{
	log_error("call chain (offsets in nacelle.hv, loaded at 0x%lx):", (u64)hv_image_header);
	print_chain(sp);
	for (u32 i = 0; i < cpu_count; i++)
		print_trace(cpus[i]);
	log_error("build " BUILD_ID);
	if (panic_action == BOOT_PANIC_REBOOT)
		machine_reset();
	cpu_halt_forever();
}

void panic(const char *format, ...)
{
	char text[160];
	va_list arguments;

	begin();
	va_start(arguments, format);
	format_text(text, sizeof(text), format, arguments);
	va_end(arguments);
	log_error("PANIC: %s", text);
	finish(read_sp());
}

void panic_trap(const struct trap_frame *f)
{
	begin();
	log_error("PANIC: exception %lu error 0x%lx at +0x%lx cr2 0x%lx", f->vector, f->error,
		  f->rip - (u64)hv_image_header, read_cr2());
	log_error("rax %016lx rbx %016lx rcx %016lx rdx %016lx", f->rax, f->rbx, f->rcx, f->rdx);
	log_error("rsi %016lx rdi %016lx rbp %016lx rsp %016lx", f->rsi, f->rdi, f->rbp, f->rsp);
	log_error("r8  %016lx r9  %016lx r10 %016lx r11 %016lx", f->r8, f->r9, f->r10, f->r11);
	log_error("r12 %016lx r13 %016lx r14 %016lx r15 %016lx", f->r12, f->r13, f->r14, f->r15);
	log_error("rip %016lx flags %lx cr0 %lx cr3 %lx cr4 %lx", f->rip, f->rflags, read_cr0(), read_cr3(),
		  read_cr4());
	finish(f->rsp);
}

void assert_failed(const char *what, const char *file, unsigned line)
{
	panic("assertion \"%s\" failed at %s:%u", what, file, line);
}

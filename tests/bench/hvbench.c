/* SPDX-License-Identifier: MIT */
/*
 * hvbench: what the hypervisor itself costs, seen from both sides: a child of 40 bytes makes hypercalls and
 * reports its own time stamps; then it leaves to this process and comes back, time and again. Uses the
 * worker's code for /dev/mshv.
 */
#include <abi/hypercall.h>
#include <abi/ring.h>
#include <string.h>
#include <sys/mman.h>

#include "die.h"
#include "stats.h"
#include "vm.h"

#define ROUNDS 15
#define CALLS 100
#define CODE 0x1000u
#define TABLES 0x2000u
#define MEMORY 0x8000u

/* Loop: time 100 null hypercalls, OUT the sum in EAX; repeated for ever. The OUT alone is the second measure.
 */
extern const u8 guest_vmmcall[], guest_vmcall[], guest_end[];
__asm__(".pushsection .rodata\n"
	".macro guest instruction\n"
	"	movl $0x10008, %r9d\n" /* HVCALL_NOTIFY_LONG_SPIN_WAIT, fast */
	"1:	movl $100, %ebx\n"
	"	rdtsc\n"
	"	movl %eax, %esi\n"
	"2:	movl %r9d, %ecx\n"
	"	xorl %edx, %edx\n"
	"	\\instruction\n"
	"	decl %ebx\n"
	"	jnz 2b\n"
	"	rdtsc\n"
	"	subl %esi, %eax\n"
	"	movl $0x4e00, %edx\n"
	"	outl %eax, %dx\n"
	"	movl $50, %ebx\n"
	"3:	outl %eax, %dx\n"
	"	decl %ebx\n"
	"	jnz 3b\n"
	"	jmp 1b\n"
	".endm\n"
	".global guest_vmmcall, guest_vmcall, guest_end\n"
	"guest_vmmcall: guest vmmcall\n"
	"guest_vmcall: guest vmcall\n"
	"guest_end:\n"
	".popsection\n");

/* Identity map of the first 2 MiB by one large page; the tables lie at TABLES. */
static void build_tables(u8 *memory)
{
	u64 *pml4 = (u64 *)(memory + TABLES), *pdpt = pml4 + 512, *pd = pdpt + 512;

	pml4[0] = (TABLES + 0x1000) | 3;
	pdpt[0] = (TABLES + 0x2000) | 3;
	pd[0] = 0x83;
}

static struct vm *start_guest(void)
{
	u8 *memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct vm *vm = vm_create(1);
	struct vm_facts facts;
	struct vm_start start = {.rip = CODE, .cr0 = 0x80010033, .cr3 = TABLES, .cr4 = 0x6a0, .efer = 0xd01};

	if (memory == MAP_FAILED)
		die_errno("no memory");
	vm_facts(vm, &facts);
	if (facts.hypercall_insn == 0)
		memcpy(memory + CODE, guest_vmmcall, (size_t)(guest_vmcall - guest_vmmcall));
	else
		memcpy(memory + CODE, guest_vmcall, (size_t)(guest_end - guest_vmcall));
	build_tables(memory);
	vm_map(vm, 0, memory, MEMORY, VM_ACCESS_WRITE | VM_ACCESS_EXECUTE);
	vm_start(vm, 0, &start);
	return vm;
}

/* Runs the guest to its next OUT. */
static u32 next_out(struct vm *vm)
{
	struct vm_exit e;

	do
		vm_run(vm, 0, &e);
	while (e.kind == VM_EXIT_AGAIN);
	if (e.kind != VM_EXIT_PORT)
		die("the guest left by exit kind %d, code %#x, at %#llx", e.kind, e.code,
		    (unsigned long long)e.rip);
	return e.value;
}

int main(void)
{
	uint64_t calls[ROUNDS], trips[ROUNDS];
	struct vm *vm = start_guest();

	for (int round = 0; round < ROUNDS; round++) {
		uint64_t start;

		calls[round] = next_out(vm) / CALLS;
		start = ticks();
		for (int i = 0; i < 50; i++)
			next_out(vm);
		trips[round] = (ticks() - start) / 50;
	}
	report("null_hypercall", median(calls, ROUNDS));
	report("dispatch_roundtrip", median(trips, ROUNDS));
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* The guest kernel's checks of a program before it is loaded. */
#include <uvm/elf.h>
#include <uvm/errno.h>

#include "unit.h"

#define END 0x7ffffffff000ull

static struct elf_header h;
static struct elf_phdr p[4];
static struct elf_plan plan;

static void build(void)
{
	h = (struct elf_header){.ident = {0x7f, 'E', 'L', 'F', 2, 1, 1},
				.type = ET_EXEC,
				.machine = EM_X86_64,
				.phoff = 64,
				.phentsize = 56,
				.phnum = 3,
				.entry = 0x401000};
	p[0] = (struct elf_phdr){.type = PT_LOAD,
				 .flags = PF_R,
				 .offset = 0,
				 .vaddr = 0x400000,
				 .filesz = 0x200,
				 .memsz = 0x200,
				 .align = 0x1000};
	p[1] = (struct elf_phdr){.type = PT_LOAD,
				 .flags = PF_R | PF_X,
				 .offset = 0x1000,
				 .vaddr = 0x401000,
				 .filesz = 0x800,
				 .memsz = 0x800,
				 .align = 0x1000};
	p[2] = (struct elf_phdr){.type = PT_LOAD,
				 .flags = PF_R | PF_W,
				 .offset = 0x2f00,
				 .vaddr = 0x403f00,
				 .filesz = 0x100,
				 .memsz = 0x5000,
				 .align = 0x200000};
}

static int check(void)
{
	return elf_check_phdrs(&h, p, END, &plan);
}

TEST(good)
{
	build();
	EQ(elf_check_header(&h), 0);
	EQ(check(), 0);
	EQ(plan.low, 0x400000);
	EQ(plan.high, 0x409000);
	EQ(plan.end, 0x408f00);
	EQ(plan.align, 0x200000);
	EQ(plan.phdr_addr, 0x400040);
	EQ(plan.code_start, 0x401000);
	EQ(plan.code_end, 0x401800);
	EQ(plan.data_start, 0x403f00);
	EQ(plan.interp_size, 0);
	CHECK(!plan.exec_stack);
}

#define BAD_HEADER(change)                            \
	do {                                          \
		build();                              \
		change;                               \
		if (elf_check_header(&h) != -ENOEXEC) \
			CHECK(!#change);              \
	} while (0)

TEST(headers)
{
	BAD_HEADER(h.ident[0] = 0);
	BAD_HEADER(h.ident[4] = 1);
	BAD_HEADER(h.ident[5] = 2);
	BAD_HEADER(h.type = 1);
	BAD_HEADER(h.type = 4);
	BAD_HEADER(h.machine = 3);
	BAD_HEADER(h.phentsize = 55);
	BAD_HEADER(h.phnum = 0);
	BAD_HEADER(h.phnum = 0xffff);
	BAD_HEADER(h.phoff = ~0ull);
}

#define BAD_SEGMENT(change)              \
	do {                             \
		build();                 \
		change;                  \
		if (check() >= 0)        \
			CHECK(!#change); \
	} while (0)

TEST(segments)
{
	BAD_SEGMENT(p[2].memsz = 0xff);
	BAD_SEGMENT(p[2].memsz = ~0ull);
	BAD_SEGMENT(p[2].memsz = END);
	BAD_SEGMENT(p[2].vaddr = END - 0x100);
	BAD_SEGMENT(p[2].vaddr = END - 0x5000 + 0xf00);
	BAD_SEGMENT(p[2].vaddr = 0xffffffff80100f00);
	BAD_SEGMENT(p[2].vaddr = 0x8000000000000f00);
	BAD_SEGMENT(p[2].offset = 0x2f01);
	BAD_SEGMENT(p[2].offset = ~0ull << 12 | 0xf00);
	BAD_SEGMENT(p[2].filesz = p[2].memsz = 1ull << 63);
	BAD_SEGMENT(p[1].vaddr = 0x300000);
	BAD_SEGMENT(p[0].type = p[1].type = p[2].type = 0);
	BAD_SEGMENT(p[0].memsz = p[0].filesz = p[1].memsz = p[1].filesz = p[2].memsz = p[2].filesz = 0);
}

TEST(interpreter_and_stack)
{
	build();
	h.phnum = 4;
	p[3] = (struct elf_phdr){.type = PT_INTERP, .offset = 0x100, .filesz = 28};
	EQ(check(), 0);
	EQ(plan.interp_offset, 0x100);
	EQ(plan.interp_size, 28);
	p[3].filesz = 1;
	EQ(check(), -ENOEXEC);
	p[3].filesz = 5000;
	EQ(check(), -ENOEXEC);
	p[3] = (struct elf_phdr){.type = PT_GNU_STACK, .flags = PF_R | PF_W | PF_X};
	EQ(check(), 0);
	CHECK(plan.exec_stack);
}

TEST(random_headers)
{
	for (int i = 0; i < 300000; i++) {
		build();
		for (int n = 1 + unit_random() % 4; n; n--) {
			u8 *field = (u8 *)p + unit_random() % (3 * sizeof(p[0]));

			*field = (u8)(unit_random() % 3 ? unit_random() : 0xff);
		}
		if (check())
			continue;
		CHECK(plan.low < plan.high && plan.high <= END && plan.end <= plan.high);
		CHECK(plan.align >= 4096 && !(plan.align & (plan.align - 1)));
		CHECK(plan.low % 4096 == 0 && plan.high % 4096 == 0);
	}
}

/* SPDX-License-Identifier: MIT */
/*
 * partition.c: puts the container's machine together: kernel image mapped from its file, memory, boot
 * block, page tables, registers. What happens while it runs is in ports.c and the devices.
 */
#include <abi/boot_block.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "boot_block.h"
#include "console.h"
#include "control.h"
#include "die.h"
#include "fs.h"
#include "machine.h"
#include "net.h"
#include "page_tables.h"

#define PAGE 4096ULL
#define LOG_SIZE 0x10000ULL
#define KERNEL_SPAN (MEMORY_RAM_BASE - UVM_KERNEL_GPA)

#define CR0_KERNEL 0x80010033ULL /* PG WP NE ET MP PE */
#define CR4_KERNEL 0x6a0ULL	 /* PAE PGE OSFXSR OSXMMEXCPT */
#define EFER_KERNEL 0xd01ULL	 /* NXE LMA LME SCE */

struct machine machine;

static u64 page_up(u64 n)
{
	return (n + PAGE - 1) & ~(PAGE - 1);
}

/* Writable segments become private copies page by page; the rest stays shared with every container, and is
 * brought in at once since its pages are in the page cache already. */
static void map_segment(int fd, const struct elf_segment *s)
{
	bool writable = s->access & ELF_IMAGE_WRITE;
	int prot = PROT_READ | (writable ? PROT_WRITE : 0);
	u64 size = page_up(s->memory_size), filled = page_up(s->file_size);
	unsigned int access = 0;
	u8 *host;

	host = mmap(NULL, size, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (host != MAP_FAILED && filled)
		host = mmap(host, filled, prot, MAP_PRIVATE | MAP_FIXED | (writable ? 0 : MAP_POPULATE), fd,
			    (off_t)s->file_offset);
	if (host == MAP_FAILED)
		die_errno("cannot map the guest kernel");
	if (writable && s->file_size < filled && s->memory_size > s->file_size)
		memset(host + s->file_size, 0, filled - s->file_size);
	if (writable)
		access |= VM_ACCESS_WRITE;
	if (s->access & ELF_IMAGE_EXECUTE)
		access |= VM_ACCESS_EXECUTE;
	vm_map(machine.vm, s->address - UVM_KERNEL_BASE + UVM_KERNEL_GPA, host, size, access);
}

static void map_kernel(const char *path)
{
	u8 headers[ELF_IMAGE_HEADERS_MAX];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	const char *why;
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0)
		die_errno("cannot open the guest kernel %s", path);
	n = pread(fd, headers, sizeof(headers), 0);
	if (n < 0)
		die_errno("cannot read the guest kernel %s", path);
	why = elf_image_read(&machine.kernel, headers, (size_t)n, (u64)st.st_size, UVM_KERNEL_BASE,
			     KERNEL_SPAN);
	if (why)
		die("the guest kernel %s cannot be used: %s", path, why);
	for (u32 i = 0; i < machine.kernel.count; i++)
		map_segment(fd, &machine.kernel.segments[i]);
	close(fd);
}

void partition_create(void)
{
	const struct launch *l = machine.launch;
	u64 size = memory_size_for(l->memory_bytes);

	if (!size)
		die("a container needs at least %llu MiB of memory", MEMORY_RAM_MIN >> 20);
	machine.vm = vm_create(l->vp_count);
	map_kernel(launch_string(l, l->kernel));
	memory_reserve(&machine.memory, size);
	vm_map(machine.vm, machine.memory.base, machine.memory.ram, size,
	       VM_ACCESS_WRITE | VM_ACCESS_EXECUTE);
}

void partition_lay_out(void)
{
	struct memory *m = &machine.memory;
	u64 size = boot_block_size(machine.launch);
	struct boot_block *b;

	if (size > BOOT_BLOCK_SIZE_MAX)
		die("arguments, environment and mounts are too long: %llu bytes", (unsigned long long)size);
	machine.block_gpa = memory_place(m, size, PAGE);
	b = machine.block = memory_at(m, machine.block_gpa, size);
	boot_block_fill(b, machine.launch);
	console_create(m, b);
	control_create(m, b);
	fs_create(m, b);
	net_create(m, b);
	b->tables_gpa = memory_place(m, 0, PAGE);
	machine.cr3 = page_tables_build(m, &machine.kernel);
	machine.log_size = LOG_SIZE;
	b->log_gpa = memory_place(m, LOG_SIZE, PAGE);
	b->log_size = LOG_SIZE;
	machine.log = memory_at(m, b->log_gpa, LOG_SIZE);
	b->free_gpa = memory_place(m, 0, PAGE);
	b->ram_base = m->base;
	b->ram_size = m->size;
	b->window_size = m->window_size;
	b->direct_map = UVM_DIRECT_MAP;
}

static u64 now_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (u64)ts.tv_sec * 1000000000ULL + (u64)ts.tv_nsec;
}

static void set_machine_facts(struct boot_block *b, const struct vm_facts *facts)
{
	b->tsc_hz = facts->tsc_hz;
	b->tsc_base = facts->tsc_now;
	b->realtime_base = now_ns(CLOCK_REALTIME);
	b->boottime_base = now_ns(CLOCK_BOOTTIME);
	b->xcr0 = facts->xcr0;
	b->hypercall_insn = facts->hypercall_insn;
	if (getrandom(b->seed, sizeof(b->seed), 0) != sizeof(b->seed))
		die_errno("no random numbers for the guest");
}

void partition_start(void)
{
	struct vm_facts facts;
	struct vm_start start;

	vm_facts(machine.vm, &facts);
	set_machine_facts(machine.block, &facts);
	start = (struct vm_start){
		.rip = machine.kernel.entry,
		.rdi = UVM_DIRECT_MAP + machine.block_gpa,
		.cr0 = CR0_KERNEL,
		.cr3 = machine.cr3,
		.cr4 = CR4_KERNEL | facts.cr4_offered,
		.efer = EFER_KERNEL,
		.xcr0 = facts.xcr0,
	};
	for (u32 vp = 0; vp < machine.launch->vp_count; vp++) {
		start.rsi = vp;
		vm_start(machine.vm, vp, &start);
	}
}

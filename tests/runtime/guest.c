/* SPDX-License-Identifier: MIT */
/*
 * guest.c: a kernel without a user mode, for testing the worker and the machine below it: process.args[0]
 * says what it does, well or badly. Booted by `nacelle --kernel guest run`.
 */
#include <abi/boot_block.h>
#include <abi/registers.h>
#include <linux/fuse.h>

#define STACK 8192
#define VECTOR_TICK 0x50
#define KERNEL_CODE 0x10
#define TEXT_MAX 65536

__attribute__((used)) char stacks[8][STACK] __attribute__((aligned(16)));

static const struct boot_block *boot;
static volatile u32 awake;				/* VPs that run */
__attribute__((used)) static volatile u32 ticks, wakes; /* counted by the handlers */

static inline void out(u16 port, u32 value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "d"(port) : "memory");
}

static inline void write_msr(u32 msr, u64 value)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((u32)value), "d"((u32)(value >> 32)) : "memory");
}

static inline u64 read_msr(u32 msr)
{
	u32 low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return low | (u64)high << 32;
}

static void *at(u64 gpa)
{
	return (void *)(boot->direct_map + gpa);
}

static int equal(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

static u32 number(const char *s)
{
	u32 n = 0;

	while (*s >= '0' && *s <= '9')
		n = n * 10 + (u32)(*s++ - '0');
	return n;
}

/* ---- Interrupts ---------------------------------------------------------------------------------- */

struct __attribute__((packed)) table {
	u16 limit;
	u64 base;
};

struct gate {
	u16 low, selector, flags, middle;
	u32 high, reserved;
};

static struct gate idt[256];
static u64 gdt[4] = {0, 0, 0x00af9a000000ffff, 0x00cf92000000ffff};

/* Each counts and ends the interrupt (HV_MSR_EOI). */
#define HANDLER(name, counter)                                                       \
	extern const char name[];                                                    \
	__asm__(".pushsection .text\n" #name ":\n"                                   \
		"	pushq %rax; pushq %rcx; pushq %rdx\n"                              \
		"	lock incl " #counter "(%rip)\n"                              \
		"	xorl %eax, %eax; xorl %edx, %edx; movl $0x40000070, %ecx; wrmsr\n" \
		"	popq %rdx; popq %rcx; popq %rax; iretq\n.popsection\n")
HANDLER(on_tick, ticks);
HANDLER(on_queue, wakes);

static void set_gate(u32 vector, const char *handler)
{
	u64 a = (u64)handler;

	idt[vector] = (struct gate){(u16)a, KERNEL_CODE, 0x8e00, (u16)(a >> 16), (u32)(a >> 32), 0};
}

static void load_tables(void)
{
	struct table g = {sizeof(gdt) - 1, (u64)gdt}, i = {sizeof(idt) - 1, (u64)idt};

	set_gate(VECTOR_TICK, on_tick);
	for (u32 q = 0; q < boot->queue_count; q++)
		set_gate(boot->queues[q].vector, on_queue);
	__asm__ volatile("lgdt %0; lidt %1" : : "m"(g), "m"(i));
}

/* Sleeps until `condition` counts above `seen`. */
static void wait_above(volatile u32 *count, u32 seen)
{
	for (;;) {
		__asm__ volatile("cli");
		if (*count > seen)
			break;
		__asm__ volatile("sti; hlt");
	}
}

/* ---- Rings --------------------------------------------------------------------------------------- */

static const struct boot_queue *find_queue(u16 device, u16 queue)
{
	for (u32 i = 0; i < boot->queue_count; i++)
		if (boot->queues[i].device == device && boot->queues[i].queue == queue)
			return &boot->queues[i];
	return 0;
}

static void ring_post(const struct boot_queue *q, u64 gpa, u32 length, u16 flags)
{
	struct vring_desc *d = at(q->desc_gpa);
	struct vring_avail *a = at(q->avail_gpa);

	d[0] = (struct vring_desc){gpa, length, flags, 1};
	a->ring[a->idx % q->size] = 0;
	__asm__ volatile("" : : : "memory");
	a->idx++;
	out(NACELLE_PORT_DOORBELL, (u32)q->device << 16 | q->queue);
}

/* Waits until everything posted came back; the last used length. */
static u32 ring_wait(const struct boot_queue *q)
{
	volatile struct vring_used *used = at(q->used_gpa);
	struct vring_avail *a = at(q->avail_gpa);

	while (used->idx != a->idx) {
		__asm__ volatile("cli");
		if (used->idx == a->idx)
			break;
		__asm__ volatile("sti; hlt");
	}
	return used->ring[(u16)(used->idx - 1) % q->size].len;
}

static u32 emit(u16 queue, u64 gpa, u32 length)
{
	const struct boot_queue *q = find_queue(NACELLE_DEV_CONSOLE, queue);

	ring_post(q, gpa, length, 0);
	return ring_wait(q);
}

static u32 print(u16 queue, const char *s)
{
	char *to = at(boot->free_gpa);
	u32 n = 0;

	for (; s[n]; n++)
		to[n] = s[n];
	return emit(queue, boot->free_gpa, n);
}

/* ---- The file server ------------------------------------------------------------------------------ */

/* One request; what follows the reply's header, or 0 after an error. */
static const void *fuse(u32 opcode, u64 node, const void *arguments, u32 size)
{
	const struct boot_queue *q = find_queue(NACELLE_DEV_FS, NACELLE_FS_QUEUE_REQUEST);
	u64 gpa = boot->free_gpa + 0x10000;
	struct fuse_in_header *in = at(gpa);
	struct fuse_out_header *reply = at(gpa + 4096);
	struct vring_desc *d = at(q->desc_gpa);

	*in = (struct fuse_in_header){.len = (u32)sizeof(*in) + size, .opcode = opcode, .nodeid = node};
	for (u32 i = 0; i < size; i++)
		((u8 *)(in + 1))[i] = ((const u8 *)arguments)[i];
	d[1] = (struct vring_desc){gpa + 4096, 4096, VRING_DESC_F_WRITE, 0};
	ring_post(q, gpa, in->len, VRING_DESC_F_NEXT);
	ring_wait(q);
	return reply->error ? 0 : reply + 1;
}

/* ---- What it can do ------------------------------------------------------------------------------- */

static void end(u32 status)
{
	out(NACELLE_PORT_EXIT, status);
	for (;;)
		__asm__ volatile("cli; hlt");
}

static void log_text(const char *s)
{
	u64 *written = at(boot->log_gpa);
	char *text = (char *)(written + 1);

	for (; *s; s++)
		text[(*written)++ % (boot->log_size - 8)] = *s;
}

/* Copies standard input to standard output; status 3 when nobody reads that any more. */
static void cat(void)
{
	const struct boot_queue *in = find_queue(NACELLE_DEV_CONSOLE, NACELLE_CONSOLE_QUEUE_IN);
	u32 n;

	for (;;) {
		ring_post(in, boot->free_gpa, TEXT_MAX, VRING_DESC_F_WRITE);
		n = ring_wait(in);
		if (n == 0)
			end(0);
		if (emit(NACELLE_CONSOLE_QUEUE_OUT, boot->free_gpa, n) != 0)
			end(3 << 8);
	}
}

/* Writes for ever, until nobody reads. */
static void yes(void)
{
	while (print(NACELLE_CONSOLE_QUEUE_OUT, "y\n") == 0)
		;
	end(3 << 8);
}

/* Ends with the number of the first signal that comes. */
static void await_signal(void)
{
	const struct boot_queue *q = find_queue(NACELLE_DEV_CONSOLE, NACELLE_CONSOLE_QUEUE_CONTROL);
	struct nacelle_control_event *event = at(boot->free_gpa + 4096);

	ring_post(q, boot->free_gpa + 4096, sizeof(*event), VRING_DESC_F_WRITE);
	print(NACELLE_CONSOLE_QUEUE_OUT, "ready\n");
	ring_wait(q);
	end(event->argument << 8);
}

static void set_timer(u64 after)
{
	write_msr(HV_MSR_STIMER0_CONFIG,
		  HV_STIMER_DIRECT | HV_STIMER_AUTO_ENABLE | VECTOR_TICK << HV_STIMER_VECTOR_SHIFT);
	write_msr(HV_MSR_STIMER0_COUNT, read_msr(HV_MSR_TIME_REF_COUNT) + after);
}

static void timer(void)
{
	u64 begin = read_msr(HV_MSR_TIME_REF_COUNT);

	for (u32 i = 0; i < 10; i++) {
		set_timer(10000);
		wait_above(&ticks, i);
	}
	end(read_msr(HV_MSR_TIME_REF_COUNT) - begin >= 100000 ? 0 : 1 << 8);
}

/* Every VP has come up and answers an interrupt. */
static void smp(void)
{
	while (__atomic_load_n(&awake, __ATOMIC_ACQUIRE) != boot->vp_count)
		__asm__ volatile("pause");
	for (u32 vp = 1; vp < boot->vp_count; vp++)
		write_msr(HV_MSR_ICR, (u64)vp << 32 | VECTOR_TICK);
	while (ticks != boot->vp_count - 1)
		__asm__ volatile("pause");
	end(boot->vp_count << 8);
}

static void triple_fault(void)
{
	struct table none = {0, 0};

	__asm__ volatile("lidt %0; ud2" : : "m"(none));
}

/* Touches all of its memory once: ends when there is none left below it. */
static void fill(void)
{
	for (u64 gpa = boot->free_gpa; gpa < boot->ram_base + boot->ram_size; gpa += 4096)
		*(volatile u64 *)at(gpa) = gpa;
	end(0);
}

/* A page table entry of the guest's own can point anywhere; the nested tables cannot. */
static volatile u8 *map_anything(u64 gpa)
{
	u64 cr3, *top, *entry;
	u64 *pdpt = at(boot->free_gpa), *pd = pdpt + 512;

	__asm__ volatile("mov %%cr3, %0" : "=r"(cr3));
	top = at(cr3 & ~0xfffULL);
	entry = &top[1];
	pd[0] = (gpa & ~0x1fffffULL) | 0x83;
	pdpt[0] = (boot->free_gpa + 4096) | 3;
	*entry = boot->free_gpa | 3;
	return (volatile u8 *)((1ULL << 39) + (gpa & 0x1fffff));
}

static const char *argument(u32 n)
{
	const char *s = (const char *)boot + boot->argv_offset;

	while (n--)
		while (*s++)
			;
	return s;
}

static void broken_ring(void)
{
	ring_post(find_queue(NACELLE_DEV_CONSOLE, NACELLE_CONSOLE_QUEUE_OUT), 0, 4096, 0);
}

static void hang(void)
{
	print(NACELLE_CONSOLE_QUEUE_OUT, "ready\n");
	for (;;)
		__asm__ volatile("");
}

static void sleep_for_ever(void)
{
	print(NACELLE_CONSOLE_QUEUE_OUT, "ready\n");
	for (;;)
		__asm__ volatile("cli; hlt");
}

static void panic(void)
{
	log_text("first line of the log\nthe last words: ");
	log_text(boot->argc > 1 ? argument(1) : "none");
	log_text("\x1b[31m\n");
	out(NACELLE_PORT_PANIC, 42);
}

static void write_text(void)
{
	*map_anything(UVM_KERNEL_GPA) = 0xc3;
}

static void read_nothing(void)
{
	(void)*map_anything(0x7000000000);
}

static u64 window_gpa(void)
{
	return boot->ram_base + boot->ram_size;
}

/* The beginning of the file "window", in the window's first slot. */
static volatile u8 *show_file(void)
{
	struct fuse_init_in init = {.major = FUSE_KERNEL_VERSION, .minor = 31};
	struct fuse_setupmapping_in in = {~0ULL, 0, BOOT_WINDOW_SLOT, FUSE_SETUPMAPPING_FLAG_READ, 0};
	const struct fuse_entry_out *entry;

	if (!fuse(FUSE_INIT, 0, &init, sizeof(init)))
		end(1 << 8);
	entry = fuse(FUSE_LOOKUP, 1, "window", sizeof("window"));
	if (!entry || !fuse(FUSE_SETUPMAPPING, entry->nodeid, &in, sizeof(in)) || !boot->window_size)
		end(2 << 8);
	return at(window_gpa());
}

/* The tables that the worker made forbid it, but those are the guest's own. */
static void write_window(void)
{
	volatile u8 *file = show_file();

	if (*file == 'w')
		*map_anything(window_gpa()) = 'x';
}

/* Its end is cut off while it is shown. */
static void read_truncated(void)
{
	const struct boot_queue *q = find_queue(NACELLE_DEV_CONSOLE, NACELLE_CONSOLE_QUEUE_CONTROL);
	volatile u8 *file = show_file();
	u8 first = *file;

	ring_post(q, boot->free_gpa + 4096, sizeof(struct nacelle_control_event), VRING_DESC_F_WRITE);
	print(NACELLE_CONSOLE_QUEUE_OUT, "ready\n");
	ring_wait(q);
	end(first == 'w' && *file == 'w' && file[BOOT_WINDOW_SLOT - 1] == 0 ? 0 : 3 << 8);
}

static void read_hidden(void)
{
	volatile u8 *file = show_file();
	struct __attribute__((packed)) {
		u32 count;
		u64 offset, length;
	} in = {1, 0, BOOT_WINDOW_SLOT};

	if (*file == 'w' && fuse(FUSE_REMOVEMAPPING, 0, &in, sizeof(in)))
		(void)*file;
}

static void bad_port(void)
{
	out(0x80, 1);
}

static void in_port(void)
{
	u32 value;

	__asm__ volatile("inl %%dx, %0" : "=a"(value) : "d"((u16)NACELLE_PORT_DOORBELL));
}

static void bad_doorbell(void)
{
	out(NACELLE_PORT_DOORBELL, 9 << 16 | 9);
}

static void bad_status(void)
{
	out(NACELLE_PORT_EXIT, 0xffffffff);
}

static const struct {
	const char *name;
	void (*run)(void);
} actions[] = {
	{"cat", cat},
	{"yes", yes},
	{"await-signal", await_signal},
	{"timer", timer},
	{"smp", smp},
	{"triple-fault", triple_fault},
	{"fill", fill},
	{"broken-ring", broken_ring},
	{"hang", hang},
	{"sleep", sleep_for_ever},
	{"panic", panic},
	{"write-text", write_text},
	{"read-nothing", read_nothing},
	{"write-window", write_window},
	{"read-truncated", read_truncated},
	{"read-hidden", read_hidden},
	{"bad-port", bad_port},
	{"in-port", in_port},
	{"bad-doorbell", bad_doorbell},
	{"bad-status", bad_status},
};

static void act(const char *what)
{
	if (equal(what, "exit"))
		end(number(argument(1)) << 8);
	if (equal(what, "signal"))
		end(number(argument(1)));
	if (equal(what, "streams"))
		end(boot->streams_closed << 8);
	if (equal(what, "say")) {
		print(NACELLE_CONSOLE_QUEUE_OUT, argument(1));
		print(NACELLE_CONSOLE_QUEUE_ERR, argument(2));
		end(0);
	}
	for (u32 i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (equal(what, actions[i].name))
			actions[i].run();
	end(99 << 8);
}

void guest_main(u64 block, u64 vp);

__attribute__((used)) void guest_main(u64 block, u64 vp)
{
	boot = (const struct boot_block *)block;
	load_tables();
	__atomic_add_fetch(&awake, 1, __ATOMIC_RELEASE);
	if (vp == 0) {
		out(NACELLE_PORT_READY, 0);
		act(argument(0));
	}
	for (;;)
		__asm__ volatile("sti; hlt");
}

/* RDI = boot block, RSI = VP index; a stack for each of up to eight VPs. */
__asm__(".pushsection .text.start, \"ax\"\n"
	".globl start\n"
	"start:\n"
	"	movq %rsi, %rax\n"
	"	incq %rax\n"
	"	shlq $13, %rax\n"
	"	leaq stacks(%rip), %rsp\n"
	"	addq %rax, %rsp\n"
	"	pushq $0\n"
	"	jmp guest_main\n"
	".popsection\n");

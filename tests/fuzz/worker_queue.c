/* SPDX-License-Identifier: MIT */
/* Fuzz target: a virtqueue whose rings and descriptors are the input. The worker serves it, or ends the
 * container by die(); it never looks outside of guest memory. */
#include "../../tools/worker/queue.h"

#include <setjmp.h>
#include <sys/mman.h>

#include "../../tools/worker/die.h"
#include "fuzz.h"

#define RAM 0x200000ul
#define WINDOW 0x40000ul

static struct memory memory;
static struct queue q;
static struct queue_chain chain;
static jmp_buf way_out;

noreturn void die(const char *format, ...)
{
	(void)format;
	longjmp(way_out, 1);
}

noreturn void die_errno(const char *format, ...)
{
	(void)format;
	abort();
}

static bool is_inside(const struct iovec *iov, const u8 *base, size_t size)
{
	return (u8 *)iov->iov_base >= base && iov->iov_len <= size &&
	       (u8 *)iov->iov_base + iov->iov_len <= base + size;
}

/* The window is only for reading, and not for our own: it is memory that cannot be touched here. */
static void check_buffers(const struct iovec *iov, u16 count, bool readable)
{
	for (u16 i = 0; i < count; i++)
		if (!is_inside(&iov[i], memory.ram, RAM) &&
		    !(readable && is_inside(&iov[i], memory.window, WINDOW)))
			abort();
}

static void serve(void)
{
	static u8 request[256];

	for (int n = 0; n < 300 && queue_peek(&q, &chain); n++) {
		check_buffers(chain.read, chain.read_count, true);
		check_buffers(chain.write, chain.write_count, false);
		queue_copy_in(request, sizeof(request), chain.read, chain.read_count);
		queue_done(&q, &chain, 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!memory.ram) {
		memory = (struct memory){.ram = aligned_alloc(4096, RAM),
					 .base = MEMORY_RAM_BASE,
					 .size = RAM,
					 .window_base = MEMORY_RAM_BASE + RAM,
					 .window_size = WINDOW};
		memory.window = mmap(NULL, WINDOW, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		memset(memory.ram, 0, RAM);
	}
	memory.next = MEMORY_RAM_BASE;
	queue_create(&q, "fuzz", &memory, 16, 0x41);
	memset(memory.ram, 0, 4096);
	memcpy(memory.ram, data, size < 2048 ? size : 2048); /* descriptors, then both rings */
	if (!setjmp(way_out))
		serve();
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* The worker's end of a virtqueue against honest and hostile rings. */
#include "../../tools/worker/queue.h"

#include "../../tools/worker/die.h"
#include "unit.h"

#define RAM 0x40000ul
#define SIZE 8

static struct memory memory;
static struct queue q;
static struct queue_chain chain;

/* die.h, for tests. */
noreturn void die(const char *format, ...)
{
	unit_died(format);
}

noreturn void die_errno(const char *format, ...)
{
	unit_died(format);
}

static void start(void)
{
	free(memory.ram);
	memory = (struct memory){.ram = aligned_alloc(4096, RAM),
				 .base = MEMORY_RAM_BASE,
				 .size = RAM,
				 .next = MEMORY_RAM_BASE};
	memset(memory.ram, 0, RAM);
	queue_create(&q, "test", &memory, SIZE, 0x41);
}

static u64 gpa_of(u64 offset)
{
	return MEMORY_RAM_BASE + 0x10000 + offset;
}

static void describe(u16 i, u64 gpa, u32 len, u16 flags, u16 next)
{
	q.desc[i] = (struct vring_desc){gpa, len, flags, next};
}

static void offer(u16 head)
{
	q.avail->ring[q.avail->idx % SIZE] = head;
	q.avail->idx++;
}

TEST(one_request)
{
	start();
	CHECK(!queue_ready(&q));
	CHECK(!queue_peek(&q, &chain));
	describe(3, gpa_of(0), 100, VRING_DESC_F_NEXT, 5);
	describe(5, gpa_of(0x1000), 50, VRING_DESC_F_NEXT | VRING_DESC_F_WRITE, 0);
	describe(0, gpa_of(0x2000), 7, VRING_DESC_F_WRITE, 0);
	offer(3);
	CHECK(queue_ready(&q));
	CHECK(queue_peek(&q, &chain));
	EQ(chain.head, 3);
	EQ(chain.read_count, 1);
	EQ(chain.read_length, 100);
	EQ(chain.write_count, 2);
	EQ(chain.write_length, 57);
	CHECK(chain.read[0].iov_base == memory.ram + 0x10000);
	CHECK(queue_peek(&q, &chain)); /* still there */
	queue_done(&q, &chain, 33);
	EQ(q.used->idx, 1);
	EQ(q.used->ring[0].id, 3);
	EQ(q.used->ring[0].len, 33);
	CHECK(!queue_ready(&q));
}

TEST(neighbours_are_merged)
{
	start();
	describe(0, gpa_of(0), 100, VRING_DESC_F_NEXT, 1);
	describe(1, gpa_of(100), 28, VRING_DESC_F_NEXT, 2);
	describe(2, gpa_of(200), 1, 0, 0);
	offer(0);
	CHECK(queue_peek(&q, &chain));
	EQ(chain.read_count, 2);
	EQ(chain.read[0].iov_len, 128);
	EQ(chain.read_length, 129);
}

TEST(ring_wraps_around)
{
	start();
	describe(0, gpa_of(0), 4, 0, 0);
	for (int i = 0; i < 70000; i++) {
		offer(0);
		if (!queue_peek(&q, &chain)) {
			CHECK(false);
			break;
		}
		queue_done(&q, &chain, 0);
	}
	EQ(q.used->idx, 70000 & 0xffff);
	CHECK(!queue_ready(&q));
}

static void bad(u64 gpa, u32 len)
{
	start();
	describe(0, gpa, len, 0, 0);
	offer(0);
	DIES(queue_peek(&q, &chain));
}

TEST(buffers_outside_of_memory)
{
	bad(0, 4);
	bad(MEMORY_RAM_BASE - 1, 4);
	bad(MEMORY_RAM_BASE - 1, 1);
	bad(MEMORY_RAM_BASE + RAM, 1);
	bad(MEMORY_RAM_BASE + RAM - 1, 2);
	bad(MEMORY_RAM_BASE, (u32)RAM + 1);
	bad(MEMORY_RAM_BASE, 0xffffffff);
	bad(~0ull, 1);
	bad(~0ull - 2, 8);
	bad(1ull << 63, 1);
}

TEST(malformed_chains)
{
	start();
	offer(SIZE); /* head out of range */
	DIES(queue_peek(&q, &chain));
	start();
	offer(0xffff);
	DIES(queue_peek(&q, &chain));
	start();
	describe(0, gpa_of(0), 1, VRING_DESC_F_NEXT, SIZE);
	offer(0);
	DIES(queue_peek(&q, &chain));
	start();
	describe(0, gpa_of(0), 1, VRING_DESC_F_NEXT, 0); /* a circle */
	offer(0);
	DIES(queue_peek(&q, &chain));
	start();
	describe(0, gpa_of(0), 1, VRING_DESC_F_NEXT | VRING_DESC_F_WRITE, 1);
	describe(1, gpa_of(8), 1, 0, 0); /* readable behind writable */
	offer(0);
	DIES(queue_peek(&q, &chain));
	start();
	describe(0, gpa_of(0), 1, 4, 0); /* indirect: not offered */
	offer(0);
	DIES(queue_peek(&q, &chain));
	start();
	q.avail->idx = SIZE + 1; /* more requests than descriptors */
	DIES(queue_peek(&q, &chain));
	start();
	q.avail->idx = 0xffff;
	DIES(queue_peek(&q, &chain));
}

/* Lengths that add up beyond 32 bits are counted in 64. */
TEST(long_chains)
{
	start();
	for (u16 i = 0; i < SIZE; i++)
		describe(i, MEMORY_RAM_BASE, (u32)RAM, i + 1 < SIZE ? VRING_DESC_F_NEXT : 0, i + 1);
	offer(0);
	CHECK(queue_peek(&q, &chain));
	EQ(chain.read_length, RAM * SIZE);
	EQ(chain.read_count, SIZE);
}

TEST(copies)
{
	char a[4] = "abcd", b[3] = "efg", to[10] = {0};
	struct iovec iov[2] = {{a, 4}, {b, 3}};

	EQ(queue_copy_in(to, 10, iov, 2), 7);
	CHECK(!memcmp(to, "abcdefg", 7));
	EQ(queue_copy_in(to, 5, iov, 2), 5);
	EQ(queue_copy_in(to, 5, iov, 0), 0);
	EQ(queue_copy_out(iov, 2, "12345", 5), 5);
	CHECK(!memcmp(a, "1234", 4) && b[0] == '5');
	EQ(queue_copy_out(iov, 2, "0123456789", 10), 7);
	EQ(queue_skip(iov, 2, 0), 2);
	EQ(queue_skip(iov, 2, 5), 1);
	EQ(iov[0].iov_len, 2);
	CHECK(iov[0].iov_base == b + 1);
	EQ(queue_skip(iov, 1, 2), 0);
	EQ(queue_skip(iov, 0, 0), 0);
}

/* Files' bytes are handed on to system calls; what we read ourselves may not lie among them. */
TEST(window)
{
	static u8 shown[4096], request[64];

	start();
	memory.window = shown;
	memory.window_base = MEMORY_RAM_BASE + RAM;
	memory.window_size = sizeof(shown);
	describe(0, gpa_of(0), 8, VRING_DESC_F_NEXT, 1);
	describe(1, memory.window_base + 4000, 96, 0, 0);
	offer(0);
	CHECK(queue_peek(&q, &chain));
	EQ(chain.read_count, 2);
	CHECK(chain.read[1].iov_base == shown + 4000);
	EQ(queue_copy_in(request, 8, chain.read, 2), 8);
	DIES(queue_copy_in(request, 9, chain.read, 2));
	start();
	memory.window = shown;
	memory.window_base = MEMORY_RAM_BASE + RAM;
	memory.window_size = sizeof(shown);
	describe(0, memory.window_base + 4000, 97, 0, 0); /* beyond its end */
	offer(0);
	DIES(queue_peek(&q, &chain));
	q.desc[0].len = 96;
	q.desc[0].flags = VRING_DESC_F_WRITE;
	DIES(queue_peek(&q, &chain));
}

TEST(interrupt_wish)
{
	start();
	CHECK(queue_wants_interrupt(&q));
	q.avail->flags = VRING_AVAIL_F_NO_INTERRUPT;
	CHECK(!queue_wants_interrupt(&q));
}

/* Random rings: they are served or the container ends; nothing outside of memory is named. */
static void random_ring(void)
{
	start();
	for (u16 d = 0; d < SIZE; d++)
		describe(d, unit_random() % 8 ? gpa_of(unit_random() % RAM) : (u64)unit_random() << 32,
			 unit_random() % 4 ? unit_random() % 5000 : unit_random(), unit_random() % 5,
			 unit_random() % (SIZE + 1));
	q.avail->idx = unit_random() % (SIZE + 2);
	for (u16 d = 0; d < SIZE; d++)
		q.avail->ring[d] = unit_random() % (SIZE + 1);
	unit_may_die = true;
	if (!setjmp(unit_way_out) && queue_peek(&q, &chain))
		for (u16 r = 0; r < chain.read_count; r++)
			CHECK((u8 *)chain.read[r].iov_base >= memory.ram &&
			      (u8 *)chain.read[r].iov_base + chain.read[r].iov_len <= memory.ram + RAM);
	unit_may_die = false;
}

TEST(random_rings)
{
	for (int i = 0; i < 5000; i++)
		random_ring();
}

/* SPDX-License-Identifier: MIT */
/* The frame table: every legal transition, every refusal, and the invariant after a long random walk. */
#include <hv/frame.h>

#include "unit.h"

#define FRAMES 64u
#define CHILD_A 2u
#define CHILD_B 3u

static u32 table[FRAMES];

static void start(void)
{
	memset(table, 0, sizeof(table));
	frame_init(table, FRAMES);
	frame_assign(0, 4, FRAME_HV);
	frame_assign(4, 4, FRAME_FIRMWARE);
	frame_assign(8, FRAMES - 16, FRAME_ROOT);
}

TEST(boot_states)
{
	start();
	EQ(frame_state_of(0), FRAME_HV);
	EQ(frame_state_of(7), FRAME_FIRMWARE);
	EQ(frame_state_of(8), FRAME_ROOT);
	EQ(frame_state_of(FRAMES - 8), FRAME_NONE);
	EQ(frame_state_of(FRAMES), FRAME_NONE);
	EQ(frame_state_of(~0ull), FRAME_NONE);
	EQ(frame_total(), FRAMES - 8);
	EQ(frame_count(FRAME_HV), 4);
	EQ(frame_count(FRAME_ROOT), FRAMES - 16);
	CHECK(!frame_visible_to_root(0));
	CHECK(frame_visible_to_root(5));
	CHECK(frame_visible_to_root(9));
}

TEST(deposit_and_withdraw)
{
	start();
	CHECK(frame_take(10, FRAME_DEPOSITED, CHILD_A));
	EQ(frame_state_of(10), FRAME_DEPOSITED);
	EQ(frame_owner_of(10), CHILD_A);
	CHECK(!frame_visible_to_root(10));
	CHECK(!frame_take(10, FRAME_DEPOSITED, CHILD_A));
	CHECK(!frame_take(10, FRAME_DEPOSITED, CHILD_B));
	CHECK(!frame_map(10, CHILD_A, false));
	CHECK(!frame_map(10, CHILD_A, true));
	CHECK(!frame_take(10, FRAME_STATE, CHILD_A));
	CHECK(!frame_pin(10));
	DIES(frame_give_back(10, FRAME_DEPOSITED, CHILD_B));
	frame_give_back(10, FRAME_DEPOSITED, CHILD_A);
	EQ(frame_state_of(10), FRAME_ROOT);
	EQ(frame_owner_of(10), 0);
	DIES(frame_give_back(10, FRAME_DEPOSITED, CHILD_A));
}

TEST(only_root_frames_are_given_away)
{
	static const u64 others[] = {0, 3, 4, 7, FRAMES - 1, FRAMES, 1ull << 40, ~0ull};

	start();
	for (unsigned i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		CHECK(!frame_take(others[i], FRAME_DEPOSITED, CHILD_A));
		CHECK(!frame_map(others[i], CHILD_A, false));
		CHECK(!frame_map(others[i], CHILD_A, true));
		CHECK(!frame_take(others[i], FRAME_STATE, CHILD_A));
	}
}

TEST(writable_maps_have_one_owner)
{
	start();
	CHECK(frame_map(10, CHILD_A, true));
	EQ(frame_state_of(10), FRAME_CHILD_RW);
	EQ(frame_owner_of(10), CHILD_A);
	CHECK(!frame_map(10, CHILD_B, false));
	CHECK(!frame_map(10, CHILD_B, true));
	CHECK(!frame_take(10, FRAME_DEPOSITED, CHILD_A));
	CHECK(!frame_take(10, FRAME_STATE, CHILD_A));
	CHECK(!frame_pin(10));
	CHECK(frame_map(10, CHILD_A, true));
	CHECK(frame_map(10, CHILD_A, false));
	DIES(frame_unmap(10, CHILD_B));
	frame_unmap(10, CHILD_A);
	frame_unmap(10, CHILD_A);
	EQ(frame_state_of(10), FRAME_CHILD_RW);
	frame_unmap(10, CHILD_A);
	EQ(frame_state_of(10), FRAME_ROOT);
	DIES(frame_unmap(10, CHILD_A));
}

TEST(read_only_maps_are_shared)
{
	start();
	CHECK(frame_map(10, CHILD_A, false));
	CHECK(frame_map(10, CHILD_B, false));
	EQ(frame_state_of(10), FRAME_CHILD_RO);
	CHECK(!frame_map(10, CHILD_A, true));
	CHECK(!frame_take(10, FRAME_DEPOSITED, CHILD_A));
	frame_unmap(10, CHILD_A);
	CHECK(!frame_map(10, CHILD_B, true));
	frame_unmap(10, CHILD_B);
	EQ(frame_state_of(10), FRAME_ROOT);
	CHECK(frame_map(10, CHILD_B, true));
}

TEST(mapping_count_does_not_wrap)
{
	unsigned n = 0;

	start();
	while (n < 100000 && frame_map(10, CHILD_A, true))
		n++;
	CHECK(n > 1000 && n < 100000);
	EQ(frame_owner_of(10), CHILD_A);
	EQ(frame_state_of(10), FRAME_CHILD_RW);
	while (n--)
		frame_unmap(10, CHILD_A);
	EQ(frame_state_of(10), FRAME_ROOT);
}

TEST(pins_hold)
{
	start();
	CHECK(frame_pin(10));
	CHECK(frame_pin(10));
	CHECK(frame_pin(5)); /* firmware */
	CHECK(!frame_pin(0));
	CHECK(!frame_take(10, FRAME_DEPOSITED, CHILD_A));
	CHECK(!frame_map(10, CHILD_A, true));
	CHECK(!frame_map(10, CHILD_A, false));
	CHECK(!frame_take(10, FRAME_STATE, CHILD_A));
	frame_unpin(10);
	CHECK(!frame_take(10, FRAME_DEPOSITED, CHILD_A));
	frame_unpin(10);
	CHECK(frame_take(10, FRAME_DEPOSITED, CHILD_A));
	DIES(frame_unpin(5); frame_unpin(5));
}

TEST(pin_count_does_not_wrap)
{
	unsigned n = 0;

	start();
	while (n < 100000 && frame_pin(10))
		n++;
	CHECK(n > 1000 && n < 100000);
	EQ(frame_state_of(10), FRAME_ROOT);
	while (n--)
		frame_unpin(10);
	CHECK(frame_take(10, FRAME_DEPOSITED, CHILD_A));
}

TEST(state_pages)
{
	start();
	CHECK(frame_take(10, FRAME_STATE, CHILD_A));
	EQ(frame_state_of(10), FRAME_STATE);
	CHECK(!frame_map(10, CHILD_A, false));
	CHECK(!frame_take(10, FRAME_DEPOSITED, CHILD_A));
	CHECK(frame_visible_to_root(10));
	DIES(frame_give_back(10, FRAME_STATE, CHILD_B));
	DIES(frame_give_back(10, FRAME_DEPOSITED, CHILD_A));
	frame_give_back(10, FRAME_STATE, CHILD_A);
	EQ(frame_state_of(10), FRAME_ROOT);
}

/* A model beside the table: what one word allows must agree with plain bookkeeping, at every step. */
struct model {
	u32 deposited, state_page; /* owner or 0 */
	u32 rw[4], ro[4];	   /* mappings of child 2, 3 */
	u32 pins;
};
static struct model models[FRAMES];

static bool idle(const struct model *m)
{
	return !m->deposited && !m->state_page && !m->rw[2] && !m->rw[3] && !m->ro[2] && !m->ro[3] &&
	       !m->pins;
}

static void step(u64 pfn, u32 owner, u32 action)
{
	struct model *m = &models[pfn];
	u32 other = owner ^ 1, before = table[pfn];
	bool want, got = true;

	switch (action) {
	case 0:
		want = idle(m);
		got = frame_take(pfn, FRAME_DEPOSITED, owner);
		m->deposited = got ? owner : m->deposited;
		break;
	case 1:
		want = m->deposited == owner;
		if (want) {
			frame_give_back(pfn, FRAME_DEPOSITED, owner);
			m->deposited = 0;
		}
		got = want;
		break;
	case 2: /* writable: nobody else may have it, and we not as part of a shared read-only frame */
		want = !m->deposited && !m->state_page && !m->pins && !m->rw[other] && !m->ro[other] &&
		       (m->rw[owner] || !m->ro[owner]);
		got = frame_map(pfn, owner, true);
		m->rw[owner] += got;
		break;
	case 3:
		want = !m->deposited && !m->state_page && !m->pins && !m->rw[other];
		got = frame_map(pfn, owner, false);
		if (got && m->rw[owner])
			m->rw[owner]++; /* counted as one of the writer's */
		else
			m->ro[owner] += got;
		break;
	case 4:
		want = m->rw[owner] || m->ro[owner];
		if (want) {
			frame_unmap(pfn, owner);
			if (m->rw[owner])
				m->rw[owner]--;
			else
				m->ro[owner]--;
		}
		got = want;
		break;
	case 5:
		want = idle(m) || (!m->deposited && !m->state_page && m->pins);
		got = frame_pin(pfn);
		m->pins += got;
		break;
	case 6:
		want = m->pins > 0;
		if (want) {
			frame_unpin(pfn);
			m->pins--;
		}
		got = want;
		break;
	default:
		want = m->state_page ? m->state_page == owner : idle(m);
		if (m->state_page == owner) {
			frame_give_back(pfn, FRAME_STATE, owner);
			m->state_page = 0;
		} else {
			got = frame_take(pfn, FRAME_STATE, owner);
			m->state_page = got ? owner : m->state_page;
		}
	}
	if (got != want) {
		printf("# frame %llu, action %u by %u: word %#x\n", (unsigned long long)pfn, action, owner,
		       before);
		EQ(got, want);
	}
}

TEST(random_walk_against_a_model)
{
	u64 sum = 0;

	start();
	memset(models, 0, sizeof(models));
	for (int i = 0; i < 200000; i++)
		step(8 + unit_random() % 6, CHILD_A + (unit_random() & 1), unit_random() % 8);
	for (int s = FRAME_HV; s < FRAME_STATES; s++)
		sum += frame_count(s);
	EQ(sum, frame_total());
	for (u64 pfn = 8; pfn < 14; pfn++) {
		const struct model *m = &models[pfn];

		CHECK(!(m->rw[2] && m->rw[3]));
		EQ(frame_state_of(pfn) == FRAME_ROOT, idle(m) || m->pins);
	}
}

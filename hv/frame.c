/* SPDX-License-Identifier: MIT */
/* The owner of every frame: see frame.h for the rule. This file alone changes the words; page tables
 * and pools follow it, never the other way round. */
#include <hv/assert.h>
#include <hv/frame.h>

/* A word: 31:28 state, 27:16 count and 15:0 owner; in CHILD_RO, 27:0 count. */
#define STATE_SHIFT 28
#define COUNT_SHIFT 16
#define COUNT_MAX 0xfffu
#define OWNER_MASK 0xffffu
#define RO_COUNT_MAX 0x0fffffffu

static u32 *words;
static u64 total;
static u64 counts[FRAME_STATES];

static u32 word(enum frame_state state, u32 count, u32 owner)
{
	return (u32)state << STATE_SHIFT | count << COUNT_SHIFT | owner;
}

static enum frame_state state_in(u32 w)
{
	return w >> STATE_SHIFT;
}

static u32 count_in(u32 w)
{
	return state_in(w) == FRAME_CHILD_RO ? w & RO_COUNT_MAX : w >> COUNT_SHIFT & COUNT_MAX;
}

static u32 owner_in(u32 w)
{
	return state_in(w) == FRAME_CHILD_RO ? 0 : w & OWNER_MASK;
}

static u32 load(u64 pfn)
{
	return pfn < total ? __atomic_load_n(&words[pfn], __ATOMIC_ACQUIRE) : word(FRAME_NONE, 0, 0);
}

static bool legal(enum frame_state from, enum frame_state to)
{
	static const u16 to_states[FRAME_STATES] = {
		[FRAME_FIRMWARE] = 1u << FRAME_FIRMWARE,
		[FRAME_ROOT] = 1u << FRAME_ROOT | 1u << FRAME_DEPOSITED | 1u << FRAME_CHILD_RW |
			       1u << FRAME_CHILD_RO | 1u << FRAME_STATE,
		[FRAME_DEPOSITED] = 1u << FRAME_ROOT,
		[FRAME_CHILD_RW] = 1u << FRAME_CHILD_RW | 1u << FRAME_ROOT,
		[FRAME_CHILD_RO] = 1u << FRAME_CHILD_RO | 1u << FRAME_ROOT,
		[FRAME_STATE] = 1u << FRAME_ROOT,
	};

	return to_states[from] >> to & 1;
}

/* A word that says something its state cannot mean. */
static bool sane(u32 w)
{
	switch (state_in(w)) {
	case FRAME_DEPOSITED:
	case FRAME_STATE:
		return owner_in(w) != 0 && count_in(w) == 0;
	case FRAME_CHILD_RW:
		return owner_in(w) > 1 && count_in(w) > 0;
	case FRAME_CHILD_RO:
		return count_in(w) > 0;
	default:
		return owner_in(w) == 0;
	}
}

/* The one step by which a word changes. False: somebody else was faster; look again. */
static bool change(u64 pfn, u32 *old, u32 new)
{
	enum frame_state from = state_in(*old), to = state_in(new);

	assert(legal(from, to));
	assert_debug(sane(*old) && sane(new));
	if (!__atomic_compare_exchange_n(&words[pfn], old, new, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return false;
	if (from != to) {
		__atomic_fetch_sub(&counts[from], 1, __ATOMIC_RELAXED);
		__atomic_fetch_add(&counts[to], 1, __ATOMIC_RELAXED);
	}
	return true;
}

void frame_init(u32 *table, u64 frames)
{
	words = table;
	total = frames;
	for (unsigned i = 0; i < FRAME_STATES; i++)
		counts[i] = 0;
	counts[FRAME_NONE] = frames;
}

void frame_assign(u64 first, u64 count, enum frame_state state)
{
	for (u64 pfn = first; pfn < first + count && pfn < total; pfn++) {
		counts[state_in(words[pfn])]--;
		words[pfn] = word(state, 0, 0);
		counts[state]++;
	}
}

enum frame_state frame_state_of(u64 pfn)
{
	return state_in(load(pfn));
}

u32 frame_owner_of(u64 pfn)
{
	return owner_in(load(pfn));
}

/* Frames of RAM: NONE is what is not. */
u64 frame_total(void)
{
	return total - frame_count(FRAME_NONE);
}

u64 frame_count(enum frame_state state)
{
	return __atomic_load_n(&counts[state], __ATOMIC_RELAXED);
}

bool frame_pin(u64 pfn)
{
	u32 old = load(pfn);

	if (pfn == 0)
		return false;
	do {
		if (state_in(old) != FRAME_ROOT && state_in(old) != FRAME_FIRMWARE)
			return false;
		if (count_in(old) == COUNT_MAX)
			return false;
	} while (!change(pfn, &old, word(state_in(old), count_in(old) + 1, 0)));
	return true;
}

void frame_unpin(u64 pfn)
{
	u32 old = load(pfn);

	do
		assert(count_in(old) > 0);
	while (!change(pfn, &old, word(state_in(old), count_in(old) - 1, 0)));
}

bool frame_take(u64 pfn, enum frame_state state, u32 owner)
{
	u32 old = load(pfn);

	do {
		if (old != word(FRAME_ROOT, 0, 0))
			return false;
	} while (!change(pfn, &old, word(state, 0, owner)));
	return true;
}

void frame_give_back(u64 pfn, enum frame_state state, u32 owner)
{
	u32 old = load(pfn);

	assert(old == word(state, 0, owner));
	assert(change(pfn, &old, word(FRAME_ROOT, 0, 0)));
}

/* The word after one more mapping, or 0 when that would break the rule. A child that may write a frame
 * may also map it read-only elsewhere; that stays a CHILD_RW frame of that child. */
static u32 mapped(u32 old, u32 owner, bool write)
{
	switch (state_in(old)) {
	case FRAME_ROOT:
		if (count_in(old))
			return 0;
		return write ? word(FRAME_CHILD_RW, 1, owner) : word(FRAME_CHILD_RO, 0, 0) + 1;
	case FRAME_CHILD_RW:
		if (owner_in(old) != owner || count_in(old) == COUNT_MAX)
			return 0;
		return word(FRAME_CHILD_RW, count_in(old) + 1, owner);
	case FRAME_CHILD_RO:
		return write || count_in(old) == RO_COUNT_MAX ? 0 : old + 1;
	default:
		return 0;
	}
}

bool frame_map(u64 pfn, u32 owner, bool write)
{
	u32 old = load(pfn), new;

	do {
		new = mapped(old, owner, write);
		if (!new)
			return false;
	} while (!change(pfn, &old, new));
	return true;
}

void frame_unmap(u64 pfn, u32 owner)
{
	u32 old = load(pfn), new;

	do {
		bool ro = state_in(old) == FRAME_CHILD_RO;

		assert(ro || (state_in(old) == FRAME_CHILD_RW && owner_in(old) == owner));
		if (count_in(old) == 1)
			new = word(FRAME_ROOT, 0, 0);
		else
			new = ro ? old - 1 : word(FRAME_CHILD_RW, count_in(old) - 1, owner);
	} while (!change(pfn, &old, new));
}

bool frame_visible_to_root(u64 pfn)
{
	enum frame_state s = frame_state_of(pfn);

	return s != FRAME_HV && s != FRAME_DEPOSITED;
}

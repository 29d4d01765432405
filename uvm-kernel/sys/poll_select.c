/* SPDX-License-Identifier: MIT */
/*
 * select and pselect6: three bit sets in, three out.
 */
#include "../fs/fs.h"
#include "../fs/poller.h"

#define READ_EVENTS (POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR)
#define WRITE_EVENTS (POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR)
#define EXCEPT_EVENTS POLLPRI
#define FD_SETSIZE 1024u

enum { SET_READ, SET_WRITE, SET_EXCEPT, SETS };
static const u32 set_events[SETS] = {READ_EVENTS, WRITE_EVENTS, EXCEPT_EVENTS};

struct sets {
	u32 n;
	u64 *in[SETS]; /* NULL: not asked for */
	u64 *out[SETS];
	struct file **files;
	void *memory;
};

static bool wanted(const struct sets *s, u32 set, u32 fd)
{
	return s->in[set] && (s->in[set][fd / 64] >> fd % 64 & 1);
}

static long scan_one(struct sets *s, u32 fd, struct poll_table *pt)
{
	u32 events = file_poll(s->files[fd], pt);
	long hits = 0;

	for (u32 set = 0; set < SETS; set++) {
		if (!wanted(s, set, fd) || !(events & set_events[set]))
			continue;
		s->out[set][fd / 64] |= 1ULL << fd % 64;
		hits++;
	}
	return hits;
}

static long scan(void *what, struct poll_table *pt)
{
	struct sets *s = what;
	long hits = 0;

	for (u32 fd = 0; fd < s->n; fd++)
		if (s->files[fd])
			hits += scan_one(s, fd, hits ? NULL : pt);
	return hits;
}

static u64 set_bytes(u32 n)
{
	return (n + 63) / 64 * 8;
}

static long load_sets(struct sets *s, const u64 usets[SETS])
{
	u64 bytes = set_bytes(s->n), used = 0;
	char *p = kzalloc(6 * bytes + MAX(s->n, 1u) * sizeof(*s->files));

	s->memory = p;
	if (!p)
		return -ENOMEM;
	s->files = (struct file **)p;
	used = s->n * sizeof(*s->files);
	for (u32 set = 0; set < SETS; set++) {
		if (!usets[set])
			continue;
		s->in[set] = (u64 *)(p + used);
		s->out[set] = (u64 *)(p + used + bytes);
		used += 2 * bytes;
		/* User sets are arrays of long: whole words. */
		if (copy_from_user(s->in[set], (void *)usets[set], bytes))
			return -EFAULT;
	}
	for (u32 fd = 0; fd < s->n; fd++) {
		if (!wanted(s, SET_READ, fd) && !wanted(s, SET_WRITE, fd) && !wanted(s, SET_EXCEPT, fd))
			continue;
		s->files[fd] = fd_file((int)fd);
		if (!s->files[fd])
			return -EBADF;
	}
	return 0;
}

static long do_select(int n, const u64 usets[SETS], u64 deadline)
{
	struct sets s = {0};
	long ret;

	if (n < 0)
		return -EINVAL;
	/* Nothing is open beyond the table's end; an fd_set of the usual size is looked through all the same.
	 */
	s.n = MIN((u32)n, MAX(current->files->size, FD_SETSIZE));
	ret = load_sets(&s, usets);
	if (!ret)
		ret = poller_run(scan, &s, deadline);
	for (u32 set = 0; set < SETS && ret >= 0; set++)
		if (usets[set] && copy_to_user((void *)usets[set], s.out[set], set_bytes(s.n)))
			ret = -EFAULT;
	for (u32 fd = 0; s.files && fd < s.n; fd++)
		if (s.files[fd])
			file_put(s.files[fd]);
	kfree(s.memory);
	return ret;
}

static long timeval_deadline(u64 utimeout, u64 *deadline)
{
	struct timeval t;

	*deadline = NO_DEADLINE;
	if (!utimeout)
		return 0;
	if (copy_from_user(&t, (void *)utimeout, sizeof(t)))
		return -EFAULT;
	if (t.tv_sec < 0 || t.tv_usec < 0)
		return -EINVAL;
	if (!t.tv_sec && !t.tv_usec) {
		*deadline = 0;
		return 0;
	}
	t.tv_sec = MIN(t.tv_sec, (s64)(INT64_MAX / NSEC_PER_SEC / 4));
	t.tv_usec = MIN(t.tv_usec, (s64)1 << 40);
	*deadline = time_deadline((u64)t.tv_sec * NSEC_PER_SEC + (u64)t.tv_usec * NSEC_PER_USEC);
	return 0;
}

long sys_select(const struct sysargs *args)
{
	const u64 usets[SETS] = {ARG_U64(1), ARG_U64(2), ARG_U64(3)};
	u64 deadline;
	long ret = timeval_deadline(ARG_U64(4), &deadline);

	if (ret)
		return ret;
	ret = do_select(ARG_INT(0), usets, deadline);
	if (ARG_U64(4))
		(void)put_user(ns_to_timeval(time_left(deadline)), ARG_U64(4));
	return ret == -ERESTARTSYS ? -ERESTARTNOHAND : ret;
}

long sys_pselect6(const struct sysargs *args)
{
	const u64 usets[SETS] = {ARG_U64(1), ARG_U64(2), ARG_U64(3)};
	u64 mask[2] = {0, 0}, deadline;
	long ret = poll_deadline(ARG_U64(4), &deadline);

	if (!ret && ARG_U64(5))
		ret = copy_from_user(mask, ARG_PTR(5), sizeof(mask));
	if (!ret)
		ret = poll_set_mask(mask[0], mask[1]);
	if (ret)
		return ret;
	ret = poll_end_mask(mask[0], do_select(ARG_INT(0), usets, deadline));
	poll_put_rest(ARG_U64(4), deadline);
	return ret;
}

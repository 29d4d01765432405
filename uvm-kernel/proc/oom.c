/* SPDX-License-Identifier: MIT */
/*
 * Out of memory: the process that uses most, weighed by oom_score_adj, is killed with one line in the log;
 * the kernel itself keeps a reserve and lives on.
 */
#include <abi/ring.h>
#include <uvm/kernel.h>

#define INIT_DISCOUNT 8

static struct mm *mm_of(const struct process *p)
{
	struct task *t;

	list_for_each(t, &p->threads, thread) if (t->mm) return t->mm;
	return NULL;
}

/* With init the whole container ends: it must use much more than any other to be the one. */
static s64 badness(const struct process *p, u64 total)
{
	struct mm *mm = mm_of(p);
	s64 points;

	if (!mm || p->oom_score_adj == -1000)
		return -1;
	points = (s64)(mm->rss[RSS_ANON] + mm->table_pages) + (s64)total * p->oom_score_adj / 1000;
	return p == init_process ? points / INIT_DISCOUNT : points;
}

static struct process *choose(void)
{
	struct process *p, *worst = NULL;
	struct page_stats stats;
	s64 most = -1;

	page_get_stats(&stats);
	list_for_each(p, &process_list, all)
	{
		s64 b;

		if (p->exiting && !p->zombie)
			return p; /* one is on its way out: wait for that */
		b = p->zombie ? -1 : badness(p, stats.managed);
		if (b > most) {
			most = b;
			worst = p;
		}
	}
	return worst ? worst : current->process;
}

bool oom_kill(void)
{
	struct process *p;

	if (signal_pending_fatal()) /* dies anyway: others may wait for what it holds */
		return false;
	p = choose();

	if (!p->exiting && !(p->pending.set & SIGMASK(SIGKILL))) {
		struct mm *mm = mm_of(p);

		pr_err("out of memory: killed process %d (%s), %lu KiB", p->pid, p->leader->name,
		       mm ? mm->rss[RSS_ANON] * 4 : 0);
		outl(NACELLE_PORT_OOM, 1);
		signal_force_kill(p);
	}
	if (p == current->process)
		return false;
	sched_yield();
	(void)wait_step(WAIT_KILLABLE, time_deadline(NSEC_PER_MSEC));
	return true;
}

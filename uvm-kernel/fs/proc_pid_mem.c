/* SPDX-License-Identifier: MIT */
/*
 * What /proc/PID says about a process's memory, and the mounts it sees.
 */
#include "dirops.h"
#include "proc.h"

static u64 kib(u64 pages)
{
	return pages * (PAGE_SIZE / 1024);
}

static bool is_stack(const struct vma *v)
{
	return v->flags & VMA_STACK;
}

static bool is_code(const struct vma *v)
{
	return (v->prot & PROT_EXEC) && !(v->prot & PROT_WRITE) && !(v->flags & VMA_STACK);
}

static bool is_data(const struct vma *v)
{
	return (v->prot & PROT_WRITE) && !(v->flags & (VMA_SHARED | VMA_STACK));
}

void proc_statm(struct text *t, struct task *task)
{
	const struct mm *mm = task->mm;

	if (!mm) {
		text_printf(t, "0 0 0 0 0 0 0\n");
		return;
	}
	text_printf(t, "%lu %lu %lu %lu 0 %lu 0\n", mm->total_pages, mm_resident(mm), mm->rss[RSS_FILE],
		    mm_count_pages(mm, is_code), mm_count_pages(mm, is_data));
}

void proc_mem_lines(struct text *t, struct task *task)
{
	const struct mm *mm = task->mm;
	u64 rss = mm_resident(mm);

	text_printf(t, "VmPeak:\t%8lu kB\nVmSize:\t%8lu kB\nVmLck:\t       0 kB\nVmPin:\t       0 kB\n",
		    kib(mm->total_pages), kib(mm->total_pages));
	text_printf(t, "VmHWM:\t%8lu kB\nVmRSS:\t%8lu kB\nRssAnon:\t%8lu kB\nRssFile:\t%8lu kB\n",
		    kib(MAX(mm->hiwater_rss, rss)), kib(rss), kib(mm->rss[RSS_ANON]), kib(mm->rss[RSS_FILE]));
	text_printf(t,
		    "VmData:\t%8lu kB\nVmStk:\t%8lu kB\nVmExe:\t%8lu kB\nVmPTE:\t%8lu kB\nVmSwap:\t      "
		    " 0 kB\n",
		    kib(mm_count_pages(mm, is_data)), kib(mm_count_pages(mm, is_stack)),
		    kib(mm_count_pages(mm, is_code)), kib(mm->table_pages));
}

/* [start, end) of the process's memory, as far as it is there. */
static void show_range(struct text *t, struct mm *mm, u64 start, u64 end)
{
	char *buf = kmalloc(PAGE_SIZE);

	if (!buf) {
		t->failed = true;
		return;
	}
	while (start < end) {
		size_t n = mm_read(mm, start, buf, MIN(end - start, PAGE_SIZE));

		if (!n)
			break;
		text_write(t, buf, n);
		start += n;
	}
	kfree(buf);
}

void proc_cmdline(struct text *t, struct task *task)
{
	if (task->mm)
		show_range(t, task->mm, task->mm->layout.arg_start, task->mm->layout.arg_end);
}

void proc_environ(struct text *t, struct task *task)
{
	if (task->mm)
		show_range(t, task->mm, task->mm->layout.env_start, task->mm->layout.env_end);
}

void proc_auxv(struct text *t, struct task *task)
{
	if (task->mm)
		text_write(t, (const char *)task->mm->layout.auxv, task->mm->layout.auxv_words * sizeof(u64));
}

static void vma_name(struct text *t, const struct vma *v, char *buf)
{
	const char *name = v->flags & VMA_HEAP	  ? "[heap]"
			   : v->flags & VMA_STACK ? "[stack]"
			   : v->flags & VMA_VDSO  ? (v->prot & PROT_EXEC ? "[vdso]" : "[vvar]")
						  : NULL;

	if (v->file && !name)
		name = file_path(v->file, buf, PATH_MAX) < 0 ? "?" : buf;
	if (name)
		text_printf(t, "%*s%s", 25, "", name);
	text_printf(t, "\n");
}

static void vma_line(struct text *t, const struct vma *v, char *buf)
{
	const struct inode *inode = v->file ? v->file->inode : NULL;

	text_printf(t, "%08lx-%08lx %c%c%c%c %08lx %02x:%02x %lu ", v->start, v->end,
		    v->prot & PROT_READ ? 'r' : '-', v->prot & PROT_WRITE ? 'w' : '-',
		    v->prot & PROT_EXEC ? 'x' : '-', v->flags & VMA_SHARED ? 's' : 'p',
		    v->file ? v->pgoff << PAGE_SHIFT : 0UL, inode ? dev_major(inode->sb->dev) : 0,
		    inode ? dev_minor(inode->sb->dev) : 0, inode ? inode->ino : 0UL);
	vma_name(t, v, buf);
}

struct resident {
	u64 pages, shares, shared[2], own[2], accessed, anon; /* [1]: written to */
};

/* Pages of one mapping; shares: 4096 for each that is here alone, less for others. */
static struct resident count_resident(const struct vma *v)
{
	struct resident r = {0};
	u64 a = v->start;

	for_each_used(pte, v->mm->pgd, a, v->end)
	{
		const struct page *p = gpa_to_page(*pte & PTE_ADDR);
		bool anon = p->flags & PG_ANON, written = *pte & PTE_D;

		r.pages++;
		r.shares += PAGE_SIZE / p->refs;
		r.accessed += *pte & PTE_A ? 1 : 0;
		r.anon += anon;
		if (p->refs > (anon ? 1 : 2)) /* the page cache has one too */
			r.shared[written]++;
		else
			r.own[written]++;
	}
	return r;
}

static void smaps_lines(struct text *t, const struct vma *v)
{
	struct resident r = count_resident(v);
	const struct {
		const char *name;
		u64 kib;
	} lines[] = {
		{"Size", (v->end - v->start) / 1024},
		{"KernelPageSize", PAGE_SIZE / 1024},
		{"MMUPageSize", PAGE_SIZE / 1024},
		{"Rss", kib(r.pages)},
		{"Pss", r.shares / 1024},
		{"Shared_Clean", kib(r.shared[0])},
		{"Shared_Dirty", kib(r.shared[1])},
		{"Private_Clean", kib(r.own[0])},
		{"Private_Dirty", kib(r.own[1])},
		{"Referenced", kib(r.accessed)},
		{"Anonymous", kib(r.anon)},
		{"AnonHugePages", 0},
		{"Swap", 0},
	};

	for (u32 i = 0; i < ARRAY_SIZE(lines); i++)
		text_printf(t, "%s:%*s%8lu kB\n", lines[i].name, 15 - (int)strlen(lines[i].name), "",
			    lines[i].kib);
}

static void each_vma(struct text *t, const struct mm *mm, void (*more)(struct text *t, const struct vma *v))
{
	char *buf __drop_memory = kmalloc(PATH_MAX);

	if (!buf)
		t->failed = true;
	for (u32 i = 0; buf && mm && i < mm->count; i++) {
		vma_line(t, mm->vmas[i], buf);
		if (more)
			more(t, mm->vmas[i]);
	}
}

void proc_maps(struct text *t, struct task *task)
{
	each_vma(t, task->mm, NULL);
}

void proc_smaps(struct text *t, struct task *task)
{
	each_vma(t, task->mm, smaps_lines);
}

static void mount_flags(struct text *t, u32 flags)
{
	text_printf(t, "%s%s%s%s%s%s%s", flags & MS_RDONLY ? "ro" : "rw", flags & MS_NOSUID ? ",nosuid" : "",
		    flags & MS_NODEV ? ",nodev" : "", flags & MS_NOEXEC ? ",noexec" : "",
		    flags & MS_NOATIME ? ",noatime" : "", flags & MS_NODIRATIME ? ",nodiratime" : "",
		    flags & (MS_NOATIME | MS_RELATIME) ? (flags & MS_NOATIME ? "" : ",relatime") : "");
}

/* Where m hangs as task sees it; false when that is outside its root. */
static bool mount_target(struct task *task, struct mount *m, char *buf, char **out)
{
	struct path at = {m, m->root};
	const struct path *root = &task->fs->root;
	const struct mount *up = m;

	while (up != root->mount && up->parent)
		up = up->parent;
	if (up != root->mount)
		return false;
	*out = path_to_string(&at, root, buf, PATH_MAX);
	return *out != NULL;
}

static void each_mount(struct text *t, struct task *task,
		       void (*show)(struct text *t, const struct mount *m, const char *target))
{
	char *buf = kmalloc(PATH_MAX), *target;

	if (!buf)
		t->failed = true;
	for (struct mount *m = mount_first(); buf && task->fs && m; m = mount_next(m))
		if (mount_target(task, m, buf, &target))
			show(t, m, target);
	kfree(buf);
}

static void mount_line(struct text *t, const struct mount *m, const char *target)
{
	text_escaped(t, *m->source ? m->source : m->fstype);
	text_printf(t, " ");
	text_escaped(t, target);
	text_printf(t, " %s ", m->fstype);
	mount_flags(t, m->flags);
	if (*m->options)
		text_printf(t, ",%s", m->options);
	text_printf(t, " 0 0\n");
}

void proc_mounts(struct text *t, struct task *task)
{
	each_mount(t, task, mount_line);
}

static void mountinfo_line(struct text *t, const struct mount *m, const char *target)
{
	text_printf(t, "%d %d %u:%u / ", m->id, m->parent ? m->parent->id : 0, dev_major(m->sb->dev),
		    dev_minor(m->sb->dev));
	text_escaped(t, target);
	text_printf(t, " ");
	mount_flags(t, m->flags);
	text_printf(t, " - %s ", m->fstype);
	text_escaped(t, *m->source ? m->source : m->fstype);
	text_printf(t, " %s%s%s\n", m->flags & MS_RDONLY ? "ro" : "rw", *m->options ? "," : "", m->options);
}

void proc_mountinfo(struct text *t, struct task *task)
{
	each_mount(t, task, mountinfo_line);
}

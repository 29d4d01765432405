/* SPDX-License-Identifier: MIT */
/*
 * The first stack of a program: strings at the top, then the auxiliary vector, environment and argument
 * pointers, argc at the stack pointer.
 */
#include <uvm/exec.h>
#include <uvm/kernel.h>

#define STACK_RANDOM_PAGES 0x3fffffUL
#define STACK_EXTRA (128 * 1024UL)
#define MMAP_GAP_MIN (128UL << 20)

enum { AT_NULL, AT_PHDR = 3, AT_PHENT, AT_PHNUM, AT_PAGESZ, AT_BASE, AT_FLAGS, AT_ENTRY, AT_UID = 11 };
enum { AT_EUID = 12, AT_GID, AT_EGID, AT_PLATFORM, AT_HWCAP, AT_CLKTCK, AT_SECURE = 23 };
enum { AT_RANDOM = 25, AT_HWCAP2, AT_EXECFN = 31, AT_SYSINFO_EHDR = 33, AT_MINSIGSTKSZ = 51 };

static int map_stack(struct mm *mm, u64 top, u64 size, bool exec)
{
	int prot = PROT_READ | PROT_WRITE | (exec ? PROT_EXEC : 0);
	long ret = do_mmap(mm, top - size, size, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, NULL, 0,
			   VMA_GROWSDOWN | VMA_STACK);

	return ret < 0 ? (int)ret : 0;
}

struct stack_addrs {
	u64 random, platform, name;
};

static void build_auxv(const struct exec_image *image, const struct cred *c, bool secure,
		       const struct stack_addrs *a)
{
	struct mm_layout *l = &image->mm->layout;
	const u64 auxv[][2] = {
		{AT_SYSINFO_EHDR, image->vdso},
		{AT_MINSIGSTKSZ, sigframe_size_max()},
		{AT_HWCAP, cpu_hwcap},
		{AT_PAGESZ, PAGE_SIZE},
		{AT_CLKTCK, 100},
		{AT_PHDR, image->phdr_addr},
		{AT_PHENT, sizeof(struct elf_phdr)},
		{AT_PHNUM, image->phnum},
		{AT_BASE, image->base},
		{AT_FLAGS, 0},
		{AT_ENTRY, image->program_entry},
		{AT_UID, c->uid},
		{AT_EUID, c->euid},
		{AT_GID, c->gid},
		{AT_EGID, c->egid},
		{AT_SECURE, secure},
		{AT_RANDOM, a->random},
		{AT_HWCAP2, cpu_fsgsbase ? 2 : 0},
		{AT_EXECFN, a->name},
		{AT_PLATFORM, a->platform},
		{AT_NULL, 0},
	};

	_Static_assert(sizeof(auxv) <= sizeof(l->auxv), "room for all of it");
	memcpy(l->auxv, auxv, sizeof(auxv));
	l->auxv_words = 2 * ARRAY_SIZE(auxv);
}

static u64 push(struct mm *mm, u64 sp, const void *data, size_t len, int *ret)
{
	sp -= len;
	if (!*ret)
		*ret = mm_write(mm, sp, data, len);
	return sp;
}

/* argc, argv, NULL, envp, NULL, auxv: one table, written at once. */
static int push_pointers(struct exec_image *image, const struct exec_args *a, u64 sp, u64 strings)
{
	struct mm *mm = image->mm;
	size_t words = 3 + a->argc + a->envc + mm->layout.auxv_words;
	u64 *table __drop_memory = kmalloc(words * 8), *w = table;
	const char *s = a->buf;

	if (!table)
		return -ENOMEM;
	*w++ = a->argc;
	for (u32 i = 0; i < a->argc + a->envc; i++) {
		if (i == a->argc)
			*w++ = 0;
		*w++ = strings + (u64)(s - a->buf);
		s += strlen(s) + 1;
	}
	if (!a->envc)
		*w++ = 0;
	*w++ = 0;
	memcpy(w, mm->layout.auxv, mm->layout.auxv_words * 8);
	image->sp = (sp - words * 8) & ~15UL;
	return mm_write(mm, image->sp, table, words * 8);
}

int exec_stack(struct exec_image *image, const struct exec_args *a, const char *name, const struct cred *cred,
	       bool secure)
{
	struct mm *mm = image->mm;
	u64 top = mm->layout.stack_start;
	struct stack_addrs at;
	u8 random[16];
	u64 sp = top - 8, strings;
	int ret = map_stack(mm, top, PAGE_UP(a->len + 16UL * (a->argc + a->envc)) + STACK_EXTRA,
			    image->exec_stack);

	random_bytes(random, sizeof(random));
	sp = at.name = push(mm, sp, name, strlen(name) + 1, &ret);
	sp = strings = push(mm, sp, a->buf, a->len, &ret);
	sp = at.platform = push(mm, sp, "x86_64", 7, &ret);
	sp = at.random = push(mm, sp & ~15UL, random, sizeof(random), &ret);
	if (ret)
		return ret;
	mm->layout.arg_start = strings;
	mm->layout.arg_end = mm->layout.env_start = strings + a->argv_len;
	mm->layout.env_end = strings + a->len;
	build_auxv(image, cred, secure, &at);
	ret = push_pointers(image, a, sp, strings);
	mm->layout.stack_start = image->sp;
	return ret;
}

void exec_layout(struct mm *mm)
{
	u64 gap = MAX(MIN(rlimit(RLIMIT_STACK), USER_END / 6 * 5), MMAP_GAP_MIN);

	mm->layout.stack_start = USER_END - (random_u64() & STACK_RANDOM_PAGES) * PAGE_SIZE;
	mm->layout.mmap_top = PAGE_DOWN(USER_END - gap - STACK_GAP - STACK_RANDOM_PAGES * PAGE_SIZE -
					(random_u64() & 0xfffffff) * PAGE_SIZE);
	if (mm->layout.mmap_top > USER_END || mm->layout.mmap_top < USER_END / 6)
		mm->layout.mmap_top = PAGE_DOWN(USER_END / 6);
}

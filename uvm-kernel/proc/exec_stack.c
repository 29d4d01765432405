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

static void aux(struct mm *mm, u64 type, u64 value)
{
	mm->layout.auxv[mm->layout.auxv_words++] = type;
	mm->layout.auxv[mm->layout.auxv_words++] = value;
}

struct stack_addrs {
	u64 random, platform, name;
};

static void build_auxv(const struct exec_image *image, const struct cred *c, bool secure,
		       const struct stack_addrs *a)
{
	struct mm *mm = image->mm;

	mm->layout.auxv_words = 0;
	aux(mm, AT_SYSINFO_EHDR, image->vdso);
	aux(mm, AT_MINSIGSTKSZ, sigframe_size_max());
	aux(mm, AT_HWCAP, cpu_hwcap);
	aux(mm, AT_PAGESZ, PAGE_SIZE);
	aux(mm, AT_CLKTCK, 100);
	aux(mm, AT_PHDR, image->phdr_addr);
	aux(mm, AT_PHENT, sizeof(struct elf_phdr));
	aux(mm, AT_PHNUM, image->phnum);
	aux(mm, AT_BASE, image->base);
	aux(mm, AT_FLAGS, 0);
	aux(mm, AT_ENTRY, image->program_entry);
	aux(mm, AT_UID, c->uid);
	aux(mm, AT_EUID, c->euid);
	aux(mm, AT_GID, c->gid);
	aux(mm, AT_EGID, c->egid);
	aux(mm, AT_SECURE, secure);
	aux(mm, AT_RANDOM, a->random);
	aux(mm, AT_HWCAP2, cpu_fsgsbase ? 2 : 0);
	aux(mm, AT_EXECFN, a->name);
	aux(mm, AT_PLATFORM, a->platform);
	aux(mm, AT_NULL, 0);
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

/* SPDX-License-Identifier: MIT */
/*
 * execve: a new image beside the old one, complete before anything is given up; then the switch, which cannot
 * fail. Scripts, set-id bits, what survives.
 */
#include <uvm/exec.h>
#include <uvm/fd.h>
#include <uvm/kernel.h>

#define SCRIPT_DEPTH 5
#define S_ISUID 04000
#define S_ISGID 02000
#define S_IXGRP 00010
#define SECBIT_NOROOT 1
#define SECBIT_KEEP_CAPS 16

struct exec {
	struct exec_file file;
	struct exec_args args;
	struct exec_image image;
	struct cred cred;
	bool secure;
	char head[ELF_HEADER_READ];
	ssize_t head_len;
};

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

/* "#!interp [argument]" in head: cuts the two strings out. */
static int parse_script(char *head, char **interp, char **argument)
{
	char *line = head + 2, *end = memchr(head, '\n', ELF_HEADER_READ);
	char *p;

	if (!end) { /* the name must not have been cut off */
		end = head + ELF_HEADER_READ - 1;
		for (p = line; p < end && blank(*p); p++)
			;
		while (p < end && *p && !blank(*p))
			p++;
		if (p == end)
			return -ENOEXEC;
	}
	*end = 0;
	while (end > line && blank(end[-1]))
		*--end = 0;
	while (blank(*line))
		line++;
	if (!*line)
		return -ENOEXEC;
	*interp = line;
	*argument = NULL;
	for (p = line; *p && !blank(*p); p++)
		;
	if (*p) {
		*p++ = 0;
		while (blank(*p))
			p++;
		if (*p)
			*argument = p;
	}
	return 0;
}

static int read_head(struct exec *e)
{
	memset(e->head, 0, sizeof(e->head));
	e->head_len = vfs_read_at(e->file.file, e->head, sizeof(e->head), 0);
	return e->head_len < 0 ? (int)e->head_len : 0;
}

/* Opens what really runs: the file itself or, behind #! lines, an interpreter. */
static int open_program(struct exec *e, int dirfd, const char *path, int at_flags)
{
	int ret = vfs_open_exec(dirfd, path, at_flags, &e->file);
	const char *script = path;

	for (int depth = 0; !ret; depth++) {
		char *interp, *argument;

		ret = read_head(e);
		if (ret || e->head_len < 2 || e->head[0] != '#' || e->head[1] != '!')
			return ret;
		if (depth == SCRIPT_DEPTH)
			return -ELOOP;
		ret = parse_script(e->head, &interp, &argument);
		if (!ret)
			ret = exec_args_script(&e->args, interp, argument, script);
		if (ret)
			return ret;
		file_put(e->file.file);
		e->file.file = NULL;
		script = e->args.buf; /* the interpreter's own name, should it be a script too */
		ret = vfs_open_exec(-100, interp, 0, &e->file);
	}
	return ret;
}

/* Set-id bits and the rules of capabilities(7) for root and others. */
static void new_cred(struct exec *e)
{
	const struct cred *old = &current->cred;
	struct cred *c = &e->cred;
	bool root;

	*c = *old;
	if (!c->no_new_privs) {
		if (e->file.mode & S_ISUID)
			c->euid = e->file.uid;
		if ((e->file.mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
			c->egid = e->file.gid;
	}
	if (c->euid != old->euid || c->egid != old->egid)
		c->cap_ambient = 0;
	root = !(c->securebits & SECBIT_NOROOT) && (c->uid == 0 || c->euid == 0);
	c->cap_permitted = c->cap_ambient;
	if (root)
		c->cap_permitted = c->cap_inheritable | c->cap_bounding;
	c->cap_effective = root && c->euid == 0 ? c->cap_permitted : c->cap_ambient;
	c->suid = c->fsuid = c->euid;
	c->sgid = c->fsgid = c->egid;
	c->securebits &= ~(u32)SECBIT_KEEP_CAPS;
	e->secure = c->euid != old->uid || c->egid != old->gid;
}

static int build_image(struct exec *e, const char *name)
{
	const struct elf_header *h = (const struct elf_header *)e->head;
	long vdso;
	int ret;

	if (e->head_len < (ssize_t)sizeof(*h) || elf_check_header(h))
		return -ENOEXEC;
	e->image.mm = mm_create();
	if (!e->image.mm)
		return -ENOMEM;
	exec_layout(e->image.mm);
	vdso = vdso_map(e->image.mm);
	if (vdso < 0)
		return (int)vdso;
	e->image.vdso = (u64)vdso;
	ret = exec_load(&e->image, e->file.file, h);
	if (!ret)
		ret = exec_stack(&e->image, &e->args, name, &e->cred, e->secure);
	return ret;
}

static void set_name(struct task *t, const char *path)
{
	const char *slash = strrchr(path, '/');

	memset(t->name, 0, sizeof(t->name));
	strlcpy(t->name, slash ? slash + 1 : path, sizeof(t->name));
}

/* Handlers are code of the old image; what is ignored stays so. */
static int own_sighand(struct task *t)
{
	struct sighand *s = sighand_copy(t->sighand, true);

	if (!s)
		return -ENOMEM;
	sighand_put(t->sighand);
	t->sighand = s;
	return 0;
}

static void set_registers(struct task *t, const struct exec_image *image)
{
	struct pt_regs *r = task_regs(t);

	*r = (struct pt_regs){
		.rip = image->entry,
		.rsp = image->sp,
		.cs = SELECTOR_USER_CS,
		.ss = SELECTOR_USER_DS,
		.rflags = RFLAGS_IF | RFLAGS_FIXED,
		.orig_rax = (u64)-1,
	};
	fpu_reset(t->fpu);
	fpu_load(t->fpu);
	t->fs_base = 0;
	t->gs_base = 0;
	sched_load_bases(t);
}

/* The point of no return. */
static void commit(struct exec *e, const char *path)
{
	struct task *t = current;
	struct process *p = t->process;
	struct mm *old = t->mm;

	e->image.mm->exe = file_get(e->file.file);
	if (old)
		task_leave_memory(t);
	t->mm = e->image.mm;
	e->image.mm = NULL;
	mm_switch(t->mm);
	if (old) {
		p->used.max_rss = MAX(p->used.max_rss, old->hiwater_rss);
		mm_put(old);
	}
	posix_timers_drop(p);
	t->altstack_sp = t->altstack_size = 0;
	t->altstack_flags = 0;
	t->restart = NULL;
	p->did_exec = true;
	p->dumpable = !e->secure;
	if (e->secure)
		t->pdeath_signal = 0;
	t->cred = e->cred;
	set_name(t, path);
	files_close_on_exec(t->files);
	vfork_done(t); /* not before: a parent may wait for the end of a pipe */
	set_registers(t, &e->image);
}

static int run(struct exec *e, int dirfd, const char *path, int at_flags)
{
	int ret = open_program(e, dirfd, path, at_flags);

	if (ret)
		return ret;
	new_cred(e);
	ret = build_image(e, path);
	if (!ret)
		ret = files_unshare();
	if (ret)
		return ret;
	process_kill_others();
	if (signal_pending_fatal())
		return -ERESTARTNOHAND;
	ret = own_sighand(current);
	if (!ret)
		commit(e, path);
	return ret;
}

static void exec_free(struct exec *e)
{
	if (e->image.mm)
		mm_put(e->image.mm);
	if (e->file.file)
		file_put(e->file.file);
	exec_args_free(&e->args);
	kfree(e);
}

int process_exec(int dirfd, char *path, int at_flags, u64 argv, u64 envp)
{
	struct exec *e = kzalloc(sizeof(*e));
	int ret;

	if (!e)
		return -ENOMEM;
	ret = exec_args_user(&e->args, argv, envp);
	if (!ret)
		ret = run(e, dirfd, path, at_flags);
	exec_free(e);
	return ret;
}

static int add_boot_strings(struct exec_args *a, u32 offset, u32 count, bool env)
{
	const char *s = boot_string(offset);
	int ret = 0;

	for (u32 i = 0; i < count && !ret; i++) {
		ret = exec_args_add(a, s, env);
		s += strlen(s) + 1;
	}
	return ret;
}

/* A name without a slash is looked for in PATH of the container's environment, as the OCI specification asks.
 */
static int run_by_path(struct exec *e, const char *name)
{
	const char *dirs = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	const char *env = boot_string(boot->envp_offset);
	int ret = -ENOENT;

	for (u32 i = 0; i < boot->envc; i++, env += strlen(env) + 1)
		if (!strncmp(env, "PATH=", 5))
			dirs = env + 5;
	while (*dirs) {
		char path[256];
		const char *end = strchr(dirs, ':');
		int len = end ? (int)(end - dirs) : (int)strlen(dirs);
		int r;

		if (snprintf(path, sizeof(path), "%.*s/%s", len, dirs, name) < (int)sizeof(path)) {
			r = run(e, -100, path, 0);
			if (r != -ENOENT && r != -ENOTDIR && r != -EACCES)
				return r;
			if (r == -EACCES)
				ret = r;
		}
		dirs += len + (end != NULL);
	}
	return ret;
}

int process_exec_boot(void)
{
	struct exec *e = kzalloc(sizeof(*e));
	const char *name = boot_string(boot->argv_offset);
	int ret;

	if (!e)
		return -ENOMEM;
	ret = add_boot_strings(&e->args, boot->argv_offset, boot->argc, false);
	if (!ret)
		ret = add_boot_strings(&e->args, boot->envp_offset, boot->envc, true);
	if (!ret)
		ret = strchr(name, '/') ? run(e, -100, name, 0) : run_by_path(e, name);
	exec_free(e);
	return ret;
}

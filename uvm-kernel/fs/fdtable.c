/* SPDX-License-Identifier: MIT */
/*
 * Descriptor tables: the map from small integers to open files, its copies and its end.
 */
#include "fs.h"

#define SLOTS_FIRST 32u

static struct files *new_table(u32 size)
{
	struct files *t = kzalloc(sizeof(*t));

	if (!t)
		return NULL;
	*t = (struct files){.refs = 1, .size = size, .slots = kzalloc(size * sizeof(*t->slots))};
	if (!t->slots) {
		kfree(t);
		return NULL;
	}
	return t;
}

struct files *files_new(void)
{
	return new_table(SLOTS_FIRST);
}

struct files *files_get(struct files *t)
{
	t->refs++;
	return t;
}

struct files *files_copy(struct files *old)
{
	struct files *t = new_table(old->size);

	if (!t)
		return NULL;
	memcpy(t->slots, old->slots, old->size * sizeof(*t->slots));
	for (u32 fd = 0; fd < old->size; fd++)
		if (old->slots[fd].file)
			file_get(old->slots[fd].file);
	t->first_free = old->first_free;
	return t;
}

static bool is_open(const struct files *t, int fd)
{
	return fd >= 0 && (u32)fd < t->size && t->slots[fd].file;
}

/* What close() does besides dropping the reference. */
static int close_file(struct files *t, struct file *f)
{
	int error = f->ops && f->ops->flush ? f->ops->flush(f) : 0;

	if (f->inode)
		locks_drop_posix(f->inode, t);
	file_put(f);
	return error;
}

void files_put(struct files *t)
{
	if (--t->refs)
		return;
	for (u32 fd = 0; fd < t->size; fd++)
		if (t->slots[fd].file)
			close_file(t, t->slots[fd].file);
	kfree(t->slots);
	kfree(t);
}

static struct file *take_out(struct files *t, u32 fd)
{
	struct file *f = t->slots[fd].file;

	t->slots[fd] = (struct fd_slot){0};
	t->first_free = MIN(t->first_free, fd);
	return f;
}

int files_close_on_exec(struct files *t)
{
	for (u32 fd = 0; fd < t->size; fd++)
		if (t->slots[fd].file && t->slots[fd].cloexec)
			close_file(t, take_out(t, fd));
	return 0;
}

static int grow(struct files *t, u32 fd)
{
	u32 size = t->size;
	struct fd_slot *slots;

	while (size <= fd)
		size *= 2;
	slots = krealloc(t->slots, size * sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	memset(slots + t->size, 0, (size - t->size) * sizeof(*slots));
	t->slots = slots;
	t->size = size;
	return 0;
}

static u32 fd_limit(void)
{
	return (u32)MIN(rlimit(RLIMIT_NOFILE), (u64)FD_MAX);
}

int fd_install_from(struct file *f, bool cloexec, int min)
{
	struct files *t = current->files;
	u32 fd = MAX(t->first_free, (u32)min);

	while (fd < t->size && t->slots[fd].file)
		fd++;
	if (fd >= fd_limit())
		return -EMFILE;
	if (fd >= t->size && grow(t, fd))
		return -ENOMEM;
	t->slots[fd] = (struct fd_slot){f, cloexec};
	if ((u32)min <= t->first_free)
		t->first_free = fd + 1;
	return (int)fd;
}

bool fd_room(void)
{
	struct files *t = current->files;
	u32 fd = t->first_free;

	while (fd < t->size && t->slots[fd].file)
		fd++;
	return fd < fd_limit();
}

int fd_install(struct file *f, bool cloexec)
{
	return fd_install_from(f, cloexec, 0);
}

long fd_give(struct file *f, bool cloexec, int error)
{
	int fd = f ? fd_install(f, cloexec) : error;

	if (f && fd < 0)
		file_put(f);
	return fd;
}

long fd_give_two(struct file *const f[2], bool cloexec, u64 ufds)
{
	int fds[2], error;

	fds[0] = (int)fd_give(f[0], cloexec, -ENOMEM);
	fds[1] = (int)fd_give(f[1], cloexec, -ENOMEM);
	error = fds[0] < 0 ? fds[0] : fds[1] < 0 ? fds[1] : copy_to_user((void *)ufds, fds, sizeof(fds));
	for (int i = 0; error && i < 2; i++)
		fd_close(fds[i]);
	return error;
}

int fd_install_at(struct file *f, bool cloexec, int fd)
{
	struct files *t = current->files;
	struct file *old;

	if (fd < 0 || (u32)fd >= fd_limit())
		return -EBADF;
	if ((u32)fd >= t->size && grow(t, (u32)fd))
		return -ENOMEM;
	old = t->slots[fd].file;
	t->slots[fd] = (struct fd_slot){f, cloexec};
	if (old)
		close_file(t, old);
	return fd;
}

int fd_close(int fd)
{
	struct files *t = current->files;

	if (!is_open(t, fd))
		return -EBADF;
	return close_file(t, take_out(t, (u32)fd));
}

int files_unshare(void)
{
	struct files *mine;

	if (current->files->refs == 1)
		return 0;
	mine = files_copy(current->files);
	if (!mine)
		return -ENOMEM;
	files_put(current->files);
	current->files = mine;
	return 0;
}

struct file *files_file(const struct files *t, int fd, bool *cloexec)
{
	if (!is_open(t, fd))
		return NULL;
	if (cloexec)
		*cloexec = t->slots[fd].cloexec;
	return file_get(t->slots[fd].file);
}

struct file *fd_file_path(int fd)
{
	return files_file(current->files, fd, NULL);
}

struct file *fd_file(int fd)
{
	struct file *f = fd_file_path(fd);

	if (!f || !(f->flags & O_PATH))
		return f;
	file_put(f);
	return NULL;
}

int fd_get_cloexec(int fd)
{
	const struct files *t = current->files;

	return is_open(t, fd) ? t->slots[fd].cloexec : -EBADF;
}

int fd_set_cloexec(int fd, bool cloexec)
{
	struct files *t = current->files;

	if (!is_open(t, fd))
		return -EBADF;
	t->slots[fd].cloexec = cloexec;
	return 0;
}

int files_next(const struct files *t, int fd)
{
	for (u32 i = fd < 0 ? 0 : (u32)fd; i < t->size; i++)
		if (t->slots[i].file)
			return (int)i;
	return -1;
}

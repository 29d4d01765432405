/* SPDX-License-Identifier: MIT */
/*
 * Descriptor tables: the map from small integers to open files, its copies and its end.
 */
#include "fs.h"

#define SLOTS_FIRST 32u

static bool bit(const struct files *t, u32 fd)
{
	return t->cloexec[fd / 64] >> fd % 64 & 1;
}

static void set_bit(struct files *t, u32 fd, bool on)
{
	u64 mask = 1ULL << fd % 64;

	t->cloexec[fd / 64] = on ? t->cloexec[fd / 64] | mask : t->cloexec[fd / 64] & ~mask;
}

static struct files *new_table(u32 size)
{
	struct files *t = kzalloc(sizeof(*t));

	if (!t)
		return NULL;
	t->slots = kzalloc(size * sizeof(*t->slots));
	t->cloexec = kzalloc((size + 63) / 64 * sizeof(u64));
	if (!t->slots || !t->cloexec) {
		kfree(t->slots);
		kfree(t->cloexec);
		kfree(t);
		return NULL;
	}
	t->refs = 1;
	t->size = size;
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
	memcpy(t->cloexec, old->cloexec, (old->size + 63) / 64 * sizeof(u64));
	for (u32 fd = 0; fd < old->size; fd++)
		if (old->slots[fd])
			t->slots[fd] = file_get(old->slots[fd]);
	t->first_free = old->first_free;
	return t;
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
		if (t->slots[fd])
			close_file(t, t->slots[fd]);
	kfree(t->slots);
	kfree(t->cloexec);
	kfree(t);
}

static struct file *take_out(struct files *t, u32 fd)
{
	struct file *f = t->slots[fd];

	t->slots[fd] = NULL;
	set_bit(t, fd, false);
	t->first_free = MIN(t->first_free, fd);
	return f;
}

int files_close_on_exec(struct files *t)
{
	for (u32 fd = 0; fd < t->size; fd++)
		if (t->slots[fd] && bit(t, fd))
			close_file(t, take_out(t, fd));
	return 0;
}

static int grow(struct files *t, u32 fd)
{
	u32 size = t->size;
	struct file **slots;
	u64 *cloexec;

	while (size <= fd)
		size *= 2;
	slots = kzalloc(size * sizeof(*slots));
	cloexec = kzalloc((size + 63) / 64 * sizeof(u64));
	if (!slots || !cloexec) {
		kfree(slots);
		kfree(cloexec);
		return -ENOMEM;
	}
	memcpy(slots, t->slots, t->size * sizeof(*slots));
	memcpy(cloexec, t->cloexec, (t->size + 63) / 64 * sizeof(u64));
	kfree(t->slots);
	kfree(t->cloexec);
	t->slots = slots;
	t->cloexec = cloexec;
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

	while (fd < t->size && t->slots[fd])
		fd++;
	if (fd >= fd_limit())
		return -EMFILE;
	if (fd >= t->size && grow(t, fd))
		return -ENOMEM;
	t->slots[fd] = f;
	set_bit(t, fd, cloexec);
	if ((u32)min <= t->first_free)
		t->first_free = fd + 1;
	return (int)fd;
}

bool fd_room(void)
{
	struct files *t = current->files;
	u32 fd = t->first_free;

	while (fd < t->size && t->slots[fd])
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
	old = t->slots[fd];
	t->slots[fd] = f;
	set_bit(t, (u32)fd, cloexec);
	if (old)
		close_file(t, old);
	return fd;
}

int fd_close(int fd)
{
	struct files *t = current->files;

	if (fd < 0 || (u32)fd >= t->size || !t->slots[fd])
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
	if (fd < 0 || (u32)fd >= t->size || !t->slots[fd])
		return NULL;
	if (cloexec)
		*cloexec = bit(t, (u32)fd);
	return file_get(t->slots[fd]);
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

	if (fd < 0 || (u32)fd >= t->size || !t->slots[fd])
		return -EBADF;
	return bit(t, (u32)fd);
}

int fd_set_cloexec(int fd, bool cloexec)
{
	struct files *t = current->files;

	if (fd < 0 || (u32)fd >= t->size || !t->slots[fd])
		return -EBADF;
	set_bit(t, (u32)fd, cloexec);
	return 0;
}

int files_next(const struct files *t, int fd)
{
	for (u32 i = fd < 0 ? 0 : (u32)fd; i < t->size; i++)
		if (t->slots[i])
			return (int)i;
	return -1;
}

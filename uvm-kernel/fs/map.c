/* SPDX-License-Identifier: MIT */
/*
 * What mm and exec ask of files: may it be mapped, which page is at an offset, what is its name.
 */
#include "tmpfs.h"

int file_map_check(struct file *f, int prot, int flags, u16 *never)
{
	bool shared = flags & MAP_SHARED;
	bool noexec = f->path.mount && (f->path.mount->flags & MS_NOEXEC);

	if (!f->ops || (f->flags & O_PATH))
		return -EBADF;
	if (!f->can_read)
		return -EACCES;
	if (shared && (prot & PROT_WRITE) && !f->can_write)
		return -EACCES;
	if ((prot & PROT_EXEC) && noexec)
		return -EPERM;
	if (f->ops->map_anonymous)
		return -FILE_MAP_ANONYMOUS;
	if (!f->ops->can_mmap)
		return -ENODEV;
	if (shared && (prot & PROT_WRITE) && (f->inode->seals & SEAL_WRITE))
		return -EPERM;
	*never = noexec ? VMA_NOEXEC : 0;
	if (shared && (!f->can_write || f->inode->seals & SEAL_WRITE))
		*never |= VMA_NOWRITE;
	return 0;
}

struct mapping *file_mapping(struct file *f)
{
	return &f->inode->mapping;
}

int file_page(struct file *f, u64 index, struct page **out)
{
	return pagecache_get(f->inode, NULL, index, out);
}

struct page *file_page_cached(struct file *f, u64 index)
{
	return pagecache_peek(f->inode, index);
}

int file_page_write(struct file *f, struct page *p)
{
	pagecache_set_dirty(p);
	inode_touch(f->inode);
	return 0;
}

int file_msync(struct file *f)
{
	return f->ops->fsync ? f->ops->fsync(f, true) : 0;
}

int file_path(struct file *f, char *buf, size_t size)
{
	char *p = path_to_string(&f->path, &current->fs->root, buf, size);
	size_t len;

	if (!p)
		return -ENAMETOOLONG;
	len = strlen(p);
	memmove(buf, p, len + 1);
	return (int)len;
}

/* The superblock of memory that has no name: unlimited but for the machine's memory. */
static struct superblock *shmem_super(void)
{
	static struct superblock *sb;
	struct tmpfs_options o = {.size = ~0ULL >> 2, .inodes = ~0ULL, .mode = 0700};
	int error;

	if (!sb)
		sb = tmpfs_make(&o, "tmpfs", &error);
	return sb;
}

struct file *shmem_file_sealable(u64 size, const char *name, u32 flags, bool sealable)
{
	struct superblock *sb = shmem_super();
	struct inode *inode = sb ? tmpfs_nameless(sb, S_IFREG | 0777) : NULL;
	struct file *f;
	char text[NAME_MAX + 32];
	int error;

	if (!inode)
		return NULL;
	inode->size = size;
	inode->sealable = sealable;
	inode->seals = sealable ? 0 : SEAL_SEAL;
	scnprintf(text, sizeof(text), "/%s (deleted)", name);
	f = file_anon(inode, text, inode->fops, flags, NULL, &error);
	return f;
}

struct file *shmem_file(u64 size, const char *name)
{
	return shmem_file_sealable(size, name, O_RDWR, false);
}

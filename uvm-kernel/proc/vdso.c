/* SPDX-License-Identifier: MIT */
/*
 * The vDSO's two pages as an unnamed file: every program maps them below its other mappings.
 */
#include <uvm/kernel.h>

extern const char vdso_image[], vdso_image_end[];

static struct file *file;
static struct vdso_data *data;

void vdso_update(void)
{
	if (!data)
		return;
	data->sequence++;
	barrier();
	clock_describe(data);
	barrier();
	data->sequence++;
}

/* The pages stay referenced for ever. */
static int prepare(void)
{
	struct file *f = shmem_file(2 * PAGE_SIZE, "vdso");
	struct page *page[2];
	int ret = 0;

	if (!f)
		return -ENOMEM;
	for (u32 i = 0; i < 2 && !ret; i++)
		ret = file_page(f, i, &page[i]);
	if (ret) {
		file_put(f);
		return ret;
	}
	memcpy(page_to_virt(page[1]), vdso_image, (size_t)(vdso_image_end - vdso_image));
	data = page_to_virt(page[0]);
	vdso_update();
	file = f;
	return 0;
}

long vdso_map(struct mm *mm)
{
	int ret = file ? 0 : prepare();
	u64 at = ret ? 0 : vma_find_gap(mm, 2 * PAGE_SIZE, MMAP_MIN_ADDR, mm->layout.mmap_top);
	long code;

	if (!at)
		return ret ? ret : -ENOMEM;
	code = do_mmap(mm, at, PAGE_SIZE, PROT_READ, MAP_SHARED | MAP_FIXED, file, 0, VMA_VDSO);
	if (code < 0)
		return code;
	return do_mmap(mm, at + PAGE_SIZE, PAGE_SIZE, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED, file, 1,
		       VMA_VDSO);
}

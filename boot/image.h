/* SPDX-License-Identifier: MIT */
/*
 * image.h: the hypervisor's image: is it one, does it fit this loader, and how does it come into memory. Pure
 * code, compiled for UEFI and, for tests, on the host.
 */
#pragma once

#include <abi/boot_info.h>

/* Checks everything that image_place relies on; file is 8-byte aligned. Returns NULL, or why the file is
 * refused; on a version conflict *found is the file's version. */
const char *image_check(const void *file, size_t size, u32 *found);

/* Builds the image at `to` (image_size bytes), relocated to run at `address`. Cannot fail. */
void image_place(const struct hv_image_header *file, void *to, u64 address);

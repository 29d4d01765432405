/* SPDX-License-Identifier: MIT */
/*
 * boot.h: what the files of nacelle.efi share: talking to the user, and the steps that main.c puts in order.
 * A function that can fail returns false after it has said why with refuse().
 */
#ifndef BOOT_H
#define BOOT_H

#include <efi.h>
#include <efilib.h>
#include <stdbool.h>

#include <abi/boot_info.h>

#include "config.h"
#include "image.h"

/* say.c: lines on the firmware's console and the serial port. Formats as gnu-efi's Print (%s UTF-16, %a
 * ASCII). */
void say_open_serial(u16 port, u32 baud); /* port 0: none */
void say(const CHAR16 *format, ...);
void say_debug(const CHAR16 *format, ...); /* only with log=debug */
void say_set_level(u32 level);
bool refuse(const CHAR16 *format, ...); /* keeps the reason; always false */
const CHAR16 *refusal(void);
const CHAR16 *status_name(EFI_STATUS status);

#define FILE_PATH_MAX (CONFIG_PATH_MAX * 2)

/* file.c: files on the volume that nacelle.efi came from. */
bool file_find_self(EFI_HANDLE image);
EFI_LOADED_IMAGE *file_self(void);
/* UEFI path of a configured name: '/' becomes '\', relative to nacelle.efi's own directory. */
void file_path(const char *name, CHAR16 path[FILE_PATH_MAX]);
/* The text of a device path that names a file; boot loaders differ in how they cut it into nodes. */
void file_path_of(EFI_DEVICE_PATH *device_path, CHAR16 path[FILE_PATH_MAX]);
/* The whole file in pool memory (free with FreePool), or NULL and its status. */
void *file_read(const CHAR16 *path, UINTN limit, UINTN *size, EFI_STATUS *status);

/* memory.c */
bool memory_find_end(u64 *ram_end);
bool memory_reserve(const struct hv_image_header *image, struct boot_info *info);
void memory_give_back(struct boot_info *info);
bool memory_describe(struct boot_info *info);
void *memory_root_pointer(void); /* ACPI RSDP or NULL */

/* cpus.c */
typedef u64 (*hv_init_fn)(struct boot_info *info);
typedef u64 (*hv_enter_fn)(struct boot_info *info, u64 index);
bool cpus_find(struct boot_info *info);
/* All processors enter guest mode, or none: application processors first, this one last. *stuck is set when
 * some entered and could not be taken back: then the reservation must stay. */
bool cpus_enter(struct boot_info *info, hv_enter_fn enter, hv_enter_fn leave, bool *stuck);

/* next.c: starts what follows; comes back only if that failed or ended. */
EFI_STATUS next_start_file(EFI_HANDLE self, const struct config *c);
EFI_STATUS next_start_boot_option(EFI_HANDLE self);

#endif

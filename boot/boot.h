/* SPDX-License-Identifier: MIT */
/*
 * boot.h: what the files of nacelle.efi share: talking to the user, and the steps that main.c puts in order.
 * A function that can fail returns false after it has said why with refuse().
 */
#pragma once

#include <efi.h>
#include <efilib.h>
#include <stdbool.h>

#include <abi/boot_info.h>

#include "config.h"
#include "image.h"

/* main.c: what the steps find out, one after another. */
extern EFI_HANDLE self;
extern struct boot_info info;
extern struct config config;
extern struct hv_image_header *hypervisor; /* the hypervisor's whole file begins with it */

/* say.c: lines on the firmware's console and the serial port. Formats as gnu-efi's Print (%s UTF-16, %a
 * ASCII). */
void say_open_serial(void); /* the port that config names */
void say(const CHAR16 *format, ...);
bool refuse(const CHAR16 *format, ...); /* keeps the reason; always false */
extern CHAR16 refusal[];
const CHAR16 *status_name(EFI_STATUS status);

#define FILE_PATH_MAX (CONFIG_PATH_MAX * 2)

/* file.c: files on the volume that nacelle.efi came from. */
bool file_find_self(void);
extern EFI_LOADED_IMAGE *file_self; /* NULL before */
/* UEFI path of a configured name: '/' becomes '\', relative to nacelle.efi's own directory. */
void file_path(const char *name, CHAR16 path[FILE_PATH_MAX]);
/* The text of a device path that names a file; boot loaders differ in how they cut it into nodes. */
void file_path_of(EFI_DEVICE_PATH *device_path, CHAR16 path[FILE_PATH_MAX]);
/* The whole file in pool memory (free with FreePool), or NULL and its status. */
void *file_read(const CHAR16 *path, UINTN *size, EFI_STATUS *status);

/* memory.c */
bool memory_reserve(void);
bool memory_describe(void);

/* cpus.c */
typedef s32 (*hv_init_fn)(struct boot_info *info);
typedef s32 (*hv_cpu_fn)(struct boot_info *info, u32 index); /* prepare, enter, leave */
bool cpus_find(void);
/* All processors enter guest mode, or none: application processors first, this one last. */
bool cpus_enter(void);

/* next.c: starts what follows; comes back only if that failed or ended. */
EFI_STATUS next_start_file(void);
EFI_STATUS next_start_boot_option(void);

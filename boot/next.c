/* SPDX-License-Identifier: MIT */
/*
 * next.c: starts what follows nacelle.efi: the file that next= names, or the first of the firmware's boot
 * options after the one that started us which can be started (UEFI specification, "Boot Manager").
 */
#include "boot.h"

#define LEVEL_DEBUG 3		     /* boot_info.h */
#define LOAD_OPTION_CATEGORY 0x1f00u /* 0 = boot; others are tools such as the shell */

/* EFI_LOAD_OPTION, as far as its places are fixed. */
struct load_option {
	UINT32 attributes;
	UINT16 path_length;
	CHAR16 description[]; /* then the path, then the options */
} __attribute__((packed));

static EFI_STATUS start(EFI_HANDLE image, void *options, UINT32 options_size)
{
	EFI_LOADED_IMAGE *loaded;
	EFI_STATUS status = BS->HandleProtocol(image, &LoadedImageProtocol, (void **)&loaded);

	if (EFI_ERROR(status))
		return status;
	if (config.log_level >= LEVEL_DEBUG)
		say(L"starting it at TSC %ld", __builtin_ia32_rdtsc());
	if (options_size) {
		loaded->LoadOptions = options;
		loaded->LoadOptionsSize = options_size;
	}
	return BS->StartImage(image, NULL, NULL);
}

EFI_STATUS next_start_file(void)
{
	CHAR16 *options = PoolPrint(L"%a", config.next_options), path[FILE_PATH_MAX];
	EFI_DEVICE_PATH *device_path;
	EFI_STATUS status;
	EFI_HANDLE image;

	file_path(config.next, path);
	device_path = FileDevicePath(file_self->DeviceHandle, path);
	if (!device_path || !options)
		return EFI_OUT_OF_RESOURCES;
	status = BS->LoadImage(FALSE, self, device_path, NULL, 0, &image);
	if (EFI_ERROR(status)) {
		say(L"next=%s cannot be loaded: %s", path, status_name(status));
		return status;
	}
	status = start(image, options, (UINT32)StrSize(options));
	say(L"next=%s came back: %s", path, status_name(status));
	return status;
}

/* The path of Boot####, or NULL: it does not lie inside the variable's bytes. */
static EFI_DEVICE_PATH *path_in(const struct load_option *option, UINTN size)
{
	UINTN at = sizeof(*option), i = 0;

	do {
		at += sizeof(CHAR16);
		if (at > size)
			return NULL;
	} while (option->description[i++]);
	if (option->path_length > size - at || option->path_length < END_DEVICE_PATH_LENGTH)
		return NULL;
	return (EFI_DEVICE_PATH *)((u8 *)option + at);
}

/* A short-form path begins with a hard drive's node: completes it with the device that has such a partition.
 */
static EFI_DEVICE_PATH *complete(EFI_DEVICE_PATH *path)
{
	EFI_DEVICE_PATH *found = NULL;
	EFI_HANDLE *handles;
	UINTN count;

	if (DevicePathType(path) != MEDIA_DEVICE_PATH || DevicePathSubType(path) != MEDIA_HARDDRIVE_DP)
		return DuplicateDevicePath(path);
	if (EFI_ERROR(LibLocateHandle(ByProtocol, &FileSystemProtocol, NULL, &count, &handles)))
		return NULL;
	for (UINTN i = 0; !found && i < count; i++) {
		EFI_DEVICE_PATH *device = DevicePathFromHandle(handles[i]), *node = device;

		while (node && !IsDevicePathEnd(node) &&
		       (DevicePathNodeLength(node) != DevicePathNodeLength(path) ||
			CompareMem(node, path, DevicePathNodeLength(path)) != 0))
			node = NextDevicePathNode(node);
		if (node && !IsDevicePathEnd(node))
			found = AppendDevicePath(device, NextDevicePathNode(path));
	}
	FreePool(handles);
	return found;
}

/* The option as a complete path to one file: bare volumes mean their \EFI\BOOT\BOOTX64.EFI. */
static EFI_DEVICE_PATH *file_of(EFI_DEVICE_PATH *path)
{
	EFI_DEVICE_PATH *full = complete(path), *rest = full, *file;
	EFI_HANDLE volume;

	if (!full || EFI_ERROR(BS->LocateDevicePath(&FileSystemProtocol, &rest, &volume)) ||
	    !IsDevicePathEnd(rest))
		return full;
	file = FileDevicePath(volume, L"\\EFI\\BOOT\\BOOTX64.EFI");
	FreePool(full);
	return file;
}

/* Is this the file that runs now? FAT names do not care for case. */
static bool is_self(EFI_DEVICE_PATH *file)
{
	EFI_DEVICE_PATH *rest = file;
	EFI_HANDLE volume = NULL;
	CHAR16 theirs[FILE_PATH_MAX], ours[FILE_PATH_MAX];

	if (EFI_ERROR(BS->LocateDevicePath(&FileSystemProtocol, &rest, &volume)) ||
	    volume != file_self->DeviceHandle || !file_self->FilePath)
		return false;
	file_path_of(rest, theirs);
	file_path_of(file_self->FilePath, ours);
	return StriCmp(theirs, ours) == 0;
}

static EFI_STATUS try_option(UINT16 number)
{
	EFI_STATUS status = EFI_NOT_FOUND;
	EFI_DEVICE_PATH *path, *file;
	struct load_option *option;
	EFI_HANDLE image;
	CHAR16 name[16];
	UINTN size;
	u8 *options;

	SPrint(name, sizeof(name), L"Boot%04x", number);
	option = LibGetVariableAndSize(name, &EfiGlobalVariable, &size);
	if (!option)
		return EFI_NOT_FOUND;
	path = path_in(option, size);
	if (!path || !(option->attributes & LOAD_OPTION_ACTIVE) || option->attributes & LOAD_OPTION_CATEGORY)
		goto out;
	file = file_of(path);
	if (!file || is_self(file))
		goto out;
	status = BS->LoadImage(TRUE, self, file, NULL, 0, &image);
	if (status == EFI_UNSUPPORTED) /* by shim's LoadImage, which stands before the firmware's */
		status = BS->LoadImage(FALSE, self, file, NULL, 0, &image);
	FreePool(file);
	if (EFI_ERROR(status))
		goto out;
	options = (u8 *)path + option->path_length;
	say(L"starting %s, %s", name, option->description);
	status = start(image, options, (UINT32)((u8 *)option + size - options));
out:
	FreePool(option);
	return status;
}

EFI_STATUS next_start_boot_option(void)
{
	UINTN size = 0, current_size = 0, count, first = 0;
	UINT16 *order = LibGetVariableAndSize(L"BootOrder", &EfiGlobalVariable, &size);
	UINT16 *current = LibGetVariableAndSize(L"BootCurrent", &EfiGlobalVariable, &current_size);
	EFI_STATUS status = EFI_NOT_FOUND;

	count = order ? size / sizeof(*order) : 0;
	for (UINTN i = 0; current && current_size == sizeof(*current) && i < count; i++)
		if (order[i] == *current)
			first = i + 1;
	for (UINTN i = first; i < count && EFI_ERROR(status); i++)
		status = try_option(order[i]);
	FreePool(order);
	FreePool(current);
	return status;
}

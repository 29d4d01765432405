/* SPDX-License-Identifier: MIT */
/*
 * next.c: starts what follows nacelle.efi: the file that next= names, or the first of the firmware's boot
 * options after the one that started us which can be started (UEFI specification, "Boot Manager").
 */
#include "boot.h"

#define LOAD_OPTION_CATEGORY 0x1f00u /* 0 = boot; others are tools such as the shell */

struct load_option {
	UINT32 attributes;
	UINT16 path_length;
	const CHAR16 *description;
	EFI_DEVICE_PATH *path;
	u8 *options;
	UINT32 options_size;
};

static EFI_STATUS start(EFI_HANDLE image, void *options, UINT32 options_size)
{
	EFI_LOADED_IMAGE *loaded;
	EFI_STATUS status = BS->HandleProtocol(image, &LoadedImageProtocol, (void **)&loaded);

	if (EFI_ERROR(status))
		return status;
	say_debug(L"starting it at TSC %ld", __builtin_ia32_rdtsc());
	if (options_size) {
		loaded->LoadOptions = options;
		loaded->LoadOptionsSize = options_size;
	}
	return BS->StartImage(image, NULL, NULL);
}

EFI_STATUS next_start_file(EFI_HANDLE self, const struct config *c)
{
	static CHAR16 options[CONFIG_OPTIONS_MAX];
	CHAR16 path[FILE_PATH_MAX];
	EFI_DEVICE_PATH *device_path;
	EFI_STATUS status;
	EFI_HANDLE image;
	UINT32 n = 0;

	file_path(c->next, path);
	for (; c->next_options[n]; n++)
		options[n] = (CHAR16)c->next_options[n];
	options[n] = 0;
	device_path = FileDevicePath(file_self()->DeviceHandle, path);
	if (!device_path)
		return EFI_OUT_OF_RESOURCES;
	status = BS->LoadImage(FALSE, self, device_path, NULL, 0, &image);
	if (EFI_ERROR(status)) {
		say(L"next=%s cannot be loaded: %s", path, status_name(status));
		return status;
	}
	status = start(image, options, (UINT32)((n + 1) * sizeof(CHAR16)));
	say(L"next=%s came back: %s", path, status_name(status));
	return status;
}

/* Takes Boot#### apart (EFI_LOAD_OPTION), inside its own bytes only. */
static bool parse_option(u8 *data, UINTN size, struct load_option *option)
{
	UINTN at = sizeof(UINT32) + sizeof(UINT16);

	if (size < at + sizeof(CHAR16))
		return false;
	CopyMem(&option->attributes, data, sizeof(UINT32));
	CopyMem(&option->path_length, data + sizeof(UINT32), sizeof(UINT16));
	option->description = (const CHAR16 *)(data + at);
	while (at + sizeof(CHAR16) <= size && (data[at] || data[at + 1]))
		at += sizeof(CHAR16);
	at += sizeof(CHAR16);
	if (at > size || option->path_length > size - at || option->path_length < END_DEVICE_PATH_LENGTH)
		return false;
	option->path = (EFI_DEVICE_PATH *)(data + at);
	option->options = data + at + option->path_length;
	option->options_size = (UINT32)(size - at - option->path_length);
	return true;
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
	    volume != file_self()->DeviceHandle || !file_self()->FilePath)
		return false;
	file_path_of(rest, theirs);
	file_path_of(file_self()->FilePath, ours);
	return StriCmp(theirs, ours) == 0;
}

static EFI_STATUS try_option(EFI_HANDLE self, UINT16 number)
{
	EFI_STATUS status = EFI_NOT_FOUND;
	struct load_option option;
	EFI_DEVICE_PATH *file;
	EFI_HANDLE image;
	CHAR16 name[16];
	UINTN size;
	u8 *data;

	SPrint(name, sizeof(name), L"Boot%04x", number);
	data = LibGetVariableAndSize(name, &EfiGlobalVariable, &size);
	if (!data)
		return EFI_NOT_FOUND;
	if (!parse_option(data, size, &option) || !(option.attributes & LOAD_OPTION_ACTIVE) ||
	    (option.attributes & LOAD_OPTION_CATEGORY))
		goto out;
	file = file_of(option.path);
	if (!file || is_self(file))
		goto out;
	status = BS->LoadImage(TRUE, self, file, NULL, 0, &image);
	FreePool(file);
	if (EFI_ERROR(status))
		goto out;
	say(L"starting %s, %s", name, option.description);
	status = start(image, option.options, option.options_size);
out:
	FreePool(data);
	return status;
}

EFI_STATUS next_start_boot_option(EFI_HANDLE self)
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
		status = try_option(self, order[i]);
	FreePool(order);
	FreePool(current);
	return status;
}

/* SPDX-License-Identifier: MIT */
/*
 * file.c: reads files from the volume and directory that nacelle.efi was started from, whoever started it
 * (firmware, shell, another boot loader).
 */
#include "boot.h"

EFI_LOADED_IMAGE *file_self;
static CHAR16 directory[FILE_PATH_MAX]; /* of nacelle.efi, ends with '\' */

void file_path_of(EFI_DEVICE_PATH *device_path, CHAR16 path[FILE_PATH_MAX])
{
	CHAR16 *text = device_path ? DevicePathToStr(device_path) : NULL;
	UINTN n = 0;

	for (UINTN i = 0; text && text[i] && n < FILE_PATH_MAX - 1; i++) {
		CHAR16 c = text[i] == '/' ? '\\' : text[i];

		if (c != '\\' || n == 0 || path[n - 1] != '\\')
			path[n++] = c;
	}
	path[n] = 0;
	if (text)
		FreePool(text);
}

bool file_find_self(void)
{
	EFI_STATUS status = BS->HandleProtocol(self, &LoadedImageProtocol, (void **)&file_self);
	UINTN end = 0;

	if (EFI_ERROR(status))
		return refuse(L"the firmware does not say where nacelle.efi lies (%s)", status_name(status));
	file_path_of(file_self->FilePath, directory);
	for (UINTN i = 0; directory[i] && i < CONFIG_PATH_MAX - 1; i++)
		if (directory[i] == '\\')
			end = i + 1;
	if (end == 0)
		directory[end++] = '\\';
	directory[end] = 0;
	return true;
}

void file_path(const char *name, CHAR16 path[FILE_PATH_MAX])
{
	UINTN n = 0;

	if (name[0] != '\\' && name[0] != '/')
		for (; directory[n]; n++)
			path[n] = directory[n];
	for (; *name; name++)
		path[n++] = *name == '/' ? '\\' : (CHAR16)*name;
	path[n] = 0;
}

static void *read_open_file(EFI_FILE_HANDLE file, UINTN *size, EFI_STATUS *status)
{
	EFI_FILE_INFO *about = LibFileInfo(file);
	void *data = NULL;

	*status = EFI_OUT_OF_RESOURCES;
	if (about) {
		*size = about->FileSize;
		data = AllocatePool(*size + 1); /* never 0 */
		FreePool(about);
	}
	if (data)
		*status = file->Read(file, size, data);
	if (!EFI_ERROR(*status))
		return data;
	FreePool(data);
	return NULL;
}

void *file_read(const CHAR16 *path, UINTN *size, EFI_STATUS *status)
{
	EFI_FILE_HANDLE root = file_self->DeviceHandle ? LibOpenRoot(file_self->DeviceHandle) : NULL, file;
	void *data = NULL;

	*status = EFI_NO_MEDIA;
	if (!root)
		return NULL;
	*status = root->Open(root, &file, (CHAR16 *)path, EFI_FILE_MODE_READ, 0);
	if (!EFI_ERROR(*status)) {
		data = read_open_file(file, size, status);
		file->Close(file);
	}
	root->Close(root);
	return data;
}

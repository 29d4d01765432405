/* SPDX-License-Identifier: MIT */
/*
 * file.c: reads files from the volume and directory that nacelle.efi was started from, whoever started it
 * (firmware, shell, another boot loader).
 */
#include "boot.h"

static EFI_LOADED_IMAGE *self;
static CHAR16 directory[CONFIG_PATH_MAX]; /* of nacelle.efi, ends with '\' */

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

bool file_find_self(EFI_HANDLE image)
{
	EFI_STATUS status = BS->HandleProtocol(image, &LoadedImageProtocol, (void **)&self);
	CHAR16 path[FILE_PATH_MAX];
	UINTN end = 0;

	if (EFI_ERROR(status))
		return refuse(L"the firmware does not say where nacelle.efi lies (%s)", status_name(status));
	file_path_of(self->FilePath, path);
	for (UINTN i = 0; path[i] && i < CONFIG_PATH_MAX - 1; i++)
		if (path[i] == '\\')
			end = i + 1;
	for (UINTN i = 0; i < end; i++)
		directory[i] = path[i];
	if (end == 0)
		directory[end++] = '\\';
	directory[end] = 0;
	return true;
}

EFI_LOADED_IMAGE *file_self(void)
{
	return self;
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

static void *read_open_file(EFI_FILE_HANDLE file, UINTN limit, UINTN *size, EFI_STATUS *status)
{
	EFI_FILE_INFO *info = LibFileInfo(file);
	void *data = NULL;

	*status = EFI_BAD_BUFFER_SIZE;
	if (info && info->FileSize <= limit) {
		*size = info->FileSize;
		data = AllocatePool(*size + 1); /* never 0 */
		*status = data ? file->Read(file, size, data) : EFI_OUT_OF_RESOURCES;
	}
	if (info)
		FreePool(info);
	if (data && EFI_ERROR(*status)) {
		FreePool(data);
		data = NULL;
	}
	return data;
}

void *file_read(const CHAR16 *path, UINTN limit, UINTN *size, EFI_STATUS *status)
{
	EFI_FILE_HANDLE root = self->DeviceHandle ? LibOpenRoot(self->DeviceHandle) : NULL, file;
	void *data = NULL;

	*status = EFI_NO_MEDIA;
	if (!root)
		return NULL;
	*status = root->Open(root, &file, (CHAR16 *)path, EFI_FILE_MODE_READ, 0);
	if (!EFI_ERROR(*status)) {
		data = read_open_file(file, limit, size, status);
		file->Close(file);
	}
	root->Close(root);
	return data;
}

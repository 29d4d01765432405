/* SPDX-License-Identifier: MIT */
/*
 * main.c: nacelle.efi, in ten steps: it places the hypervisor, takes all processors into guest mode and goes
 * on, now as a guest, to the operating system's own loader. Whatever fails is said in one line, and the OS
 * boots anyway.
 */
#include "boot.h"

#define HV_FILE_MAX (64ULL << 20)

struct boot {
	EFI_HANDLE self;
	struct config config;
	unsigned int bad_lines;
	const char *image_name;
	struct hv_image_header *image; /* and the whole file behind it */
	UINTN file_size;
	bool stuck;
};

static struct boot_info info;
extern char hypervisor_start[], hypervisor_end[]; /* hypervisor.S */

static void report_bad_line(void *context, unsigned int line, const char *why, const char *text)
{
	(void)context;
	if (line)
		say(L"nacelle.conf line %d: %a: %a", line, why, text);
	else
		say(L"load options: %a: %a", why, text);
}

/* 1. Where do we come from? Everything else lies beside us. */
static bool find_self(struct boot *b)
{
	return file_find_self(b->self);
}

/* Load options are UTF-16 text, or something of the firmware's own that is not meant for us. */
static void read_load_options(struct boot *b)
{
	static char text[CONFIG_OPTIONS_MAX + CONFIG_PATH_MAX];
	const CHAR16 *options = file_self()->LoadOptions;
	UINTN n = file_self()->LoadOptionsSize / sizeof(CHAR16), i;

	if (!options || file_self()->LoadOptionsSize % sizeof(CHAR16))
		return;
	for (i = 0; i < n && i < sizeof(text) - 1 && options[i]; i++) {
		bool blank = options[i] == '\t' || options[i] == '\r' || options[i] == '\n';

		if (!blank && (options[i] < ' ' || options[i] > '~'))
			return;
		text[i] = blank ? ' ' : (char)options[i];
	}
	text[i] = 0;
	b->bad_lines += config_parse_options(&b->config, text, report_bad_line, NULL);
}

/* 2. nacelle.conf and the load options. Bad lines are reported on the serial port that the good ones name, so
 * the file is read twice. */
static bool read_configuration(struct boot *b)
{
	CHAR16 path[FILE_PATH_MAX];
	EFI_STATUS status;
	UINTN size;
	char *text;

	config_defaults(&b->config);
	file_path("nacelle.conf", path);
	text = file_read(path, CONFIG_FILE_MAX, &size, &status);
	if (text)
		config_parse(&b->config, text, size, NULL, NULL);
	say_open_serial(b->config.serial_port, b->config.serial_baud);
	say(L"version %a", NACELLE_VERSION_STRING);
	if (text) {
		b->bad_lines = config_parse(&b->config, text, size, report_bad_line, NULL);
		FreePool(text);
	} else if (status != EFI_NOT_FOUND) {
		return refuse(L"%s: %s", path, status_name(status));
	}
	read_load_options(b);
	say_set_level(b->config.log_level);
	say_open_serial(b->config.serial_port, b->config.serial_baud);
	if (b->bad_lines)
		return refuse(L"%d bad lines in the configuration", b->bad_lines);
	return true;
}

/* Does the firmware start only what is signed? */
static bool secure_boot(void)
{
	UINTN size;
	u8 *value = LibGetVariableAndSize(L"SecureBoot", &EfiGlobalVariable, &size);

	return value && size == 1 && *value == 1;
}

/* 3. The hypervisor: the one in here, whose signature is ours, or the file that hypervisor= names. */
static bool read_hypervisor(struct boot *b)
{
	CHAR16 path[FILE_PATH_MAX];
	EFI_STATUS status;

	if (!b->config.hypervisor[0]) {
		b->image_name = "the hypervisor in nacelle.efi";
		b->image = (void *)hypervisor_start;
		b->file_size = (UINTN)(hypervisor_end - hypervisor_start);
		return true;
	}
	b->image_name = b->config.hypervisor;
	if (secure_boot())
		return refuse(L"%a: with Secure Boot only the hypervisor in nacelle.efi is started",
			      b->image_name);
	file_path(b->config.hypervisor, path);
	b->image = file_read(path, HV_FILE_MAX, &b->file_size, &status);
	return b->image || refuse(L"%s: %s", path, status_name(status));
}

/* 4. Is it one, and of our version? */
static bool verify_hypervisor(struct boot *b)
{
	u32 version;
	const char *why = image_check(b->image, b->file_size, &version);

	if (why && version && version != BOOT_INFO_VERSION)
		return refuse(L"%a: version %d, this loader needs %d", b->image_name, version,
			      BOOT_INFO_VERSION);
	return !why || refuse(L"%a: %a", b->image_name, why);
}

/* 5. The processors. */
static bool find_processors(struct boot *b)
{
	(void)b;
	return cpus_find(&info);
}

/* 6. How much is to be reserved depends on where RAM ends. */
static bool reserve_memory(struct boot *b)
{
	return memory_find_end(&info.ram_end) && memory_reserve(b->image, &info);
}

/* 7. The image goes to the reservation's start, linked to run there. */
static bool place_hypervisor(struct boot *b)
{
	image_place(b->image, (void *)info.reserve_base, info.reserve_base);
	return true;
}

/* 8. What the hypervisor must know. */
static bool fill_boot_info(struct boot *b)
{
	info.magic = BOOT_INFO_MAGIC;
	info.version = BOOT_INFO_VERSION;
	info.size = sizeof(info);
	info.rsdp = (u64)memory_root_pointer();
	info.serial_port = b->config.serial_port;
	info.serial_baud = b->config.serial_baud;
	info.log_level = b->config.log_level;
	info.panic_action = b->config.panic_action;
	info.max_partitions = b->config.max_partitions;
	return memory_describe(&info);
}

/* 9. It checks the machine and builds its tables; nothing has changed for anyone else yet. */
static bool initialize_hypervisor(struct boot *b)
{
	hv_init_fn init = (hv_init_fn)(info.reserve_base + b->image->init_offset);

	say(L"hypervisor %a, %d processors, %ld MiB reserved at 0x%lx", b->image->build_id, info.cpu_count,
	    info.reserve_size >> 20, info.reserve_base);
	return init(&info) == 0 || refuse(L"%a", info.refusal);
}

/* 10. All processors go into guest mode. From here on the reservation is out of our reach. */
static bool enter_guest_mode(struct boot *b)
{
	return cpus_enter(&info, (hv_enter_fn)(info.reserve_base + b->image->enter_offset),
			  (hv_enter_fn)(info.reserve_base + b->image->leave_offset), &b->stuck);
}

static const struct {
	bool (*run)(struct boot *b);
	const char *name;
} steps[] = {
	{find_self, "find itself"},
	{read_configuration, "read the configuration"},
	{read_hypervisor, "read the hypervisor"},
	{verify_hypervisor, "verify the hypervisor"},
	{find_processors, "find the processors"},
	{reserve_memory, "reserve memory"},
	{place_hypervisor, "place the hypervisor"},
	{fill_boot_info, "describe the machine"},
	{initialize_hypervisor, "initialize the hypervisor"},
	{enter_guest_mode, "enter guest mode"},
};

static void launch(struct boot *b)
{
	unsigned int i = 0, count = sizeof(steps) / sizeof(steps[0]);

	while (i < count && steps[i].run(b))
		i++;
	if (i == count) {
		say(L"the hypervisor runs");
	} else {
		say(L"no hypervisor: step %d, %a: %s", i + 1, steps[i].name, refusal());
		if (!b->stuck)
			memory_give_back(&info);
	}
	if (b->image && b->config.hypervisor[0])
		FreePool(b->image);
}

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table); /* called by crt0 */

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table)
{
	static struct boot b;
	EFI_STATUS status = EFI_NOT_FOUND;

	InitializeLib(image, table);
	b.self = image;
	launch(&b);
	if (file_self() && b.config.next[0])
		status = next_start_file(image, &b.config);
	else if (file_self())
		status = next_start_boot_option(image);
	if (EFI_ERROR(status))
		say(L"nothing follows here (%s); back to the firmware", status_name(status));
	return status;
}

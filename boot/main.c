/* SPDX-License-Identifier: MIT */
/*
 * main.c: nacelle.efi, in ten steps: it places the hypervisor, takes all processors into guest mode and goes
 * on, now as a guest, to the operating system's own loader. Whatever fails is said in one line, and the OS
 * boots anyway.
 */
#include "boot.h"

EFI_HANDLE self;
struct boot_info info;
struct config config;
struct hv_image_header *hypervisor;
static const char *hypervisor_name = "the hypervisor in nacelle.efi";
static UINTN hypervisor_size;
extern char hypervisor_start[], hypervisor_end[]; /* hypervisor.S */

static void report_bad_line(unsigned int line, const char *why, const char *text)
{
	if (line)
		say(L"nacelle.conf line %d: %a: %a", line, why, text);
	else
		say(L"load options: %a: %a", why, text);
}

/* Load options are UTF-16 text, or something of the firmware's own that is not meant for us. How many are
 * bad.
 */
static unsigned int read_load_options(void)
{
	static char text[CONFIG_OPTIONS_MAX + CONFIG_PATH_MAX];
	const CHAR16 *options = file_self->LoadOptions;
	UINTN n = file_self->LoadOptionsSize / sizeof(CHAR16), i;

	if (!options || file_self->LoadOptionsSize % sizeof(CHAR16))
		return 0;
	for (i = 0; i < n && i < sizeof(text) && options[i]; i++) {
		bool blank = options[i] == '\t' || options[i] == '\r' || options[i] == '\n';

		if (!blank && (options[i] < ' ' || options[i] > '~'))
			return 0;
		text[i] = blank ? ' ' : (char)options[i];
	}
	return config_parse_options(&config, text, i, report_bad_line);
}

/* nacelle.conf and the load options. Bad lines are reported on the serial port that the good ones name, so
 * the file is read twice. */
static bool read_configuration(void)
{
	CHAR16 path[FILE_PATH_MAX];
	unsigned int bad = 0;
	EFI_STATUS status;
	UINTN size;
	char *text;

	config = config_defaults;
	file_path("nacelle.conf", path);
	text = file_read(path, &size, &status);
	if (text)
		config_parse(&config, text, size, NULL);
	say_open_serial();
	say(L"version %a", NACELLE_VERSION_STRING);
	if (text)
		bad = config_parse(&config, text, size, report_bad_line);
	else if (status != EFI_NOT_FOUND)
		return refuse(L"%s: %s", path, status_name(status));
	FreePool(text);
	bad += read_load_options();
	say_open_serial();
	return !bad || refuse(L"%d bad lines in the configuration", bad);
}

/* Does the firmware start only what is signed? */
static bool secure_boot(void)
{
	UINTN size;
	u8 *value = LibGetVariableAndSize(L"SecureBoot", &EfiGlobalVariable, &size);

	return value && size == 1 && *value == 1;
}

/* The one in here, whose signature is ours, or the file that hypervisor= names. */
static bool read_hypervisor(void)
{
	CHAR16 path[FILE_PATH_MAX];
	EFI_STATUS status;

	if (!config.hypervisor[0]) {
		hypervisor = (void *)hypervisor_start;
		hypervisor_size = (UINTN)(hypervisor_end - hypervisor_start);
		return true;
	}
	hypervisor_name = config.hypervisor;
	if (secure_boot())
		return refuse(L"%a: with Secure Boot only the hypervisor in nacelle.efi is started",
			      hypervisor_name);
	file_path(config.hypervisor, path);
	hypervisor = file_read(path, &hypervisor_size, &status);
	return hypervisor || refuse(L"%s: %s", path, status_name(status));
}

static bool verify_hypervisor(void)
{
	u32 version;
	const char *why = image_check(hypervisor, hypervisor_size, &version);

	if (why && version && version != BOOT_INFO_VERSION)
		return refuse(L"%a: version %d, this loader needs %d", hypervisor_name, version,
			      BOOT_INFO_VERSION);
	return !why || refuse(L"%a: %a", hypervisor_name, why);
}

/* The image goes to the reservation's start, linked to run there. */
static bool place_hypervisor(void)
{
	image_place(hypervisor, (void *)info.reserve_base, info.reserve_base);
	return true;
}

/* It checks the machine and builds its tables; nothing has changed for anyone else yet. */
static bool initialize_hypervisor(void)
{
	hv_init_fn init = (hv_init_fn)(info.reserve_base + hypervisor->init_offset);

	info.magic = BOOT_INFO_MAGIC;
	info.version = BOOT_INFO_VERSION;
	info.size = sizeof(info);
	info.serial_port = (u16)config.serial_port;
	info.log_level = config.log_level;
	info.panic_action = config.panic_action;
	info.max_partitions = config.max_partitions;
	say(L"hypervisor %a, %d processors, %ld MiB reserved at 0x%lx", hypervisor->build_id, info.cpu_count,
	    info.reserve_size >> 20, info.reserve_base);
	return init(&info) == 0 || refuse(L"%a", info.refusal);
}

/* After the last one the reservation is out of our reach. */
static const struct {
	bool (*run)(void);
	const char *name;
} steps[] = {
	{file_find_self, "find itself"},
	{read_configuration, "read the configuration"},
	{read_hypervisor, "read the hypervisor"},
	{verify_hypervisor, "verify the hypervisor"},
	{cpus_find, "find the processors"},
	{memory_reserve, "reserve memory"},
	{place_hypervisor, "place the hypervisor"},
	{memory_describe, "describe the machine"},
	{initialize_hypervisor, "initialize the hypervisor"},
	{cpus_enter, "enter guest mode"},
};

static void launch(void)
{
	unsigned int i = 0, count = sizeof(steps) / sizeof(steps[0]);

	while (i < count && steps[i].run())
		i++;
	if (i == count) {
		say(L"the hypervisor runs");
	} else {
		say(L"no hypervisor: step %d, %a: %s", i + 1, steps[i].name, refusal);
		if (info.reserve_size)
			BS->FreePages(info.reserve_base, EFI_SIZE_TO_PAGES(info.reserve_size));
	}
}

EFI_STATUS efi_main(EFI_HANDLE handle, EFI_SYSTEM_TABLE *table); /* called by crt0 */

EFI_STATUS efi_main(EFI_HANDLE handle, EFI_SYSTEM_TABLE *table)
{
	EFI_STATUS status = EFI_NOT_FOUND;

	self = handle;
	InitializeLib(self, table);
	launch();
	if (file_self)
		status = config.next[0] ? next_start_file() : next_start_boot_option();
	if (EFI_ERROR(status))
		say(L"nothing follows here (%s); back to the firmware", status_name(status));
	return status;
}

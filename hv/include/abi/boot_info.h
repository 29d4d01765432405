/* SPDX-License-Identifier: MIT */
/*
 * boot_info.h: the contract between nacelle.efi and the hypervisor image.
 *
 * The image is linked to run at address 0 and lies in its file as it will lie in memory, beginning with a
 * struct hv_image_header. The loader reads the header, allocates the reservation that it asks for, copies the
 * file to its start, zeroes the rest of the image, relocates it to its physical address (hv runs
 * identity-mapped; every relocation adds that address), fills a struct boot_info in its own memory and then
 * calls, with the System V calling convention, on the firmware's stack and with the firmware's page tables
 * (hv copies what it keeps):
 *
 *   1. init(info)       on the boot processor, once. Checks the machine and builds everything. Touches
 *                       no processor state. 0, or a refusal: info->refusal says why in one line, and
 *                       the loader frees the reservation and boots the OS without us.
 *   2. prepare(info, i) on every processor, i = its index in 0..cpu_count-1. Turns virtualization on.
 *                       0, or a refusal as above: then no processor enters.
 *   3. enter(info, i)   on every processor, after all are prepared; application processors first
 *                       (MP Services), the boot processor (index 0) last. Returns to the caller *as a
 *                       guest*: the same instruction stream goes on under the hypervisor. Cannot fail.
 *      leave(info, i)   instead, if any processor was refused: takes prepare back.
 *
 * After enter(0) has returned the reservation is out of reach for the firmware and the OS; the loader
 * uses nothing in it any more.
 */
#ifndef ABI_BOOT_INFO_H
#define ABI_BOOT_INFO_H

#include <abi/types.h>
#include <abi/version.h>

#define HV_IMAGE_MAGIC 0x3156484c4c43414eULL /* "NACLLHV1" */
#define BOOT_INFO_MAGIC 0x31494254454c434eULL

/* The file's first bytes. Offsets are from there. */
struct hv_image_header {
	u64 magic;
	u32 version; /* BOOT_INFO_VERSION */
	u32 header_size;
	u64 init_offset;
	u64 prepare_offset;
	u64 enter_offset;
	u64 leave_offset;
	u64 image_size; /* bytes in memory, whole pages, bss included */
	u64 file_size;	/* bytes of the file */
	u64 relocations_offset;
	u64 relocations_end;
	/* Reservation in bytes: image_size + fixed + per_cpu x processors + per_frame x page frames of
	 * 4 KiB up to the end of RAM; rounded up to 2 MiB and aligned to 2 MiB. */
	u64 reserve_fixed;
	u64 reserve_per_cpu;
	u64 reserve_per_frame;
	char build_id[40]; /* NUL-terminated hexadecimal */
};
ABI_OFFSET(struct hv_image_header, image_size, 48);
ABI_OFFSET(struct hv_image_header, build_id, 104);
ABI_SIZE(struct hv_image_header, 144);

struct hv_relocation {
	u64 offset; /* of the 64-bit word that changes */
	u64 type;   /* R_X86_64_RELATIVE: the word becomes the image's address + addend */
	u64 addend;
};
ABI_SIZE(struct hv_relocation, 24);
#define HV_RELOCATION_RELATIVE 8

enum boot_mem_kind {
	BOOT_MEM_RAM = 1,      /* the OS may use it: hv tracks an owner for its frames */
	BOOT_MEM_FIRMWARE = 2, /* runtime services, ACPI, reserved RAM: the root's, never a child's */
	BOOT_MEM_MMIO = 3,
};

struct boot_mem_range {
	u64 base; /* bytes, 4 KiB aligned */
	u64 size;
	u32 kind;
	u32 reserved;
};

#define BOOT_MEM_RANGES_MAX 512
#define BOOT_CPUS_MAX 64

enum boot_panic_action {
	BOOT_PANIC_HALT = 0,
	BOOT_PANIC_REBOOT = 1,
};

struct boot_info {
	u64 magic;
	u32 version;
	u32 size;
	/* IN: where everything is */
	u64 reserve_base; /* physical, 2 MiB aligned; the image stands at its start */
	u64 reserve_size;
	u64 ram_end; /* first address above all RAM */
	u64 reserved2;
	u32 cpu_count;
	u32 mem_range_count;
	/* IN: nacelle.conf */
	u16 serial_port; /* I/O base of a 16550, 0 = no serial output */
	u16 reserved0;
	u32 reserved3;
	u32 log_level; /* 0 error, 1 warning, 2 info, 3 debug */
	u32 panic_action;
	u32 max_partitions; /* children at the same time */
	u32 reserved1;
	/* OUT */
	char refusal[120]; /* NUL-terminated, one line */
	/* IN */
	u32 apic_id[BOOT_CPUS_MAX]; /* by processor index */
	struct boot_mem_range mem[BOOT_MEM_RANGES_MAX];
};
ABI_OFFSET(struct boot_info, reserve_base, 16);
ABI_OFFSET(struct boot_info, cpu_count, 48);
ABI_OFFSET(struct boot_info, refusal, 80);
ABI_OFFSET(struct boot_info, apic_id, 200);
ABI_OFFSET(struct boot_info, mem, 456);

#endif

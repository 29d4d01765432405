/* SPDX-License-Identifier: (GPL-2.0 OR MIT) */
/*
 * uapi.h: what user space says to /dev/mshv and to the descriptors that come out of it. Numbers and
 * layouts are those of mainline Linux' <linux/mshv.h>, so a virtual machine monitor built against that
 * header runs unchanged; the calls from 0xe0 on are Nacelle's own, for hvctl.
 *
 * Three kinds of descriptors: the device, a partition, a virtual processor. Every ioctl on a partition or
 * a VP must come from the address space (mm) that created the partition: EIO otherwise. An unknown number
 * is ENOTTY; a known call that this hypervisor has nothing for is EOPNOTSUPP. A hypervisor status that is
 * not success arrives as mainline maps it: EINVAL for a bad code, index or value, ENOMEM, EIO for the rest.
 */
#ifndef MSHV_UAPI_H
#define MSHV_UAPI_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define MSHV_IOCTL 0xB8
#define MSHV_HV_PAGE_SIZE 0x1000

/* ---- /dev/mshv ------------------------------------------------------------------------------------ */

enum {
	MSHV_PT_BIT_LAPIC,  /* the hypervisor gives each VP a local APIC */
	MSHV_PT_BIT_X2APIC, /* … in x2APIC mode */
	MSHV_PT_BIT_GPA_SUPER_PAGES,
	MSHV_PT_BIT_COUNT,
};
#define MSHV_PT_FLAGS_MASK ((1 << MSHV_PT_BIT_COUNT) - 1)

enum {
	MSHV_PT_ISOLATION_NONE,
	MSHV_PT_ISOLATION_COUNT,
};

/* Answers a partition descriptor (close-on-exec). The partition lives until that descriptor and all its
 * VPs' descriptors are closed. */
struct mshv_create_partition {
	__u64 pt_flags; /* 1 << MSHV_PT_BIT_* */
	__u64 pt_isolation;
};

#define MSHV_CREATE_PARTITION _IOW(MSHV_IOCTL, 0x00, struct mshv_create_partition)

/* ---- Partition ------------------------------------------------------------------------------------ */

/* Answers a VP descriptor (close-on-exec). EEXIST: that index is taken. */
struct mshv_create_vp {
	__u32 vp_index;
};

enum {
	MSHV_SET_MEM_BIT_WRITABLE,
	MSHV_SET_MEM_BIT_EXECUTABLE,
	MSHV_SET_MEM_BIT_UNMAP,
	MSHV_SET_MEM_BIT_COUNT,
};
#define MSHV_SET_MEM_FLAGS_MASK ((1 << MSHV_SET_MEM_BIT_COUNT) - 1)

/* Makes the caller's [userspace_addr, + size) the guest's memory at guest_pfn. Pages appear in the guest
 * on first touch, with the rights of the region; nothing is populated here. Overlapping another region in
 * guest or user addresses is EEXIST. With UNMAP the three numbers name an existing region exactly. */
struct mshv_user_mem_region {
	__u64 size;	 /* bytes, whole pages */
	__u64 guest_pfn; /* guest physical address / 4096 */
	__u64 userspace_addr;
	__u8 flags; /* 1 << MSHV_SET_MEM_BIT_* */
	__u8 rsvd[7];
};

enum {
	MSHV_IRQFD_BIT_DEASSIGN,
	MSHV_IRQFD_BIT_RESAMPLE, /* EOPNOTSUPP: there are no level interrupts */
	MSHV_IRQFD_BIT_COUNT,
};
#define MSHV_IRQFD_FLAGS_MASK ((1 << MSHV_IRQFD_BIT_COUNT) - 1)

/* Each write to the eventfd asserts the interrupt that MSHV_SET_MSI_ROUTING gave to gsi. */
struct mshv_user_irqfd {
	__s32 fd;
	__s32 resamplefd;
	__u32 gsi;
	__u32 flags;
};

enum {
	MSHV_IOEVENTFD_BIT_DATAMATCH,
	MSHV_IOEVENTFD_BIT_PIO,
	MSHV_IOEVENTFD_BIT_DEASSIGN,
	MSHV_IOEVENTFD_BIT_COUNT,
};
#define MSHV_IOEVENTFD_FLAGS_MASK ((1 << MSHV_IOEVENTFD_BIT_COUNT) - 1)

struct mshv_user_ioeventfd {
	__u64 datamatch;
	__u64 addr;
	__u32 len;
	__s32 fd;
	__u32 flags;
	__u8 rsvd[4];
};

/* An MSI as a PCI device would send it: destination APIC id in address_lo 19:12, vector in data 7:0. */
struct mshv_user_irq_entry {
	__u32 gsi;
	__u32 address_lo;
	__u32 address_hi;
	__u32 data;
};

#define MSHV_MAX_GUEST_IRQS 4096
struct mshv_user_irq_table { /* replaces the whole table */
	__u32 nr;
	__u32 rsvd;
	struct mshv_user_irq_entry entries[];
};

enum {
	MSHV_GPAP_ACCESS_TYPE_ACCESSED,
	MSHV_GPAP_ACCESS_TYPE_DIRTY,
	MSHV_GPAP_ACCESS_TYPE_COUNT,
};

enum {
	MSHV_GPAP_ACCESS_OP_NOOP,
	MSHV_GPAP_ACCESS_OP_CLEAR,
	MSHV_GPAP_ACCESS_OP_SET, /* EOPNOTSUPP */
	MSHV_GPAP_ACCESS_OP_COUNT,
};

struct mshv_gpap_access_bitmap {
	__u8 access_type;
	__u8 access_op;
	__u8 rsvd[6];
	__u64 page_count;
	__u64 gpap_base;
	__u64 bitmap_ptr; /* (page_count + 7) / 8 bytes */
};

/* A hypercall on this partition; the partition id in the input's first 8 bytes is filled in by the kernel.
 * Allowed codes: 44 45 4D 50 51 94 C9 (<abi/hypercall.h>); others EINVAL. status and reps tell what
 * happened even when the ioctl fails. */
struct mshv_root_hvcall {
	__u16 code;
	__u16 reps;   /* in: elements of a rep call, else 0; out: elements done */
	__u16 in_sz;  /* bytes, 8..4096 */
	__u16 out_sz; /* bytes, 0..4096 */
	__u16 status; /* in: 0; out: HV_STATUS_* */
	__u8 rsvd[6];
	__u64 in_ptr;
	__u64 out_ptr; /* 0 = none */
};

#define MSHV_INITIALIZE_PARTITION _IO(MSHV_IOCTL, 0x00)
#define MSHV_CREATE_VP _IOW(MSHV_IOCTL, 0x01, struct mshv_create_vp)
#define MSHV_SET_GUEST_MEMORY _IOW(MSHV_IOCTL, 0x02, struct mshv_user_mem_region)
#define MSHV_IRQFD _IOW(MSHV_IOCTL, 0x03, struct mshv_user_irqfd)
#define MSHV_IOEVENTFD _IOW(MSHV_IOCTL, 0x04, struct mshv_user_ioeventfd)
#define MSHV_SET_MSI_ROUTING _IOW(MSHV_IOCTL, 0x05, struct mshv_user_irq_table)
#define MSHV_GET_GPAP_ACCESS_BITMAP _IOWR(MSHV_IOCTL, 0x06, struct mshv_gpap_access_bitmap)
#define MSHV_ROOT_HVCALL _IOWR(MSHV_IOCTL, 0x07, struct mshv_root_hvcall) /* partition and VP */

/* ---- Virtual processor ---------------------------------------------------------------------------- */

/* mmap offsets of the VP's shared pages, in pages. The register page (struct hv_vp_register_page) may be
 * mapped writable, the intercept message page (struct hv_message) read-only. */
enum {
	MSHV_VP_MMAP_OFFSET_REGISTERS,
	MSHV_VP_MMAP_OFFSET_INTERCEPT_MESSAGE,
	MSHV_VP_MMAP_OFFSET_GHCB, /* ENODEV */
	MSHV_VP_MMAP_OFFSET_COUNT,
};

/* Runs the VP on this thread until it needs its VMM: 0 and the struct hv_message that says why. EINTR: a
 * signal (or other work for this thread) came first, call again. ENOMEM, EFAULT: guest memory could not
 * be had from the caller's mapping. */
#define MSHV_RUN_VP_BUF_SZ 256
struct mshv_run_vp {
	__u8 msg_buf[MSHV_RUN_VP_BUF_SZ];
};

enum {
	MSHV_VP_STATE_LAPIC,
	MSHV_VP_STATE_XSAVE,
	MSHV_VP_STATE_SIMP,
	MSHV_VP_STATE_SIEFP,
	MSHV_VP_STATE_SYNTHETIC_TIMERS,
	MSHV_VP_STATE_COUNT,
};

struct mshv_get_set_vp_state {
	__u8 type;
	__u8 rsvd[3];
	__u32 buf_sz;
	__u64 buf_ptr;
};

#define MSHV_RUN_VP _IOR(MSHV_IOCTL, 0x00, struct mshv_run_vp)
#define MSHV_GET_VP_STATE _IOWR(MSHV_IOCTL, 0x01, struct mshv_get_set_vp_state)
#define MSHV_SET_VP_STATE _IOWR(MSHV_IOCTL, 0x02, struct mshv_get_set_vp_state)

/* ---- Nacelle's own, on /dev/mshv; CAP_SYS_ADMIN ---------------------------------------------------- */

struct mshv_nacelle_version {
	char hv_vendor[16]; /* "Nacelle Hv#1" */
	__u32 hv_major;
	__u32 hv_minor;
	__u32 hv_build;
	__u32 hv_abi;
	__u32 module_abi;
	__u32 rsvd;
	char module_version[16];
};

/* A cursor: give 0, then each time the id that came back; ENOENT after the last. */
struct mshv_nacelle_partition {
	__u64 id;	 /* in: the previous one; out: this one */
	__s32 owner_pid; /* process that created it, 0 = gone */
	__u32 vp_count;
	char owner_comm[16];
	__u64 pages_deposited; /* by the module's count; the hypervisor's is in struct hv_ext_stats */
	__u64 pages_pinned;
	__u64 region_count;
	__u64 region_pages; /* size of all regions */
};

/* Reads one of the hypervisor's reports into buf_ptr; buf_sz is the size of the structure named below. */
struct mshv_nacelle_report {
	__u64 argument;
	__u64 buf_ptr;
	__u32 buf_sz;
	__u32 rsvd;
};

#define MSHV_NACELLE_VERSION _IOR(MSHV_IOCTL, 0xe0, struct mshv_nacelle_version)
#define MSHV_NACELLE_NEXT_PARTITION _IOWR(MSHV_IOCTL, 0xe1, struct mshv_nacelle_partition)
/* argument = partition id (1 = root), struct hv_ext_stats */
#define MSHV_NACELLE_STATS _IOW(MSHV_IOCTL, 0xe2, struct mshv_nacelle_report)
/* argument = 0, struct hv_ext_ledger */
#define MSHV_NACELLE_LEDGER _IOW(MSHV_IOCTL, 0xe3, struct mshv_nacelle_report)
/* argument = position, struct hv_ext_log_chunk */
#define MSHV_NACELLE_LOG _IOW(MSHV_IOCTL, 0xe4, struct mshv_nacelle_report)

#endif

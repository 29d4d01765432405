/* SPDX-License-Identifier: MIT */
/*
 * rootfs.h: the trees of files that the guest may see.
 */
#ifndef WORKER_ROOTFS_H
#define WORKER_ROOTFS_H

/* Opens the container's root and bind mounts, hands them to the file server and enters their nodes into the
 * boot block; afterwards "/" of this process is the container's root. Needs CAP_SYS_ADMIN and
 * CAP_SYS_CHROOT. */
void rootfs_open(void);

#endif

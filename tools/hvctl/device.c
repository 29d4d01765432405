// SPDX-License-Identifier: MIT
/*
 * device.c: asks /dev/mshv, which only root may open. What the questions mean is uapi.h's.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "hvctl.h"

#define DEVICE "/dev/mshv"

static int fd = -1;

void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("hvctl: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

void device_open(void)
{
	fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	if (fd >= 0)
		return;
	if (errno == ENOENT)
		die("no " DEVICE ": the mshv module is not loaded (dmesg says why, if it refused)");
	die("cannot open " DEVICE ": %s", strerror(errno));
}

static void report(unsigned long request, const char *what, u64 argument, void *buffer, size_t size)
{
	struct mshv_nacelle_report args = {
		.argument = argument,
		.buf_ptr = (uintptr_t)buffer,
		.buf_sz = (u32)size,
	};

	if (ioctl(fd, request, &args) < 0)
		die("cannot read the %s: %s", what, strerror(errno));
}

void device_version(struct mshv_nacelle_version *version)
{
	if (ioctl(fd, MSHV_NACELLE_VERSION, version) < 0)
		die("cannot read the version: %s", strerror(errno));
}

bool device_next_partition(u64 previous, struct mshv_nacelle_partition *partition)
{
	partition->id = previous;
	if (ioctl(fd, MSHV_NACELLE_NEXT_PARTITION, partition) == 0)
		return true;
	if (errno != ENOENT)
		die("cannot list the partitions: %s", strerror(errno));
	return false;
}

void device_ledger(struct hv_ext_ledger *ledger)
{
	report(MSHV_NACELLE_LEDGER, "memory ledger", 0, ledger, sizeof(*ledger));
}

void device_log(u64 position, struct hv_ext_log_chunk *chunk)
{
	report(MSHV_NACELLE_LOG, "log", position, chunk, sizeof(*chunk));
	if (chunk->length > sizeof(chunk->text))
		die("the hypervisor's log chunk claims %u bytes", chunk->length);
}

bool device_stats(u64 id, struct hv_ext_stats *stats)
{
	struct mshv_nacelle_report args = {
		.argument = id,
		.buf_ptr = (uintptr_t)stats,
		.buf_sz = sizeof(*stats),
	};

	if (ioctl(fd, MSHV_NACELLE_STATS, &args) == 0)
		return true;
	if (errno != EINVAL) /* no such partition */
		die("cannot read the statistics of partition %llu: %s", (unsigned long long)id,
		    strerror(errno));
	return false;
}

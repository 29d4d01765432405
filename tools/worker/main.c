/* SPDX-License-Identifier: MIT */
/*
 * nacelle-worker: the process that is a container. Started by `nacelle` with a launch block; the order of
 * the steps is what keeps the guest away from what the worker could do before it.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "confine.h"
#include "control.h"
#include "die.h"
#include "io.h"
#include "machine.h"
#include "net.h"
#include "rootfs.h"

/* Maps the launch block, writable by nobody any more. */
static const struct launch *read_launch(void)
{
	struct stat st;
	const char *why;
	void *p;

	if (fstat(LAUNCH_FD, &st) < 0)
		die("started by hand? It is `nacelle run` that starts containers");
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, LAUNCH_FD, 0);
	if (p == MAP_FAILED)
		die_errno("cannot map the launch block");
	why = launch_check(p, (size_t)st.st_size);
	if (why)
		die("the launch block cannot be used: %s", why);
	close(LAUNCH_FD);
	return p;
}

static void start_vp(u32 vp)
{
	pthread_t thread;
	pthread_attr_t attr;
	int error;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 128 * 1024);
	error = pthread_create(&thread, &attr, ports_run_vp, (void *)(size_t)vp);
	if (error)
		die("cannot start a thread for virtual processor %u: %s", vp, strerror(error));
}

int main(void)
{
	/* An idle container holds single pages, not 2 MiB each: neither the guest's nor our own. */
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	control_block_signals();
	machine.streams_closed = confine_descriptors();
	machine.launch = read_launch();
	die_set_name(launch_string(machine.launch, machine.launch->id));
	net_namespace(launch_string(machine.launch, machine.launch->netns),
		      machine.launch->flags & LAUNCH_NEW_NETWORK);
	partition_create();
	partition_lay_out();
	rootfs_open();
	partition_start();
	io_create();
	confine();
	io_start();
	for (u32 vp = 1; vp < machine.launch->vp_count; vp++)
		start_vp(vp);
	ports_run_vp(NULL);
	return EXIT_FAILURE;
}

/* SPDX-License-Identifier: MIT */
/*
 * net_namespace.c: the network namespace the container's sockets live in.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "die.h"
#include "net.h"

/* A new namespace has a loopback interface, which is down. */
static void bring_up_loopback(void)
{
	struct ifreq request = {.ifr_name = "lo"};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		die_errno("cannot look at the container's loopback interface");
	request.ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		die_errno("cannot bring up the container's loopback interface");
	close(fd);
}

static void join(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
		die_errno("cannot join the network namespace %s", path);
	close(fd);
}

void net_namespace(const char *path, bool fresh)
{
	if (path) {
		join(path);
	} else if (fresh) {
		if (unshare(CLONE_NEWNET) < 0)
			die_errno("cannot make a network namespace");
		bring_up_loopback();
	}
}

/* SPDX-License-Identifier: MIT */
/*
 * terminal.c: makes a pty and hands its master over. The slave is raw for good: the line discipline is the
 * guest kernel's. Copying is relay.c's.
 */
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

/* Our terminal: whichever standard stream is one. */
static int find_own(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (isatty(fd))
			return fd;
	return -1;
}

static int check(struct terminal *t, const struct config *c, const char *socket, bool detach, struct error *e)
{
	if (!c->terminal)
		return socket ? error_set(e, "--console-socket is for a process.terminal that is true, with "
					     "--detach")
			      : 0;
	if (socket)
		return detach ? 0
			      : error_set(e, "--console-socket needs --detach: otherwise the container's "
					     "terminal is the one nacelle is started on");
	if (detach)
		return error_set(e, "config.json: process.terminal is true: --detach needs --console-socket, "
				    "somebody who takes the terminal");
	t->own = find_own();
	return t->own >= 0
		       ? 0
		       : error_set(e,
				   "config.json: process.terminal is true, but nacelle is not started on a "
				   "terminal: use --detach with --console-socket, or set it to false");
}

static int make_pty(struct terminal *t, struct error *e)
{
	struct termios mode;
	int unlocked = 0;

	t->master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (t->master < 0)
		return error_errno(e, "cannot open /dev/ptmx for the container's terminal");
	if (ioctl(t->master, TIOCSPTLCK, &unlocked) == 0)
		t->slave = ioctl(t->master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (t->slave < 0 || tcgetattr(t->slave, &mode) < 0)
		return error_errno(e, "cannot open the container's terminal");
	cfmakeraw(&mode);
	return tcsetattr(t->slave, TCSANOW, &mode) < 0
		       ? error_errno(e, "cannot set the container's terminal up")
		       : 0;
}

/* As configured, or as ours. */
static void set_size(const struct terminal *t, const struct config *c)
{
	struct winsize size = {.ws_row = (unsigned short)c->terminal_rows,
			       .ws_col = (unsigned short)c->terminal_columns};

	if (t->own >= 0)
		ioctl(t->own, TIOCGWINSZ, &size);
	ioctl(t->master, TIOCSWINSZ, &size);
}

int terminal_create(struct terminal *t, const struct config *c, const char *socket, bool detach,
		    struct error *e)
{
	*t = (struct terminal){-1, -1, -1};
	if (check(t, c, socket, detach, e) < 0)
		return -1;
	if (!c->terminal)
		return 0;
	if (make_pty(t, e) < 0) {
		terminal_close(t);
		return -1;
	}
	set_size(t, c);
	return 0;
}

static int connect_to(const char *path, struct error *e)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return error_set(e, "--console-socket: %s is too long for a socket's name", path);
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		error_errno(e, "cannot connect to the console socket %s", path);
		close(fd);
		return -1;
	}
	return fd;
}

/* One message: the master as ancillary data, its name as text, as runc sends it. */
int terminal_send(const struct terminal *t, const char *socket, struct error *e)
{
	static char name[] = "/dev/ptmx";
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec iov = {name, strlen(name)};
	struct msghdr message = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
	int fd = connect_to(socket, e), result = 0;

	if (fd < 0)
		return -1;
	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.header), &t->master, sizeof(int));
	if (sendmsg(fd, &message, MSG_NOSIGNAL) < 0)
		result = error_errno(e, "cannot send the terminal to the console socket %s", socket);
	close(fd);
	return result;
}

void terminal_close(struct terminal *t)
{
	if (t->master >= 0)
		close(t->master);
	if (t->slave >= 0)
		close(t->slave);
	t->master = t->slave = -1;
}

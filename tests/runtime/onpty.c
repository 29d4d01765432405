/* SPDX-License-Identifier: MIT */
/*
 * onpty.c: somebody at a terminal: runs a command on a new pty and does what the script on standard input
 * says, a line at a time. With -s the terminal is what the command sends to a socket instead.
 *
 *   onpty [-s SOCKET] COMMAND [ARG…] <SCRIPT
 *
 *   send TEXT     type it; \r \n \t \\ and \ooo (octal) as in C
 *   expect TEXT   read until it was printed
 *   size R C      change the window's size
 *   raw, modes    the terminal is in raw mode now; it is as it was at the start
 *   kill N        a signal for the command
 *   close         the terminal goes away
 *   status N      the command ends, with this exit status
 *
 * Ends with 0, or with 1 after telling what did not happen within a minute, and what was printed last.
 */
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define PATIENCE 60000 /* ms */

static int master = -1;
static pid_t command;
static struct termios before;
static char seen[1 << 20]; /* printed, and not yet expected */
static size_t length;

static _Noreturn void fail(const char *what, const char *detail)
{
	printf("# %s %s; printed: \"", what, detail);
	for (size_t i = length > 2000 ? length - 2000 : 0; i < length; i++)
		if ((unsigned char)seen[i] < ' ')
			printf("\\%03o", seen[i]);
		else
			putchar(seen[i]);
	printf("\"\n");
	fflush(stdout);
	if (command > 0)
		kill(command, SIGKILL);
	_exit(1);
}

/* More output; false at its end. */
static bool more(const char *waiting_for)
{
	struct pollfd p = {.fd = master, .events = POLLIN};
	ssize_t n;

	if (length == sizeof(seen))
		fail("too much output before", waiting_for);
	if (poll(&p, 1, PATIENCE) <= 0)
		fail("in vain waited for", waiting_for);
	n = read(master, seen + length, sizeof(seen) - length);
	if (n <= 0)
		return false;
	length += (size_t)n;
	return true;
}

static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (*s != '\\')
			*to++ = *s;
		else if (*++s >= '0' && *s <= '7' && s[1] && s[2])
			*to++ = (char)strtol((char[]){s[0], s[1], s[2], 0}, NULL, 8), s += 2;
		else
			*to++ = *s == 'r' ? '\r' : *s == 'n' ? '\n' : *s == 't' ? '\t' : *s;
	}
	*to = 0;
}

static void do_expect(char *text)
{
	char *at;

	unescape(text);
	while (!(at = memmem(seen, length, text, strlen(text))))
		if (!more(text))
			fail("the terminal closed before", text);
	at += strlen(text);
	length -= (size_t)(at - seen);
	memmove(seen, at, length);
}

static void do_send(char *text)
{
	unescape(text);
	if (write(master, text, strlen(text)) != (ssize_t)strlen(text))
		fail("cannot send", text);
}

static void do_size(char *text)
{
	struct winsize size = {0};

	if (sscanf(text, "%hu %hu", &size.ws_row, &size.ws_col) != 2 || ioctl(master, TIOCSWINSZ, &size) < 0)
		fail("cannot set the size", text);
}

/* Asks until it is so. */
static void wait_modes(const char *name, bool (*good)(const struct termios *now))
{
	struct termios now;

	for (int i = 0; i < PATIENCE / 20; i++) {
		if (tcgetattr(master, &now) == 0 && good(&now))
			return;
		usleep(20000);
	}
	fail("the terminal's modes are not", name);
}

static bool is_raw(const struct termios *now)
{
	return !(now->c_lflag & (ICANON | ECHO | ISIG)) && !(now->c_oflag & OPOST);
}

static bool is_as_before(const struct termios *now)
{
	return now->c_lflag == before.c_lflag && now->c_iflag == before.c_iflag &&
	       now->c_oflag == before.c_oflag;
}

static void do_status(const char *text)
{
	int status = 0, code, left = PATIENCE / 20;
	char got[16];

	while (waitpid(command, &status, WNOHANG) == 0) {
		struct pollfd p = {.fd = master, .events = POLLIN};

		if (left-- == 0)
			fail("in vain waited for", "the command's end");
		if (poll(&p, 1, 20) > 0 && !more("the end"))
			close(master), master = -1;
	}
	code = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
	command = 0;
	snprintf(got, sizeof(got), "%d", code);
	if (atoi(text) != code)
		fail("the exit status is", got);
}

static void obey(char *line)
{
	char *text = line + strcspn(line, " ");

	if (*text)
		*text++ = 0;
	if (!strcmp(line, "send"))
		do_send(text);
	else if (!strcmp(line, "expect"))
		do_expect(text);
	else if (!strcmp(line, "size"))
		do_size(text);
	else if (!strcmp(line, "raw"))
		wait_modes("raw", is_raw);
	else if (!strcmp(line, "modes"))
		wait_modes("what they were", is_as_before);
	else if (!strcmp(line, "kill"))
		kill(command, atoi(text));
	else if (!strcmp(line, "status"))
		do_status(text);
	else if (!strcmp(line, "close"))
		close(master), master = -1;
	else
		errx(2, "unknown line: %s", line);
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 1) < 0)
		err(2, "%s", path);
	return fd;
}

static void receive_master(int listener)
{
	char name[256], space[CMSG_SPACE(sizeof(int))];
	struct iovec iov = {name, sizeof(name)};
	struct msghdr message = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof(space)};
	struct pollfd p = {.fd = listener, .events = POLLIN};
	struct cmsghdr *header;
	int fd;

	if (poll(&p, 1, PATIENCE) <= 0)
		fail("in vain waited for", "a connection");
	fd = accept(listener, NULL, NULL);
	if (recvmsg(fd, &message, MSG_CMSG_CLOEXEC) <= 0)
		fail("received", "no message");
	header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_type != SCM_RIGHTS)
		fail("received", "no descriptor");
	memcpy(&master, CMSG_DATA(header), sizeof(int));
	close(fd);
}

static void start(char **argv, int slave)
{
	fflush(NULL);
	command = fork();
	if (command < 0)
		err(2, "fork");
	if (command)
		return;
	if (slave >= 0) {
		setsid();
		ioctl(slave, TIOCSCTTY, 0);
		for (int i = 0; i < 3; i++)
			dup2(slave, i);
	}
	execvp(argv[0], argv);
	err(127, "%s", argv[0]);
}

static void start_on_pty(char **argv)
{
	int slave;

	master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
		err(2, "no pty");
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		err(2, "%s", ptsname(master));
	tcgetattr(slave, &before);
	do_size((char[]){"24 80"});
	start(argv, slave);
	/* Ours stays open: the modes can be looked at when the command has ended. */
}

int main(int argc, char **argv)
{
	const char *path = NULL;
	char line[4096];
	int listener = -1;

	if (getopt(argc, argv, "+s:") == 's')
		path = optarg;
	if (optind >= argc)
		errx(2, "no command");
	if (path) {
		listener = listen_at(path);
		start(argv + optind, -1);
		receive_master(listener);
	} else {
		start_on_pty(argv + optind);
	}
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = 0;
		if (*line)
			obey(line);
	}
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* O_ASYNC: a signal says that a descriptor became ready; F_SETOWN, F_SETSIG, FIOASYNC. */
#include "check.h"

#include <sys/ioctl.h>
#include <sys/socket.h>

static long own(long fd)
{
	MUST(sys(SYS_fcntl, fd, F_SETOWN, sys(SYS_getpid)));
	return fd;
}

/* Reading has an end: written bytes make p[0] ready. */
static void make_sockets(int p[2])
{
	MUST(sys(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, p));
}

TEST(socket_tells_its_owner)
{
	int p[2], on = 1, off = 0;

	make_sockets(p);
	on_signal(SIGIO, catch_signal, SA_SIGINFO);
	own(p[0]);
	IS(sys(SYS_write, p[1], "a", 1), 1);
	IS(caught, 0);
	IS(sys(SYS_ioctl, p[0], FIOASYNC, &on), 0);
	IS(sys(SYS_fcntl, p[0], F_GETFL) & O_ASYNC, O_ASYNC);
	IS(sys(SYS_write, p[1], "a", 1), 1);
	IS(caught, 1);
	IS(caught_signal, SIGIO);
	IS(caught_info.si_code, SI_KERNEL);
	IS(sys(SYS_ioctl, p[0], FIOASYNC, &off), 0);
	IS(sys(SYS_fcntl, p[0], F_GETFL) & O_ASYNC, 0);
	IS(sys(SYS_write, p[1], "a", 1), 1);
	IS(caught, 1);
}

TEST(pipe_and_its_chosen_signal)
{
	int p[2], sig = SIGRTMIN + 3;

	make_pipe(p);
	on_signal(sig, catch_signal, SA_SIGINFO);
	IS(sys(SYS_fcntl, own(p[0]), F_SETFL, O_ASYNC), 0);
	IS(sys(SYS_fcntl, p[0], 10, sig), 0); /* F_SETSIG */
	IS(sys(SYS_fcntl, p[0], 11, 0), sig);
	IS(sys(SYS_write, p[1], "a", 1), 1);
	IS(caught, 1);
	IS(caught_signal, sig);
	IS(caught_info.si_code, POLL_IN);
	IS(caught_info.si_fd, p[0]);
	TRUE(caught_info.si_band & 1);
}

TEST(a_copy_of_the_descriptor_is_the_same_file)
{
	int p[2], off = 0;
	long copy;

	make_sockets(p);
	on_signal(SIGIO, catch_signal, SA_SIGINFO);
	IS(sys(SYS_fcntl, own(p[0]), F_SETFL, O_ASYNC), 0);
	copy = MUST(sys(SYS_dup, p[0]));
	IS(sys(SYS_fcntl, copy, F_GETOWN), sys(SYS_getpid));
	IS(sys(SYS_ioctl, copy, FIOASYNC, &off), 0);
	IS(sys(SYS_write, p[1], "a", 1), 1);
	IS(caught, 0);
	IS(sys(SYS_fcntl, copy, F_SETFL, O_ASYNC), 0);
	IS(sys(SYS_close, copy), 0);
	IS(sys(SYS_write, p[1], "a", 1), 1);
	IS(caught, 1);
	IS(sys(SYS_close, p[0]), 0);
	IS(caught, 1);
}

static void wait_for_io(void *arg)
{
	int *p = arg;
	unsigned long set = SIGBIT(SIGIO);
	siginfo_t info;

	block_signals(set);
	IS(sys(SYS_setpgid, 0, 0), 0);
	IS(sys(SYS_fcntl, p[0], F_SETOWN, -sys(SYS_getpid)), 0);
	IS(sys(SYS_fcntl, p[0], F_GETOWN), -sys(SYS_getpid));
	IS(sys(SYS_fcntl, p[0], F_SETFL, O_ASYNC), 0);
	IS(sys(SYS_write, p[1], "a", 1), 1);
	IS(sys(SYS_rt_sigtimedwait, &set, &info, NULL, 8), SIGIO);
}

TEST(group_of_another_process)
{
	int p[2];

	make_sockets(p);
	on_signal(SIGIO, catch_signal, SA_SIGINFO);
	IS(in_child(wait_for_io, p), 0);
	IS(caught, 0);
	IS(sys(SYS_fcntl, p[0], F_GETOWN), 0); /* gone */
	IS(sys(SYS_write, p[1], "a", 1), 1);
	IS(caught, 0);
}

static void name_init(void *arg)
{
	int *p = arg;

	/* As user 1000: whose process it is decides, not whether it is there. */
	IS(sys(SYS_fcntl, p[0], F_SETOWN, sys(SYS_getppid)), 0);
	IS(sys(SYS_fcntl, p[0], F_SETFL, O_ASYNC), 0);
	IS(sys(SYS_write, p[1], "a", 1), 1);
}

TEST_FLAGS(not_to_others, ROOT)
{
	int p[2];

	make_sockets(p);
	on_signal(SIGIO, catch_signal, SA_SIGINFO);
	IS(as_user(name_init, p), 0);
	IS(caught, 0);
}

TEST_FLAGS(refusals, FILES)
{
	int p[2], on = 1;
	long fd = MUST(sys(SYS_open, "f", O_RDWR | O_CREAT, 0644));

	make_pipe(p);
	IS(sys(SYS_fcntl, p[0], F_SETOWN, 0x7ffffff0), -ESRCH);
	IS(sys(SYS_fcntl, p[0], F_SETOWN, -0x7ffffff0), -ESRCH);
	IS(sys(SYS_fcntl, p[0], F_SETOWN, 0x80000000), -EINVAL);
	IS(sys(SYS_fcntl, p[0], F_GETOWN), 0);
	IS(sys(SYS_fcntl, p[0], 10, 65), -EINVAL);
	IS(sys(SYS_ioctl, fd, FIOASYNC, &on), -ENOTTY);
	IS(sys(SYS_ioctl, p[0], FIOASYNC, BAD_KERNEL), -EFAULT);
	IS(sys(SYS_ioctl, p[0], FIOASYNC, &on), 0); /* nobody to tell */
	IS(sys(SYS_write, p[1], "a", 1), 1);
}

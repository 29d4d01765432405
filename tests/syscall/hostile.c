/* SPDX-License-Identifier: MIT */
/* What an unprivileged program might do to stop or exhaust the kernel: nesting, flooding, endless calls. The
 * machine must refuse or survive, and serve others meanwhile. */
#include "check.h"

#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>

static long add(long ep, long fd)
{
	struct epoll_event e = {EPOLLIN, {.u64 = 1}};

	return sys(SYS_epoll_ctl, ep, EPOLL_CTL_ADD, fd, &e);
}

/* A chain of sets that grows at its lower end, where each new one is still empty, or at its upper end. */
static void grow_chain(bool at_lower_end)
{
	long end = MUST(sys(SYS_epoll_create1, 0)), next, result = 0;
	int depth = 0;

	while (!result && depth < 200) {
		next = MUST(sys(SYS_epoll_create1, 0));
		result = at_lower_end ? add(end, next) : add(next, end);
		end = next;
		depth++;
	}
	IS(result, -ELOOP);
	TRUE(depth >= 4 && depth <= 6);
}

TEST(epoll_chain_from_above)
{
	grow_chain(true);
}

TEST(epoll_chain_from_below)
{
	grow_chain(false);
}

static long send_fds(int socket, const int *fds, int count)
{
	char control[CMSG_SPACE(2 * sizeof(int))] __attribute__((aligned(8))) = {0};
	struct iovec iov = {"!", 1};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = control,
			     .msg_controllen = CMSG_SPACE((size_t)count * sizeof(int))};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
	memcpy(CMSG_DATA(c), fds, (size_t)count * sizeof(int));
	return sys(SYS_sendmsg, socket, &msg, 0x40 /* MSG_DONTWAIT */);
}

/* Sockets in messages of sockets in messages …: the end of the outermost ends all. */
static void sockets_in_sockets(void *arg)
{
	struct rlimit limit = {1000, 1000};
	int inner[2], outer[2];
	long sent = 1;

	(void)arg;
	MUST(sys(SYS_setrlimit, RLIMIT_NOFILE, &limit));
	MUST(sys(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, inner));
	for (int depth = 0; sent == 1 && depth < 2000; depth += 2) {
		MUST(sys(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, outer));
		sent = send_fds(outer[0], inner, 2);
		sys(SYS_close, inner[0]);
		sys(SYS_close, inner[1]);
		memcpy(inner, outer, sizeof(inner));
	}
	TRUE(sent == 1 || sent == -ETOOMANYREFS);
	IS(sys(SYS_close, inner[0]), 0);
	IS(sys(SYS_close, inner[1]), 0);
}

TEST(sockets_in_sockets)
{
	IS(in_child(sockets_in_sockets, NULL), 0);
}

/* No more descriptors on their way than may be open. */
static void descriptors_on_their_way(void *arg)
{
	struct rlimit limit = {40, 40};
	int s[2], sent = 0;
	long result;

	(void)arg;
	MUST(sys(SYS_setrlimit, RLIMIT_NOFILE, &limit));
	MUST(sys(SYS_socketpair, AF_UNIX, SOCK_DGRAM, 0, s));
	while ((result = send_fds(s[0], s, 2)) == 1 && sent < 500) {
		sent++;
		if (sent % 5 == 0) /* each socket takes a few messages only */
			MUST(sys(SYS_socketpair, AF_UNIX, SOCK_DGRAM, 0, s));
	}
	IS(result, -ETOOMANYREFS);
	TRUE(sent <= 21);
}

TEST_FLAGS(descriptors_on_their_way, ROOT)
{
	IS(as_user(descriptors_on_their_way, NULL), 0);
}

/* Real-time signals queue up to a limit; then their sender hears of it. */
static void signal_flood(void *arg)
{
	struct rlimit limit = {20, 20};
	int sent = 0;
	siginfo_t info = {.si_code = SI_QUEUE};
	long result;

	(void)arg;
	MUST(sys(SYS_setresuid, 54321, 54321, 54321)); /* nobody else's signals count */
	MUST(sys(SYS_setrlimit, RLIMIT_SIGPENDING, &limit));
	MUST(block_signals(1ul << 39)); /* signal 40 */
	info.si_signo = 40;
	while (!(result = sys(SYS_rt_sigqueueinfo, sys(SYS_getpid), 40, &info)) && sent < 1000)
		sent++;
	IS(result, -EAGAIN);
	TRUE(sent <= 20);
	IS(sys(SYS_kill, sys(SYS_getpid), 40), 0); /* kill always arrives */
	IS(sys(SYS_kill, sys(SYS_getpid), SIGCONT), 0);
}

TEST_FLAGS(signal_flood, ROOT)
{
	IS(in_child(signal_flood, NULL), 0);
}

static void timer_flood(void *arg)
{
	struct rlimit limit = {20, 20};
	int id, made = 0;
	long result;

	(void)arg;
	MUST(sys(SYS_setresuid, 54321, 54321, 54321));
	MUST(sys(SYS_setrlimit, RLIMIT_SIGPENDING, &limit));
	while (!(result = sys(SYS_timer_create, 1, NULL, &id)) && made < 1000)
		made++;
	IS(result, -EAGAIN);
	TRUE(made <= 20);
	IS(sys(SYS_timer_delete, id), 0);
	IS(sys(SYS_timer_create, 1, NULL, &id), 0); /* room again */
}

TEST_FLAGS(timer_flood, ROOT)
{
	IS(in_child(timer_flood, NULL), 0);
}

/* A call that would go on for a very long time does not keep others from running, nor from ending it. */
static void endless_random(void *arg)
{
	char *p = (char *)MUST(
		sys(SYS_mmap, 0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	struct iovec v[1024];
	long fd = MUST(sys(SYS_open, "/dev/urandom", O_RDONLY));

	for (int i = 0; i < 1024; i++)
		v[i] = (struct iovec){p, 1 << 20};
	MUST(sys(SYS_write, ((int *)arg)[1], "x", 1));
	for (;;)
		sys(SYS_readv, fd, v, 1024);
}

TEST(others_run_beside_a_long_call)
{
	int p[2];
	char c;
	long pid;

	make_pipe(p);
	pid = child(endless_random, p);
	IS(sys(SYS_read, p[0], &c, 1), 1);
	for (int i = 0; i < 5; i++)
		sleep_ms(1);
	IS(sys(SYS_kill, pid, SIGKILL), 0);
	IS(reap(pid), KILLED(SIGKILL));
}

static void sleep_for_ever(void *arg)
{
	static const long longest[2] = {(long)(~0ul >> 1), 999999999};

	MUST(sys(SYS_write, ((int *)arg)[1], "x", 1));
	sys(SYS_nanosleep, longest, NULL);
}

/* The latest time there is does not pass for one that is over. */
TEST(sleep_for_ever)
{
	int p[2];
	char c;
	long pid;

	make_pipe(p);
	pid = child(sleep_for_ever, p);
	IS(sys(SYS_read, p[0], &c, 1), 1);
	wait_state(pid, 'S');
	for (int i = 0; i < 10; i++)
		sleep_ms(2);
	wait_state(pid, 'S');
	IS(sys(SYS_kill, pid, SIGKILL), 0);
	IS(reap(pid), KILLED(SIGKILL));
}

/* Vectors with a hole in the middle, lengths that wrap, more than there may be. */
TEST(vectors)
{
	char *p = (char *)MUST(
		sys(SYS_mmap, 0, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	struct iovec v[3] = {{p, 4096}, {p + 4096, 4096}, {p + 8192, 4096}};
	long zero = MUST(sys(SYS_open, "/dev/zero", O_RDONLY));

	MUST(sys(SYS_munmap, p + 4096, 4096));
	IS(sys(SYS_readv, zero, v, 3), 4096);
	v[1].iov_base = BAD_KERNEL;
	IS(sys(SYS_readv, zero, v, 3), -EFAULT); /* out of reach altogether: nothing is read */
	v[1] = (struct iovec){p, ~0ul};
	IS(sys(SYS_readv, zero, v, 3), -EINVAL);
	v[0].iov_len = v[1].iov_len = 1ul << 62;
	v[2].iov_len = 1ul << 62;
	TRUE(sys(SYS_readv, zero, v, 3) == -EINVAL || sys(SYS_readv, zero, v, 3) == -EFAULT);
	IS(sys(SYS_readv, zero, v, 1025), -EINVAL);
	IS(sys(SYS_readv, zero, v, -1), -EINVAL);
	IS(sys(SYS_readv, zero, (struct iovec *)(p + 4096 - 8), 1), -EFAULT);
	IS(sys(SYS_readv, zero, BAD_NONCANONICAL, 1), -EFAULT);
}

static void open_bad(void *arg)
{
	char *argv[] = {"x", NULL};

	IS(sys(SYS_execve, arg, argv, NULL) < 0, 1);
}

/* Images whose header lies, one field at a time: an error or a death, nothing else. */
TEST(damaged_programs)
{
	static unsigned char image[512];
	static const unsigned char values[] = {0, 1, 0x7f, 0x80, 0xff};
	long fd = MUST(sys(SYS_open, self_path, O_RDONLY)), status;

	MUST(sys(SYS_read, fd, image, sizeof(image)));
	for (unsigned at = 16; at < 64 + 2 * 56; at += 3) {
		for (unsigned i = 0; i < sizeof(values); i++) {
			unsigned char old = image[at];

			image[at] = values[i];
			sys(SYS_unlink, "bad");
			make_file("bad", image, sizeof(image), 0755);
			status = in_child(open_bad, "bad");
			TRUE(status >= 0);
			image[at] = old;
		}
	}
}

/* SPDX-License-Identifier: MIT */
/* Terminals and jobs: controlling terminals, foreground groups, signals from the keyboard, hang-ups. */
#include "terminal.h"

#include <sys/sysmacros.h>

/* A child that leads a session with the slave as its controlling terminal; the master stays with us. */
struct session {
	struct terminal t;
	void (*run)(struct session *s);
	int ready[2]; /* what it writes there, the test waits for */
};

static void lead(void *arg)
{
	struct session *s = arg;

	sys(SYS_close, s->ready[0]);
	sys(SYS_close, s->t.master);
	MUST(sys(SYS_setsid));
	IS(sys(SYS_open, "/dev/tty", O_RDWR), -ENXIO);
	IS(sys(SYS_ioctl, s->t.slave, TIOCSCTTY, 0), 0);
	s->run(s);
}

static long start(struct session *s, void (*run)(struct session *s))
{
	long pid;

	s->t = terminal_open();
	s->run = run;
	make_pipe(s->ready);
	pid = child(lead, s);
	sys(SYS_close, s->ready[1]);
	sys(SYS_close, s->t.slave);
	return pid;
}

static void say(const struct session *s, char c)
{
	IS(sys(SYS_write, s->ready[1], &c, 1), 1);
}

static void hear(const struct session *s, char expected)
{
	char c = 0;

	IS(sys(SYS_read, s->ready[0], &c, 1), 1);
	IS(c, expected);
}

/* Our terminal numbers in /proc/self/stat, fields 7 and 8. */
static void stat_terminal(long *device, long *group)
{
	char text[1024], *p;

	MUST(slurp("/proc/self/stat", text, sizeof(text)));
	p = strrchr(text, ')');
	*device = *group = -2;
	if (p)
		sscanf(p, ") %*c %*d %*d %*d %ld %ld", device, group);
}

static void claim(struct session *s)
{
	long pid = sys(SYS_getpid), device, group, fd;
	int n = -1;

	stat_terminal(&device, &group);
	IS(device, makedev(136, s->t.number));
	IS(group, pid);
	IS(sys(SYS_ioctl, s->t.slave, TIOCGPGRP, &n), 0);
	IS(n, pid);
	IS(sys(SYS_ioctl, s->t.slave, TIOCGSID, &n), 0);
	IS(n, pid);
	IS(sys(SYS_ioctl, s->t.slave, TIOCSCTTY, 0), 0); /* again: fine */
	fd = MUST(sys(SYS_open, "/dev/tty", O_RDWR));
	IS(sys(SYS_write, fd, "tty", 3), 3);
	/* Giving it up hangs up the foreground, which is us. */
	on_signal(SIGHUP, catch_signal, 0);
	IS(sys(SYS_ioctl, fd, TIOCNOTTY), 0);
	IS(caught, 1);
	IS(sys(SYS_ioctl, fd, TIOCNOTTY), -ENOTTY);
	IS(sys(SYS_ioctl, s->t.slave, TIOCGPGRP, &n), -ENOTTY);
	IS(sys(SYS_ioctl, s->t.slave, TIOCGSID, &n), -ENOTTY);
	IS(sys(SYS_open, "/dev/tty", O_RDWR), -ENXIO);
	stat_terminal(&device, &group);
	IS(device, 0);
	IS(group, -1);
	/* A leader without terminal gets one by opening it, unless it says no, or cannot read. */
	MUST(sys(SYS_open, s->t.name, O_RDWR | O_NOCTTY));
	IS(sys(SYS_open, "/dev/tty", O_RDWR), -ENXIO);
	MUST(sys(SYS_open, s->t.name, O_WRONLY));
	IS(sys(SYS_open, "/dev/tty", O_RDWR), -ENXIO);
	MUST(sys(SYS_open, s->t.name, O_RDWR));
	OK(sys(SYS_open, "/dev/tty", O_RDWR));
}

TEST(controlling_terminal)
{
	struct session s;
	long pid = start(&s, claim);

	IS(reap(pid), 0);
	SHOWS(&s.t, "tty");
}

static void no_leader(void *arg)
{
	struct session *s = arg;
	int n;

	IS(sys(SYS_ioctl, s->t.slave, TIOCSCTTY, 0), -EPERM);
	OK(sys(SYS_open, "/dev/tty", O_RDWR)); /* inherited */
	IS(sys(SYS_setsid), sys(SYS_getpid));
	IS(sys(SYS_open, "/dev/tty", O_RDWR), -ENXIO);
	IS(sys(SYS_ioctl, s->t.slave, TIOCSCTTY, 0), -EPERM); /* somebody else's */
	IS(sys(SYS_ioctl, s->t.slave, TIOCGPGRP, &n), -ENOTTY);
	MUST(sys(SYS_open, s->t.name, O_RDWR));
	IS(sys(SYS_open, "/dev/tty", O_RDWR), -ENXIO);
}

static void others(struct session *s)
{
	IS(in_child(no_leader, s), 0);
}

TEST(others_terminal)
{
	struct session s;
	long pid = start(&s, others);
	int n = -1;

	IS(reap(pid), 0);
	IS(sys(SYS_ioctl, s.t.master, TIOCGPGRP, &n), 0);
	IS(n, 0);
	IS(sys(SYS_ioctl, s.t.master, TIOCGSID, &n), -ENOTTY);
	IS(sys(SYS_ioctl, s.t.master, TIOCSPGRP, &n), -ENOTTY);
}

static void wait_signal(void *arg)
{
	struct session *s = arg;

	IS(sys(SYS_setpgid, 0, 0), 0);
	on_signal(SIGINT, catch_signal, SA_SIGINFO);
	say(s, 'b');
	while (!caught)
		sleep_ms(1);
	IS(caught_signal, SIGINT);
	IS(caught_info.si_code, SI_KERNEL);
	say(s, 'i');
}

static void sleep_for_ever(void *arg)
{
	struct session *s = arg;

	IS(sys(SYS_setpgid, 0, 0), 0);
	say(s, 'b');
	for (;;)
		sys(SYS_pause);
}

static void keyboard(struct session *s)
{
	long back = child(sleep_for_ever, s), front = child(wait_signal, s);
	int n;

	while (sys(SYS_getpgid, back) != back || sys(SYS_getpgid, front) != front)
		sleep_ms(1);
	n = (int)front;
	IS(sys(SYS_ioctl, s->t.slave, TIOCSPGRP, &n), 0);
	IS(sys(SYS_ioctl, s->t.slave, TIOCGPGRP, &n), 0);
	IS(n, front);
	say(s, 'f');
	IS(reap(front), 0);
	IS(sys(SYS_kill, back, 0), 0);
	IS(sys(SYS_kill, back, SIGKILL), 0);
	IS(reap(back), KILLED(SIGKILL));
	block_signals(SIGBIT(SIGTTOU));
	n = (int)sys(SYS_getpid);
	IS(sys(SYS_ioctl, s->t.slave, TIOCSPGRP, &n), 0);
	on_signal(SIGQUIT, catch_signal, 0);
	say(s, 'q');
	while (!caught)
		sleep_ms(1);
	IS(caught_signal, SIGQUIT);
}

TEST(keyboard_signals)
{
	struct session s;
	long pid = start(&s, keyboard);

	for (int i = 0; i < 3; i++) {
		char c;

		IS(sys(SYS_read, s.ready[0], &c, 1), 1); /* b, b, f in some order */
	}
	type(&s.t, "\003");
	SHOWS(&s.t, "^C");
	hear(&s, 'i');
	hear(&s, 'q');
	type(&s.t, "\034");
	SHOWS(&s.t, "^\\");
	IS(reap(pid), 0);
}

static void flushed_or_not(struct session *s)
{
	char buffer[16];

	on_signal(SIGINT, catch_signal, SA_RESTART);
	say(s, 'r');
	IS(sys(SYS_read, s->t.slave, buffer, sizeof(buffer)), 2);
	SAME(buffer, "b\n", 2); /* "a" went with the ^C */
	set_local(&s->t, 0, K_NOFLSH);
	say(s, 'n');
	IS(sys(SYS_read, s->t.slave, buffer, sizeof(buffer)), 3);
	SAME(buffer, "cd\n", 3);
	IS(caught, 2);
}

TEST(signals_flush_the_line)
{
	struct session s;
	long pid = start(&s, flushed_or_not);

	hear(&s, 'r');
	type(&s.t, "a\003b\n");
	hear(&s, 'n');
	type(&s.t, "c\003d\n");
	IS(reap(pid), 0);
}

static void read_in_background(void *arg)
{
	struct session *s = arg;
	char c;

	IS(sys(SYS_setpgid, 0, 0), 0);
	IS(sys(SYS_read, s->t.slave, &c, 1), 1); /* stops; after SIGCONT in the foreground it reads */
	IS(c, 'x');
}

static void change_in_background(void *arg)
{
	struct session *s = arg;
	int n = (int)sys(SYS_getpid);
	struct ktermios m;

	IS(sys(SYS_setpgid, 0, 0), 0);
	IS(sys(SYS_write, s->t.slave, "w", 1), 1); /* allowed without TOSTOP */
	IS(sys(SYS_ioctl, s->t.slave, TCGETS, &m), 0);
	on_signal_ignore(SIGTTIN);
	IS(sys(SYS_read, s->t.slave, &m, 1), -EIO);
	m.lflag |= K_TOSTOP;
	block_signals(SIGBIT(SIGTTOU));
	IS(sys(SYS_ioctl, s->t.slave, TCSETS, &m), 0);
	IS(sys(SYS_write, s->t.slave, "w", 1), 1);
	unblock_signals(SIGBIT(SIGTTOU));
	on_signal(SIGTTOU, catch_signal, 0);
	IS(sys(SYS_write, s->t.slave, "w", 1), -EINTR);
	IS(caught, 1);
	IS(sys(SYS_ioctl, s->t.slave, TIOCSPGRP, &n), -EINTR);
	IS(caught, 2);
	on_signal_default(SIGTTOU);
	IS(sys(SYS_ioctl, s->t.slave, TIOCSPGRP, &n), 0); /* stops first */
}

static void to_front(struct session *s, long pid)
{
	int n = (int)pid;

	IS(sys(SYS_ioctl, s->t.slave, TIOCSPGRP, &n), 0);
	IS(sys(SYS_kill, -pid, SIGCONT), 0);
}

static void job_control(struct session *s)
{
	int status = 0;
	long pid = child(read_in_background, s);

	on_signal_ignore(SIGTTOU);
	IS(sys(SYS_wait4, pid, &status, WUNTRACED, NULL), pid);
	IS(status, STOPPED(SIGTTIN));
	to_front(s, pid);
	say(s, 'x');
	IS(reap(pid), 0);
	to_front(s, sys(SYS_getpid));
	on_signal_default(SIGTTOU);
	pid = child(change_in_background, s);
	on_signal_ignore(SIGTTOU);
	IS(sys(SYS_wait4, pid, &status, WUNTRACED, NULL), pid);
	IS(status, STOPPED(SIGTTOU));
	to_front(s, pid);
	IS(reap(pid), 0);
}

TEST(background)
{
	struct session s;
	long pid = start(&s, job_control);

	hear(&s, 'x');
	type(&s.t, "x\n");
	IS(reap(pid), 0);
}

static void orphan(void *arg)
{
	struct session *s = arg;
	char c;

	IS(sys(SYS_setpgid, 0, 0), 0);
	while (sys(SYS_getppid) == *(volatile long *)&s->t.master)
		sleep_ms(1);
	IS(sys(SYS_read, s->t.slave, &c, 1), -EIO); /* nobody could continue it */
	say(s, 'o');
}

static void make_orphan(void *arg)
{
	struct session *s = arg;

	s->t.master = sys(SYS_getpid); /* for the child to compare with */
	child(orphan, s);
}

static void keep_orphan(struct session *s)
{
	IS(in_child(make_orphan, s), 0);
	sleep_ms(1);
	say(s, 'k');
	for (;;)
		sys(SYS_pause);
}

TEST(orphans_get_errors)
{
	struct session s;
	long pid = start(&s, keep_orphan);
	char a, b;

	IS(sys(SYS_read, s.ready[0], &a, 1), 1);
	IS(sys(SYS_read, s.ready[0], &b, 1), 1);
	IS(a + b, 'o' + 'k');
	IS(sys(SYS_kill, pid, SIGKILL), 0);
	IS(reap(pid), KILLED(SIGKILL));
}

static void group_errors(struct session *s)
{
	long pid = child(sleep_for_ever, s);
	int n;

	n = -1;
	IS(sys(SYS_ioctl, s->t.slave, TIOCSPGRP, &n), -EINVAL);
	n = 0x3ffffff;
	IS(sys(SYS_ioctl, s->t.slave, TIOCSPGRP, &n), -ESRCH);
	n = (int)sys(SYS_getppid); /* another session's */
	IS(sys(SYS_ioctl, s->t.slave, TIOCSPGRP, &n), -EPERM);
	IS(sys(SYS_ioctl, s->t.slave, TIOCSPGRP, BAD_UNMAPPED), -EFAULT);
	IS(sys(SYS_ioctl, s->ready[1], TIOCSPGRP, &n), -ENOTTY);
	IS(sys(SYS_kill, pid, SIGKILL), 0);
	IS(reap(pid), KILLED(SIGKILL));
}

TEST(foreground_errors)
{
	struct session s;

	IS(reap(start(&s, group_errors)), 0);
}

static void resized(struct session *s)
{
	unsigned short size[4] = {10, 20, 0, 0};

	on_signal(SIGWINCH, catch_signal, 0);
	IS(sys(SYS_ioctl, s->t.slave, TIOCSWINSZ, size), 0);
	IS(caught, 1);
	IS(sys(SYS_ioctl, s->t.slave, TIOCSWINSZ, size), 0);
	IS(caught, 1); /* the same size is no news */
	say(s, 'w');
	while (caught < 2)
		sleep_ms(1);
	IS(sys(SYS_ioctl, s->t.slave, TIOCGWINSZ, size), 0);
	IS(size[0], 24);
}

TEST(window_size_signal)
{
	struct session s;
	long pid = start(&s, resized);
	unsigned short size[4] = {24, 80, 0, 0};

	hear(&s, 'w');
	IS(sys(SYS_ioctl, s.t.master, TIOCSWINSZ, size), 0);
	IS(reap(pid), 0);
}

static void hung_up(struct session *s)
{
	char c;

	block_signals(SIGBIT(SIGHUP) | SIGBIT(SIGCONT));
	say(s, 'h');
	TRUE(sys(SYS_read, s->t.slave, &c, 1) <= 0);
	while (sys(SYS_open, "/dev/tty", O_RDWR) != -ENXIO)
		sleep_ms(1);
	on_signal(SIGHUP, catch_signal, 0);
	on_signal(SIGCONT, catch_signal, 0);
	unblock_signals(SIGBIT(SIGHUP) | SIGBIT(SIGCONT));
	IS(caught, 2);
}

TEST(master_hangs_up)
{
	struct session s;
	long pid = start(&s, hung_up);

	hear(&s, 'h');
	IS(sys(SYS_close, s.t.master), 0);
	IS(reap(pid), 0);
}

static void die_in_front(struct session *s)
{
	long pid = child(sleep_for_ever, s);
	int n = (int)pid;

	while (sys(SYS_getpgid, pid) != pid)
		sleep_ms(1);
	IS(sys(SYS_ioctl, s->t.slave, TIOCSPGRP, &n), 0);
}

TEST(leader_ends)
{
	struct session s;
	long pid = start(&s, die_in_front);
	char c;

	hear(&s, 'b');
	IS(reap(pid), 0);
	IS(sys(SYS_read, s.ready[0], &c, 1), 0); /* SIGHUP ended the job, which had the other end */
}

static void stay_stopped(void *arg)
{
	int *p = arg;

	IS(sys(SYS_setpgid, 0, 0), 0);
	on_signal(SIGHUP, catch_signal, 0);
	IS(sys(SYS_kill, sys(SYS_getpid), SIGSTOP), 0);
	while (!caught)
		sys(SYS_sched_yield);
	IS(caught_signal, SIGHUP);
	IS(sys(SYS_write, p[1], "h", 1), 1);
}

static void leave_it(void *arg)
{
	long pid;
	int status;

	MUST(sys(SYS_setsid)); /* so that whoever inherits the child is of another session */
	pid = child(stay_stopped, arg);
	IS(sys(SYS_wait4, pid, &status, WUNTRACED, NULL), pid);
	IS(status, STOPPED(SIGSTOP));
}

TEST(stopped_orphans_are_hung_up)
{
	int p[2];
	char c;

	make_pipe(p);
	IS(in_child(leave_it, p), 0);
	IS(sys(SYS_close, p[1]), 0);
	IS(sys(SYS_read, p[0], &c, 1), 1);
}

/* Two of one group, orphaned before either stops. */
struct group {
	int report[2], go[2], alive[2];
};

static void stop_and_report(void *arg)
{
	struct group *g = arg;
	int pid = (int)sys(SYS_getpid);
	char c;

	sys(SYS_alarm, 20); /* nobody else would end us when the test fails */
	sys(SYS_close, g->alive[1]);
	sys(SYS_close, g->go[1]);
	on_signal(SIGHUP, catch_signal, 0);
	while (sys(SYS_getppid) == sys(SYS_getsid, 0))
		sleep_ms(1); /* until the session's leader, our parent, has gone */
	IS(sys(SYS_write, g->report[1], &pid, sizeof(pid)), sizeof(pid));
	IS(sys(SYS_kill, pid, SIGSTOP), 0);
	c = caught ? 'h' : 'c';
	IS(sys(SYS_write, g->report[1], &c, 1), 1);
}

static void end_when_told(void *arg)
{
	struct group *g = arg;
	char c;

	sys(SYS_alarm, 20);
	sys(SYS_close, g->go[1]);
	IS(sys(SYS_read, g->go[0], &c, 1), 0);
}

static void leave_two(void *arg)
{
	long a, b;

	MUST(sys(SYS_setsid));
	a = child(end_when_told, arg);
	MUST(sys(SYS_setpgid, a, a));
	b = child(stop_and_report, arg);
	MUST(sys(SYS_setpgid, b, a));
}

TEST(old_orphans_are_left_alone)
{
	struct group g;
	int pid = 0;
	char c = 0;

	make_pipe(g.report);
	make_pipe(g.go);
	make_pipe(g.alive);
	IS(in_child(leave_two, &g), 0);
	sys(SYS_close, g.alive[1]);
	sys(SYS_close, g.report[1]);
	IS(sys(SYS_read, g.report[0], &pid, sizeof(pid)), sizeof(pid));
	wait_state(pid, 'T');
	sys(SYS_close, g.go[1]);
	IS(sys(SYS_read, g.alive[0], &c, 1), 0); /* the other one ends */
	sleep_ms(10);
	IS(sys(SYS_kill, pid, SIGCONT), 0);
	IS(sys(SYS_read, g.report[0], &c, 1), 1);
	IS(c, 'c');
}

/* SPDX-License-Identifier: MIT */
/* The line discipline of terminals: lines, editing, echo, mapping, VMIN and VTIME, modes, queues. */
#include "terminal.h"

TEST(line)
{
	struct terminal t = terminal_open();
	char buffer[64];

	type(&t, "abc\n");
	SHOWS(&t, "abc\r\n");
	IS(sys(SYS_read, t.slave, buffer, sizeof(buffer)), 4);
	SAME(buffer, "abc\n", 4);
	type(&t, "abc\ndef\n");
	SHOWS(&t, "abc\r\ndef\r\n");
	IS(sys(SYS_read, t.slave, buffer, 2), 2);
	IS(sys(SYS_read, t.slave, buffer, sizeof(buffer)), 2);
	SAME(buffer, "c\n", 2);
	IS(sys(SYS_read, t.slave, buffer, sizeof(buffer)), 4);
	SAME(buffer, "def\n", 4);
	IS(sys(SYS_read, t.slave, buffer, 0), 0);
	type(&t, "x");
	SHOWS(&t, "x");
	IS(ready(t.slave, POLLIN | POLLOUT), POLLOUT); /* no line yet */
	set_nonblock(t.slave, 1);
	IS(sys(SYS_read, t.slave, buffer, sizeof(buffer)), -EAGAIN);
}

TEST(end_of_file)
{
	struct terminal t = terminal_open();
	char buffer[64];

	type(&t, "\4");
	IS(sys(SYS_read, t.slave, buffer, sizeof(buffer)), 0);
	type(&t, "ab\4");
	IS(sys(SYS_read, t.slave, buffer, sizeof(buffer)), 2);
	type(&t, "ab\4cd\n");
	SHOWS(&t, "ababcd\r\n");
	IS(sys(SYS_read, t.slave, buffer, 2), 2); /* takes the end of file that follows with it */
	IS(sys(SYS_read, t.slave, buffer, sizeof(buffer)), 3);
	SAME(buffer, "cd\n", 3);
}

TEST(other_line_ends)
{
	struct terminal t = terminal_open();
	struct ktermios m;
	char buffer[64];

	get_mode(&t, &m);
	m.cc[K_EOL] = ';';
	m.cc[K_EOL2] = '!';
	MUST(sys(SYS_ioctl, t.slave, TCSETS, &m));
	type(&t, "a;b!c\n");
	IS(sys(SYS_read, t.slave, buffer, sizeof(buffer)), 2);
	SAME(buffer, "a;", 2);
	IS(sys(SYS_read, t.slave, buffer, sizeof(buffer)), 2);
	SAME(buffer, "b!", 2);
	SHOWS(&t, "a;b!c\r\n");
}

TEST(erase)
{
	struct terminal t = terminal_open();

	type(&t, "abx\177c\n");
	SHOWS(&t, "abx\b \bc\r\n");
	GETS(&t, "abc\n");
	type(&t, "\177a\1\177\n"); /* nothing to erase; a control character takes two places */
	SHOWS(&t, "a^A\b \b\b \b\r\n");
	GETS(&t, "a\n");
	type(&t, "a\tb\177\177c\n"); /* back over a tab, which came from column 1 */
	SHOWS(&t, "a\tb\b \b\b\b\b\b\b\b\bc\r\n");
	GETS(&t, "ac\n");
	set_local(&t, K_ECHOE, 0);
	type(&t, "ab\177\n");
	SHOWS(&t, "ab^?\r\n");
	GETS(&t, "a\n");
}

TEST(erase_words_and_lines)
{
	struct terminal t = terminal_open();

	type(&t, "one two \027x\n");
	SHOWS(&t, "one two \b \b\b \b\b \b\b \bx\r\n");
	GETS(&t, "one x\n");
	type(&t, "abc\025x\n");
	SHOWS(&t, "abc\b \b\b \b\b \bx\r\n");
	GETS(&t, "x\n");
	set_local(&t, K_ECHOKE, 0);
	type(&t, "abc\025x\n");
	SHOWS(&t, "abc^U\r\nx\r\n");
	GETS(&t, "x\n");
	type(&t, "abc\022d\n"); /* reprint */
	SHOWS(&t, "abc^R\r\nabcd\r\n");
	GETS(&t, "abcd\n");
	set_local(&t, K_IEXTEN, 0);
	type(&t, "a\027\n");
	SHOWS(&t, "a^W\r\n");
	GETS(&t, "a\027\n");
}

TEST(erase_on_paper)
{
	struct terminal t = terminal_open();

	set_local(&t, 0, K_ECHOPRT);
	type(&t, "abc\177\177d\n");
	SHOWS(&t, "abc\\cb/d\r\n");
	GETS(&t, "ad\n");
}

TEST(erase_utf8)
{
	struct terminal t = terminal_open();
	struct ktermios m;

	get_mode(&t, &m);
	m.iflag |= K_IUTF8;
	MUST(sys(SYS_ioctl, t.slave, TCSETS, &m));
	type(&t, "a\303\244\177b\n");
	SHOWS(&t, "a\303\244\b \bb\r\n");
	GETS(&t, "ab\n");
}

TEST(literal_next)
{
	struct terminal t = terminal_open();

	type(&t, "\026\003\026\177\026\026\n");
	SHOWS(&t, "^\b^C^\b^?^\b^V\r\n");
	GETS(&t, "\003\177\026\n");
}

TEST(echo)
{
	struct terminal t = terminal_open();

	set_local(&t, K_ECHOCTL, 0);
	type(&t, "\1\n");
	SHOWS(&t, "\1\r\n");
	set_local(&t, K_ECHO, K_ECHONL);
	type(&t, "secret\n");
	SHOWS(&t, "\r\n");
	set_local(&t, K_ECHONL, 0);
	type(&t, "secret\n");
	GETS(&t, "\1\nsecret\nsecret\n");
	IS(sys(SYS_write, t.slave, "x", 1), 1);
	SHOWS(&t, "x"); /* and nothing before */
}

TEST(input_mapping)
{
	struct terminal t = terminal_open();
	struct ktermios m;

	type(&t, "a\r");
	SHOWS(&t, "a\r\n");
	GETS(&t, "a\n");
	get_mode(&t, &m);
	m.iflag = K_IGNCR | K_INLCR | K_ISTRIP;
	m.lflag &= ~(unsigned)(K_ICANON | K_ECHO);
	MUST(sys(SYS_ioctl, t.slave, TCSETS, &m));
	type(&t, "a\rb\n\341");
	GETS(&t, "ab\ra");
}

static void output_is(struct terminal *t, unsigned flags, const char *in, const char *out)
{
	struct ktermios m;

	get_mode(t, &m);
	m.oflag = K_OPOST;
	MUST(sys(SYS_ioctl, t->slave, TCSETS, &m));
	IS(sys(SYS_write, t->slave, "\r", 1), 1); /* column 0 */
	SHOWS(t, "\r");
	m.oflag = flags;
	MUST(sys(SYS_ioctl, t->slave, TCSETS, &m));
	IS(sys(SYS_write, t->slave, in, strlen(in)), strlen(in));
	SHOWS(t, out);
	IS(sys(SYS_write, t->slave, "|", 1), 1);
	SHOWS(t, "|"); /* nothing more came */
}

TEST(output_mapping)
{
	struct terminal t = terminal_open();

	output_is(&t, 0, "a\n\tb\r", "a\n\tb\r");
	output_is(&t, K_ONLCR, "a\n", "a\n"); /* without OPOST */
	output_is(&t, K_OPOST | K_ONLCR, "a\n\n", "a\r\n\r\n");
	output_is(&t, K_OPOST | K_OCRNL, "a\rb", "a\nb");
	output_is(&t, K_OPOST | K_ONOCR, "\ra\r\rb", "a\rb");
	output_is(&t, K_OPOST | K_ONOCR | K_ONLRET, "a\n\rb", "a\nb");
	output_is(&t, K_OPOST | K_XTABS, "\ta\tbb\b\tc", "        a       bb\b       c");
	output_is(&t, K_OPOST | K_OLCUC, "aBz{", "ABZ{");
}

TEST(raw_minimum)
{
	struct terminal t = terminal_open();
	char buffer[64];
	int n;

	set_raw(&t, 3, 0);
	type(&t, "a\rb\n");
	wait_ready(t.slave, POLLIN);
	IS(sys(SYS_ioctl, t.slave, FIONREAD, &n), 0);
	IS(n, 4);
	IS(sys(SYS_read, t.slave, buffer, sizeof(buffer)), 4);
	SAME(buffer, "a\rb\n", 4);
	type(&t, "abcd");
	IS(sys(SYS_read, t.slave, buffer, 2), 2);
	IS(sys(SYS_read, t.slave, buffer, 2), 2);
	set_raw(&t, 0, 0);
	IS(sys(SYS_read, t.slave, buffer, sizeof(buffer)), 0);
	set_nonblock(t.slave, 1);
	IS(sys(SYS_read, t.slave, buffer, sizeof(buffer)), 0);
	set_raw(&t, 1, 0);
	IS(sys(SYS_read, t.slave, buffer, sizeof(buffer)), -EAGAIN);
}

TEST(raw_time)
{
	struct terminal t = terminal_open();
	long begin = now_ns();
	char buffer[64];

	set_raw(&t, 0, 2);
	IS(sys(SYS_read, t.slave, buffer, sizeof(buffer)), 0);
	TRUE(now_ns() - begin >= 180000000);
	type(&t, "a");
	wait_ready(t.slave, POLLIN);
	IS(sys(SYS_read, t.slave, buffer, sizeof(buffer)), 1);
	set_raw(&t, 9, 1);
	type(&t, "ab");
	IS(sys(SYS_read, t.slave, buffer, sizeof(buffer)), 2); /* a tenth of a second after the last */
	set_nonblock(t.slave, 1);
	set_raw(&t, 0, 2);
	IS(sys(SYS_read, t.slave, buffer, sizeof(buffer)), -EAGAIN);
}

TEST(stop_and_start)
{
	struct terminal t = terminal_open();
	struct ktermios m;
	char c;

	set_nonblock(t.slave, 1);
	IS(sys(SYS_ioctl, t.slave, TCXONC, TCOOFF), 0);
	IS(sys(SYS_write, t.slave, "x", 1), -EAGAIN);
	IS(ready(t.slave, POLLOUT), 0);
	IS(sys(SYS_ioctl, t.slave, TCXONC, TCOON), 0);
	IS(sys(SYS_write, t.slave, "x", 1), 1);
	SHOWS(&t, "x");
	IS(sys(SYS_ioctl, t.slave, TCXONC, 9), -EINVAL);
	set_raw(&t, 1, 0);
	get_mode(&t, &m);
	m.iflag = K_IXON;
	MUST(sys(SYS_ioctl, t.slave, TCSETS, &m));
	type(&t, "\023a");
	wait_ready(t.slave, POLLIN);
	IS(sys(SYS_read, t.slave, &c, 1), 1);
	IS(c, 'a');
	IS(sys(SYS_write, t.slave, "x", 1), -EAGAIN);
	type(&t, "\021b");
	wait_ready(t.slave, POLLIN);
	IS(sys(SYS_read, t.slave, &c, 1), 1);
	IS(sys(SYS_write, t.slave, "y", 1), 1);
	SHOWS(&t, "y");
	IS(sys(SYS_ioctl, t.slave, TCXONC, TCIOFF), 0);
	SHOWS(&t, "\023");
	IS(sys(SYS_ioctl, t.slave, TCXONC, TCION), 0);
	SHOWS(&t, "\021");
}

TEST(modes)
{
	struct terminal t = terminal_open();
	struct ktermios m, n;

	memset(&m, 0x55, sizeof(m));
	IS(sys(SYS_ioctl, t.slave, TCGETS, &m), 0);
	IS(m.iflag, K_ICRNL | K_IXON);
	IS(m.oflag, K_OPOST | K_ONLCR);
	IS(m.cflag, 0277);
	IS(m.lflag, K_ISIG | K_ICANON | K_ECHO | K_ECHOE | K_ECHOK | K_ECHOCTL | K_ECHOKE | K_IEXTEN);
	SAME(m.cc, "\003\034\177\025\004\0\001\0\021\023\032\0\022\017\027\026\0\0\0", 19);
	IS(m.ispeed, 0x55555555); /* the old structure ends before */
	m.lflag &= ~(unsigned)K_ECHO;
	m.cflag = 015 | 0400; /* B9600, parity, 5 bits: a pty has 8 and none */
	IS(sys(SYS_ioctl, t.slave, TCSETS, &m), 0);
	IS(sys(SYS_ioctl, t.master, TCGETS, &n), 0); /* the master shows the slave's */
	IS(n.cflag, 0275);
	IS(n.lflag, m.lflag);
	IS(sys(SYS_ioctl, t.slave, K_TCGETS2, &n), 0);
	IS(n.ispeed, 9600);
	IS(n.ospeed, 9600);
	n.cflag = (n.cflag & ~010017u) | 010000;
	n.ospeed = n.ispeed = 12345;
	IS(sys(SYS_ioctl, t.slave, K_TCSETS2, &n), 0);
	IS(sys(SYS_ioctl, t.slave, K_TCGETS2, &m), 0);
	IS(m.ospeed, 12345);
	IS(sys(SYS_ioctl, t.slave, TCGETS, BAD_KERNEL), -EFAULT);
	IS(sys(SYS_ioctl, t.slave, TCSETS, BAD_UNMAPPED), -EFAULT);
}

TEST(mode_change_keeps_input)
{
	struct terminal t = terminal_open();
	char buffer[64];

	type(&t, "ab");
	SHOWS(&t, "ab");
	set_raw(&t, 1, 0);
	IS(sys(SYS_read, t.slave, buffer, sizeof(buffer)), 2);
	type(&t, "cd");
	wait_ready(t.slave, POLLIN);
	set_local(&t, 0, K_ICANON);
	IS(sys(SYS_read, t.slave, buffer, sizeof(buffer)), 2); /* what was there is a line */
}

TEST(flushing)
{
	struct terminal t = terminal_open();
	struct ktermios m;
	int n;

	get_mode(&t, &m);
	type(&t, "abc\n\4x");
	SHOWS(&t, "abc\r\nx");
	IS(sys(SYS_ioctl, t.slave, FIONREAD, &n), 0);
	IS(n, 4); /* whole lines, without marks of the end of file */
	IS(sys(SYS_ioctl, t.slave, TCFLSH, TCIFLUSH), 0);
	IS(ready(t.slave, POLLIN), 0);
	type(&t, "abc\n");
	SHOWS(&t, "abc\r\n");
	IS(sys(SYS_ioctl, t.slave, TCSETSF, &m), 0);
	IS(ready(t.slave, POLLIN), 0);
	type(&t, "abc\n");
	SHOWS(&t, "abc\r\n");
	IS(sys(SYS_ioctl, t.slave, TCSETSW, &m), 0);
	IS(ready(t.slave, POLLIN), POLLIN);
	IS(sys(SYS_ioctl, t.slave, TCFLSH, 3), -EINVAL);
	IS(sys(SYS_write, t.slave, "out", 3), 3);
	wait_ready(t.master, POLLIN);
	IS(sys(SYS_ioctl, t.master, TCFLSH, TCIFLUSH), 0);
	IS(ready(t.master, POLLIN), 0);
}

TEST(long_line)
{
	static char big[5001], got[8192];
	struct terminal t = terminal_open();

	set_local(&t, K_ECHO, 0);
	memset(big, 'x', 4999);
	big[4999] = '\n';
	type(&t, big);
	IS(sys(SYS_read, t.slave, got, sizeof(got)), 4096); /* what is too much is lost, but not the end */
	IS(got[4094], 'x');
	IS(got[4095], '\n');
}

TEST(small_requests)
{
	struct terminal t = terminal_open();
	unsigned short size[4] = {25, 80, 1, 2}, got[4] = {1, 1, 1, 1};
	int n = 77;

	IS(sys(SYS_ioctl, t.slave, TIOCGWINSZ, got), 0);
	IS(got[0], 0);
	IS(sys(SYS_ioctl, t.master, TIOCSWINSZ, size), 0);
	IS(sys(SYS_ioctl, t.slave, TIOCGWINSZ, got), 0);
	SAME(size, got, sizeof(size));
	IS(sys(SYS_ioctl, t.slave, TIOCSWINSZ, BAD_UNMAPPED), -EFAULT);
	IS(sys(SYS_ioctl, t.slave, TIOCGETD, &n), 0);
	IS(n, 0);
	IS(sys(SYS_ioctl, t.slave, TIOCOUTQ, &n), 0);
	IS(n, 0);
	IS(sys(SYS_ioctl, t.slave, TCSBRK, 1), 0);
	IS(sys(SYS_ioctl, t.slave, TCSBRK, 0), 0);
	IS(sys(SYS_ioctl, t.slave, 0x54ff, 0), -ENOTTY);
	IS(sys(SYS_ioctl, t.slave, FIONREAD, BAD_KERNEL), -EFAULT);
	IS(sys(SYS_lseek, t.slave, 0, SEEK_SET), -ESPIPE);
	IS(sys(SYS_write, t.slave, BAD_UNMAPPED, 1), -EFAULT);
	IS(sys(SYS_fsync, t.slave), -EINVAL);
}

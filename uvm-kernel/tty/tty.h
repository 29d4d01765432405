/* SPDX-License-Identifier: MIT */
/*
 * tty.h: a terminal: the line discipline between a master side (a pty's master, or the worker's console) and
 * the processes that have it open. Everything runs under the kernel lock; only reads and writes sleep.
 */
#pragma once

#include "../fs/fs.h"

#define TTY_IN 4096u
#define TTY_OUT 8192u	    /* echo may fill all of it, */
#define TTY_OUT_WRITE 4096u /* writers wait at half */
#define LINE_END 0x100u	    /* of bytes in `in` */
#define TTY_MAJOR 136u
#define DEVPTS_MAGIC 0x1cd1

enum { VINTR, VQUIT, VERASE, VKILL, VEOF, VTIME, VMIN, VSWTC, VSTART, VSTOP, VSUSP, VEOL };
enum { VREPRINT = 12, VDISCARD, VWERASE, VLNEXT, VEOL2, VCC = 19 };

/* c_iflag, c_oflag, c_lflag */
enum { PARMRK = 010, ISTRIP = 040, INLCR = 0100, IGNCR = 0200, ICRNL = 0400, IUCLC = 01000 };
enum { IXON = 02000, IXANY = 04000, IUTF8 = 040000 };
enum { OPOST = 1, OLCUC = 2, ONLCR = 4, OCRNL = 010, ONOCR = 020, ONLRET = 040, XTABS = 014000 };
enum { ISIG = 1, ICANON = 2, ECHO = 010, ECHOE = 020, ECHOK = 040, ECHONL = 0100, NOFLSH = 0200 };
enum { TOSTOP = 0400, ECHOCTL = 01000, ECHOPRT = 02000, ECHOKE = 04000, IEXTEN = 0100000 };

struct termios {
	u32 iflag, oflag, cflag, lflag;
	u8 line;
	u8 cc[VCC];
	u32 ispeed, ospeed; /* the second version has these */
};
#define TERMIOS_OLD_SIZE 36

struct tty {
	u32 index; /* /dev/pts/INDEX */
	struct termios termios;
	u16 size[4];	   /* rows, columns, two of pixels */
	pid_t session;	   /* 0: nobody's controlling terminal */
	pid_t pgrp;	   /* in the foreground */
	u32 files;	   /* open on the slave side */
	u32 hangups;	   /* files opened before the last one are dead: file->fh */
	bool locked;	   /* TIOCSPTLCK */
	bool master_gone;  /* freed with the last file */
	bool slave_closed; /* it was open, and is not now */
	bool stopped;	   /* by ^S or TCOOFF */
	bool writing;	   /* writes are not mixed */
	bool drains;	   /* output leaves by itself, so that one can wait for it */
	struct waitq slave, master;
	struct dentry *node;
	/* The other side: there is output; there is room for input. Neither sleeps. */
	void (*output)(struct tty *t);
	void (*room)(struct tty *t);
	/* input: numbers of bytes ever put, ended by a line's end, taken */
	u32 head, canon, tail;
	bool literal; /* VLNEXT was typed */
	bool erasing; /* inside \.../ of ECHOPRT */
	/* output */
	u32 out_head, out_tail;
	u32 out_stop; /* stopped: what comes later stays here */
	u32 column, canon_column;
	u16 in[TTY_IN]; /* a byte, and whether a line ends with it: VEOF if it is '\0' */
	u8 out[TTY_OUT];
};

/* output.c */
void tty_put(struct tty *t, u8 c); /* through output processing; lost if there is no room */
u32 tty_take_output(struct tty *t, void *to, u32 max);
u32 tty_write_room(const struct tty *t);
static inline bool tty_has_output(const struct tty *t)
{
	return t->out_tail != (t->stopped ? t->out_stop : t->out_head);
}
void tty_stop(struct tty *t, bool stop);
void tty_flush_output(struct tty *t);

/* ldisc.c */
void tty_receive(struct tty *t, const u8 *bytes, u32 n);
bool tty_takes(const struct tty *t); /* room for one more byte? */
bool tty_readable(const struct tty *t, u32 min);
/* One read's worth, up to max bytes (none at VEOF). Only if tty_readable. */
u32 tty_take_input(struct tty *t, u8 *to, u32 max);
u32 tty_input_count(const struct tty *t);
void tty_flush_input(struct tty *t);
void tty_mode_changed(struct tty *t, const struct termios *old);

/* file.c */
extern const struct file_ops tty_fops;
struct tty *tty_new(void);
int tty_open(struct tty *t, struct file *f);
static inline bool tty_hung_up(const struct file *f)
{
	return f->fh != ((struct tty *)f->private)->hangups;
}
/* Hands user bytes on in pieces until `put` takes less than a whole one. */
long tty_write_chunks(struct file *f, struct iov_iter *from, long (*put)(struct file *, const u8 *, u32));
void tty_free(struct tty *t); /* if nobody has it any more */

/* ioctl.c */
long tty_ioctl(struct file *f, u32 cmd, u64 arg);
void tty_resize(struct tty *t, const u16 size[4]);

/* job.c */
/* May the current task read (SIGTTIN) or change (SIGTTOU) it? 0, -EIO, -ERESTARTSYS with the signal sent. */
int tty_check_change(struct tty *t, int sig);
void tty_opened_by_leader(struct tty *t, const struct file *f);
void tty_hangup(struct tty *t);
long tty_job_ioctl(struct tty *t, struct file *f, u32 cmd, u64 arg);

/* pty.c */
extern const struct file_ops pty_master_fops, pts_fops, ptmx_fops, dev_tty_fops;
struct superblock *devpts_mount(const char *options, int *error);
/* A terminal with a node in the first devpts. */
struct tty *pts_new(struct superblock *sb, int *error);
struct superblock *devpts_first(int *error);

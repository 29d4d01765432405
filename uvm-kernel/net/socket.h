/* SPDX-License-Identifier: MIT */
/*
 * socket.h: what every kind of socket shares: the file, the options, messages. A family implements
 * socket_ops.
 */
#pragma once

#include "../fs/fs.h"

#define AF_UNSPEC 0
#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define AF_NETLINK 16

enum { SOCK_STREAM = 1, SOCK_DGRAM = 2, SOCK_RAW = 3, SOCK_SEQPACKET = 5, SOCK_PACKET = 10 };
#define SOCK_TYPE_MASK 0xfu
#define SOCK_NONBLOCK O_NONBLOCK
#define SOCK_CLOEXEC O_CLOEXEC

enum { SHUT_RD, SHUT_WR, SHUT_RDWR };
#define SHUTDOWN_RCV 1u
#define SHUTDOWN_SND 2u

enum { MSG_OOB = 0x1, MSG_PEEK = 0x2, MSG_DONTROUTE = 0x4, MSG_CTRUNC = 0x8, MSG_TRUNC = 0x20 };
enum { MSG_DONTWAIT = 0x40, MSG_EOR = 0x80, MSG_WAITALL = 0x100, MSG_CONFIRM = 0x800 };
enum { MSG_ERRQUEUE = 0x2000, MSG_NOSIGNAL = 0x4000, MSG_MORE = 0x8000, MSG_WAITFORONE = 0x10000 };
enum { MSG_FASTOPEN = 0x20000000, MSG_CMSG_CLOEXEC = 0x40000000 };

#define SOL_SOCKET 1
#define SO_LINGER 13
#define OPTION_MAX 256u /* bytes of a value */
#define SOCKADDR_MAX 128u
#define SCM_FILES_MAX 253u
#define BACKLOG_MAX 4096      /* net.core.somaxconn */
#define PORT_PRIVILEGED 1024u /* below: CAP_NET_BIND_SERVICE */

struct ucred {
	s32 pid;
	u32 uid;
	u32 gid;
};

/* Descriptors on their way in a message; counted as one allocation. */
struct scm_files {
	struct list link; /* among all that are on their way, or waiting to be closed */
	uid_t uid;	  /* of the sender */
	u32 count;
	struct file *files[];
};

struct message {
	struct iov_iter it;
	u32 flags; /* MSG_*, in; what recvmsg reports, out */
	u32 out_flags;
	u8 name[SOCKADDR_MAX]; /* to whom, or from whom */
	u32 name_len;	       /* 0: none */
	u64 control;	       /* user buffer of control messages, for families that take them as they are */
	u64 control_len;       /* in it; received: room, then what was used */
	struct scm_files
		*files;	   /* sent: the callee takes them over when it succeeds; received: the caller's */
	struct ucred cred; /* of the sender */
	bool has_cred;	   /* received: the socket wants it told */
};

struct socket;

struct socket_ops {
	void (*release)(struct socket *s);
	int (*bind)(struct socket *s, const void *addr, u32 len);
	int (*listen)(struct socket *s, int backlog);
	int (*connect)(struct socket *s, const void *addr, u32 len, bool nonblock);
	/* A new socket object for the next connection, and the peer's name; sleeps unless nonblock. */
	int (*accept)(struct socket *s, bool nonblock, struct socket **out, u8 *name, u32 *len);
	int (*name)(struct socket *s, bool peer, u8 *out, u32 *len);
	long (*send)(struct socket *s, struct message *m);
	long (*receive)(struct socket *s, struct message *m);
	int (*shutdown)(struct socket *s, u32 how); /* SHUTDOWN_ bits */
	u32 (*poll)(struct socket *s);
	long (*ioctl)(struct socket *s, u32 cmd, u64 arg);
	int (*peer_cred)(struct socket *s, struct ucred *out);
	/* Options that sockopt.c does not keep itself; NULL: it keeps all there are. The value is in the
	 * kernel; get returns its length. */
	long (*set_option)(struct socket *s, int level, int name, void *value, u32 len);
	long (*get_option)(struct socket *s, int level, int name, void *value, u32 len);
};

struct socket {
	const struct socket_ops *ops;
	int family, type, protocol;
	struct waitq wait; /* everything that poll reports */
	int error;	   /* positive errno, told once */
	s32 listening;
	/* options */
	u64 receive_timeout, send_timeout; /* ns, 0: none */
	u32 receive_buffer, send_buffer;
	s32 pass_cred, reuse_addr, reuse_port, keep_alive, broadcast;
	s32 linger[2];
};

/* A socket's fresh common part. */
void socket_init(struct socket *s, const struct socket_ops *ops, int family, int type);
/* The file for a socket; takes it over, also on failure. */
struct file *socket_file(struct socket *s, u32 o_flags, int *error);
/* NULL and *error -EBADF or -ENOTSOCK. *f holds a reference or is NULL: the caller's, with __drop_file. */
struct socket *socket_of_fd(int fd, struct file **f, int *error);
/* To a user's address and length, as getsockname does. */
long socket_put_address(const u8 *addr, u32 len, u64 uaddr, u64 ulen);
/* socket(2) for any family. */
int socket_make(int family, int type, int protocol, struct socket **out);
/* Told once. */
int socket_take_error(struct socket *s);
u64 socket_deadline(u64 timeout);
/* Waits at s for cond: 0, -EAGAIN after the timeout (ns, 0: none) or at once with nonblock, -ERESTARTSYS. */
#define socket_wait(s, cond, nonblock, timeout)                                                         \
	({                                                                                              \
		int socket_error_ = (nonblock) && !(cond)                                               \
					    ? -EAGAIN                                                   \
					    : wait_event_interruptible_until(&(s)->wait, cond,          \
									     socket_deadline(timeout)); \
		socket_error_ == -ETIMEDOUT ? -EAGAIN : socket_error_;                                  \
	})

/* sockopt.c */
long socket_set_option(struct socket *s, int level, int name, u64 uvalue, u32 len);
long socket_get_option(struct socket *s, int level, int name, u64 uvalue, u64 ulen);

/* scm.c: control messages. */
int scm_parse(struct message *m, u64 ucontrol, u64 len);
/* Installs descriptors and writes what fits; *len in: room, out: used. */
int scm_deliver(struct message *m, u64 ucontrol, u64 *len, bool cloexec);
void scm_free(struct scm_files *files);
struct scm_files *scm_copy(const struct scm_files *files);
struct ucred ucred_current(void);

/* inet.c: AF_NETLINK too, whose sockets are the worker's like the others. */
int inet_make(int family, int type, int protocol, struct socket **out);
/* ioctl about interfaces on a socket of another family. */
long inet_interfaces(u32 cmd, u64 arg);

/* unix.c */
int unix_make(int type, int protocol, struct socket **out);
int unix_pair(struct socket *a, struct socket *b);

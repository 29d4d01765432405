/* SPDX-License-Identifier: MIT */
/*
 * Socket options of level SOL_SOCKET; those of the worker's sockets are asked for there.
 */
#include "socket.h"

#define BUFFER_MIN 2304u
#define BUFFER_MAX 212992u

enum { SO_REUSEADDR = 2, SO_TYPE, SO_ERROR, SO_BROADCAST = 6, SO_SNDBUF, SO_RCVBUF, SO_KEEPALIVE };
enum { SO_REUSEPORT = 15, SO_PASSCRED, SO_PEERCRED, SO_RCVTIMEO = 20, SO_SNDTIMEO };
enum { SO_ACCEPTCONN = 30, SO_SNDBUFFORCE = 32, SO_RCVBUFFORCE, SO_PROTOCOL = 38, SO_DOMAIN };

static long set_timeout(u64 *out, u64 uvalue, u32 len)
{
	struct timeval t;

	if (len < sizeof(t))
		return -EINVAL;
	if (copy_from_user(&t, (void *)uvalue, sizeof(t)))
		return -EFAULT;
	if ((u64)t.tv_usec >= 1000000)
		return -EDOM;
	*out = t.tv_sec < 0
		       ? 0
		       : MIN((u64)t.tv_sec, (u64)INT32_MAX) * NSEC_PER_SEC + (u64)t.tv_usec * NSEC_PER_USEC;
	return 0;
}

/* The kernel doubles what is asked for, and says so when asked. */
static u32 buffer_size(s32 value)
{
	u32 size = MIN((u32)MAX(value, 0), BUFFER_MAX) * 2;

	return MAX(size, BUFFER_MIN);
}

/* Options that are a number of struct socket. SIZE: of a buffer; FORCE: the same, to be set only. */
enum kind { NONE, READ, FLAG, SIZE, FORCE };
#define AT(member) offsetof(struct socket, member)

static const struct option {
	u8 name, kind;
	u16 at;
} options[] = {
	{SO_REUSEADDR, FLAG, AT(reuse_addr)},
	{SO_REUSEPORT, FLAG, AT(reuse_port)},
	{SO_BROADCAST, FLAG, AT(broadcast)},
	{SO_KEEPALIVE, FLAG, AT(keep_alive)},
	{SO_PASSCRED, FLAG, AT(pass_cred)},
	{SO_SNDBUF, SIZE, AT(send_buffer)},
	{SO_SNDBUFFORCE, FORCE, AT(send_buffer)},
	{SO_RCVBUF, SIZE, AT(receive_buffer)},
	{SO_RCVBUFFORCE, FORCE, AT(receive_buffer)},
	{SO_TYPE, READ, AT(type)},
	{SO_DOMAIN, READ, AT(family)},
	{SO_PROTOCOL, READ, AT(protocol)},
	{SO_ACCEPTCONN, READ, AT(listening)},
	{SO_ERROR, READ, AT(error)},
};

static s32 *find(struct socket *s, int name, enum kind *kind)
{
	*kind = NONE;
	for (u32 i = 0; i < ARRAY_SIZE(options); i++)
		if (options[i].name == name) {
			*kind = options[i].kind;
			return (s32 *)((char *)s + options[i].at);
		}
	return NULL;
}

static long set_linger(struct socket *s, u64 uvalue, u32 len)
{
	return len < sizeof(s->linger) ? -EINVAL
				       : copy_from_user(s->linger, (void *)uvalue, sizeof(s->linger));
}

/* What concerns only the waiting here, or processes. */
static bool is_ours(const struct socket *s, int level, int name)
{
	if (!s->ops->set_option)
		return true;
	return level == SOL_SOCKET && (name == SO_RCVTIMEO || name == SO_SNDTIMEO || name == SO_LINGER ||
				       name == SO_PASSCRED || name == SO_PEERCRED);
}

static long set_theirs(struct socket *s, int level, int name, u64 uvalue, u32 len)
{
	u8 value[OPTION_MAX];

	len = MIN(len, (u32)sizeof(value));
	if (copy_from_user(value, (void *)uvalue, len))
		return -EFAULT;
	return s->ops->set_option(s, level, name, value, len);
}

long socket_set_option(struct socket *s, int level, int name, u64 uvalue, u32 len)
{
	enum kind kind;
	s32 value, *field = find(s, name, &kind);

	if (!is_ours(s, level, name))
		return set_theirs(s, level, name, uvalue, len);
	if (level != SOL_SOCKET)
		return -EOPNOTSUPP;
	if (name == SO_RCVTIMEO || name == SO_SNDTIMEO)
		return set_timeout(name == SO_RCVTIMEO ? &s->receive_timeout : &s->send_timeout, uvalue, len);
	if (len < sizeof(value))
		return -EINVAL;
	if (name == SO_LINGER) {
		long error = set_linger(s, uvalue, len);

		return error || !s->ops->set_option ? error : set_theirs(s, level, name, uvalue, len);
	}
	if (get_user(value, uvalue))
		return -EFAULT;
	if (kind <= READ)
		return -ENOPROTOOPT;
	*field = kind == FLAG ? value != 0 : (s32)buffer_size(value);
	return 0;
}

long socket_get_option(struct socket *s, int level, int name, u64 uvalue, u64 ulen)
{
	union {
		s32 value;
		s32 linger[2];
		struct ucred cred;
		struct timeval time;
		u8 bytes[OPTION_MAX];
	} v = {0};
	u32 size = sizeof(v.value);
	enum kind kind;
	s32 len, *field = find(s, name, &kind);
	long ret = 0;

	if (get_user(len, ulen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	if (!is_ours(s, level, name)) {
		ret = s->ops->get_option(s, level, name, v.bytes, MIN((u32)len, OPTION_MAX));
		size = ret < 0 ? 0 : (u32)ret;
		ret = MIN(ret, 0L);
	} else if (level != SOL_SOCKET) {
		ret = -EOPNOTSUPP;
	} else if (name == SO_LINGER) {
		memcpy(v.linger, s->linger, sizeof(v.linger));
		size = sizeof(v.linger);
	} else if (name == SO_PEERCRED) {
		v.cred = (struct ucred){0, ~0u, ~0u};
		ret = s->ops->peer_cred ? s->ops->peer_cred(s, &v.cred) : 0;
		size = sizeof(v.cred);
	} else if (name == SO_RCVTIMEO || name == SO_SNDTIMEO) {
		v.time = ns_to_timeval(name == SO_RCVTIMEO ? s->receive_timeout : s->send_timeout);
		size = sizeof(v.time);
	} else if (kind == NONE || kind == FORCE) {
		ret = -ENOPROTOOPT;
	} else {
		v.value = *field;
		if (name == SO_ERROR)
			s->error = 0;
	}
	if (ret)
		return ret;
	size = MIN(size, (u32)len);
	if (copy_to_user((void *)uvalue, &v, size) || put_user(size, ulen))
		return -EFAULT;
	return 0;
}

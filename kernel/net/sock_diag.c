/*
 * sock_diag(7): which family is asked about its sockets. What ss(8) shows comes
 * from here.
 */
#include "net/diag.h"

#include <compiler.h>
#include <uapi/errno.h>

static const struct {
	u8 family;
	int (*answer)(struct nl_request *rq);
} families[] = {
	{ AF_UNIX, unix_diag },	      { AF_INET, inet_diag },	  { AF_INET6, inet_diag },
	{ AF_NETLINK, netlink_diag }, { AF_PACKET, packet_diag },
};

void diag_cookie(struct socket *sk, u32 cookie[2])
{
	u64 c = socket_cookie(sk);

	cookie[0] = (u32)c;
	cookie[1] = (u32)(c >> 32);
}

bool diag_cookie_is(struct socket *sk, const u32 cookie[2])
{
	u32 mine[2];

	if (cookie[0] == INET_DIAG_NOCOOKIE && cookie[1] == INET_DIAG_NOCOOKIE)
		return true;
	diag_cookie(sk, mine);
	return mine[0] == cookie[0] && mine[1] == cookie[1];
}

void diag_put_meminfo(struct nl_writer *w, u16 type, struct socket *sk)
{
	u32 m[SK_MEMINFO_VARS];

	socket_meminfo(sk, m);
	nla_put(w, type, m, sizeof(m));
}

static int sock_diag_request(struct nl_request *rq)
{
	const struct sock_diag_req *req = nl_header(rq, sizeof(*req));

	bool destroy = rq->msg->nlmsg_type == SOCK_DESTROY;

	if (!destroy && rq->msg->nlmsg_type != SOCK_DIAG_BY_FAMILY)
		return -EINVAL;
	if (!req || req->sdiag_family >= AF_MAX)
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		if (families[i].family != req->sdiag_family)
			continue;
		return destroy && families[i].answer != inet_diag ? -EOPNOTSUPP :
								    families[i].answer(rq);
	}
	return -ENOENT;
}

const struct nl_protocol sock_diag_protocol = {
	.number = NETLINK_SOCK_DIAG,
	.groups = 4,
	.anybody_listens = true,
	.request = sock_diag_request,
};

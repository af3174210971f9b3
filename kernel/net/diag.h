/* What the files of sock_diag(7) share: sock_diag.c, unix_diag.c, inet_diag.c.
 */
#ifndef NET_DIAG_H
#define NET_DIAG_H

#include "net/netlink.h"
#include <uapi/sock_diag.h>

/* States as sock_diag numbers them for all families. */
enum { DIAG_ESTABLISHED = 1, DIAG_CLOSE = 7, DIAG_LISTEN = 10 };

int unix_diag(struct nl_request *rq); /* nl_dump_start's, or 0 */
int inet_diag(struct nl_request *rq); /* SOCK_DESTROY, too */
int packet_diag(struct nl_request *rq);
int netlink_diag(struct nl_request *rq);
void diag_cookie(struct socket *sk, u32 cookie[2]);
bool diag_cookie_is(struct socket *sk, const u32 cookie[2]); /* or none was given */
void diag_put_meminfo(struct nl_writer *w, u16 type, struct socket *sk);
#endif

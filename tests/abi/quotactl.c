/* quotactl(2), quotactl_fd(2) where no file system keeps quotas. */
#include "abi.h"
#include <sys/quota.h>

#define quota_fd(fd, cmd, id, addr) syscall(SYS_quotactl_fd, fd, cmd, id, addr)
#define quota(cmd, special, id, addr) syscall(SYS_quotactl, cmd, special, id, addr)
#define Q_NEXT 0x800009
#define Q_XGET 0x5803

static void as_nobody(void)
{
	struct dqblk b;
	int fd = MUST(open(".", O_RDONLY));

	MUST(setuid(65534));
	R(quota_fd(fd, QCMD(Q_GETQUOTA, USRQUOTA), 65534, &b));
	R(quota_fd(fd, QCMD(Q_SETQUOTA, USRQUOTA), 65534, &b));
	R(quota(QCMD(Q_SYNC, USRQUOTA), NULL, 0, NULL));
	R(quota(QCMD(Q_GETQUOTA, USRQUOTA), NULL, 65534, &b));
	R(quota(QCMD(Q_GETQUOTA, USRQUOTA), "file", 65534, &b));
}

int main(void)
{
	static const unsigned cmds[] = { Q_QUOTAON, Q_QUOTAOFF, Q_GETQUOTA, Q_SETQUOTA, Q_GETINFO, Q_SETINFO,
					 Q_GETFMT, Q_SYNC, Q_NEXT, Q_XGET, 0x123456 };
	struct dqblk b;
	int fd, dir = MUST(open(".", O_RDONLY)), place = MUST(open(".", O_PATH));

	fd = MUST(open("file", O_CREAT | O_RDWR, 0600));
	close(fd);
	for (unsigned i = 0; i < ARRAY_SIZE(cmds); i++) {
		say("-- command %x\n", cmds[i]);
		for (int type = 0; type < 4; type++) {
			unsigned cmd = QCMD(cmds[i], type);

			R(quota(cmd, NULL, 0, &b));
			R(quota(cmd, "file", 0, "file"));
			R(quota(cmd, "none", 0, "file"));
			R(quota(cmd, "/dev/null", 0, "file"));
			R(quota(cmd, "file", 0, "none"));
			R(quota(cmd, (char *)8, 0, (char *)8));
			R(quota_fd(dir, cmd, 0, &b));
			R(quota_fd(place, cmd, 0, &b));
			R(quota_fd(-1, cmd, 0, &b));
		}
	}
	in_child("nobody", as_nobody);
	return 0;
}

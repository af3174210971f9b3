/*
 * id - who somebody is: user, group, groups (XCU id).
 */
#include "common/common.h"

#include <err.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] = "usage: id [-u | -g | -G] [-n] [-r] [USER]\n"
			   "Print user, group and groups of this process, or of USER.\n"
			   "  -u -g -G  only the user, the group, all groups\n"
			   "  -n        names, not numbers\n"
			   "  -r        the real one, not the effective\n";
static const char long_names[] = "user=u group=g groups=G name=n real=r";

static gid_t list[1024];
static int count;

static void add(gid_t gid)
{
	for (int i = 0; i < count; i++)
		if (list[i] == gid)
			return;
	if (count < 1024)
		list[count++] = gid;
}

/* The groups that list the user as a member, the user's own first. */
static void groups_of(const char *user, gid_t own)
{
	struct group *gr;

	add(own);
	setgrent();
	while ((gr = getgrent()))
		for (char **m = gr->gr_mem; *m; m++)
			if (!strcmp(*m, user))
				add(gr->gr_gid);
	endgrent();
}

static void one(const char *label, unsigned int id, const char *name)
{
	printf("%s=%u", label, id);
	if (*name < '0' || *name > '9')
		printf("(%s)", name);
}

int main(int argc, char **argv)
{
	bool names = false, real = false;
	uid_t uid, euid;
	gid_t gid, egid;
	int opt, which = 0;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "ugGnr", long_names)) != -1) {
		if (opt == '?')
			usage(help, 1);
		else if (opt == 'n')
			names = true;
		else if (opt == 'r')
			real = true;
		else
			which = opt;
	}
	if (optind < argc) {
		struct passwd *pw = getpwnam(argv[optind]);

		if (!pw)
			errx(1, "%s: no such user", argv[optind]);
		uid = euid = pw->pw_uid;
		gid = egid = pw->pw_gid;
		groups_of(argv[optind], gid);
	} else {
		gid_t others[1024];
		int n;

		uid = getuid();
		euid = geteuid();
		gid = getgid();
		egid = getegid();
		add(egid);
		n = getgroups(1024, others);
		for (int i = 0; i < n; i++)
			add(others[i]);
	}
	switch (which) {
	case 'u':
		if (names)
			puts(user_name(real ? uid : euid));
		else
			printf("%u\n", real ? uid : euid);
		break;
	case 'g':
		if (names)
			puts(group_name(real ? gid : egid));
		else
			printf("%u\n", real ? gid : egid);
		break;
	case 'G':
		for (int i = 0; i < count; i++) {
			if (names)
				printf("%s%s", i ? " " : "", group_name(list[i]));
			else
				printf("%s%u", i ? " " : "", list[i]);
		}
		putchar('\n');
		break;
	default:
		one("uid", uid, user_name(uid));
		one(" gid", gid, group_name(gid));
		if (euid != uid)
			one(" euid", euid, user_name(euid));
		if (egid != gid)
			one(" egid", egid, group_name(egid));
		for (int i = 0; i < count; i++) {
			printf("%s%u", i ? "," : " groups=", list[i]);
			if (group_name(list[i])[0] > '9')
				printf("(%s)", group_name(list[i]));
		}
		putchar('\n');
		break;
	}
	return finish(0);
}

/*
 * mount, umount - attach file systems to the tree, detach them, list them.
 */
#include "common/common.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static const char help[] =
	"usage: mount [-t TYPE]                         list what is mounted\n"
	"       mount [-r] [-t TYPE] [-o OPTIONS] SOURCE FOLDER\n"
	"       mount --bind | --rbind | --move SOURCE FOLDER\n"
	"       mount -o remount[,OPTIONS] FOLDER\n"
	"       umount [-l] [-f] FOLDER...\n"
	"  -r, -w  read only, writable\n"
	"  -o      with commas: ro rw nosuid nodev noexec noatime relatime sync bind rbind move remount private\n"
	"          shared slave, and what the file system knows\n"
	"  -l      umount: now for everybody who comes, later for who is there;  -f  by force\n";

static const struct {
	const char *name;
	unsigned long set, clear;
} words[] = {
	{ "ro", MS_RDONLY, 0 },
	{ "rw", 0, MS_RDONLY },
	{ "nosuid", MS_NOSUID, 0 },
	{ "suid", 0, MS_NOSUID },
	{ "nodev", MS_NODEV, 0 },
	{ "dev", 0, MS_NODEV },
	{ "noexec", MS_NOEXEC, 0 },
	{ "exec", 0, MS_NOEXEC },
	{ "sync", MS_SYNCHRONOUS, 0 },
	{ "async", 0, MS_SYNCHRONOUS },
	{ "noatime", MS_NOATIME, 0 },
	{ "atime", 0, MS_NOATIME },
	{ "nodiratime", MS_NODIRATIME, 0 },
	{ "relatime", MS_RELATIME, 0 },
	{ "strictatime", MS_STRICTATIME, 0 },
	{ "remount", MS_REMOUNT, 0 },
	{ "bind", MS_BIND, 0 },
	{ "rbind", MS_BIND | MS_REC, 0 },
	{ "move", MS_MOVE, 0 },
	{ "private", MS_PRIVATE, 0 },
	{ "rprivate", MS_PRIVATE | MS_REC, 0 },
	{ "shared", MS_SHARED, 0 },
	{ "rshared", MS_SHARED | MS_REC, 0 },
	{ "slave", MS_SLAVE, 0 },
	{ "rslave", MS_SLAVE | MS_REC, 0 },
	{ "defaults", 0, 0 },
};

static unsigned long flags;
static char rest[4096];

static void unescape(char *s)
{
	char *out = s;

	while (*s) {
		if (*s == '\\' && s[1] >= '0' && s[1] <= '7' && s[2] && s[3]) {
			*out++ = (char)((s[1] - '0') * 64 + (s[2] - '0') * 8 + s[3] - '0');
			s += 4;
		} else {
			*out++ = *s++;
		}
	}
	*out = 0;
}

static int list(const char *type)
{
	char line[4096];
	FILE *f = fopen("/proc/self/mounts", "re");

	if (!f)
		err(1, "/proc/self/mounts");
	while (fgets(line, sizeof(line), f)) {
		char *save;
		char *source = strtok_r(line, " ", &save);
		char *folder = strtok_r(NULL, " ", &save);
		char *kind = strtok_r(NULL, " ", &save);
		char *options = strtok_r(NULL, " \n", &save);

		if (!options || (type && strcmp(type, kind)))
			continue;
		unescape(source);
		unescape(folder);
		printf("%s on %s type %s (%s)\n", source, folder, kind, options);
	}
	fclose(f);
	return finish(0);
}

static void add_options(char *text)
{
	for (char *w = strtok(text, ","); w; w = strtok(NULL, ",")) {
		bool known = false;

		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
			if (strcmp(words[i].name, w))
				continue;
			flags = (flags & ~words[i].clear) | words[i].set;
			known = true;
		}
		if (known)
			continue;
		if (strlen(rest) + strlen(w) + 2 > sizeof(rest))
			errx(1, "too many options");
		if (*rest)
			strcat(rest, ",");
		strcat(rest, w);
	}
}

static int detach(int argc, char **argv)
{
	int opt, status = 0, how = 0;

	while ((opt = getopt(argc, argv, "lfrn")) != -1) {
		if (opt == '?')
			usage(help, 2);
		how |= opt == 'l' ? MNT_DETACH : opt == 'f' ? MNT_FORCE : 0;
	}
	if (optind == argc)
		usage(help, 2);
	for (int i = optind; i < argc; i++) {
		if (umount2(argv[i], how)) {
			warn("%s", argv[i]);
			status = 1;
		}
	}
	return status;
}

/* The type, when nobody named it: what the kernel knows that needs a device, one after the other. */
static int try_types(const char *source, const char *folder)
{
	char line[128];
	FILE *f = fopen("/proc/filesystems", "re");

	while (f && fgets(line, sizeof(line), f)) {
		char *name = line + strspn(line, "\t ");

		if (!strncmp(line, "nodev", 5))
			continue;
		name[strcspn(name, "\n")] = 0;
		if (!mount(source, folder, name, flags, *rest ? rest : NULL))
			return 0;
		if (errno != EINVAL && errno != ENODEV)
			return -1;
	}
	return -1;
}

int main(int argc, char **argv)
{
	const char *type = NULL;
	char **kept = argv;
	int opt, n = 1, st;

	help_option(argc, argv, help);
	if (!strcmp(base_name(argv[0]), "umount"))
		return detach(argc, argv);
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--bind"))
			flags |= MS_BIND;
		else if (!strcmp(argv[i], "--rbind"))
			flags |= MS_BIND | MS_REC;
		else if (!strcmp(argv[i], "--move"))
			flags |= MS_MOVE;
		else if (!strncmp(argv[i], "--make-", 7))
			add_options(argv[i] + 7);
		else
			kept[n++] = argv[i];
	}
	kept[n] = NULL;
	argc = n;
	while ((opt = getopt(argc, argv, "rwt:o:an")) != -1) {
		switch (opt) {
		case 'r':
			flags |= MS_RDONLY;
			break;
		case 'w':
			flags &= ~(unsigned long)MS_RDONLY;
			break;
		case 't':
			type = optarg;
			break;
		case 'o':
			add_options(optarg);
			break;
		case 'a':
		case 'n':
			break;
		default:
			usage(help, 2);
		}
	}
	argv += optind;
	n = argc - optind;
	if (!n && !flags && !*rest)
		return list(type);
	if (n == 1 && flags & (MS_REMOUNT | MS_PRIVATE | MS_SHARED | MS_SLAVE))
		st = mount("none", argv[0], NULL, flags, *rest ? rest : NULL);
	else if (n != 2)
		usage(help, 2);
	else if (type || flags & (MS_BIND | MS_MOVE))
		st = mount(argv[0], argv[1], type ? type : "none", flags, *rest ? rest : NULL);
	else
		st = try_types(argv[0], argv[1]);
	if (st)
		err(1, n == 2 ? "%s on %s" : "%s", argv[0], n == 2 ? argv[1] : "");
	return 0;
}

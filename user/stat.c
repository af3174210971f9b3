/*
 * stat - all that is known of a file.
 */
#include "common/common.h"
#include "common/mode.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
	"usage: stat [-L] [-f] [-t] [-c FORMAT | --printf=FORMAT] FILE...\n"
	"Print what is known of files, or (-f) of the file systems they are on.\n"
	"  -L  of what links lead to\n"
	"  -c  by that format: %a %A mode, %b %B blocks and their size, %d %D device, %f raw mode, %F kind, %g %G group,\n"
	"      %h links, %i inode, %n %N name, %o best block, %s size, %t %T device numbers, %u %U user,\n"
	"      %w %x %y %z times of birth, access, change, inode's change (%W %X %Y %Z in seconds)\n"
	"      with -f: %a %b %c %d %f %i %l %n %s %S %t %T\n";
static const char names[] = "printf=\1: format=c dereference=L file-system=f terse=t";

static const char *kind(const struct stat *st)
{
	switch (st->st_mode & S_IFMT) {
	case S_IFDIR:
		return "directory";
	case S_IFLNK:
		return "symbolic link";
	case S_IFCHR:
		return "character special file";
	case S_IFBLK:
		return "block special file";
	case S_IFIFO:
		return "fifo";
	case S_IFSOCK:
		return "socket";
	default:
		return st->st_size ? "regular file" : "regular empty file";
	}
}

static const char *time_text(const struct timespec *t)
{
	static char text[64];
	struct tm tm;
	size_t n;

	localtime_r(&t->tv_sec, &tm);
	n = strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S.", &tm);
	n += (size_t)snprintf(text + n, sizeof(text) - n, "%09ld", t->tv_nsec);
	strftime(text + n, sizeof(text) - n, " %z", &tm);
	return text;
}

/* The conversion's flags and width are in `spec`, without its letter. */
static void put_text(const char *spec, const char *text)
{
	char f[40];

	snprintf(f, sizeof(f), "%ss", spec);
	printf(f, text);
}

static void put_number(const char *spec, unsigned long long n, char kind_of)
{
	char f[40];

	snprintf(f, sizeof(f), "%sll%c", spec, kind_of);
	printf(f, n);
}

static void put_name(const char *spec, const char *path, const struct stat *st)
{
	char text[8300], target[4096];
	ssize_t n = S_ISLNK(st->st_mode) ? readlink(path, target, sizeof(target) - 1) : -1;

	if (n >= 0)
		snprintf(text, sizeof(text), "'%.4096s' -> '%.*s'", path, (int)n, target);
	else
		snprintf(text, sizeof(text), "'%.4096s'", path);
	put_text(spec, text);
}

static void conversion(const char *spec, char c, const char *path, const struct stat *st)
{
	char mode[11];

	switch (c) {
	case 'a':
		put_number(spec, st->st_mode & 07777, 'o');
		break;
	case 'A':
		mode_string(st->st_mode, mode);
		put_text(spec, mode);
		break;
	case 'b':
		put_number(spec, (unsigned long long)st->st_blocks, 'u');
		break;
	case 'B':
		put_number(spec, 512, 'u');
		break;
	case 'd':
		put_number(spec, st->st_dev, 'u');
		break;
	case 'D':
		put_number(spec, st->st_dev, 'x');
		break;
	case 'f':
		put_number(spec, st->st_mode, 'x');
		break;
	case 'F':
		put_text(spec, kind(st));
		break;
	case 'g':
		put_number(spec, st->st_gid, 'u');
		break;
	case 'G':
		put_text(spec,
			 group_name(st->st_gid)[0] > '9' ? group_name(st->st_gid) : "UNKNOWN");
		break;
	case 'h':
		put_number(spec, st->st_nlink, 'u');
		break;
	case 'i':
		put_number(spec, st->st_ino, 'u');
		break;
	case 'n':
		put_text(spec, path);
		break;
	case 'N':
		put_name(spec, path, st);
		break;
	case 'o':
		put_number(spec, (unsigned long long)st->st_blksize, 'u');
		break;
	case 's':
		put_number(spec, (unsigned long long)st->st_size, 'u');
		break;
	case 't':
		put_number(spec, major(st->st_rdev), 'x');
		break;
	case 'T':
		put_number(spec, minor(st->st_rdev), 'x');
		break;
	case 'u':
		put_number(spec, st->st_uid, 'u');
		break;
	case 'U':
		put_text(spec, user_name(st->st_uid)[0] > '9' ? user_name(st->st_uid) : "UNKNOWN");
		break;
	case 'w':
		put_text(spec, "-");
		break;
	case 'W':
		put_number(spec, 0, 'd');
		break;
	case 'x':
		put_text(spec, time_text(&st->st_atim));
		break;
	case 'y':
		put_text(spec, time_text(&st->st_mtim));
		break;
	case 'z':
		put_text(spec, time_text(&st->st_ctim));
		break;
	case 'X':
		put_number(spec, (unsigned long long)st->st_atim.tv_sec, 'd');
		break;
	case 'Y':
		put_number(spec, (unsigned long long)st->st_mtim.tv_sec, 'd');
		break;
	case 'Z':
		put_number(spec, (unsigned long long)st->st_ctim.tv_sec, 'd');
		break;
	default:
		putchar('?');
		break;
	}
}

static void fs_conversion(const char *spec, char c, const char *path, const struct statfs *s)
{
	switch (c) {
	case 'a':
		put_number(spec, s->f_bavail, 'u');
		break;
	case 'b':
		put_number(spec, s->f_blocks, 'u');
		break;
	case 'c':
		put_number(spec, s->f_files, 'u');
		break;
	case 'd':
		put_number(spec, s->f_ffree, 'u');
		break;
	case 'f':
		put_number(spec, s->f_bfree, 'u');
		break;
	case 'l':
		put_number(spec, (unsigned long long)s->f_namelen, 'u');
		break;
	case 'n':
		put_text(spec, path);
		break;
	case 's':
		put_number(spec, (unsigned long long)s->f_bsize, 'u');
		break;
	case 'S':
		put_number(spec, (unsigned long long)s->f_frsize, 'u');
		break;
	case 't':
	case 'T':
		put_number(spec, (unsigned long long)s->f_type, 'x');
		break;
	default:
		putchar('?');
		break;
	}
}

static void format(const char *f, bool escapes, const char *path, const struct stat *st,
		   const struct statfs *fs)
{
	static const char letters[] = "ntr\\ae0", codes[] = "\n\t\r\\\a\033";
	char spec[32];

	while (*f) {
		size_t n = 0;

		if (*f == '\\' && escapes && f[1]) {
			const char *found = strchr(letters, f[1]);

			putchar(found ? codes[found - letters] : f[1]);
			f += 2;
			continue;
		}
		if (*f != '%') {
			putchar(*f++);
			continue;
		}
		spec[n++] = *f++;
		while (*f && strchr("#-+0 .123456789", *f) && n < sizeof(spec) - 4)
			spec[n++] = *f++;
		spec[n] = 0;
		if (!*f || *f == '%')
			putchar('%');
		else if (fs)
			fs_conversion(spec, *f, path, fs);
		else
			conversion(spec, *f, path, st);
		f += *f != 0;
	}
	if (!escapes)
		putchar('\n');
}

static void show(const char *path, const struct stat *st)
{
	char mode[11], user[72], group[72];

	mode_string(st->st_mode, mode);
	snprintf(user, sizeof(user), "%s", user_name(st->st_uid));
	snprintf(group, sizeof(group), "%s", group_name(st->st_gid));
	fputs("  File: ", stdout);
	if (S_ISLNK(st->st_mode))
		put_name("%", path, st);
	else
		fputs(path, stdout);
	printf("\n  Size: %-10lld\tBlocks: %-10lld IO Block: %-6ld %s\n", (long long)st->st_size,
	       (long long)st->st_blocks, (long)st->st_blksize, kind(st));
	printf("Device: %u,%u\tInode: %-11llu Links: %lu", major(st->st_dev), minor(st->st_dev),
	       (unsigned long long)st->st_ino, (unsigned long)st->st_nlink);
	if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode))
		printf("     Device type: %u,%u", major(st->st_rdev), minor(st->st_rdev));
	printf("\nAccess: (%04o/%s)  Uid: (%5u/%8s)   Gid: (%5u/%8s)\n", st->st_mode & 07777, mode,
	       st->st_uid, user, st->st_gid, group);
	printf("Access: %s\n", time_text(&st->st_atim));
	printf("Modify: %s\n", time_text(&st->st_mtim));
	printf("Change: %s\n", time_text(&st->st_ctim));
	puts(" Birth: -");
}

int main(int argc, char **argv)
{
	bool follow = false, fs = false, escapes = false;
	const char *how = NULL;
	int opt, status = 0;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "Lftc:", names)) != -1) {
		switch (opt) {
		case 'L':
			follow = true;
			break;
		case 'f':
			fs = true;
			break;
		case 't':
			how = "%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z %W %o";
			break;
		case 'c':
		case 1:
			how = optarg;
			escapes = opt == 1;
			break;
		default:
			usage(help, 1);
		}
	}
	if (optind == argc)
		usage(help, 1);
	for (int i = optind; i < argc; i++) {
		struct statfs sf;
		struct stat st;

		if (fs ? statfs(argv[i], &sf) : follow ? stat(argv[i], &st) : lstat(argv[i], &st)) {
			warn("cannot stat '%s'", argv[i]);
			status = 1;
			continue;
		}
		if (fs)
			format(how ? how :
				     "  File: \"%n\"\nNamelen: %l Type: %t\nBlock size: %s Fundamental block size: %S\n"
				     "Blocks: Total: %b Free: %f Available: %a\nInodes: Total: %c Free: %d",
			       escapes, argv[i], NULL, &sf);
		else if (how)
			format(how, escapes, argv[i], &st, NULL);
		else
			show(argv[i], &st);
	}
	return finish(status);
}

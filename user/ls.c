/*
 * ls - list files and folders, by name.
 */
#include "common/common.h"

#include <dirent.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
	"usage: ls [-a] [-l] [-d] [-i] [FILE...]\n"
	"List the files, and what is in the folders among them (the current one without any).\n"
	"  -a  also names that begin with a dot\n"
	"  -l  mode, links, owner, group, size, time and link target\n"
	"  -d  folders themselves, not what is in them\n"
	"  -i  inode numbers\n";

static int all, details, itself, inodes;
static int status;

static char type_letter(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return 'd';
	case S_IFLNK:
		return 'l';
	case S_IFCHR:
		return 'c';
	case S_IFBLK:
		return 'b';
	case S_IFIFO:
		return 'p';
	case S_IFSOCK:
		return 's';
	default:
		return '-';
	}
}

/* A letter for execute, given what set-id or sticky bit shares its place. */
static char execute_letter(int x, int special, char both)
{
	if (special)
		return x ? both : (char)(both - 'a' + 'A');
	return x ? 'x' : '-';
}

static void mode_string(mode_t m, char out[11])
{
	out[0] = type_letter(m);
	for (int i = 0; i < 3; i++) {
		mode_t bits = m >> (6 - 3 * i);

		out[1 + 3 * i] = bits & 4 ? 'r' : '-';
		out[2 + 3 * i] = bits & 2 ? 'w' : '-';
	}
	out[3] = execute_letter(m & S_IXUSR, m & S_ISUID, 's');
	out[6] = execute_letter(m & S_IXGRP, m & S_ISGID, 's');
	out[9] = execute_letter(m & S_IXOTH, m & S_ISVTX, 't');
	out[10] = 0;
}

static void print_details(const struct stat *st)
{
	char mode[11], when[32] = "?";
	struct tm tm;

	mode_string(st->st_mode, mode);
	if (gmtime_r(&st->st_mtime, &tm))
		strftime(when, sizeof(when), "%F %R", &tm);
	printf("%s %3u %5u %5u ", mode, st->st_nlink, st->st_uid, st->st_gid);
	if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode))
		printf("%4u,%5u", major(st->st_rdev), minor(st->st_rdev));
	else
		printf("%10ld", st->st_size);
	printf(" %s ", when);
}

static void print_one(const char *path, const char *name)
{
	char target[4096];
	struct stat st;
	ssize_t n;

	if (lstat(path, &st)) {
		warn("%s", path);
		status = 1;
		return;
	}
	if (inodes)
		printf("%8lu ", st.st_ino);
	if (details)
		print_details(&st);
	fputs(name, stdout);
	if (details && S_ISLNK(st.st_mode)) {
		n = readlink(path, target, sizeof(target) - 1);
		if (n >= 0)
			printf(" -> %.*s", (int)n, target);
	}
	putchar('\n');
}

static int wanted(const struct dirent *e)
{
	return all || e->d_name[0] != '.';
}

static void list_folder(const char *path)
{
	struct dirent **list;
	int n = scandir(path, &list, wanted, alphasort);

	if (n < 0) {
		warn("%s", path);
		status = 1;
		return;
	}
	for (int i = 0; i < n; i++) {
		char *full;

		if (asprintf(&full, "%s/%s", path, list[i]->d_name) < 0)
			err(1, "%s", path);
		print_one(full, list[i]->d_name);
		free(full);
		free(list[i]);
	}
	free(list);
}

static int is_folder(const char *path)
{
	struct stat st;

	if (itself || (details ? lstat(path, &st) : stat(path, &st)))
		return 0;
	return S_ISDIR(st.st_mode);
}

int main(int argc, char **argv)
{
	int opt, several, printed = 0;

	help_option(argc, argv, help);
	while ((opt = getopt(argc, argv, "aldi1")) != -1) {
		switch (opt) {
		case 'a':
			all = 1;
			break;
		case 'l':
			details = 1;
			break;
		case 'd':
			itself = 1;
			break;
		case 'i':
			inodes = 1;
			break;
		case '1':
			break;
		default:
			fputs(help, stderr);
			return 2;
		}
	}
	if (optind == argc) {
		if (itself)
			print_one(".", ".");
		else
			list_folder(".");
		return status;
	}
	several = argc - optind > 1;
	for (int i = optind; i < argc; i++) {
		if (!is_folder(argv[i])) {
			print_one(argv[i], argv[i]);
			printed = 1;
		}
	}
	for (int i = optind; i < argc; i++) {
		if (!is_folder(argv[i]))
			continue;
		if (several)
			printf("%s%s:\n", printed ? "\n" : "", argv[i]);
		list_folder(argv[i]);
		printed = 1;
	}
	return status;
}

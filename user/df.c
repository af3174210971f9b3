/*
 * df - how much room file systems have (XCU df).
 */
#include "common/common.h"

#include <err.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

static const char help[] =
	"usage: df [-ahikPT] [-t TYPE] [FILE...]\n"
	"Print size, use and free room of the file systems, or of those that the files are on, in KiB.\n"
	"  -a  those without any size, too\n"
	"  -h  for people;  -i  inodes, not blocks;  -T  with the type;  -t  only of that type\n";
static const char names[] = "all=a human-readable=h inodes=i portability=P print-type=T type=t";

static bool all, human, inodes, types;
static const char *only;

struct mount {
	char source[256], folder[256], type[64];
};

static void unescape(char *s)
{
	char *out = s;

	while (*s) {
		if (*s == '\\' && s[1] >= '0' && s[1] <= '7') {
			*out++ = (char)strtol((char[]){ s[1], s[2], s[3], 0 }, NULL, 8);
			s += 4;
		} else {
			*out++ = *s++;
		}
	}
	*out = 0;
}

static bool next(FILE *f, struct mount *m)
{
	char line[1024];

	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%255s %255s %63s", m->source, m->folder, m->type) != 3)
			continue;
		unescape(m->source);
		unescape(m->folder);
		return true;
	}
	return false;
}

static const char *size_text(unsigned long long n, char *out)
{
	if (human && !inodes)
		return human_size(n, out);
	snprintf(out, 24, "%llu", inodes ? n : n / 1024);
	return out;
}

static bool show(const struct mount *m)
{
	unsigned long long size, used, avail, unit;
	char a[24], b[24], c[24], percent[8] = "-";
	struct statfs s;

	if (statfs(m->folder, &s)) {
		warn("%s", m->folder);
		return false;
	}
	unit = inodes	  ? 1 :
	       s.f_frsize ? (unsigned long long)s.f_frsize :
			    (unsigned long long)s.f_bsize;
	size = (unsigned long long)(inodes ? s.f_files : s.f_blocks) * unit;
	used = size - (unsigned long long)(inodes ? s.f_ffree : s.f_bfree) * unit;
	avail = (unsigned long long)(inodes ? s.f_ffree : s.f_bavail) * unit;
	if (!size && !all && !only)
		return true;
	if (used + avail)
		snprintf(percent, sizeof(percent), "%llu%%",
			 (used * 100 + used + avail - 1) / (used + avail));
	printf("%-15s ", m->source);
	if (types)
		printf("%-8s ", m->type);
	printf("%10s %10s %10s %4s %s\n", size_text(size, a), size_text(used, b),
	       size_text(avail, c), percent, m->folder);
	return true;
}

/* The mount that the file is on: of those with its device, the deepest folder. */
static bool find(const char *path, struct mount *out)
{
	struct stat file, st;
	struct mount m;
	size_t best = 0;
	FILE *f;

	if (stat(path, &file)) {
		warn("%s", path);
		return false;
	}
	f = fopen("/proc/self/mounts", "re");
	if (!f)
		err(1, "/proc/self/mounts");
	while (next(f, &m)) {
		if (stat(m.folder, &st) || st.st_dev != file.st_dev || strlen(m.folder) < best)
			continue;
		best = strlen(m.folder);
		*out = m;
	}
	fclose(f);
	if (!best)
		warnx("%s: no file system found", path);
	return best;
}

int main(int argc, char **argv)
{
	int opt, status = 0;
	struct mount m;
	FILE *f;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "ahikPTt:", names)) != -1) {
		switch (opt) {
		case 'a':
			all = true;
			break;
		case 'h':
			human = true;
			break;
		case 'i':
			inodes = true;
			break;
		case 'T':
			types = true;
			break;
		case 't':
			only = optarg;
			break;
		case 'k':
		case 'P':
			break;
		default:
			usage(help, 1);
		}
	}
	printf("%-15s %s%10s %10s %10s %4s %s\n", "Filesystem", types ? "Type     " : "",
	       inodes ? "Inodes" :
	       human  ? "Size" :
			"1K-blocks",
	       inodes ? "IUsed" : "Used", inodes ? "IFree" : "Available", inodes ? "IUse%" : "Use%",
	       "Mounted on");
	for (int i = optind; i < argc; i++)
		if (!find(argv[i], &m) || !show(&m))
			status = 1;
	if (optind < argc)
		return finish(status);
	f = fopen("/proc/self/mounts", "re");
	if (!f)
		err(1, "/proc/self/mounts");
	while (next(f, &m))
		if (!only || !strcmp(only, m.type))
			status |= !show(&m);
	fclose(f);
	return finish(status);
}

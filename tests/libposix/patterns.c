/*
 * patterns.c - regular expressions, fnmatch, glob, wordless parts of paths, options.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <fnmatch.h>
#include <ftw.h>
#include <getopt.h>
#include <glob.h>
#include <libgen.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void re(const char *pattern, int flags, const char *text, int eflags)
{
	regmatch_t m[6];
	regex_t r;
	int err = regcomp(&r, pattern, flags);

	printf("/%s/%d %s:", pattern, flags, text);
	if (err) {
		printf(" error %d\n", err);
		return;
	}
	err = regexec(&r, text, 6, m, eflags);
	printf(" %d", err);
	for (size_t i = 0; !err && i <= r.re_nsub && i < 6; i++)
		printf(" (%d,%d)", (int)m[i].rm_so, (int)m[i].rm_eo);
	putchar('\n');
	regfree(&r);
}

static void expressions(void)
{
	static const char *const e[][2] = {
		{ "abc", "xabcy" },
		{ "a*", "baaa" },
		{ "a+b?", "aab" },
		{ "a|ab|abc", "abcd" },
		{ "(a*)(ab)*(b*)", "abb" },
		{ "x(a|b)*y", "xabay" },
		{ "(ab|a)(bc|c)?", "abc" },
		{ "^abc$", "abc" },
		{ "a.c", "a\nc" },
		{ "[[:alpha:]_][[:alnum:]_]*", "3 x_1 y" },
		{ "[^a-c]+", "abcxyz" },
		{ "[]a]+", "b]a]" },
		{ "[a-]+", "b-a-" },
		{ "a{2,3}", "aaaa" },
		{ "(ab){2}", "ababab" },
		{ "a{0,1}b", "aab" },
		{ "(a)(b)?", "ac" },
		{ "(a|b|c)*d", "abcd" },
		{ "\\.", "a.b" },
		{ "a\\|b", "a|b" },
		{ "()", "x" },
		{ "a||b", "b" },
		{ "(^|x)a", "ba xa" },
		{ "[0-9]+\\.[0-9]*", "v12.5" },
		{ "\\<the\\>", "other the" },
		{ "\\bfoo\\B", "foox" },
		{ "\\w+\\W\\w+", "one two" },
		{ "(.)\\1", "hello" },
		{ "([a-z]+) \\1", "the the" },
		{ "a**", "aa" },
		{ "(a*)*", "b" },
		{ "(a*)+", "aab" },
		{ "x*", "" },
		{ "$", "end" },
		{ "(wee|week)(knights|night)", "weeknights" },
		{ "(a+|b+|c+)*", "aabbcc" },
		{ "[[:digit:]]{3}-[0-9]{4}", "call 555-1234" },
	};
	static const char *const bad[] = { "(",		 "[z-a]",  "a{1", "*a", "\\",
					   "[[:nope:]]", "a{2,1}", "(a",  "[a", "+",
					   "a{1,2",	 "\\(",	   "[[.x" };

	for (size_t i = 0; i < sizeof(e) / sizeof(*e); i++)
		re(e[i][0], REG_EXTENDED, e[i][1], 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		re(bad[i], REG_EXTENDED, "a", 0);
	re("\\(a*\\)b\\1", 0, "aabaa", 0);
	re("a\\{2\\}", 0, "aaa", 0);
	re("*a", 0, "x*a", 0);
	re("a\\+\\|b", 0, "caab", 0);
	re("^*a", 0, "*a", 0);
	re("a^b$c", 0, "a^b$c", 0);
	re("\\(^a\\)", 0, "a", 0);
	re("HeLLo", REG_EXTENDED | REG_ICASE, "say hEllO", 0);
	re("[A-C]+", REG_EXTENDED | REG_ICASE, "xabcd", 0);
	re("^b", REG_EXTENDED | REG_NEWLINE, "a\nb", 0);
	re("a.b", REG_EXTENDED | REG_NEWLINE, "a\nb", 0);
	re("a$", REG_EXTENDED | REG_NEWLINE, "xa\nb", 0);
	re("^a", REG_EXTENDED, "a", REG_NOTBOL);
	re("a$", REG_EXTENDED, "a", REG_NOTEOL);
}

static void names(void)
{
	static const char *const f[][2] = {
		{ "*", "" },
		{ "*", ".x" },
		{ "a*b", "axxb" },
		{ "a*b", "axxc" },
		{ "?", "a" },
		{ "[a-c]", "b" },
		{ "[!a-c]", "b" },
		{ "*.c", "x.c" },
		{ "*/b", "a/x/b" },
		{ "a\\*b", "a*b" },
		{ "[[:upper:]]x", "Ax" },
		{ "[]x]", "]" },
		{ "a[", "a[" },
		{ "**a*", "bab" },
		{ "*a*b*c", "xaybzc" },
		{ "[a-]", "-" },
		{ ".*", ".x" },
		{ "x/*", "x/.y" },
		{ "A", "a" },
		{ "[b-a]", "a" },
		{ "[\\]]", "]" },
		{ "[\\]]", "\\" },
		{ "[a\\]b]", "]" },
		{ "[a\\]b]", "b" },
		{ "[!\\]]", "x" },
		{ "[\\a-\\]]", "^" },
	};
	static const int flags[] = { 0,
				     FNM_PATHNAME,
				     FNM_PERIOD,
				     FNM_NOESCAPE,
				     FNM_CASEFOLD,
				     FNM_PATHNAME | FNM_PERIOD,
				     FNM_LEADING_DIR };

	for (size_t i = 0; i < sizeof(f) / sizeof(*f); i++) {
		printf("%s %s:", f[i][0], f[i][1]);
		for (size_t k = 0; k < sizeof(flags) / sizeof(*flags); k++)
			printf(" %d", fnmatch(f[i][0], f[i][1], flags[k]));
		putchar('\n');
	}
}

static void show(const char *pattern, int flags)
{
	glob_t g = { 0 };
	int err = glob(pattern, flags, NULL, &g);

	printf("%s %d: %d", pattern, flags, err);
	for (size_t i = 0; !err && i < g.gl_pathc; i++)
		printf(" %s", g.gl_pathv[i]);
	putchar('\n');
	if (!err)
		globfree(&g);
}

static int each(const char *path, const struct stat *st, int type, struct FTW *w)
{
	(void)st;
	printf(" %s/%d/%d/%d", path, type, w->base, w->level);
	return 0;
}

static void files(void)
{
	static const char *const touch[] = { "b.c", "a.c", ".hidden", "d1/x", "d1/y.c", "d2/y.c" };
	char dir[] = "/tmp/pXXXXXX", path[64], real[4096];

	/* The same name always, so that it can be printed. */
	strcpy(dir, "/tmp/patternsdir");
	if (mkdir(dir, 0755) || chdir(dir) || mkdir("d1", 0755) || mkdir("d2", 0755))
		perror("mkdir");
	for (size_t i = 0; i < sizeof(touch) / sizeof(*touch); i++)
		close(open(touch[i], O_CREAT | O_WRONLY, 0644));
	if (symlink("d1", "link") || symlink("loop", "loop"))
		perror("symlink");
	show("*", 0);
	show("*.c", 0);
	show("d?/*.c", 0);
	show("*", GLOB_MARK);
	show("none*", 0);
	show("none*", GLOB_NOCHECK);
	show("{a,b,z}.c", GLOB_BRACE);
	show("./d1/../*.c", 0);
	show(".*n", 0);
	show("li*/x", 0);
	show("a.c", 0);
	printf("nftw:");
	nftw("d2", each, 5, FTW_PHYS);
	printf("\n%s\n", realpath("link/../d2/./y.c", real));
	printf("%s %s\n", realpath("loop", real) ? "?" : "loop",
	       realpath("d1/none", real) ? "?" : "none");
	for (size_t i = 0; i < sizeof(touch) / sizeof(*touch); i++)
		unlink(touch[i]);
	unlink("link");
	unlink("loop");
	rmdir("d1");
	rmdir("d2");
	if (chdir("/"))
		perror("chdir");
	rmdir(dir);
	static const char *const p[] = { "/usr/lib", "/usr/", "usr", "/", ".", "..", "", "a//b//" };
	for (size_t i = 0; i < sizeof(p) / sizeof(*p); i++) {
		printf("%s:", p[i]);
		strcpy(path, p[i]);
		printf(" %s", dirname(path));
		strcpy(path, p[i]);
		printf(" %s,", basename(path));
	}
	putchar('\n');
}

static void options(const char *opts, int use_long, char **argv)
{
	static const struct option longs[] = {
		{ "all", no_argument, NULL, 'a' },
		{ "file", required_argument, NULL, 'f' },
		{ "level", optional_argument, NULL, 'l' },
		{ "alt", no_argument, NULL, 'A' },
		{ NULL, 0, NULL, 0 },
	};
	int argc = 0, c, index = -1;

	while (argv[argc])
		argc++;
	optind = 0;
	opterr = 0;
	printf("%s:", opts);
	while ((c = use_long ? getopt_long(argc, argv, opts, longs, &index) :
			       getopt(argc, argv, opts)) != -1)
		printf(" %d(%s)", c, optarg ? optarg : "");
	printf(" |");
	while (optind < argc)
		printf(" %s", argv[optind++]);
	putchar('\n');
}

#define ARGS(...)                                 \
	(char *[])                                \
	{                                         \
		(char *)"prog", __VA_ARGS__, NULL \
	}

int main(void)
{
	expressions();
	names();
	files();
	options("ab:c::", 0, ARGS("-a", "-b", "x", "-cy", "op", "-c", "-z"));
	options("ab:", 0, ARGS("one", "-a", "two", "-bx", "--", "-a", "three"));
	options("+ab:", 0, ARGS("-a", "one", "-b", "x"));
	options("-ab:", 0, ARGS("one", "-a", "two"));
	options(":ab:", 0, ARGS("-x", "-b"));
	options("af:l::", 1,
		ARGS("--all", "x", "--file=y", "--file", "z", "--lev", "--level=3", "--nope",
		     "--al", "-a", "--all=1"));
	options("af:", 1, ARGS("a", "b", "-a", "c", "--", "d", "-a"));
	return 0;
}

/*
 * The store (kernel/fs/tarfs/store*.c) on a disk that loses power.
 *
 *	test_store                      500 power cuts, from several seeds and archives
 *	test_store long STATES [SEED]   as many as wanted, from SEED on
 *	test_store seed SEED            one seed again, as the message of a failure names it
 *	test_store dump FOLDER N        N disks, before and after replay, for other readers
 *	test_store archive FILE SEED    starts with an archive of some tar program
 */
#include "test_store.h"

#define PER_SEED 25

/* A foreign archive with what tar programs do: no x headers, GNU names, links, pax, a name twice. */
static void foreign(struct build *b)
{
	char name[200];

	build_start(b);
	build_dir(b, "./");
	build_dir(b, "./etc/");
	build_file(b, "./etc/passwd", "root:x:0:0::/root:/bin/sh\n");
	build_file(b, "./etc/empty", "");
	build_link(b, '1', "./etc/hard", "./etc/passwd");
	build_link(b, '1', "./etc/harder", "./etc/hard");
	build_link(b, '2', "lib", "usr/lib");
	build_file(b, "lib/through-a-link", "its member says lib/, the tree usr/lib/");
	memset(name, 'n', 180);
	name[180] = '\0';
	build_gnu_name(b, 'L', name);
	build_file(b, "short", "a long GNU name");
	build_pax(b, 'x', "mtime=1.5", "SCHILY.xattr.user.a=b", NULL);
	build_file(b, "pax", "with attributes");
	build_file(b, "twice", "the first");
	build_link(b, '1', "of-the-first", "twice");
	build_file(b, "twice", "the second");
	build_file(b, "no/parents/named", "here");
	build_file(b, "../outside", "left out");
	build_end(b);
}

static u64 one_seed(u64 seed, u64 states, const char *dump, u64 dumps)
{
	struct work_options o = { .seed = seed,
				  .ops = states ? 4000 : 1500,
				  .states = states,
				  .disk = 6u << 20,
				  .dump = dump,
				  .dumps = dumps,
				  .verbose = dump && !dumps };
	struct build b;
	u64 done;

	build_start(&b);
	if (seed % 3 == 0 && seed % 4 != 1)
		foreign(&b);
	else
		build_end(&b);
	if (seed % 4 == 1) {
		o.disk = 2u << 20;
		o.small = true;
	}
	o.start = b.data;
	o.start_len = b.len;
	done = work_run(&o);
	build_free(&b);
	return done;
}

static void many(u64 states, u64 seed)
{
	u64 done = 0, seeds = 0;

	for (; done < states; seed++, seeds++) {
		u64 want = states - done < PER_SEED ? states - done : PER_SEED;

		done += one_seed(seed, want, NULL, 0);
	}
	printf("ok power cuts: %lu disk states of %lu seeds\n", done, seeds);
}

int main(int argc, char **argv)
{
	const char *kind = argc > 1 ? argv[1] : "";

	if (!strcmp(kind, "long"))
		many(argc > 2 ? strtoul(argv[2], NULL, 0) : 10000,
		     argc > 3 ? strtoul(argv[3], NULL, 0) : 1000);
	else if (!strcmp(kind, "seed") && argc > 2)
		one_seed(strtoul(argv[2], NULL, 0), PER_SEED, argc > 3 ? argv[3] : NULL, 0);
	else if (!strcmp(kind, "dump") && argc > 3)
		for (u64 left = strtoul(argv[3], NULL, 0), seed = 1; left; left--, seed++)
			one_seed(seed, PER_SEED, argv[2], 1);
	else
		many(500, 1);
	return 0;
}

/*
 * The store (kernel/fs/tarfs/store*.c) on a disk that loses power.
 *
 *	test_store                      500 power cuts, from several seeds and archives
 *	test_store long STATES [SEED]   as many as wanted, from SEED on
 *	test_store seed SEED            one seed again, as the message of a failure names it
 *	test_store nomem SEED N         so many seeds where memory ends inside of calls
 *	test_store large [N [BYTES]]    a million members, a file that grows byte by byte to 256 MiB
 *	test_store dump FOLDER N        N disks, before and after replay, for other readers
 */
#include "test_store.h"

#define PER_SEED 25

struct file_;
int fflush(struct file_ *f);

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

		u64 before = done;

		done += one_seed(seed, want, NULL, 0);
		if (states > 500 && done / 500 != before / 500) {
			printf("%lu disk states, up to seed %lu\n", done, seed);
			fflush(NULL);
		}
	}
	printf("ok power cuts: %lu disk states of %lu seeds\n", done, seeds);
}

static void faults(u64 seeds)
{
	for (u64 seed = 1; seed <= seeds; seed++) {
		struct work_options o = { .seed = seed, .ops = 150, .disk = 6u << 20 };
		struct build b;

		build_start(&b);
		build_end(&b);
		o.start = b.data;
		o.start_len = b.len;
		work_fault(&o);
		build_free(&b);
	}
	printf("ok I/O errors\n");
}

/* --- readers that hold no C: the disk first, then the images that wait --- */

static u64 watched; /* the sector of an image, as a byte offset */
static bool waits, watching;
static u64 placed_then;

static void watch(struct store *st)
{
	u8 sector[TAR_BLOCK] = { 0 };
	bool now;

	if (!watched || watching)
		return;
	watching = true; /* store_patch takes the lock too */
	store_patch(st, watched, sector, sizeof(sector));
	watching = false;
	now = sector[0] == 'x';
	if (waits && !now && store_placed(st) == placed_then) {
		printf("FAIL an image went to its place, and who reads is not told\n");
		exit(1);
	}
	waits = now;
	placed_then = store_placed(st);
}

static void placed(void)
{
	static const struct store_ops watch_ops = { .unlock = watch };
	struct tar_node *n;
	struct tar_tree t;
	struct sim_disk d;
	const char *why;
	u8 sector[TAR_BLOCK];
	u64 at;

	sim_init(&d, 8u << 20);
	memset(sector, 'x', sizeof(sector));
	if (tar_tree_init(&t) || store_open(&t, &d.d, &watch_ops, STORE_MAKE, &why))
		abort();
	n = tar_node_new(&t, TAR_FILE);
	if (store_ask(t.store, t.root, 1, NULL) || store_link(t.store, t.root, "f", 1, n) ||
	    store_room(t.store, n, 4096, 4096) || store_place(t.store, n, 4096, NULL, 0))
		abort();
	store_run(t.store, n, 0, TAR_BLOCK, &at);
	if (store_image(t.store, at, sector))
		abort();
	watched = at;
	store_written(t.store, n, 4096);
	if (store_commit(t.store) || !waits || store_checkpoint(t.store) || waits)
		abort();
	watched = 0;
	store_close(t.store);
	tar_tree_free(&t);
	sim_free(&d);
	printf("ok images in their places are told\n");
}

/* Memory ends inside of a call, now and then, on disks with room and on full ones. */
static void nomem(u64 first, u64 seeds)
{
	u64 told = 0;

	for (u64 seed = first; seed < first + seeds; seed++) {
		struct work_options o = { .seed = seed,
					  .ops = 800,
					  .disk = (seed % 3 ? 6u : 2u) << 20 };
		struct build b;

		build_start(&b);
		if (seed % 2)
			foreign(&b);
		else
			build_end(&b);
		o.start = b.data;
		o.start_len = b.len;
		told += work_nomem(&o);
		build_free(&b);
	}
	if (!told)
		printf("FAIL memory never ended\n");
	else
		printf("ok no memory: told %lu times\n", told);
	if (!told)
		exit(1);
}

/* A file that grows by a few bytes at a time, each synced: it moves O(log n) times. */
static void grows(void)
{
	const u64 end = 4u << 20, step = 1999;
	struct tar_node *n;
	struct sim_disk d;
	struct tar_tree t;
	u64 place = 0, moves = 0, at;
	const char *why;
	u8 sector[TAR_BLOCK];

	sim_init(&d, 64u << 20);
	if (tar_tree_init(&t) || store_open(&t, &d.d, NULL, STORE_MAKE, &why))
		abort();
	for (int k = 0; k < 2; k++) {
		n = tar_node_new(&t, TAR_FILE);
		if (store_link(t.store, t.root, k ? "behind" : "grows", 5, n))
			abort();
	}
	n = tar_find(t.root, "grows", 5)->node;
	memset(sector, 'x', sizeof(sector));
	for (u64 size = 0; size < end; size += step) {
		if (store_room(t.store, n, size + step, size + step) ||
		    store_place(t.store, n, size + step, NULL, 0))
			abort();
		moves += n->file.data != place;
		place = n->file.data;
		for (u64 pos = size / TAR_BLOCK * TAR_BLOCK; pos < size + step; pos += TAR_BLOCK) {
			if (store_run(t.store, n, pos, TAR_BLOCK, &at))
				d.d.write(&d.d, at, sector, TAR_BLOCK);
			else
				store_image(t.store, at, sector);
		}
		store_written(t.store, n, size + step);
		if (store_commit(t.store) || (size / step % 64 == 0 && store_checkpoint(t.store)))
			abort();
	}
	/* Cut while pages are written: the end that write-back saw before does not come back. */
	if (store_place(t.store, n, n->size, NULL, 0))
		abort();
	store_shrink(t.store, n, 1000);
	store_written(t.store, n, end);
	if (n->size != 1000 || n->file.data_size != 1000) {
		printf("FAIL a file that is cut while it is written: %lu bytes\n", n->size);
		exit(1);
	}
	store_close(t.store);
	tar_tree_free(&t);
	sim_free(&d);
	printf(moves <= 24 ? "ok a growing file: %lu moves\n" : "FAIL a growing file: %lu moves\n",
	       moves);
	if (moves > 24)
		exit(1);
}

/* --- a commit of many names lets others have the hart --- */

static int held, breaths, meanwhile;

static void hold(struct store *st)
{
	(void)st;
	held++;
}

static void release(struct store *st)
{
	(void)st;
	held--;
}

static void new_name(struct tar_tree *t, const char *form, int i)
{
	char name[16];
	size_t len = (size_t)snprintf(name, sizeof(name), form, i);

	if (store_ask(t->store, t->root, len, NULL) ||
	    store_link(t->store, t->root, name, len, tar_node_new(t, TAR_FILE)))
		abort();
}

/* Others change names meanwhile: one comes, one goes. */
static void breath(struct tar_tree *t)
{
	char name[16];
	struct tar_name *e;
	struct tar_node *n;

	breaths += !held;
	if (meanwhile < 0)
		return;
	e = tar_find(t->root, name, (size_t)snprintf(name, sizeof(name), "f%d", meanwhile));
	new_name(t, "g%d", meanwhile++);
	if (!e || store_ask_unlink(t->store, e))
		abort();
	n = store_unlink(t->store, t->root, e);
	store_forget(t->store, n);
	tar_node_free(t, n);
}

/* The names on the disk, seen by who mounts it. */
static void same_names(struct sim_disk *d, int f, int g)
{
	struct tar_tree t;
	const char *why;
	char name[16];

	if (tar_tree_init(&t) || store_open(&t, &d->d, NULL, 0, &why))
		abort();
	for (int i = 0; i < f; i++) {
		bool was = tar_find(t.root, name, (size_t)snprintf(name, sizeof(name), "f%d", i));
		bool now = tar_find(t.root, name, (size_t)snprintf(name, sizeof(name), "g%d", i));

		if (was == (i < g) || now != (i < g)) {
			printf("FAIL f%d: %d, g%d: %d\n", i, was, i, now);
			exit(1);
		}
	}
	store_close(t.store);
	tar_tree_free(&t);
}

static void told(const char *what, int names, int least)
{
	printf("%s %s of %d names gave way %d times\n", breaths >= least ? "ok" : "FAIL", what,
	       names, breaths);
	if (breaths < least)
		exit(1);
}

static void gives_way(void)
{
	char name[16];
	static const struct store_ops hold_ops = { .lock = hold, .unlock = release };
	const int names = 2000, before = 100; /* names, at the most, from one breath to the next */
	struct sim_disk d;
	struct tar_tree t;
	const char *why;

	sim_init(&d, 256u << 20);
	if (tar_tree_init(&t) || store_open(&t, &d.d, &hold_ops, STORE_MAKE, &why))
		abort();
	for (int i = 0; i < names; i++)
		new_name(&t, "f%d", i);
	t.breathe = breath;
	for (int round = 0; round < 2; round++) {
		breaths = 0;
		meanwhile = round - 1;
		if (store_commit(t.store))
			abort();
		told(round ? "a commit amid changes" : "a commit", names,
		     round ? 0 : names / before);
		breaths = 0;
		if (store_checkpoint(t.store))
			abort();
		told(round ? "a checkpoint amid changes" : "a checkpoint", names, round ? 0 : 2);
		for (int i = 0; i < names && !round; i++)
			store_changed(t.store,
				      tar_find(t.root, name,
					       (size_t)snprintf(name, sizeof(name), "f%d", i))
					      ->node,
				      STORE_ATTR);
	}
	t.breathe = NULL;
	if (store_sync(t.store))
		abort();
	same_names(&d, names, meanwhile);
	t.breathe = NULL;
	store_close(t.store);
	tar_tree_free(&t);
	sim_free(&d);
}

int main(int argc, char **argv)
{
	const char *kind = argc > 1 ? argv[1] : "";

	if (!strcmp(kind, "long"))
		many(argc > 2 ? strtoul(argv[2], NULL, 0) : 10000,
		     argc > 3 ? strtoul(argv[3], NULL, 0) : 1000);
	else if (!strcmp(kind, "seed") && argc > 2)
		one_seed(strtoul(argv[2], NULL, 0), PER_SEED, argc > 3 ? argv[3] : NULL, 0);
	else if (!strcmp(kind, "large"))
		work_large(argc > 2 ? strtoul(argv[2], NULL, 0) : 1000000,
			   argc > 3 ? strtoul(argv[3], NULL, 0) : 256u << 20);
	else if (!strcmp(kind, "faults"))
		faults(40), placed(), grows(), gives_way();
	else if (!strcmp(kind, "nomem"))
		nomem(argc > 2 ? strtoul(argv[2], NULL, 0) : 1,
		      argc > 3 ? strtoul(argv[3], NULL, 0) : 1);
	else if (!strcmp(kind, "dump") && argc > 3)
		for (u64 left = strtoul(argv[3], NULL, 0), seed = 1; left; left--, seed++)
			one_seed(seed, PER_SEED, argv[2], 1);
	else {
		many(500, 1);
		one_seed(34, PER_SEED, NULL, 0); /* a link in the last sectors of a free segment */
		one_seed(640003, PER_SEED, NULL,
			 0); /* a file with holes that moves before it is written */
		one_seed(700048, PER_SEED, NULL,
			 0); /* a file with holes that is renamed in place */
		faults(40);
		placed();
		nomem(1, 12);
		grows();
		gives_way();
		work_large(20000, 1u << 20);
	}
	return 0;
}

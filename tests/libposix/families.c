/* A call or two of each family that the other programs leave out. */
#define _GNU_SOURCE
#include <aio.h>
#include <dirent.h>
#include <endian.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <mqueue.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <search.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/queue.h>
#include <sys/random.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>
#include <wordexp.h>

#define SAY(...) (printf(__VA_ARGS__), putchar('\n'))

static const char *error_of(int bad)
{
	return bad ? strerrorname_np(errno) : "ok";
}

static int by_int(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void searching(void)
{
	int table[8] = { 5, 3, 9 }, key = 9;
	size_t n = 3;
	struct link {
		struct link *next, *prev;
		int v;
	} a = { .v = 1 }, b = { .v = 2 }, c = { .v = 3 };
	LIST_HEAD(, item) list = LIST_HEAD_INITIALIZER(list);
	struct item {
		LIST_ENTRY(item) at;
		int v;
	} items[3] = { { .v = 1 }, { .v = 2 }, { .v = 3 } }, *i;

	SAY("lfind %d %d", lfind(&key, table, &n, sizeof(int), by_int) == &table[2],
	    lfind(&n, table, &n, sizeof(int), by_int) != NULL);
	key = 7;
	SAY("lsearch %d %zu %d", lsearch(&key, table, &n, sizeof(int), by_int) == &table[3], n,
	    table[3]);
	insque(&a, NULL);
	insque(&b, &a);
	insque(&c, &a);
	SAY("queue %d %d %d", a.next->v, c.next->v, b.prev->v);
	remque(&c);
	SAY("queue %d %d", a.next == &b, b.prev == &a);
	LIST_INSERT_HEAD(&list, &items[0], at);
	LIST_INSERT_AFTER(&items[0], &items[2], at);
	LIST_INSERT_BEFORE(&items[2], &items[1], at);
	LIST_REMOVE(&items[0], at);
	LIST_FOREACH(i, &list, at)
	printf("%d ", i->v);
	SAY("of the list");
	SAY("%x %llx %x", be32toh(0x01020304), (unsigned long long)htobe64(1), htole16(0x0102));
}

static void words_and_options(void)
{
	static char *const tokens[] = { "ro", "size", NULL };
	char options[] = "ro,size=5,other=x", *rest = options, *value;
	wordexp_t w;

	while (*rest) {
		int n = getsubopt(&rest, tokens, &value);

		printf("%d:%s ", n, value ? value : "-");
	}
	SAY("suboptions");
	SAY("wordexp %d %d %d", wordexp("a | b", &w, 0), wordexp("$(date)", &w, WRDE_NOCMD),
	    wordexp("a; b", &w, 0));
}

static void told(union sigval v)
{
	sem_post(v.sival_ptr);
}

static void async_io(void)
{
	sem_t done;
	char buf[16] = "", second[16] = "";
	int fd = open("aio.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);
	struct aiocb out = { .aio_fildes = fd,
			     .aio_buf = "hello, disk",
			     .aio_nbytes = 11,
			     .aio_sigevent = { .sigev_notify = SIGEV_THREAD,
					       .sigev_notify_function = told,
					       .sigev_value.sival_ptr = &done } };
	struct aiocb in = { .aio_fildes = fd,
			    .aio_buf = buf,
			    .aio_nbytes = 5,
			    .aio_lio_opcode = LIO_READ,
			    .aio_sigevent.sigev_notify = SIGEV_NONE },
		     in2 = in, bad = in;
	struct aiocb *list[] = { &in, NULL, &in2, &bad };
	const struct aiocb *one[] = { &in };

	sem_init(&done, 0, 0);
	SAY("aio_write %s", error_of(aio_write(&out)));
	sem_wait(&done);
	SAY("%d %zd", aio_error(&out), aio_return(&out));
	in2.aio_buf = second;
	in2.aio_offset = 7;
	bad.aio_fildes = -1;
	errno = 0;
	SAY("lio_listio %s", error_of(lio_listio(LIO_WAIT, list, 4, NULL)));
	SAY("%s %s %zd %zd %s", buf, second, aio_return(&in), aio_return(&in2),
	    strerrorname_np(aio_error(&bad)));
	in.aio_nbytes = 3;
	in.aio_offset = 1;
	SAY("aio_read %s", error_of(aio_read(&in)));
	while (aio_suspend(one, 1, NULL) && errno == EINTR)
		;
	SAY("%zd %.3s", aio_return(&in), buf);
	in.aio_sigevent.sigev_notify = SIGEV_NONE;
	SAY("aio_fsync %s", error_of(aio_fsync(O_SYNC, &in)));
	while (aio_error(&in) == EINPROGRESS)
		sched_yield();
	SAY("%d; aio_cancel %d", aio_error(&in), aio_cancel(fd, NULL) == AIO_ALLDONE);
	close(fd);
	unlink("aio.tmp");
}

static volatile int rang;
static sem_t heard;

static void message_came(union sigval v)
{
	rang = v.sival_int;
	sem_post(&heard);
}

static void queues(void)
{
	struct mq_attr attr = { .mq_maxmsg = 2, .mq_msgsize = 16 };
	struct sigevent ev = { .sigev_notify = SIGEV_THREAD,
			       .sigev_notify_function = message_came,
			       .sigev_value.sival_int = 42 };
	struct timespec past = { 0 };
	char buf[16];
	unsigned prio;
	mqd_t q;

	mq_unlink("/families");
	q = mq_open("/families", O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
	SAY("mq_open %d", q >= 0);
	sem_init(&heard, 0, 0);
	SAY("mq_notify %s, twice %s", error_of(mq_notify(q, &ev)), error_of(mq_notify(q, &ev)));
	SAY("mq_send %s", error_of(mq_send(q, "one", 4, 1)));
	sem_wait(&heard);
	SAY("told %d", rang);
	SAY("mq_send %s", error_of(mq_send(q, "two", 4, 9)));
	SAY("mq_timedsend %s", error_of(mq_timedsend(q, "x", 1, 0, &past)));
	printf("%zd ", mq_receive(q, buf, sizeof(buf), &prio));
	SAY("%s %u", buf, prio);
	mq_getattr(q, &attr);
	SAY("%ld of %ld", attr.mq_curmsgs, attr.mq_maxmsg);
	SAY("short %s", error_of(mq_receive(q, buf, 3, NULL) < 0));
	mq_close(q);
	SAY("mq_unlink %s, %s", error_of(mq_unlink("/families")), error_of(mq_unlink("/families")));
}

static tss_t slot;
static mtx_t lock;
static cnd_t changed;
static int state;

static void gone(void *p)
{
	state += *(int *)p;
}

static int c11_thread(void *arg)
{
	static int ten = 10;

	tss_set(slot, &ten);
	mtx_lock(&lock);
	state = 1;
	cnd_signal(&changed);
	while (state != 2)
		cnd_wait(&changed, &lock);
	mtx_unlock(&lock);
	return *(int *)tss_get(slot) + *(int *)arg;
}

static void threading(void)
{
	pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t c = PTHREAD_COND_INITIALIZER;
	struct timespec past = { 0 };
	int result = 0, seven = 7;
	cpu_set_t set;
	thrd_t t;

	pthread_mutex_lock(&m);
	SAY("clockwait %s %s",
	    strerrorname_np(pthread_cond_clockwait(&c, &m, CLOCK_MONOTONIC, &past)),
	    strerrorname_np(pthread_cond_clockwait(&c, &m, 77, &past)));
	SAY("affinity %d %d %d", pthread_getaffinity_np(pthread_self(), sizeof(set), &set),
	    CPU_COUNT(&set) > 0, pthread_setaffinity_np(pthread_self(), sizeof(set), &set));
	CPU_ZERO(&set);
	SAY("no processor: %s",
	    strerrorname_np(pthread_setaffinity_np(pthread_self(), sizeof(set), &set)));
	tss_create(&slot, gone);
	mtx_init(&lock, mtx_timed | mtx_recursive);
	cnd_init(&changed);
	mtx_lock(&lock);
	SAY("again %d", mtx_trylock(&lock) == thrd_success);
	mtx_unlock(&lock);
	SAY("thrd_create %d", thrd_create(&t, c11_thread, &seven) == thrd_success);
	while (state != 1)
		cnd_wait(&changed, &lock);
	SAY("late %d", cnd_timedwait(&changed, &lock, &past) == thrd_timedout);
	state = 2;
	cnd_broadcast(&changed);
	mtx_unlock(&lock);
	SAY("thrd_join %d, %d, state %d", thrd_join(t, &result) == thrd_success, result, state);
	SAY("%d %d", thrd_equal(thrd_current(), thrd_current()) != 0,
	    thrd_sleep(&(struct timespec){ 0, 1 }, NULL));
}

static int dotless(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static void folders(void)
{
	struct dirent **list, *d;
	char name[32];
	long at = 0;
	DIR *dir;
	int n;

	mkdir("fam.d", 0700);
	for (int i = 0; i < 3; i++) {
		sprintf(name, "fam.d/f%d", i == 2 ? 10 : i + 1);
		close(open(name, O_CREAT | O_WRONLY, 0600));
	}
	n = scandir("fam.d", &list, dotless, alphasort);
	for (int i = 0; i < n; i++)
		printf("%s ", list[i]->d_name);
	n = scandir("fam.d", &list, dotless, versionsort);
	for (int i = 0; i < n; i++)
		printf("%s ", list[i]->d_name);
	SAY("%d, %s", n, error_of(scandir("none", &list, NULL, NULL) < 0));
	dir = opendir("fam.d");
	readdir(dir);
	at = telldir(dir);
	d = readdir(dir);
	strcpy(name, d->d_name);
	while (readdir(dir))
		;
	seekdir(dir, at);
	SAY("seekdir %d", !strcmp(readdir(dir)->d_name, name));
	rewinddir(dir);
	for (n = 0; readdir(dir); n++)
		;
	SAY("rewinddir %d, dirfd %d", n, dirfd(dir) >= 0);
	closedir(dir);
	unlink("fam.d/f1");
	unlink("fam.d/f2");
	unlink("fam.d/f10");
	rmdir("fam.d");
}

static void people(void)
{
	struct group *found = getgrnam("nosuch");
	gid_t groups[8];
	int n = 8;

	SAY("getgrnam %d", found == NULL);
	SAY("getgrouplist %d %d %u", getgrouplist("nobody-here", 5, groups, &n), n, groups[0]);
	n = 0;
	SAY("no room %d %d", getgrouplist("nobody-here", 5, groups, &n), n);
	SAY("getpwuid %s", getpwuid(0) ? getpwuid(0)->pw_name : "-");
}

static void descriptors(void)
{
	struct itimerspec soon = { .it_value.tv_nsec = 1 };
	struct signalfd_siginfo si;
	struct itimerval it;
	struct statvfs v;
	char buf[4096];
	unsigned long long n = 5;
	off_t at = 0;
	sigset_t set;
	void *p;
	int fd, other;

	fd = eventfd(3, EFD_CLOEXEC);
	eventfd_write(fd, 4);
	eventfd_read(fd, (eventfd_t *)&n);
	SAY("eventfd %llu", n);
	close(fd);
	fd = timerfd_create(CLOCK_MONOTONIC, 0);
	timerfd_settime(fd, 0, &soon, NULL);
	SAY("timerfd %zd %llu", read(fd, &n, 8), n);
	close(fd);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, 0);
	raise(SIGUSR1);
	SAY("signalfd %d %d", read(fd, &si, sizeof(si)) == sizeof(si), si.ssi_signo == SIGUSR1);
	close(fd);
	fd = inotify_init1(IN_NONBLOCK);
	mkdir("watch.d", 0700);
	SAY("inotify %d", inotify_add_watch(fd, "watch.d", IN_CREATE) > 0);
	close(open("watch.d/x", O_CREAT | O_WRONLY, 0600));
	SAY("%d %s", read(fd, buf, sizeof(buf)) > 0, ((struct inotify_event *)buf)->name);
	close(fd);
	fd = open("watch.d/x", O_RDWR);
	write(fd, "0123456789", 10);
	other = open("watch.d/y", O_CREAT | O_RDWR, 0600);
	printf("sendfile %zd ", sendfile(other, fd, &at, 7));
	SAY("%ld", (long)at);
	close(fd);
	close(other);
	unlink("watch.d/x");
	unlink("watch.d/y");
	rmdir("watch.d");
	SAY("getrandom %zd %d", getrandom(buf, 20, 0), getentropy(buf, 300));
	fd = shm_open("/families", O_RDWR | O_CREAT | O_EXCL, 0600);
	ftruncate(fd, 4096);
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	strcpy(p, "shared");
	pread(fd, buf, 7, 0);
	SAY("shm %s, %s, %s", buf, error_of(shm_unlink("/families")),
	    error_of(shm_unlink("/families")));
	SAY("statvfs %s %d", error_of(statvfs("/", &v)), v.f_bsize > 0);
	setitimer(ITIMER_REAL, &(struct itimerval){ .it_value.tv_sec = 1000 }, NULL);
	getitimer(ITIMER_REAL, &it);
	SAY("getitimer %d; ualarm %d", it.it_value.tv_sec > 900, ualarm(0, 0) > 0);
	SAY("sched %s, %d %d",
	    error_of(sched_setscheduler(0, SCHED_OTHER, &(struct sched_param){ 0 })),
	    sched_get_priority_max(SCHED_FIFO), sched_getscheduler(0));
}

static void complaints(void)
{
	int p[2], status, n;
	char buf[300];
	pid_t child;

	pipe(p);
	child = fork();
	if (!child) {
		dup2(p[1], 2);
		close(p[0]);
		close(p[1]);
		program_invocation_short_name = program_invocation_name = "prog";
		errno = ENOENT;
		warn("a %d", 1);
		warnx("b");
		errno = EPERM;
		warn(NULL);
		errno = EACCES;
		err(5, "c %s", "d");
	}
	close(p[1]);
	for (n = 0; (status = (int)read(p[0], buf + n, sizeof(buf) - 1 - (size_t)n)) > 0;
	     n += status)
		;
	buf[n] = 0;
	waitpid(child, &status, 0);
	SAY("%sstatus %d", buf, WEXITSTATUS(status));
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	searching();
	words_and_options();
	async_io();
	queues();
	threading();
	folders();
	people();
	descriptors();
	fflush(stdout);
	complaints();
	return 0;
}

/*
 * libposix-sys-tests - the C library's threads, heap, signals and processes
 * against what the standards say, one line a group. It also compiles against any
 * other libc, to see whether that agrees.
 */
#include <aio.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <mqueue.h>
#include <pthread.h>
#include <pty.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <threads.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static const char help[] = "usage: libposix-sys-tests [GROUP]\n"
			   "Test the C library: `ok GROUP` or `FAIL GROUP: why` for each.\n";

static int failures;
static char why[300];

static void fail_at(int line, const char *text)
{
	if (!why[0])
		snprintf(why, sizeof(why), "line %d: %s", line, text);
}

#define CHECK(cond) ((cond) ? (void)0 : fail_at(__LINE__, #cond))

static struct timespec in_ms(clockid_t clock, long ms)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	ts.tv_nsec += ms % 1000 * 1000000;
	ts.tv_sec += ms / 1000 + ts.tv_nsec / 1000000000;
	ts.tv_nsec %= 1000000000;
	return ts;
}

static pthread_t start(void *(*fn)(void *), void *arg)
{
	pthread_t t;

	if (pthread_create(&t, NULL, fn, arg)) {
		puts("no thread");
		exit(1);
	}
	return t;
}

static void *joined(pthread_t t)
{
	void *result = (void *)-2;

	CHECK(!pthread_join(t, &result));
	return result;
}

/* ---- threads --------------------------------------------------------------------------- */

static __thread int tls_zero;
static __thread int tls_set = 42;
static __thread char tls_aligned[64] __attribute__((aligned(64)));
static _Atomic int counter;

static void *add_one(void *arg)
{
	CHECK(tls_zero == 0 && tls_set == 42);
	CHECK(((uintptr_t)tls_aligned & 63) == 0);
	tls_zero = tls_set = 7;
	errno = EDOM;
	counter++;
	sched_yield();
	CHECK(errno == EDOM);
	return arg;
}

static void *detached_end(void *arg)
{
	pthread_detach(pthread_self());
	counter++;
	return arg;
}

static void test_threads(void)
{
	char name[16], *stack;
	pthread_t t[20];
	pthread_attr_t attr;
	size_t size;
	void *base;

	counter = 0;
	errno = 0;
	for (int i = 0; i < 20; i++)
		t[i] = start(add_one, &t[i]);
	for (int i = 0; i < 20; i++)
		CHECK(joined(t[i]) == &t[i]);
	CHECK(counter == 20 && tls_set == 42 && errno == 0);
	for (int i = 0; i < 50; i++)
		start(detached_end, NULL);
	while (counter < 70)
		sched_yield();
	CHECK(pthread_join(pthread_self(), NULL) == EDEADLK);
	CHECK(pthread_equal(pthread_self(), pthread_self()));
	CHECK(!pthread_setname_np(pthread_self(), "tester"));
	CHECK(!pthread_getname_np(pthread_self(), name, sizeof(name)) && !strcmp(name, "tester"));
	CHECK(pthread_setname_np(pthread_self(), "a name that is too long") == ERANGE);

	stack = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(!pthread_attr_init(&attr));
	CHECK(!pthread_attr_setstack(&attr, stack, 1 << 16));
	CHECK(!pthread_attr_getstack(&attr, &base, &size) && base == stack && size == 1 << 16);
	CHECK(!pthread_create(&t[0], &attr, add_one, stack));
	CHECK(joined(t[0]) == stack);
	CHECK(pthread_attr_setstacksize(&attr, 100) == EINVAL);
	pthread_attr_destroy(&attr);
	munmap(stack, 1 << 16);
	CHECK(!pthread_getattr_np(pthread_self(), &attr));
	CHECK(!pthread_attr_getstack(&attr, &base, &size));
	CHECK((char *)&attr > (char *)base && (char *)&attr < (char *)base + size);
	pthread_attr_destroy(&attr);
}

/* ---- mutexes ---------------------------------------------------------------------------- */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int protected_count;

static void *count_up(void *arg)
{
	for (int i = 0; i < 2000; i++) {
		pthread_mutex_lock(arg);
		protected_count++;
		pthread_mutex_unlock(arg);
	}
	return NULL;
}

static void *lock_and_end(void *arg)
{
	pthread_mutex_lock(arg);
	return NULL;
}

static void *try_it(void *arg)
{
	return (void *)(long)pthread_mutex_trylock(arg);
}

static void *unlock_it(void *arg)
{
	return (void *)(long)pthread_mutex_unlock(arg);
}

static void mutex_make(pthread_mutex_t *m, int type, int robust, int protocol)
{
	pthread_mutexattr_t a;

	pthread_mutexattr_init(&a);
	pthread_mutexattr_settype(&a, type);
	pthread_mutexattr_setrobust(&a, robust);
	pthread_mutexattr_setprotocol(&a, protocol);
	pthread_mutex_init(m, &a);
	pthread_mutexattr_destroy(&a);
}

static void count_together(pthread_mutex_t *m)
{
	pthread_t t[4];

	protected_count = 0;
	for (int i = 0; i < 4; i++)
		t[i] = start(count_up, m);
	for (int i = 0; i < 4; i++)
		joined(t[i]);
	CHECK(protected_count == 8000);
}

static void test_mutex(void)
{
	struct timespec past = { 1, 0 }, soon;
	pthread_mutex_t m;

	count_together(&mutex);
	CHECK(!pthread_mutex_lock(&mutex));
	CHECK(pthread_mutex_trylock(&mutex) == EBUSY);
	CHECK(pthread_mutex_timedlock(&mutex, &past) == ETIMEDOUT);
	soon = in_ms(CLOCK_MONOTONIC, 10);
	CHECK(pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &soon) == ETIMEDOUT);
	CHECK(!pthread_mutex_unlock(&mutex));

	mutex_make(&m, PTHREAD_MUTEX_RECURSIVE, 0, 0);
	CHECK(!pthread_mutex_lock(&m) && !pthread_mutex_lock(&m) && !pthread_mutex_trylock(&m));
	CHECK(!pthread_mutex_unlock(&m) && !pthread_mutex_unlock(&m));
	CHECK((long)joined(start(try_it, &m)) == EBUSY);
	CHECK((long)joined(start(unlock_it, &m)) == EPERM);
	CHECK(!pthread_mutex_unlock(&m));
	CHECK(pthread_mutex_unlock(&m) == EPERM);

	mutex_make(&m, PTHREAD_MUTEX_ERRORCHECK, 0, 0);
	CHECK(!pthread_mutex_lock(&m) && pthread_mutex_lock(&m) == EDEADLK);
	CHECK(!pthread_mutex_unlock(&m) && pthread_mutex_unlock(&m) == EPERM);

	for (int pi = 0; pi < 2; pi++) {
		mutex_make(&m, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST, pi);
		count_together(&m);
		joined(start(lock_and_end, &m));
		CHECK(pthread_mutex_lock(&m) == EOWNERDEAD);
		CHECK(!pthread_mutex_consistent(&m));
		CHECK(!pthread_mutex_unlock(&m));
		CHECK(!pthread_mutex_lock(&m) && !pthread_mutex_unlock(&m));
		joined(start(lock_and_end, &m));
		CHECK(pthread_mutex_lock(&m) == EOWNERDEAD);
		CHECK(!pthread_mutex_unlock(&m));
		CHECK(pthread_mutex_lock(&m) == ENOTRECOVERABLE);
		pthread_mutex_destroy(&m);
	}
	mutex_make(&m, PTHREAD_MUTEX_NORMAL, 0, PTHREAD_PRIO_INHERIT);
	count_together(&m);
}

/* ---- condition variables, rwlocks, barriers, semaphores ------------------------------------ */

static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int turn;

static void *take_turns(void *arg)
{
	int me = (int)(long)arg;

	pthread_mutex_lock(&mutex);
	for (int i = 0; i < 200; i++) {
		while (turn % 3 != me)
			pthread_cond_wait(&cond, &mutex);
		turn++;
		pthread_cond_broadcast(&cond);
	}
	pthread_mutex_unlock(&mutex);
	return NULL;
}

static void test_cond(void)
{
	struct timespec soon = in_ms(CLOCK_REALTIME, 10), bad = { 0, 1000000000 };
	pthread_condattr_t a;
	pthread_cond_t c;
	clockid_t clock;
	pthread_t t[3];

	turn = 0;
	for (long i = 0; i < 3; i++)
		t[i] = start(take_turns, (void *)i);
	for (int i = 0; i < 3; i++)
		joined(t[i]);
	CHECK(turn == 600);
	pthread_mutex_lock(&mutex);
	CHECK(pthread_cond_timedwait(&cond, &mutex, &soon) == ETIMEDOUT);
	CHECK(pthread_cond_timedwait(&cond, &mutex, &bad) == EINVAL);
	pthread_condattr_init(&a);
	CHECK(!pthread_condattr_setclock(&a, CLOCK_MONOTONIC));
	CHECK(pthread_condattr_setclock(&a, CLOCK_PROCESS_CPUTIME_ID) == EINVAL);
	CHECK(!pthread_condattr_getclock(&a, &clock) && clock == CLOCK_MONOTONIC);
	pthread_cond_init(&c, &a);
	soon = in_ms(CLOCK_MONOTONIC, 10);
	CHECK(pthread_cond_timedwait(&c, &mutex, &soon) == ETIMEDOUT);
	pthread_mutex_unlock(&mutex);
	CHECK(!pthread_cond_destroy(&c));
}

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t barrier;
static sem_t sem;

static void *write_much(void *arg)
{
	for (int i = 0; i < 500; i++) {
		pthread_rwlock_wrlock(&rwlock);
		protected_count++;
		pthread_rwlock_unlock(&rwlock);
		pthread_rwlock_rdlock(&rwlock);
		pthread_rwlock_unlock(&rwlock);
	}
	return arg;
}

static void *meet(void *arg)
{
	long serial = 0;

	(void)arg;
	for (int i = 0; i < 50; i++) {
		counter++;
		serial += pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD;
		CHECK(counter % 4 == 0);
		pthread_barrier_wait(&barrier);
	}
	return (void *)serial;
}

static void *post_some(void *arg)
{
	for (int i = 0; i < 100; i++)
		sem_post(&sem);
	return arg;
}

static void test_locks(void)
{
	struct timespec soon;
	pthread_t t[4];
	long serials = 0;
	sem_t *a, *b;
	int value;

	protected_count = 0;
	for (int i = 0; i < 4; i++)
		t[i] = start(write_much, NULL);
	for (int i = 0; i < 4; i++)
		joined(t[i]);
	CHECK(protected_count == 2000);
	CHECK(!pthread_rwlock_rdlock(&rwlock) && !pthread_rwlock_tryrdlock(&rwlock));
	CHECK(pthread_rwlock_trywrlock(&rwlock) == EBUSY);
	soon = in_ms(CLOCK_REALTIME, 10);
	CHECK(pthread_rwlock_timedwrlock(&rwlock, &soon) == ETIMEDOUT);
	CHECK(!pthread_rwlock_unlock(&rwlock) && !pthread_rwlock_unlock(&rwlock));
	CHECK(!pthread_rwlock_wrlock(&rwlock) && pthread_rwlock_wrlock(&rwlock) == EDEADLK);
	CHECK(pthread_rwlock_tryrdlock(&rwlock) == EBUSY);
	CHECK(!pthread_rwlock_unlock(&rwlock));

	counter = 0;
	CHECK(pthread_barrier_init(&barrier, NULL, 0) == EINVAL);
	CHECK(!pthread_barrier_init(&barrier, NULL, 4));
	for (int i = 0; i < 4; i++)
		t[i] = start(meet, NULL);
	for (int i = 0; i < 4; i++)
		serials += (long)joined(t[i]);
	CHECK(serials == 50 && !pthread_barrier_destroy(&barrier));

	sem_init(&sem, 0, 0);
	CHECK(sem_trywait(&sem) == -1 && errno == EAGAIN);
	soon = in_ms(CLOCK_REALTIME, 10);
	CHECK(sem_timedwait(&sem, &soon) == -1 && errno == ETIMEDOUT);
	for (int i = 0; i < 4; i++)
		t[i] = start(post_some, NULL);
	for (int i = 0; i < 400; i++)
		CHECK(!sem_wait(&sem));
	for (int i = 0; i < 4; i++)
		joined(t[i]);
	CHECK(!sem_getvalue(&sem, &value) && value == 0);

	sem_unlink("/libposix-sys");
	CHECK(sem_open("/libposix-sys", 0) == SEM_FAILED && errno == ENOENT);
	a = sem_open("/libposix-sys", O_CREAT | O_EXCL, 0600, 3);
	b = sem_open("/libposix-sys", O_CREAT, 0600, 9);
	CHECK(a != SEM_FAILED && a == b && !sem_getvalue(a, &value) && value == 3);
	CHECK(sem_open("/libposix-sys", O_CREAT | O_EXCL, 0600, 3) == SEM_FAILED &&
	      errno == EEXIST);
	CHECK(!sem_close(a) && !sem_wait(b) && !sem_close(b) && !sem_unlink("/libposix-sys"));
}

/* ---- keys, once, cancellation, C11 ------------------------------------------------------------ */

static pthread_key_t key;
static char trace[64];
static int fds[2];

static void note(void *arg)
{
	strcat(trace, arg);
}

static void key_again(void *arg)
{
	strcat(trace, "k");
	if (strlen(trace) < 2)
		pthread_setspecific(key, arg);
}

static void *set_key(void *arg)
{
	CHECK(pthread_getspecific(key) == NULL);
	pthread_setspecific(key, arg);
	CHECK(pthread_getspecific(key) == arg);
	return NULL;
}

static void *read_for_ever(void *arg)
{
	char c;

	pthread_cleanup_push(note, (void *)"b");
	sem_post(&sem);
	while (read(fds[0], &c, 1) == 1)
		continue;
	pthread_cleanup_pop(1);
	return arg;
}

static void *read_cleanly(void *arg)
{
	pthread_cleanup_push(note, (void *)"a");
	arg = read_for_ever(arg);
	pthread_cleanup_pop(1);
	return arg;
}

static void *spin_for_ever(void *arg)
{
	volatile unsigned long n = 0;

	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	pthread_cleanup_push(note, (void *)"s");
	sem_post(&sem);
	for (;;)
		n++;
	pthread_cleanup_pop(0);
	return arg;
}

static void unlock(void *arg)
{
	pthread_mutex_unlock(arg);
}

static void *wait_cond(void *arg)
{
	pthread_mutex_lock(&mutex);
	pthread_cleanup_push(unlock, &mutex);
	sem_post(&sem);
	for (;;)
		pthread_cond_wait(&cond, &mutex);
	pthread_cleanup_pop(1);
	return arg;
}

static void *unwilling(void *arg)
{
	int old;

	CHECK(!pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old));
	CHECK(old == PTHREAD_CANCEL_ENABLE);
	sem_post(&sem);
	usleep(20000);
	pthread_testcancel();
	note((void *)"d");
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old);
	pthread_testcancel();
	note((void *)"x");
	return arg;
}

static void cancel_one(void *(*fn)(void *), const char *want)
{
	pthread_t t;

	trace[0] = 0;
	t = start(fn, NULL);
	sem_wait(&sem);
	if (fn == read_cleanly)
		usleep(5000);
	CHECK(!pthread_cancel(t));
	CHECK(joined(t) == PTHREAD_CANCELED);
	CHECK(!strcmp(trace, want));
}

static void once_fn(void)
{
	counter++;
}

static int c11_thread(void *arg)
{
	return *(int *)arg + 1;
}

static void test_cancel(void)
{
	pthread_once_t once = PTHREAD_ONCE_INIT;
	int number = 41, result = 0;
	thrd_t thread;

	trace[0] = 0;
	CHECK(!pthread_key_create(&key, key_again));
	joined(start(set_key, (void *)"v"));
	CHECK(!strcmp(trace, "kk"));
	CHECK(!pthread_key_delete(key) && pthread_setspecific(key, "x") == EINVAL);

	counter = 0;
	pthread_once(&once, once_fn);
	pthread_once(&once, once_fn);
	CHECK(counter == 1);

	sem_init(&sem, 0, 0);
	CHECK(!pipe(fds));
	for (int i = 0; i < 5; i++)
		cancel_one(read_cleanly, "ba");
	cancel_one(spin_for_ever, "s");
	cancel_one(wait_cond, "");
	CHECK(!pthread_mutex_trylock(&mutex) && !pthread_mutex_unlock(&mutex));
	cancel_one(unwilling, "d");
	close(fds[0]);
	close(fds[1]);

	CHECK(thrd_create(&thread, c11_thread, &number) == thrd_success);
	CHECK(thrd_join(thread, &result) == thrd_success && result == 42);
}

/* ---- the heap ---------------------------------------------------------------------------------- */

/* How a child ends that does this. */
static int fate(void (*fn)(void))
{
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, 2);
		fn();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

static void free_twice(void)
{
	char *volatile a = malloc(100), *volatile b = malloc(100);

	free(a);
	free(b);
	free(a);
}

static void write_beyond(void)
{
	char *volatile a = malloc(200000);

	memset(a, 1, malloc_usable_size(a) + 8);
	free(a);
}

static void free_inside(void)
{
	char *volatile a = malloc(100);

	free(a + 16);
}

static void *churn(void *arg)
{
	unsigned int seed = (unsigned int)(uintptr_t)arg;
	unsigned char *block[64] = { 0 };
	size_t size[64] = { 0 };

	for (int i = 0; i < 3000; i++) {
		int k = (int)((seed = seed * 1103515245 + 12345) >> 16) & 63;

		for (size_t j = 0; j < size[k]; j += 97)
			CHECK(block[k][j] == k);
		size[k] = (seed >> 8) % (i % 50 ? 600 : 40000);
		block[k] = realloc(block[k], size[k] + 1);
		CHECK(block[k] != NULL);
		memset(block[k], k, size[k]);
	}
	for (int k = 0; k < 64; k++)
		free(block[k]);
	return NULL;
}

static void test_heap(void)
{
	pthread_t t[4];
	char *p, *q;
	void *out;

	for (size_t align = 8; align <= 1 << 20; align *= 2) {
		for (size_t size = 1; size < 40000; size = size * 3 + 7) {
			CHECK(!posix_memalign(&out, align, size));
			CHECK(((uintptr_t)out & (align - 1)) == 0);
			CHECK(malloc_usable_size(out) >= size);
			memset(out, 1, size);
			free(out);
		}
	}
	CHECK(posix_memalign(&out, 3, 10) == EINVAL);
	for (size_t size = 0; size < 300000; size = size * 2 + 1) {
		p = malloc(size);
		CHECK(((uintptr_t)p & 15) == 0 && malloc_usable_size(p) >= size);
		memset(p, 7, size);
		q = realloc(p, size + 5000);
		for (size_t i = 0; i < size; i++)
			CHECK(q[i] == 7);
		free(q);
	}
	p = malloc(3 << 20);
	p[0] = 1;
	p[(3 << 20) - 1] = 2;
	p = realloc(p, 9 << 20);
	CHECK(p[0] == 1 && p[(3 << 20) - 1] == 2);
	p = realloc(p, 100);
	CHECK(p[0] == 1);
	free(p);
	p = calloc(1000, 77);
	for (int i = 0; i < 77000; i++)
		CHECK(!p[i]);
	free(p);
	out = (void *)(uintptr_t)PTRDIFF_MAX;
	CHECK(!malloc((size_t)out + 1) && errno == ENOMEM);
	CHECK(!calloc((size_t)out, 4) && errno == ENOMEM);
	for (long i = 0; i < 4; i++)
		t[i] = start(churn, (void *)(i + 1));
	for (int i = 0; i < 4; i++)
		joined(t[i]);
	CHECK(fate(free_twice) == SIGABRT);
	CHECK(fate(write_beyond) == SIGABRT);
	CHECK(fate(free_inside) == SIGABRT);
}

/* ---- signals, timers ------------------------------------------------------------------------------ */

static volatile sig_atomic_t got_signal, got_value;

static void on_signal(int sig, siginfo_t *info, void *context)
{
	(void)context;
	got_signal = sig;
	got_value = info->si_value.sival_int;
}

static void on_timer(union sigval value)
{
	counter += value.sival_int;
	sem_post(&sem);
}

static void test_signals(void)
{
	struct sigaction act = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
	struct itimerspec it = { .it_value.tv_nsec = 1000000, .it_interval.tv_nsec = 1000000 };
	struct sigevent ev = { .sigev_notify = SIGEV_THREAD,
			       .sigev_notify_function = on_timer,
			       .sigev_value.sival_int = 1 };
	union sigval value = { .sival_int = 77 };
	char name[SIG2STR_MAX];
	sigset_t set, old;
	timer_t timer;
	int sig;

	CHECK(SIGRTMIN == 34 && SIGRTMAX == 64);
	sigemptyset(&set);
	CHECK(sigaddset(&set, 0) == -1 && errno == EINVAL && sigaddset(&set, 65) == -1);
	sigaction(SIGRTMIN, &act, NULL);
	CHECK(!sigqueue(getpid(), SIGRTMIN, value) && got_signal == SIGRTMIN && got_value == 77);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, &old);
	raise(SIGUSR1);
	CHECK(!sigpending(&old) && sigismember(&old, SIGUSR1));
	CHECK(!sigwait(&set, &sig) && sig == SIGUSR1);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	CHECK(pthread_kill(pthread_self(), 0) == 0);
	CHECK(!sig2str(SIGTERM, name) && !strcmp(name, "TERM"));
	CHECK(!str2sig("RTMIN+2", &sig) && sig == SIGRTMIN + 2);
	CHECK(!strcmp(strsignal(SIGSEGV), "Segmentation fault"));

	counter = 0;
	sem_init(&sem, 0, 0);
	CHECK(!timer_create(CLOCK_MONOTONIC, &ev, &timer));
	CHECK(!timer_settime(timer, 0, &it, NULL));
	for (int i = 0; i < 3; i++)
		sem_wait(&sem);
	CHECK(counter >= 3 && !timer_delete(timer));
}

/* ---- processes ---------------------------------------------------------------------------------------- */

static void before(void)
{
	strcat(trace, "1");
}

static void after(void)
{
	strcat(trace, "2");
}

static void test_process(void)
{
	char *argv[] = { (char *)"exe", (char *)"--help", NULL }, buf[300] = "";
	posix_spawn_file_actions_t actions;
	int status = 0, out[2];
	pid_t pid;

	trace[0] = 0;
	CHECK(!pthread_atfork(before, after, after));
	CHECK(fate(after) == 0);
	CHECK(!strcmp(trace, "12"));
	CHECK(!pipe(out));
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, out[1], 1);
	posix_spawn_file_actions_addclose(&actions, out[0]);
	CHECK(!posix_spawn(&pid, "/proc/self/exe", &actions, NULL, argv, environ));
	close(out[1]);
	CHECK(read(out[0], buf, sizeof(buf) - 1) > 0 && !strncmp(buf, help, 20));
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	close(out[0]);
	CHECK(posix_spawn(&pid, "/none", NULL, NULL, argv, environ) == ENOENT);
	posix_spawn_file_actions_destroy(&actions);
	CHECK(execlp("", "", (char *)NULL) == -1 && errno == ENOENT);
	CHECK(!access("/", F_OK) && access("/none", F_OK) == -1 && errno == ENOENT);
	CHECK(sysconf(_SC_PAGESIZE) == 4096 && sysconf(-5) == -1 && errno == EINVAL);
}

/* ---- files and so on -------------------------------------------------------------------------------- */

static ucontext_t main_context, other_context;

static void other(int a, int b)
{
	counter = a * b;
	swapcontext(&other_context, &main_context);
	counter++;
}

static void test_files(void)
{
	struct mq_attr attr = { .mq_maxmsg = 2, .mq_msgsize = 16 };
	char path[40], buf[64] = "", stack[16384];
	struct aiocb cb = { .aio_buf = (char *)"hello", .aio_nbytes = 5 };
	const struct aiocb *list[] = { &cb };
	struct timeval tv = { 0, 1000 };
	unsigned int priority;
	int fd, m, s;
	fd_set set;
	mqd_t mq;

	snprintf(path, sizeof(path), "/tmp/libposix-sys-%d", getpid());
	fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
	cb.aio_fildes = fd;
	CHECK(!aio_write(&cb));
	while (aio_error(&cb) == EINPROGRESS)
		aio_suspend(list, 1, NULL);
	CHECK(!aio_error(&cb) && aio_return(&cb) == 5);
	CHECK(pread(fd, buf, 64, 0) == 5 && !memcmp(buf, "hello", 5));
	CHECK(lockf(fd, F_TLOCK, 0) == 0);
	close(fd);
	unlink(path);

	mq_unlink("/libposix-sys");
	mq = mq_open("/libposix-sys", O_RDWR | O_CREAT, 0600, &attr);
	CHECK(mq >= 0 && !mq_send(mq, "low", 4, 1) && !mq_send(mq, "high", 5, 9));
	CHECK(mq_receive(mq, buf, 16, &priority) == 5 && priority == 9 && !strcmp(buf, "high"));
	CHECK(!mq_close(mq) && !mq_unlink("/libposix-sys"));

	CHECK(!openpty(&m, &s, NULL, NULL, NULL) && isatty(s));
	CHECK(!ttyname_r(s, buf, sizeof(buf)) && !strncmp(buf, "/dev/pts/", 9));
	CHECK(write(m, "line\n", 5) == 5 && read(s, buf, 64) == 5);
	FD_ZERO(&set);
	FD_SET(s, &set);
	CHECK(select(s + 1, &set, NULL, NULL, &tv) == 0 && !FD_ISSET(s, &set));
	close(m);
	close(s);

	counter = 0;
	getcontext(&other_context);
	other_context.uc_stack.ss_sp = stack;
	other_context.uc_stack.ss_size = sizeof(stack);
	other_context.uc_link = &main_context;
	makecontext(&other_context, (void (*)(void))other, 2, 6, 7);
	swapcontext(&main_context, &other_context);
	CHECK(counter == 42);
	swapcontext(&main_context, &other_context);
	CHECK(counter == 43);
}

static const struct {
	const char *name;
	void (*run)(void);
} groups[] = {
	{ "threads", test_threads }, { "mutex", test_mutex },	  { "cond", test_cond },
	{ "locks", test_locks },     { "cancel", test_cancel },	  { "heap", test_heap },
	{ "signals", test_signals }, { "process", test_process }, { "files", test_files },
};
#define GROUPS (sizeof(groups) / sizeof(groups[0]))

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--help")) {
		fputs(help, stdout);
		return 0;
	}
	for (size_t i = 0; i < GROUPS; i++) {
		if (argc == 2 && strcmp(argv[1], groups[i].name))
			continue;
		why[0] = 0;
		groups[i].run();
		if (why[0]) {
			printf("FAIL %s: %s\n", groups[i].name, why);
			failures++;
		} else {
			printf("ok %s\n", groups[i].name);
		}
		fflush(stdout);
	}
	printf("libposix-sys-tests: %zu passed, %d failed\n", GROUPS - (size_t)failures, failures);
	return failures != 0;
}

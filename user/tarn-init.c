/*
 * tarn-init - process 1 of `./tarn run`: the guest's half of docs/runner.md.
 *
 * Reads START from the control port, runs one command on the stdin, stdout and
 * stderr ports (or on the terminal port), reaps what it inherits, passes on
 * window sizes and signals, and at the end sends EXIT and powers off.
 *
 * When process 1 becomes the root's own init, a child of it goes on passing on
 * sizes and signals.
 *
 * The parent keeps stdout, stderr and the terminal open to drain them at the
 * end; stdin is the command's alone, so that its close reaches the host.
 */
#include "common/common.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
	"usage: tarn-init\n"
	"Process 1 of `tarn run`: runs the one command that the host names on the control port.\n";

#define PORTS	     "/dev/virtio-ports/org.tarn."
#define TTY	     "/dev/hvc0"
#define HOST_COMMAND "/.tarn/cmd"
#define PATH_DEFAULT "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

enum frame_type {
	START = 1,
	WINSIZE = 2,
	SIGNAL = 3,
	READY = 0x81,
	EXIT = 0x82,
	ERROR = 0x83,
	TAKEOVER = 0x84,
};

#define FRAME_MAX	  (16u << 20)
#define PORT_TRIES	  2000 /* of 5 ms */

#define FLAG_TTY	  1u
#define FLAG_STDERR_PORT  2u
#define FLAG_HOST_COMMAND 4u

/* What START asks for. Strings point into its frame, NUL-terminated in a copy. */
struct request {
	uint32_t flags;
	uint16_t rows, cols;
	char **argv;
	char **envp;
	char *cwd;
};

/* Why the command did not start; also the message of the close-on-exec pipe. */
struct failure {
	uint32_t status;
	uint32_t err;
	char text[600];
};

/* Bytes of the control port that are not a whole frame yet. */
struct inbox {
	unsigned char *bytes;
	size_t count, room;
};

static int control = -1;
static int tty = -1;
static int in = -1, out = -1, errors = -1;

/* ---- frames ---------------------------------------------------------------------------- */

static uint32_t get32(const unsigned char *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint16_t get16(const unsigned char *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static void put32(unsigned char *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(v >> (8 * i));
}

static void send_bytes(const void *src, size_t n)
{
	const unsigned char *p = src;

	while (n) {
		ssize_t w = write(control, p, n);

		if (w < 0) {
			struct pollfd room = { .fd = control, .events = POLLOUT };

			if (errno == EAGAIN)
				poll(&room, 1, -1);
			else if (errno != EINTR)
				return; /* the host is gone: nobody to tell */
			continue;
		}
		p += w;
		n -= (size_t)w;
	}
}

static void send_frame(enum frame_type type, const void *body, size_t n)
{
	unsigned char frame[8 + sizeof(struct failure)];

	put32(frame, type);
	put32(frame + 4, (uint32_t)n);
	memcpy(frame + 8, body, n);
	send_bytes(frame, 8 + n);
}

static void send_pair(enum frame_type type, uint32_t a, uint32_t b, const char *text)
{
	unsigned char body[sizeof(struct failure)];
	size_t n = strlen(text);

	put32(body, a);
	put32(body + 4, b);
	memcpy(body + 8, text, n);
	send_frame(type, body, 8 + n);
}

/* Take what the port has; 0, or -1 when the host has closed it. */
static int receive(struct inbox *box)
{
	ssize_t n;

	if (box->room - box->count < 4096) {
		size_t want = 2 * box->room + 8192;
		unsigned char *p = realloc(box->bytes, want);

		if (!p)
			return -1;
		box->bytes = p;
		box->room = want;
	}
	n = read(control, box->bytes + box->count, box->room - box->count);
	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -1;
	box->count += (size_t)n;
	return n ? 0 : -1;
}

/* Bytes of the first frame, its head included; 0 when it is not whole; -1 when it is wild. */
static long whole_frame(const struct inbox *box)
{
	uint32_t n;

	if (box->count < 8)
		return 0;
	n = get32(box->bytes + 4);
	if (n > FRAME_MAX)
		return -1;
	return box->count - 8 < n ? 0 : 8 + (long)n;
}

static void drop_frame(struct inbox *box, size_t n)
{
	memmove(box->bytes, box->bytes + n, box->count - n);
	box->count -= n;
}

/* ---- the end --------------------------------------------------------------------------- */

/* Nothing more is to come: all output is at the host before the last frame is. */
static void drain(void)
{
	if (out >= 0)
		fsync(out);
	if (errors >= 0)
		fsync(errors);
	if (tty >= 0)
		tcdrain(tty);
}

static _Noreturn void power_off(void)
{
	fsync(control);
	shut_down(RB_POWER_OFF, 0);
}

static void kill_rest(void)
{
	kill(-1, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		continue;
}

static _Noreturn void end_with_error(const struct failure *f)
{
	kill_rest();
	drain();
	send_pair(ERROR, f->status, f->err, f->text);
	power_off();
}

static _Noreturn void give_up(uint32_t status, const char *fmt, ...)
{
	struct failure f = { .status = status, .err = (uint32_t)errno };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f.text, sizeof(f.text), fmt, ap);
	va_end(ap);
	end_with_error(&f);
}

/* ---- START ----------------------------------------------------------------------------- */

/* The next string of the frame as a NUL-terminated copy; NULL when the frame is cut short. */
static char *take_string(const unsigned char **p, const unsigned char *end)
{
	uint32_t n;
	char *s;

	if (end - *p < 4)
		return NULL;
	n = get32(*p);
	*p += 4;
	if ((size_t)(end - *p) < n)
		return NULL;
	s = strndup((const char *)*p, n);
	*p += n;
	return s;
}

static char **take_list(const unsigned char **p, const unsigned char *end, uint32_t count)
{
	char **list;

	/* Each string has at least its length: a wild count is found before memory is. */
	if (count > (size_t)(end - *p) / 4)
		return NULL;
	list = calloc(count + 1ul, sizeof(*list));
	for (uint32_t i = 0; list && i < count; i++) {
		list[i] = take_string(p, end);
		if (!list[i])
			return NULL;
	}
	return list;
}

static void parse_start(const unsigned char *p, size_t n, struct request *r)
{
	const unsigned char *end = p + n;
	uint32_t argc, envc;

	errno = EPROTO;
	if (n < 16)
		give_up(125, "START is cut short");
	argc = get32(p);
	envc = get32(p + 4);
	r->flags = get32(p + 8);
	r->rows = get16(p + 12);
	r->cols = get16(p + 14);
	p += 16;
	r->argv = take_list(&p, end, argc);
	r->envp = r->argv ? take_list(&p, end, envc) : NULL;
	r->cwd = r->envp ? take_string(&p, end) : NULL;
	if (!r->cwd)
		give_up(125, "START is cut short");
}

static void await_start(struct inbox *box, struct request *r)
{
	long n;

	for (;;) {
		while ((n = whole_frame(box)) == 0)
			if (receive(box))
				power_off();
		if (n < 0)
			give_up(125, "a frame of %u bytes", get32(box->bytes + 4));
		if (get32(box->bytes) == START)
			break;
		drop_frame(box, (size_t)n);
	}
	parse_start(box->bytes + 8, (size_t)n - 8, r);
	drop_frame(box, (size_t)n);
}

/* ---- the command's side ---------------------------------------------------------------- */

/* The device names its ports one by one, after the driver has asked: the last may come after us. */
static int open_device(const char *path, int flags)
{
	const struct timespec pause = { .tv_nsec = 5000000 };
	int fd, tries = 0;

	while ((fd = open(path, flags | O_CLOEXEC)) < 0 && errno == ENOENT && tries++ < PORT_TRIES)
		nanosleep(&pause, NULL);
	return fd;
}

static int open_port(const char *name, int flags)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), PORTS "%s", name);
	fd = open_device(path, flags);
	if (fd < 0)
		give_up(125, "%s: %m", path);
	return fd;
}

static void set_window(uint16_t rows, uint16_t cols)
{
	struct winsize ws = { .ws_row = rows, .ws_col = cols };

	if (tty >= 0)
		ioctl(tty, TIOCSWINSZ, &ws);
}

static void open_files(const struct request *r)
{
	if (r->flags & FLAG_TTY) {
		tty = open_device(TTY, O_RDWR | O_NOCTTY);
		if (tty < 0)
			give_up(125, TTY ": %m");
		set_window(r->rows, r->cols);
	} else {
		in = open_port("stdin", O_RDONLY);
		out = open_port("stdout", O_WRONLY);
	}
	if (!(r->flags & FLAG_TTY) || (r->flags & FLAG_STDERR_PORT))
		errors = open_port("stderr", O_WRONLY);
}

/* fds 0, 1 and 2, a session and, with a terminal, that as the controlling one. */
static void connect_files(void)
{
	setsid();
	if (tty >= 0)
		ioctl(tty, TIOCSCTTY, 0);
	dup2(tty >= 0 ? tty : in, 0);
	dup2(tty >= 0 ? tty : out, 1);
	dup2(errors >= 0 ? errors : tty, 2);
	close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
}

static void reset_signals(void)
{
	sigset_t none;

	for (int sig = 1; sig <= _NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void describe(struct failure *f, uint32_t status, const char *fmt, ...)
{
	va_list ap;

	f->err = (uint32_t)errno;
	f->status = status;
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
}

/* A file without a format that exec knows: text goes to /bin/sh, as a shell would do. */
static void run_text(const char *path, struct request *r, struct failure *f)
{
	char head[256];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, head, sizeof(head));
	size_t argc = 0;
	char **args;

	errno = ENOEXEC;
	if (n < 0 || (n >= 4 && !memcmp(head, "\177ELF", 4)) || memchr(head, 0, (size_t)n)) {
		describe(f, 126, "%s: not a riscv64 program", path);
		return;
	}
	while (r->argv[argc])
		argc++;
	args = calloc(argc + 2, sizeof(*args));
	if (args) {
		args[0] = (char *)"sh";
		args[1] = (char *)path;
		for (size_t i = 1; i < argc; i++)
			args[i + 1] = r->argv[i];
		execve("/bin/sh", args, r->envp);
	}
	describe(f, 126, "%s: a script, and /bin/sh can't be run: %m", path);
}

/*
 * Run the file at `path`. Returns only when that failed: 0 when there is no such
 * file or it may not be run and a search goes on, 1 when it is decided.
 */
static int run_file(const char *path, struct request *r, struct failure *f)
{
	struct stat st;

	execve(path, r->argv, r->envp);
	switch (errno) {
	case ENOENT:
		if (stat(path, &st)) {
			errno = ENOENT;
			return 0;
		}
		errno = ENOENT;
		describe(f, 127, "%s: the interpreter it names is not in the root", path);
		return 1;
	case ENOTDIR:
		return 0;
	case EACCES:
		if (!stat(path, &st) && S_ISDIR(st.st_mode)) {
			errno = EISDIR;
			describe(f, 126, "%s: a directory", path);
		} else {
			errno = EACCES;
			describe(f, 126, "%s: not executable", path);
		}
		return 0;
	case ENOEXEC:
		run_text(path, r, f);
		return 1;
	default:
		describe(f, 126, "%s: %m", path);
		return 1;
	}
}

static const char *path_of(char **envp)
{
	for (; *envp; envp++)
		if (!strncmp(*envp, "PATH=", 5))
			return *envp + 5;
	return PATH_DEFAULT;
}

/* Find and run the command; returns with the reason why not. */
static void run_command(struct request *r, struct failure *f)
{
	const char *name = r->argv[0];
	const char *path = path_of(r->envp);
	char full[PATH_MAX];

	errno = ENOENT;
	describe(f, 127, "%s: no such command", name);
	if (strchr(name, '/')) {
		if ((r->flags & FLAG_HOST_COMMAND) && access(name, F_OK) &&
		    !access(HOST_COMMAND, F_OK))
			name = HOST_COMMAND;
		run_file(name, r, f);
		return;
	}
	while (*name) {
		size_t n = strcspn(path, ":");

		if (snprintf(full, sizeof(full), "%.*s%s%s", (int)n, path, n ? "/" : "", name) <
			    (int)sizeof(full) &&
		    run_file(full, r, f))
			return;
		if (!path[n])
			return;
		path += n + 1;
	}
}

static _Noreturn void child(struct request *r, int report)
{
	struct failure f = { 0 };

	connect_files();
	if (chdir(r->cwd[0] ? r->cwd : "/"))
		describe(&f, 127, "%s: %s", r->cwd,
			 errno == ENOENT ? "no such directory" : strerror(errno));
	if (!f.status) {
		reset_signals();
		run_command(r, &f);
	}
	write(report, &f, sizeof(f));
	_exit(125);
}

/* ---- the parent's side ----------------------------------------------------------------- */

static void on_child(int sig)
{
	(void)sig;
}

/* Start the command; its pid. When it can't be run the machine ends with ERROR. */
static pid_t start(struct request *r)
{
	struct failure f;
	int report[2];
	ssize_t n;
	pid_t pid;

	if (pipe2(report, O_CLOEXEC))
		give_up(125, "pipe: %m");
	pid = fork();
	if (pid < 0)
		give_up(125, "fork: %m");
	if (!pid)
		child(r, report[1]);
	close(report[1]);
	if (in >= 0)
		close(in);
	do
		n = read(report[0], &f, sizeof(f));
	while (n < 0 && errno == EINTR);
	close(report[0]);
	if (n == (ssize_t)sizeof(f))
		end_with_error(&f);
	return pid;
}

/* Act on the frames that are whole; signals go where kill(2) says `target` is. */
static void serve(struct inbox *box, pid_t target)
{
	long n;

	while ((n = whole_frame(box)) > 0) {
		const unsigned char *body = box->bytes + 8;

		if (get32(box->bytes) == WINSIZE && n >= 12)
			set_window(get16(body), get16(body + 2));
		if (get32(box->bytes) == SIGNAL && n >= 12)
			kill(target, (int)get32(body));
		drop_frame(box, (size_t)n);
	}
	if (n < 0)
		give_up(125, "a frame of %u bytes", get32(box->bytes + 4));
}

/* Wait for the command's end; its wait status. A host that goes away ends it. */
static int attend(struct inbox *box, pid_t pid)
{
	struct pollfd port = { .fd = control, .events = POLLIN };
	sigset_t none;

	sigemptyset(&none);
	for (;;) {
		pid_t ended;
		int st;

		while ((ended = waitpid(-1, &st, WNOHANG)) > 0)
			if (ended == pid)
				return st;
		port.revents = 0;
		if (ppoll(&port, 1, NULL, &none) <= 0)
			continue;
		if (receive(box))
			power_off();
		serve(box, -pid);
	}
}

/* ---- the root's own init ----------------------------------------------------------------- */

/* What is left of us beside the root's init, until that ends everybody or the host is gone. */
static _Noreturn void stay(struct inbox *box)
{
	setsid();
	for (int i = 0; i < 3; i++)
		close(i);
	close(in);
	close(out);
	close(errors);
	reset_signals();
	do
		serve(box, 1);
	while (!receive(box));
	_exit(0);
}

/* Process 1 becomes the root's own init. Returns never: when that fails the machine ends. */
static _Noreturn void take_over(struct inbox *box, struct request *r)
{
	static char name[] = "/sbin/init";
	char *argv[] = { name, NULL };

	if (!fork())
		stay(box);
	connect_files();
	if (chdir(r->cwd[0] ? r->cwd : "/"))
		give_up(127, "%s: %m", r->cwd);
	send_frame(TAKEOVER, "", 0);
	fsync(control);
	reset_signals();
	execve(name, argv, r->envp);
	give_up(126, "%s: %m", name);
}

/* ---- the network -------------------------------------------------------------------------- */

/*
 * The name server that the kernel's command line names (ip=, the eighth part), for a root that knows
 * none: programs ask /etc/resolv.conf.
 */
static void name_server(void)
{
	char line[2048], *p, *word, *save;
	struct stat st;
	FILE *f;

	if (access("/etc", F_OK) || (!stat("/etc/resolv.conf", &st) && st.st_size))
		return;
	f = fopen("/proc/cmdline", "r");
	if (!f)
		return;
	p = fgets(line, sizeof(line), f);
	fclose(f);
	for (word = p ? strtok_r(p, " \n", &save) : NULL; word;
	     word = strtok_r(NULL, " \n", &save)) {
		if (strncmp(word, "ip=", 3))
			continue;
		for (int i = 0; word && i < 7; i++) {
			word = strchr(word, ':');
			word += word != NULL;
		}
		if (word)
			word[strcspn(word, ":")] = '\0';
		f = word && *word ? fopen("/etc/resolv.conf", "w") : NULL;
		if (f) {
			fprintf(f, "nameserver %s\n", word);
			fclose(f);
		}
		return;
	}
}

int main(int argc, char **argv)
{
	struct sigaction wake = { .sa_handler = on_child };
	static char *shell[] = { (char *)"/bin/sh", NULL };
	struct inbox box = { 0 };
	struct request r;
	sigset_t all;
	int st;

	help_option(argc, argv, help);
	if (getpid() != 1) {
		fprintf(stderr, "tarn-init: only as process 1\n");
		return 1;
	}
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	sigaction(SIGCHLD, &wake, NULL);

	mount_basics();
	raise_loopback();
	if (!mkdir("/tmp", 0777))
		chmod("/tmp", 01777);
	control = open_device(PORTS "control", O_RDWR);
	if (control < 0) {
		fprintf(stderr, "tarn-init: " PORTS "control: %m\n");
		shut_down(RB_POWER_OFF, 0);
	}
	send_frame(READY, "", 0);
	name_server();
	await_start(&box, &r);
	open_files(&r);
	if (!r.argv[0]) {
		if (!access("/sbin/init", X_OK))
			take_over(&box, &r);
		r.argv = shell;
	}

	st = attend(&box, start(&r));
	kill_rest();
	drain();
	if (WIFEXITED(st))
		send_pair(EXIT, 0, (uint32_t)WEXITSTATUS(st), "");
	else
		send_pair(EXIT, 1, (uint32_t)WTERMSIG(st), "");
	power_off();
}

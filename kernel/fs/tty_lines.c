/*
 * The lines under terminals: the UART (/dev/ttyS0, /dev/console) and named
 * virtio ports (/dev/hvc0); /dev/tty, the controlling terminal; and the ports
 * that are plain channels (/dev/virtio-ports/NAME).
 */
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/signal.h>

#include "alloc/slab.h"
#include "core/sched.h"
#include "core/signal.h"
#include "dev/port.h"
#include "dev/uart.h"
#include "fs/internal.h"
#include "fs/pipe.h"
#include "fs/poll.h"
#include "fs/pty.h"
#include "fs/tty_core.h"
#include "lib/printf.h"
#include "lib/string.h"

/* --- the serial line --- */

static struct tty serial;
static struct chardev console_cd, tty_cd;

static size_t serial_write(struct tty *t __unused, const void *p, size_t n)
{
	return uart_write(p, n);
}

static bool serial_drained(struct tty *t __unused)
{
	return uart_tx_pending() == 0;
}

static void serial_open(struct tty *t __unused, bool open)
{
	if (open)
		uart_rx_enable(true);
}

static void serial_rx_room(struct tty *t __unused)
{
	uart_rx_enable(true);
}

static const struct tty_line serial_line = {
	.write = serial_write,
	.drained = serial_drained,
	.open = serial_open,
	.rx_room = serial_rx_room,
};

static void serial_rx(const u8 *p, size_t n)
{
	tty_receive(&serial, p,
		    n); /* the UART has no place for what does not fit: it is lost, as on Linux */
}

static void serial_tx_space(void)
{
	tty_tx_space(&serial);
}

/* --- virtio ports as terminals --- */

static size_t hvc_write(struct tty *t, const void *p, size_t n)
{
	struct port *port = t->driver;

	if (!port->ops->connected(port))
		return n; /* nobody there: as a line without a cable */
	return port->ops->write(port, p, n);
}

static bool hvc_drained(struct tty *t)
{
	struct port *port = t->driver;

	return !port->ops->connected(port) || port->ops->drained(port);
}

static void hvc_open(struct tty *t, bool open)
{
	struct port *port = t->driver;

	port->ops->open(port, open);
}

struct hvc {
	struct tty tty;
	struct work work; /* moves input, and notices the end: out of the interrupt */
	bool was_connected; /* [the work] */
	char name[16];
};

static void hvc_work(struct work *w)
{
	struct hvc *h = container_of(w, struct hvc, work);
	struct port *port = h->tty.driver;
	u8 buf[256];
	size_t room, n;

	while ((room = tty_receive_room(&h->tty)) > 1) {
		n = port->ops->read(port, buf, min(room - 1, sizeof(buf)));
		if (!n)
			break;
		tty_receive(&h->tty, buf, n);
	}
	if (room <= 1)
		WRITE_ONCE(h->tty.rx_full, true);
	tty_tx_space(&h->tty);
	if (port->ops->connected(port)) {
		h->was_connected = true;
	} else if (h->was_connected && !port->ops->readable(port)) {
		h->was_connected = false;
		tty_hangup(&h->tty);
	}
}

static void hvc_notify(struct port *port)
{
	struct hvc *h = port->owner;

	work_queue(&h->work);
}

static void hvc_rx_room(struct tty *t)
{
	hvc_notify(t->driver);
}

static const struct tty_line hvc_line = {
	.write = hvc_write,
	.drained = hvc_drained,
	.open = hvc_open,
	.rx_room = hvc_rx_room,
};

#define HVC_MAJOR 229

static void hvc_add(struct port *port)
{
	static unsigned count;
	struct hvc *h = kzalloc(sizeof(*h), 0);

	if (!h)
		return;
	tty_init(&h->tty, &hvc_line, port);
	work_init(&h->work, hvc_work);
	snprintf(h->name, sizeof(h->name), "hvc%u", count);
	port->owner = h;
	port->notify = hvc_notify;
	tty_register(&h->tty, h->name, MKDEV(HVC_MAJOR, count), 0600);
	count++;
	work_queue(&h->work);
}

/* --- virtio ports as plain channels --- */

static int port_open(struct inode *i __unused, struct file *f)
{
	struct port *p = f->priv;

	f->mode |= FMODE_STREAM;
	p->ops->open(p, true);
	return 0;
}

static void port_release(struct file *f)
{
	struct port *p = f->priv;

	p->ops->open(p, false);
}

static ssize_t port_read(struct file *f, struct iter *it, u64 *pos __unused)
{
	struct port *p = f->priv;
	ssize_t done = 0;
	u8 *buf;
	int err = 0;

	if (!it->count)
		return 0;
	buf = kmalloc(PAGE_SIZE, 0);
	if (!buf)
		return -ENOMEM;
	while (it->count && !err) {
		bool connected = p->ops->connected(p);
		size_t n = p->ops->read(p, buf, min(it->count, (size_t)PAGE_SIZE));
		struct waiter w;

		if (n) {
			size_t copied = iter_copy_to(it, buf, n);

			done += (ssize_t)copied;
			if (copied < n)
				err = -EFAULT;
			continue;
		}
		if (done || !connected)
			break;
		if (f->flags & O_NONBLOCK) {
			err = -EAGAIN;
			break;
		}
		waiter_init(&w);
		wait_prepare(&p->readers, &w, TASK_INTERRUPTIBLE);
		if (!p->ops->readable(p) && p->ops->connected(p))
			err = wait_sleep(WAIT_FOREVER);
		wait_finish(&p->readers, &w);
	}
	kfree(buf);
	return done ? done : err;
}

/* Hands a piece to the port, sleeping for room. Bytes taken, or -errno when none were. */
static ssize_t port_put(struct port *p, struct file *f, const u8 *buf, size_t n)
{
	size_t done = 0;
	int err = 0;

	while (done < n && !err) {
		struct waiter w;
		size_t took;

		if (!p->ops->connected(p)) {
			err = pipe_broken();
			break;
		}
		took = p->ops->write(p, buf + done, n - done);
		done += took;
		if (took)
			continue;
		if (f->flags & O_NONBLOCK) {
			err = -EAGAIN;
			break;
		}
		waiter_init(&w);
		wait_prepare(&p->writers, &w, TASK_INTERRUPTIBLE);
		if (!p->ops->writable(p) && p->ops->connected(p))
			err = wait_sleep(WAIT_FOREVER);
		wait_finish(&p->writers, &w);
	}
	return done ? (ssize_t)done : err;
}

static ssize_t port_write(struct file *f, struct iter *it, u64 *pos __unused)
{
	struct port *p = f->priv;
	ssize_t done = 0, n = 0;
	u8 *buf;

	if (!it->count)
		return 0;
	buf = kmalloc(PAGE_SIZE * 4, 0);
	if (!buf)
		return -ENOMEM;
	while (it->count) {
		size_t got = iter_copy_from(it, buf, min(it->count, (size_t)PAGE_SIZE * 4));

		if (!got) {
			n = -EFAULT;
			break;
		}
		n = port_put(p, f, buf, got);
		if (n < 0)
			break;
		done += n;
		if ((size_t)n < got)
			break;
	}
	kfree(buf);
	return done ? done : n;
}

static u32 port_poll(struct file *f, struct poll_table *pt)
{
	struct port *p = f->priv;
	u32 ev = 0;

	poll_wait(f, &p->readers, pt);
	poll_wait(f, &p->writers, pt);
	if (!p->ops->connected(p))
		ev |= EPOLLHUP | EPOLLIN | EPOLLRDNORM;
	if (p->ops->readable(p))
		ev |= EPOLLIN | EPOLLRDNORM;
	if (p->ops->writable(p))
		ev |= EPOLLOUT | EPOLLWRNORM;
	return ev;
}

static int port_fsync(struct file *f, u64 start __unused, u64 end __unused, bool datasync __unused)
{
	struct port *p = f->priv;
	int err = 0;

	while (!err) {
		struct waiter w;
		bool done;

		waiter_init(&w);
		wait_prepare(&p->writers, &w, TASK_INTERRUPTIBLE);
		done = p->ops->drained(p) || !p->ops->connected(p);
		if (!done)
			err = wait_sleep(WAIT_FOREVER);
		wait_finish(&p->writers, &w);
		if (done)
			break;
	}
	return err;
}

static const struct file_ops port_fops = {
	.open = port_open,
	.read = port_read,
	.write = port_write,
	.poll = port_poll,
	.fsync = port_fsync,
	.release = port_release,
};

#define PORT_MAJOR 250

static void add_port(struct port *port)
{
	struct chardev *cd;
	char *name;

	if (str_equal(port->name, "org.tarn.tty")) {
		hvc_add(port);
		return;
	}
	cd = kzalloc(sizeof(*cd), 0);
	name = kmalloc(80, 0);
	if (!cd || !name) {
		kfree(cd);
		kfree(name);
		return;
	}
	snprintf(name, 80, "virtio-ports/%s", strchr(port->name, '/') ? "?" : port->name);
	cd->name = name;
	cd->dev = MKDEV(PORT_MAJOR, port->id);
	cd->mode = 0600;
	cd->ops = &port_fops;
	cd->private = port;
	chardev_register(cd);
}

/* --- /dev/tty --- */

/* Opens the caller's controlling terminal: tty(4). */
static int open_controlling(struct inode *i, struct file *f)
{
	unsigned long flags = spin_lock_irqsave(&proc_tree_lock);
	struct tty *t = current->proc ? tty_inherit(current->proc->tty) : NULL;
	int err;

	spin_unlock_irqrestore(&proc_tree_lock, flags);
	if (!t)
		return -ENXIO;
	f->priv = t;
	f->ops = &tty_fops;
	f->flags |= O_NOCTTY;
	err = tty_fops.open(i, f);
	tty_put(t);
	return err;
}

static const struct file_ops controlling_fops = {
	.open = open_controlling,
};

void tty_lines_init(void)
{
	tty_init(&serial, &serial_line, NULL);
	uart_rx = serial_rx;
	uart_tx_space = serial_tx_space;
	tty_register(&serial, "ttyS0", MKDEV(4, 64), 0600);
	console_cd = (struct chardev){ .name = "console",
				       .dev = MKDEV(5, 1),
				       .mode = 0600,
				       .ops = &tty_fops,
				       .private = &serial };
	chardev_register(&console_cd);
	tty_cd = (struct chardev){
		.name = "tty", .dev = MKDEV(5, 0), .mode = 0666, .ops = &controlling_fops
	};
	chardev_register(&tty_cd);
	devpts_init();
	port_added = add_port;
}

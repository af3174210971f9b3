/*
 * virtio-console (virtio 1.2, 5.3) with multiple ports: byte channels with
 * names. Each port has a receive and a transmit queue; two control queues
 * carry what happens to ports.
 *
 * One lock (irqsave) for the device guards all queues and port states. Received
 * buffers stay on a list until read, then go back to the device: that is the
 * back-pressure. Ports are made known by work, since that sleeps.
 *
 * A device that returns buffers it was not given is stopped for good: its ports
 * are closed, as if the host had done so.
 */
#include <bitops.h>
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "arch/riscv/memlayout.h"
#include "core/sched.h"
#include "core/work.h"
#include "dev/port.h"
#include "drivers/virtio/virtio.h"
#include "lib/string.h"
#include "sync/log.h"

#define F_MULTIPORT (1ULL << 1)

#define RX_BUFS	    4
#define TX_BUFS	    4
#define BUF_SIZE    8192
#define CTRL_BUFS   32 /* QEMU drops a message that finds no buffer: three a port come at once */
#define CTRL_SIZE   128
#define CTRL_MSGS   16
#define MAX_PORTS   32

/* Control events (5.3.6.2). */
enum {
	DEVICE_READY,
	DEVICE_ADD,
	DEVICE_REMOVE,
	PORT_READY,
	CONSOLE_PORT,
	RESIZE,
	PORT_OPEN,
	PORT_NAME,
};

struct ctrl_msg {
	u32 id;
	u16 event;
	u16 value;
};

/*
 * [lock] is con.lock, [I] never changes once probed, [work] belongs to con.work alone, which
 * is one thread.
 */
struct buf {
	struct list_head link; /* [lock] in full or empty_tx, while not the device's */
	u8 *data; /* [I]; its bytes the device's in flight, else [lock] */
	u32 len, off; /* [lock] received bytes [off, len) are to be read */
};

struct con;

struct con_port {
	struct port port; /* [I] but for what dev/port.h says */
	struct con *con; /* [I] */
	char name[64]; /* [lock] until `named`, then never changed */
	struct virtqueue *rx, *tx; /* [I], their contents [lock] */
	struct list_head full; /* [lock] received, not yet read */
	size_t readable; /* [lock] bytes on full */
	struct list_head empty_tx; /* [lock] transmit buffers not in flight */
	unsigned tx_flight; /* [lock] */
	bool host_open; /* [lock] to write; read without */
	bool added, named; /* [lock] to write: announced by the device; has a name */
	bool tried, ready; /* [work] to get it buffers; has them */
	bool known; /* [work] told to port_added */
};

struct con {
	struct virtio_device *dev; /* [I] */
	spinlock_t lock;
	unsigned nr_ports; /* [I] */
	struct con_port *ports; /* [I] by id */
	struct virtqueue *ctrl_rx, *ctrl_tx; /* [I], their contents [lock] */
	u8 *ctrl_bufs; /* [I] CTRL_BUFS of CTRL_SIZE; [lock] while not in flight */
	struct ctrl_msg msgs[CTRL_MSGS]; /* [lock] while not in flight */
	u32 free_msgs; /* [lock] a bit for each that is not in flight */
	bool broken; /* [lock] one of its queues is */
	struct work work;
};

void (*port_added)(struct port *p);

/* --- control --- */

static void ctrl_post(struct con *c, u8 *buf)
{
	struct vq_seg seg = { .phys = virt_to_phys(buf), .len = CTRL_SIZE };

	vq_add(c->ctrl_rx, &seg, 0, 1, buf);
}

/* Sends a control message; it is lost when the device has left CTRL_MSGS of them lie. [lock] */
static void ctrl_send(struct con *c, u32 id, u16 event, u16 value)
{
	struct ctrl_msg *m;
	struct vq_seg seg;

	while ((m = vq_get(c->ctrl_tx, NULL)))
		c->free_msgs |= 1u << (m - c->msgs);
	if (!c->free_msgs)
		return;
	m = &c->msgs[ctz64(c->free_msgs)];
	*m = (struct ctrl_msg){ .id = id, .event = event, .value = value };
	seg = (struct vq_seg){ virt_to_phys(m), sizeof(*m) };
	if (!vq_add(c->ctrl_tx, &seg, 1, 0, m))
		c->free_msgs &= c->free_msgs - 1;
	vq_kick(c->ctrl_tx);
}

/* --- data --- */

static void tell(struct con_port *p, bool read, bool write)
{
	if (read)
		wake_up_key(&p->port.readers, 0);
	if (write)
		wake_up_all(&p->port.writers);
	if ((read || write) && p->port.notify)
		p->port.notify(&p->port);
}

/* Has the device lied in this queue? Then nobody is at the other end of any port. [lock] */
static void check(struct con *c, const struct virtqueue *vq)
{
	if (likely(!vq->broken) || c->broken)
		return;
	c->broken = true;
	for (unsigned i = 0; i < c->nr_ports; i++) {
		WRITE_ONCE(c->ports[i].host_open, false);
		tell(&c->ports[i], true, true);
	}
	work_queue(&c->work);
}

static void rx_post(struct con_port *p, struct buf *b)
{
	struct vq_seg seg = { .phys = virt_to_phys(b->data), .len = BUF_SIZE };

	b->off = b->len = 0;
	vq_add(p->rx, &seg, 0, 1, b);
}

/* Takes what the device has filled. True if anything came. [lock] */
static bool rx_harvest(struct con_port *p)
{
	bool any = false;
	struct buf *b;
	u32 len;

	while ((b = vq_get(p->rx, &len))) {
		if (!len) {
			rx_post(p, b);
			continue;
		}
		b->len = min(len, (u32)BUF_SIZE);
		b->off = 0;
		list_add_tail(&b->link, &p->full);
		p->readable += b->len;
		any = true;
	}
	check(p->con, p->rx);
	return any;
}

static bool tx_harvest(struct con_port *p)
{
	bool any = false;
	struct buf *b;

	while ((b = vq_get(p->tx, NULL))) {
		list_add_tail(&b->link, &p->empty_tx);
		p->tx_flight--;
		any = true;
	}
	check(p->con, p->tx);
	return any;
}

static size_t port_read(struct port *port, void *to, size_t n)
{
	struct con_port *p = port->driver;
	size_t done = 0;
	unsigned long flags = spin_lock_irqsave(&p->con->lock);

	rx_harvest(p);
	while (done < n && !list_empty(&p->full)) {
		struct buf *b = list_first_entry(&p->full, struct buf, link);
		size_t take = min(n - done, (size_t)(b->len - b->off));

		memcpy((u8 *)to + done, b->data + b->off, take);
		b->off += (u32)take;
		done += take;
		if (b->off == b->len) {
			list_del(&b->link);
			rx_post(p, b);
		}
	}
	p->readable -= done;
	if (done)
		vq_kick(p->rx);
	spin_unlock_irqrestore(&p->con->lock, flags);
	return done;
}

static size_t port_write(struct port *port, const void *from, size_t n)
{
	struct con_port *p = port->driver;
	size_t done = 0;
	unsigned long flags = spin_lock_irqsave(&p->con->lock);

	tx_harvest(p);
	while (done < n && !list_empty(&p->empty_tx)) {
		struct buf *b = list_first_entry(&p->empty_tx, struct buf, link);
		struct vq_seg seg = { .phys = virt_to_phys(b->data),
				      .len = (u32)min(n - done, (size_t)BUF_SIZE) };

		memcpy(b->data, (const u8 *)from + done, seg.len);
		if (vq_add(p->tx, &seg, 1, 0, b))
			break;
		list_del(&b->link);
		p->tx_flight++;
		done += seg.len;
	}
	if (done)
		vq_kick(p->tx);
	vq_arm(p->tx);
	spin_unlock_irqrestore(&p->con->lock, flags);
	return done;
}

static size_t port_readable(struct port *port)
{
	struct con_port *p = port->driver;
	unsigned long flags = spin_lock_irqsave(&p->con->lock);
	size_t n;

	rx_harvest(p);
	n = p->readable;
	spin_unlock_irqrestore(&p->con->lock, flags);
	return n;
}

static bool port_writable(struct port *port)
{
	struct con_port *p = port->driver;
	unsigned long flags = spin_lock_irqsave(&p->con->lock);
	bool yes;

	tx_harvest(p);
	yes = !list_empty(&p->empty_tx);
	spin_unlock_irqrestore(&p->con->lock, flags);
	return yes;
}

static bool port_drained(struct port *port)
{
	struct con_port *p = port->driver;
	unsigned long flags = spin_lock_irqsave(&p->con->lock);
	bool yes;

	tx_harvest(p);
	yes = p->tx_flight == 0;
	vq_arm(p->tx);
	spin_unlock_irqrestore(&p->con->lock, flags);
	return yes;
}

static bool port_connected(struct port *port)
{
	return READ_ONCE(((struct con_port *)port->driver)->host_open);
}

static void port_open(struct port *port, bool open)
{
	struct con_port *p = port->driver;
	unsigned long flags = spin_lock_irqsave(&p->con->lock);

	ctrl_send(p->con, port->id, PORT_OPEN, open);
	if (open)
		/* They were there before anybody listened: it may look only when told again. */
		vq_notify(p->rx);
	spin_unlock_irqrestore(&p->con->lock, flags);
}

static const struct port_ops con_port_ops = {
	.open = port_open,
	.read = port_read,
	.write = port_write,
	.readable = port_readable,
	.writable = port_writable,
	.drained = port_drained,
	.connected = port_connected,
};

/* --- what happens to ports --- */

/* Makes buffers for a port that the device announced. Task context. 0 or -ENOMEM. */
static int port_setup(struct con *c, struct con_port *p)
{
	unsigned nr_rx = min((unsigned)RX_BUFS, (unsigned)p->rx->num);
	struct buf *bufs = kcalloc(nr_rx + TX_BUFS, sizeof(*bufs));
	bool all = bufs != NULL;
	unsigned long flags;

	for (unsigned i = 0; all && i < nr_rx + TX_BUFS; i++) {
		/* Zeroed: one that says it wrote more than it did shows no old kernel memory. */
		bufs[i].data = i < nr_rx ? kzalloc(BUF_SIZE, 0) : kmalloc(BUF_SIZE, 0);
		all = bufs[i].data != NULL;
	}
	if (!all)
		for (unsigned i = 0; bufs && i < nr_rx + TX_BUFS; i++)
			kfree(bufs[i].data);
	flags = spin_lock_irqsave(&c->lock);
	for (unsigned i = 0; all && i < nr_rx; i++)
		rx_post(p, &bufs[i]);
	for (unsigned i = nr_rx; all && i < nr_rx + TX_BUFS; i++)
		list_add_tail(&bufs[i].link, &p->empty_tx);
	vq_arm(p->rx);
	vq_kick(p->rx);
	ctrl_send(c, p->port.id, PORT_READY, all);
	spin_unlock_irqrestore(&c->lock, flags);
	if (all)
		return 0;
	kfree(bufs);
	return -ENOMEM;
}

/* What happens to ports and may sleep; the end of a device that lies. */
static void con_work(struct work *w)
{
	struct con *c = container_of(w, struct con, work);

	if (READ_ONCE(c->broken)) {
		virtio_reset(c->dev);
		return;
	}
	for (unsigned i = 0; i < c->nr_ports; i++) {
		struct con_port *p = &c->ports[i];

		if (READ_ONCE(p->added) && !p->tried) {
			p->tried = true;
			p->ready = port_setup(c, p) == 0;
			if (!p->ready)
				pr_warn("virtio-console: no memory for port %u", i);
		}
		if (READ_ONCE(p->named) && p->ready && !p->known) {
			p->known = true;
			if (port_added)
				port_added(&p->port);
		}
	}
}

/* One control message from the device. [lock] */
static void ctrl_event(struct con *c, const u8 *buf, u32 len)
{
	const struct ctrl_msg *m = (const struct ctrl_msg *)buf;
	struct con_port *p;
	size_t n;

	if (len < sizeof(*m) || m->id >= c->nr_ports)
		return;
	p = &c->ports[m->id];
	switch (m->event) {
	case DEVICE_ADD:
		WRITE_ONCE(p->added, true);
		work_queue(&c->work);
		break;
	case PORT_NAME:
		if (p->named) /* somebody may be reading it */
			break;
		n = min((size_t)len - sizeof(*m), sizeof(p->name) - 1);
		memcpy(p->name, buf + sizeof(*m), n);
		p->name[n] = '\0';
		WRITE_ONCE(p->named, true);
		work_queue(&c->work);
		break;
	case DEVICE_REMOVE:
	case PORT_OPEN:
		rx_harvest(p); /* what came before the close is still to be read */
		WRITE_ONCE(p->host_open, m->event == PORT_OPEN && m->value != 0 && !c->broken);
		tell(p, true, true);
		break;
	default:
		break;
	}
}

static void con_interrupt(struct virtio_device *d)
{
	struct con *c = d->priv;
	unsigned long flags = spin_lock_irqsave(&c->lock);
	u32 len;
	u8 *buf;

	for (unsigned i = 0; i < c->nr_ports; i++) {
		struct con_port *p = &c->ports[i];
		bool rx = false, tx = false;

		if (!p->rx)
			continue;
		do
			rx |= rx_harvest(p);
		while (vq_arm(p->rx));
		do
			tx |= tx_harvest(p);
		while (vq_arm(p->tx));
		tell(p, rx, tx);
	}
	do {
		while ((buf = vq_get(c->ctrl_rx, &len))) {
			ctrl_event(c, buf, min(len, (u32)CTRL_SIZE));
			ctrl_post(c, buf);
		}
		vq_kick(c->ctrl_rx);
	} while (vq_arm(c->ctrl_rx));
	check(c, c->ctrl_rx);
	check(c, c->ctrl_tx);
	spin_unlock_irqrestore(&c->lock, flags);
}

/* Queues: 0, 1 of port 0; 2, 3 control; then two for each further port (5.3.2). 0 or -errno. */
static int make_queues(struct con *c)
{
	int err = 0;

	for (unsigned i = 0; i < c->nr_ports && !err; i++) {
		struct con_port *p = &c->ports[i];
		unsigned q = i ? 2 * i + 2 : 0;

		p->con = c;
		p->port.name = p->name;
		p->port.id = i;
		p->port.ops = &con_port_ops;
		p->port.driver = p;
		waitq_init(&p->port.readers);
		waitq_init(&p->port.writers);
		list_init(&p->full);
		list_init(&p->empty_tx);
		p->rx = virtio_queue(c->dev, q, 16);
		p->tx = virtio_queue(c->dev, q + 1, 16);
		err = IS_ERR(p->rx) ? (int)PTR_ERR(p->rx) : PTR_ERR_OR_ZERO(p->tx);
	}
	if (err)
		return err;
	c->ctrl_rx = virtio_queue(c->dev, 2, CTRL_BUFS);
	c->ctrl_tx = virtio_queue(c->dev, 3, 16);
	return IS_ERR(c->ctrl_rx) ? (int)PTR_ERR(c->ctrl_rx) : PTR_ERR_OR_ZERO(c->ctrl_tx);
}

static int con_probe(struct virtio_device *d)
{
	struct con *c;
	unsigned long flags;
	u32 max_ports;
	int err;

	if (!(d->features & F_MULTIPORT))
		return -ENODEV;
	virtio_config_read(d, 4, &max_ports, sizeof(max_ports));
	if (!max_ports)
		return -EINVAL;
	c = kzalloc(sizeof(*c), 0);
	if (!c)
		return -ENOMEM;
	c->dev = d;
	spin_init(&c->lock, RANK_DRIVER, "virtio-console");
	work_init(&c->work, con_work);
	c->free_msgs = (1u << CTRL_MSGS) - 1;
	c->nr_ports = min(max_ports, (u32)MAX_PORTS);
	c->ports = kcalloc(c->nr_ports, sizeof(*c->ports));
	c->ctrl_bufs = kzalloc(CTRL_BUFS * CTRL_SIZE, 0);
	err = c->ports && c->ctrl_bufs ? make_queues(c) : -ENOMEM;
	if (err)
		goto out_free;
	d->priv = c;
	virtio_ready(d);
	flags = spin_lock_irqsave(&c->lock);
	for (unsigned i = 0; i < CTRL_BUFS; i++)
		ctrl_post(c, c->ctrl_bufs + i * CTRL_SIZE);
	vq_arm(c->ctrl_rx);
	vq_kick(c->ctrl_rx);
	ctrl_send(c, ~0u, DEVICE_READY, 1);
	spin_unlock_irqrestore(&c->lock, flags);
	return 0;
out_free:
	for (unsigned i = 0; c->ports && i < c->nr_ports; i++) {
		vq_free(c->ports[i].rx);
		vq_free(c->ports[i].tx);
	}
	vq_free(c->ctrl_rx);
	vq_free(c->ctrl_tx);
	kfree(c->ports);
	kfree(c->ctrl_bufs);
	kfree(c);
	return err;
}

VIRTIO_DRIVER(virtio_console) = {
	.name = "virtio-console",
	.device_id = VIRTIO_ID_CONSOLE,
	.features = F_MULTIPORT,
	.probe = con_probe,
	.interrupt = con_interrupt,
};

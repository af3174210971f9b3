/*
 * virtio-console (virtio 1.2, 5.3) with multiple ports: byte channels with
 * names. Each port has a receive and a transmit queue; two control queues
 * carry what happens to ports.
 *
 * One lock (irqsave) for the device guards all queues and port states. Received
 * buffers stay on a list until read, then go back to the device: that is the
 * back-pressure. Ports are made known by work, since that sleeps.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/page.h"
#include "alloc/slab.h"
#include "core/sched.h"
#include "core/work.h"
#include "dev/port.h"
#include "drivers/virtio/virtio.h"
#include "lib/string.h"
#include "sync/log.h"

#define F_MULTIPORT (1ULL << 1)

#define RX_BUFS	    8
#define TX_BUFS	    8
#define BUF_ORDER   2
#define BUF_SIZE    (PAGE_SIZE << BUF_ORDER)
#define CTRL_BUFS   8
#define CTRL_SIZE   128
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

struct buf {
	struct list_head link;
	u8 *data;
	u32 len, off; /* received bytes [off, len) are to be read */
};

struct con;

struct con_port {
	struct port port;
	struct con *con;
	char name[64];
	struct virtqueue *rx, *tx; /* [lock] */
	struct list_head full; /* [lock] received, not yet read */
	size_t readable; /* [lock] bytes on full */
	struct list_head empty_tx; /* [lock] transmit buffers not in flight */
	unsigned tx_flight; /* [lock] */
	bool host_open; /* [lock] */
	bool added, named; /* [lock] announced by the device; has a name */
	bool ready, known; /* [the work] has its buffers; told to port_added */
};

struct con {
	struct virtio_device *dev;
	spinlock_t lock;
	unsigned nr_ports;
	struct con_port *ports; /* by id */
	struct virtqueue *ctrl_rx, *ctrl_tx; /* [lock] */
	u8 *ctrl_bufs; /* CTRL_BUFS of CTRL_SIZE */
	struct work added_work;
};

void (*port_added)(struct port *p);

/* --- control --- */

static void ctrl_post(struct con *c, u8 *buf)
{
	struct vq_seg seg = { .phys = virt_to_phys(buf), .len = CTRL_SIZE };

	vq_add(c->ctrl_rx, &seg, 0, 1, buf);
}

/* Sends a control message; lock held. Messages in flight are reclaimed at the next send. */
static void ctrl_send(struct con *c, u32 id, u16 event, u16 value)
{
	struct ctrl_msg *m, *old;
	struct vq_seg seg;

	while ((old = vq_get(c->ctrl_tx, NULL)))
		kfree(old);
	m = kmalloc(sizeof(*m), 0);
	if (!m)
		return;
	*m = (struct ctrl_msg){ .id = id, .event = event, .value = value };
	seg = (struct vq_seg){ virt_to_phys(m), sizeof(*m) };
	if (vq_add(c->ctrl_tx, &seg, 1, 0, m)) {
		kfree(m);
		return;
	}
	vq_kick(c->ctrl_tx);
}

/* --- data --- */

static void rx_post(struct con_port *p, struct buf *b)
{
	struct vq_seg seg = { .phys = virt_to_phys(b->data), .len = BUF_SIZE };

	b->off = b->len = 0;
	vq_add(p->rx, &seg, 0, 1, b);
}

/* Takes what the device has filled; lock held. True if anything came. */
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
	return any;
}

static void tell(struct con_port *p, bool read, bool write)
{
	if (read)
		wake_up_key(&p->port.readers, 0);
	if (write)
		wake_up_all(&p->port.writers);
	if ((read || write) && p->port.notify)
		p->port.notify(&p->port);
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
		/* The buffers were there before anybody listened: a device may look at them only when told again. */
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

/* Makes buffers for a port that the device announced. Task context. */
static int port_setup(struct con *c, struct con_port *p)
{
	struct buf *bufs = kcalloc(RX_BUFS + TX_BUFS, sizeof(*bufs));
	unsigned long flags;

	if (!bufs)
		return -ENOMEM;
	for (unsigned i = 0; i < RX_BUFS + TX_BUFS; i++) {
		struct page *page = page_alloc(BUF_ORDER, 0);

		if (!page)
			return -ENOMEM;
		bufs[i].data = page_to_virt(page);
	}
	flags = spin_lock_irqsave(&c->lock);
	for (unsigned i = 0; i < RX_BUFS; i++)
		rx_post(p, &bufs[i]);
	for (unsigned i = RX_BUFS; i < RX_BUFS + TX_BUFS; i++)
		list_add_tail(&bufs[i].link, &p->empty_tx);
	vq_arm(p->rx);
	vq_kick(p->rx);
	ctrl_send(c, p->port.id, PORT_READY, 1);
	spin_unlock_irqrestore(&c->lock, flags);
	return 0;
}

static void added(struct work *w)
{
	struct con *c = container_of(w, struct con, added_work);

	for (unsigned i = 0; i < c->nr_ports; i++) {
		struct con_port *p = &c->ports[i];

		if (READ_ONCE(p->added) && !p->ready) {
			p->ready = true;
			if (port_setup(c, p))
				pr_warn("virtio-console: no memory for port %u", i);
		}
		if (READ_ONCE(p->named) && !p->known) {
			p->known = true;
			if (port_added)
				port_added(&p->port);
		}
	}
}

/* One control message from the device; lock held. */
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
		work_queue(&c->added_work);
		break;
	case PORT_NAME:
		n = min((size_t)len - sizeof(*m), sizeof(p->name) - 1);
		memcpy(p->name, buf + sizeof(*m), n);
		p->name[n] = '\0';
		WRITE_ONCE(p->named, true);
		work_queue(&c->added_work);
		break;
	case PORT_OPEN:
		rx_harvest(p); /* what came before the close is still to be read */
		WRITE_ONCE(p->host_open, m->value != 0);
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
	spin_unlock_irqrestore(&c->lock, flags);
}

static int con_probe(struct virtio_device *d)
{
	struct con *c = kzalloc(sizeof(*c), 0);
	unsigned long flags;
	u32 max_ports;

	if (!c)
		return -ENOMEM;
	if (!(d->features & F_MULTIPORT)) {
		kfree(c);
		return -ENODEV;
	}
	virtio_config_read(d, 4, &max_ports, sizeof(max_ports));
	c->dev = d;
	c->nr_ports = min(max_ports, (u32)MAX_PORTS);
	c->ports = kcalloc(c->nr_ports, sizeof(*c->ports));
	c->ctrl_bufs = kzalloc(CTRL_BUFS * CTRL_SIZE, 0);
	spin_init(&c->lock, RANK_DRIVER, "virtio-console");
	work_init(&c->added_work, added);
	if (!c->ports || !c->ctrl_bufs)
		return -ENOMEM;
	/* Queues: 0, 1 of port 0; 2, 3 control; then two for each further port (5.3.2). */
	for (unsigned i = 0; i < c->nr_ports; i++) {
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
		p->rx = virtio_queue(d, q, 16);
		p->tx = virtio_queue(d, q + 1, 16);
		if (IS_ERR(p->rx) || IS_ERR(p->tx))
			return -ENOMEM;
	}
	c->ctrl_rx = virtio_queue(d, 2, 16);
	c->ctrl_tx = virtio_queue(d, 3, 16);
	if (IS_ERR(c->ctrl_rx) || IS_ERR(c->ctrl_tx))
		return -ENOMEM;
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
}

VIRTIO_DRIVER(virtio_console) = {
	.name = "virtio-console",
	.device_id = VIRTIO_ID_CONSOLE,
	.features = F_MULTIPORT,
	.probe = con_probe,
	.interrupt = con_interrupt,
};

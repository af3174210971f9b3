/*
 * The 16550 serial port (National Semiconductor PC16550D data sheet): the
 * console's log sink, polled, and the bytes of the tty, by interrupts both ways
 * (dev/uart.h).
 *
 * uart.lock guards the registers and the send ring; it ranks above the log's, so
 * that anybody may log. Callbacks run without it.
 */
#include <compiler.h>
#include <uapi/errno.h>
#include "alloc/vmap.h"
#include "arch/riscv/cpu.h"
#include "core/irq.h"
#include "dev/driver.h"
#include "dev/mmio.h"
#include "dev/uart.h"
#include "lib/ring.h"
#include "sync/log.h"
#include "sync/spinlock.h"

#define REG_DATA     0 /* receive buffer, transmit holding */
#define REG_IER	     1 /* interrupt enable */
#define REG_FCR	     2 /* FIFO control; interrupt identification when read */
#define REG_LCR	     3 /* line control */
#define REG_MCR	     4 /* modem control */
#define REG_LSR	     5 /* line status */

#define IER_RX	     0x01
#define IER_TX	     0x02
#define FCR_ON_CLEAR 0x07 /* FIFOs on and empty; an interrupt for each byte received */
#define LCR_8N1	     0x03
#define MCR_READY    0x0b /* DTR, RTS, OUT2: interrupts reach the controller */
#define LSR_RX_READY 0x01
#define LSR_TX_EMPTY 0x20

#define FIFO_SIZE    16
#define RING_SIZE    4096
#define RX_BATCH     64
#define POLL_TICKS \
	10000000UL /* 1 s at 10 MHz: a reader that blocks loses log lines, not the machine */

void (*uart_rx)(const u8 *p, size_t n);
void (*uart_tx_space)(void);

static struct {
	spinlock_t lock;
	u8 *regs; /* [boot] NULL: no port */
	unsigned shift; /* [boot] log2 of the distance of registers */
	u8 ier; /* [lock] */
	bool rx_on; /* [lock] */
	bool short_write; /* [lock] a writer waits for uart_tx_space */
	bool dead; /* [lock] polling timed out: do not wait again until it moves */
	struct ring tx; /* [lock] */
	u8 buf[RING_SIZE];
} uart = { .lock = SPINLOCK_INIT(RANK_CONSOLE, "uart") };

static u8 get(unsigned reg)
{
	return mmio_read8(uart.regs + (reg << uart.shift));
}

static void put(unsigned reg, u8 v)
{
	mmio_write8(uart.regs + (reg << uart.shift), v);
}

/* [lock] */
static void set_ier(u8 ier)
{
	if (ier == uart.ier)
		return;
	uart.ier = ier;
	put(REG_IER, ier);
}

/* Moves what the device takes now; asks for an interrupt if something is left. [lock] */
static void pump(void)
{
	u8 c[FIFO_SIZE];

	while (!ring_empty(&uart.tx) && get(REG_LSR) & LSR_TX_EMPTY) {
		u32 n = ring_get(&uart.tx, c, sizeof(c));

		for (u32 i = 0; i < n; i++)
			put(REG_DATA, c[i]);
		uart.dead = false;
	}
	set_ier(ring_empty(&uart.tx) ? uart.ier & ~IER_TX : uart.ier | IER_TX);
}

size_t uart_write(const u8 *p, size_t n)
{
	unsigned long flags;
	size_t done = 0;

	if (!uart.regs)
		return n;
	flags = spin_lock_irqsave(&uart.lock);
	while (done < n) {
		u32 put_now = ring_put(&uart.tx, p + done, (u32)min(n - done, (size_t)RING_SIZE));

		done += put_now;
		pump();
		if (put_now == 0 && ring_full(&uart.tx))
			break;
	}
	if (done < n)
		uart.short_write = true;
	spin_unlock_irqrestore(&uart.lock, flags);
	return done;
}

size_t uart_tx_pending(void)
{
	return uart.regs ? ring_len(&uart.tx) : 0;
}

void uart_rx_enable(bool on)
{
	unsigned long flags;

	if (!uart.regs)
		return;
	flags = spin_lock_irqsave(&uart.lock);
	uart.rx_on = on;
	set_ier(on ? uart.ier | IER_RX : uart.ier & ~IER_RX);
	spin_unlock_irqrestore(&uart.lock, flags);
}

static void uart_interrupt(void *arg __unused)
{
	u8 in[RX_BATCH];
	size_t n;
	bool space;

	do {
		spin_lock(&uart.lock);
		for (n = 0; uart.rx_on && n < sizeof(in) && get(REG_LSR) & LSR_RX_READY; n++)
			in[n] = get(REG_DATA);
		pump();
		space = uart.short_write && ring_len(&uart.tx) < RING_SIZE / 2;
		if (space)
			uart.short_write = false;
		spin_unlock(&uart.lock);
		if (n > 0 && uart_rx)
			uart_rx(in, n);
		if (space && uart_tx_space)
			uart_tx_space();
	} while (n == sizeof(in));
}

/* ---- the log's sink, polled ---------------------------------------------------------------- */

/* False when the device takes nothing for a while. [lock] */
static bool wait_tx(void)
{
	u64 since = time_ticks();

	while (!(get(REG_LSR) & LSR_TX_EMPTY)) {
		if (uart.dead || time_ticks() - since > POLL_TICKS) {
			uart.dead = true;
			return false;
		}
	}
	uart.dead = false;
	return true;
}

static void log_byte(u8 c)
{
	if (wait_tx())
		put(REG_DATA, c);
}

static void log_write(const char *s, size_t n)
{
	unsigned long flags = irq_save();
	bool locked = true;

	if (panic_in_progress())
		locked = spin_trylock(&uart.lock);
	else
		spin_lock(&uart.lock);
	/* What the tty queued goes first. */
	while (!ring_empty(&uart.tx) && wait_tx())
		pump();
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\n')
			log_byte('\r');
		log_byte((u8)s[i]);
	}
	if (locked)
		spin_unlock(&uart.lock);
	irq_restore(flags);
}

static int uart_probe(const struct dt_node *n)
{
	u64 addr, size;
	u32 irq, shift = 0;
	int err;

	if (uart.regs)
		return -ENODEV;
	dt_u32(n, "reg-shift", &shift);
	if (!dt_reg(n, 0, &addr, &size) || !dt_irq(n, 0, &irq) || shift > 4 || size < 8UL << shift)
		return -EINVAL;
	ring_init(&uart.tx, uart.buf, sizeof(uart.buf));
	uart.shift = shift;
	uart.regs = ioremap(addr, size);
	if (!uart.regs)
		return -ENOMEM;
	put(REG_IER, 0);
	put(REG_FCR, FCR_ON_CLEAR);
	put(REG_LCR, LCR_8N1);
	put(REG_MCR, MCR_READY);
	log_set_sink(log_write);
	err = irq_request(irq, uart_interrupt, NULL, "uart");
	if (!err)
		uart_rx_enable(true);
	return err;
}

DRIVER(uart16550) = {
	.name = "uart16550",
	.stage = DRIVER_CONSOLE,
	.compatible = { "ns16550a", "ns16550", "snps,dw-apb-uart" },
	.probe = uart_probe,
};

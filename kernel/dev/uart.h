/*
 * The serial line under /dev/ttyS0 and /dev/console, for the tty layer. One
 * port; the functions exist (and drop what they are given) on a machine without.
 */
#ifndef DEV_UART_H
#define DEV_UART_H

#include <types.h>

/*
 * Set by the tty layer before it opens the port. Both run in interrupt context with no lock held.
 */
extern void (*uart_rx)(const u8 *p, size_t n); /* bytes that came in, in order */
extern void (*uart_tx_space)(void); /* after a short uart_write: there is room again */

/* Queues bytes for sending; how many were taken (0 .. n). Any context. */
size_t uart_write(const u8 *p, size_t n);
/*
 * Bytes queued and not yet sent (TIOCOUTQ, tcdrain: poll it after uart_tx_space); 0 when all is
 * out.
 */
size_t uart_tx_pending(void);
/*
 * off: received bytes stay in the device, which stops the sender; on again: they come. Task
 * context.
 */
void uart_rx_enable(bool on);
#endif

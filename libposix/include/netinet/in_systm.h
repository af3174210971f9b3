/*
 * netinet/in_systm.h - types that the BSDs' headers of protocols use, in network order.
 */
#ifndef _NETINET_IN_SYSTM_H
#define _NETINET_IN_SYSTM_H

#include <stdint.h>

typedef uint16_t n_short;
typedef uint32_t n_long;
typedef uint32_t n_time; /* milliseconds since midnight, UTC */

#endif

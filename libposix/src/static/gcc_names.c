/*
 * gcc_names.c - where thread-local variables are, in a static program.
 */
#include "../internal/thread.h"

#include <stddef.h>
#include <stdint.h>

/* Where a thread-local variable lies, as the general dynamic model names it. */
struct tls_index {
	unsigned long module, offset;
};

#define DTV_OFFSET 0x800 /* of the psABI: offsets are counted from the middle of the near ones */

void *__tls_get_addr(const struct tls_index *ti);

/* A static program is the only module. */
void *__tls_get_addr(const struct tls_index *ti)
{
	return (char *)(__self() + 1) + ti->offset + DTV_OFFSET;
}

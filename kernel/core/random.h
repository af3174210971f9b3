/*
 * The random generator behind getrandom(2), /dev/urandom, AT_RANDOM and
 * address randomisation: ChaCha20 with fast key erasure, seeded by virtio-rng
 * and the device tree's rng-seed.
 */
#ifndef CORE_RANDOM_H
#define CORE_RANDOM_H

#include <types.h>

void random_add(const void *p, size_t n, unsigned entropy_bits); /* any context */
unsigned random_entropy(void); /* bits that it was given, at most 256 */
bool random_ready(void);
int random_wait_ready(void); /* sleeps; 0 or -ERESTARTSYS */
void random_bytes(void *p, size_t n); /* never blocks; best effort before seeding */
u64 random_u64(void);
void random_init(void);
#endif

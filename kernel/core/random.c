/*
 * The random generator (random.h): ChaCha20 with fast key erasure. One block
 * gives 32 bytes that become the next key and 32 bytes of output, so that who
 * reads the state learns nothing of what was handed out before; random_u64 hands out a block's 32 in
 * four calls, and forgets each. Seeds are
 * absorbed in the same way: xored into the key, which then passes through the block
 * function (RFC 8439, section 2.3).
 *
 * Locks: random.lock (irqsave) guards key and credit. Long outputs run on a key
 * of their own, outside the lock.
 */
#include <compiler.h>
#include "arch/riscv/cpu.h"
#include "core/random.h"
#include "core/task.h"
#include "core/wait.h"
#include "lib/chacha20.h"
#include "lib/string.h"
#include "sync/spinlock.h"

#define SEED_BITS 256 /* credit at which the generator counts as seeded */
#define HALF	  (CHACHA20_BLOCK_SIZE / 2)

static_assert(HALF == CHACHA20_KEY_SIZE, "half a block is a key");

static struct {
	spinlock_t lock;
	u8 key[CHACHA20_KEY_SIZE]; /* [lock] */
	u64 spare[HALF / sizeof(u64)]; /* [lock] output of a block for random_u64 */
	unsigned nr_spare; /* [lock] of them not handed out, from the first on */
	unsigned credit; /* [lock] bits of entropy absorbed, up to SEED_BITS; read any time */
} rng = { .lock = SPINLOCK_INIT(RANK_RANDOM, "random") };

static const u8 no_nonce[CHACHA20_NONCE_SIZE];
static struct waitq ready_wait = WAITQ_INIT(ready_wait);

/* One block on key: the key moves on, 32 bytes go to out. */
static void step(u8 key[CHACHA20_KEY_SIZE], u8 out[HALF])
{
	u8 block[CHACHA20_BLOCK_SIZE];

	chacha20_block(key, 0, no_nonce, block);
	memcpy(key, block, CHACHA20_KEY_SIZE);
	memcpy(out, block + HALF, HALF);
	memzero_explicit(block, sizeof(block));
}

void random_add(const void *p, size_t n, unsigned entropy_bits)
{
	u64 ticks = time_ticks();
	const u8 *s = p;
	u8 drop[HALF];
	unsigned long f;
	bool now_ready;

	f = spin_lock_irqsave(&rng.lock);
	rng.nr_spare = 0;
	for (size_t i = 0; i < sizeof(ticks); i++)
		rng.key[i] ^= (u8)(ticks >> (8 * i));
	step(rng.key, drop);
	while (n) {
		size_t k = min(n, sizeof(rng.key));

		for (size_t i = 0; i < k; i++)
			rng.key[i] ^= s[i];
		step(rng.key, drop);
		s += k;
		n -= k;
	}
	now_ready = rng.credit < SEED_BITS && rng.credit + entropy_bits >= SEED_BITS;
	WRITE_ONCE(rng.credit, min(rng.credit + min(entropy_bits, SEED_BITS), SEED_BITS));
	spin_unlock_irqrestore(&rng.lock, f);
	if (now_ready)
		wake_up_all(&ready_wait);
}

unsigned random_entropy(void)
{
	return READ_ONCE(rng.credit);
}

bool random_ready(void)
{
	return random_entropy() >= SEED_BITS;
}

static bool ready_cond(void *arg __unused)
{
	return random_ready();
}

int random_wait_ready(void)
{
	if (likely(random_ready()))
		return 0;
	return wait_until(&ready_wait, ready_cond, NULL, TASK_INTERRUPTIBLE, WAIT_FOREVER);
}

void random_bytes(void *p, size_t n)
{
	u8 out[HALF], own[CHACHA20_KEY_SIZE], block[CHACHA20_BLOCK_SIZE], *d = p;
	unsigned long f = spin_lock_irqsave(&rng.lock);

	step(rng.key, out);
	spin_unlock_irqrestore(&rng.lock, f);
	if (n <= sizeof(out)) {
		memcpy(d, out, n);
		memzero_explicit(out, sizeof(out));
		return;
	}
	memcpy(own, out, sizeof(own));
	for (u32 counter = 0; n; counter++) {
		size_t k = min(n, sizeof(block));

		chacha20_block(own, counter, no_nonce, block);
		memcpy(d, block, k);
		d += k;
		n -= k;
	}
	memzero_explicit(own, sizeof(own));
	memzero_explicit(out, sizeof(out));
	memzero_explicit(block, sizeof(block));
}

u64 random_u64(void)
{
	unsigned long f = spin_lock_irqsave(&rng.lock);
	u64 v;

	if (!rng.nr_spare) {
		step(rng.key, (u8 *)rng.spare);
		rng.nr_spare = ARRAY_SIZE(rng.spare);
	}
	v = rng.spare[--rng.nr_spare];
	rng.spare[rng.nr_spare] = 0; /* what was handed out is nowhere */
	spin_unlock_irqrestore(&rng.lock, f);
	return v;
}

void random_init(void)
{
	u64 seed[2] = { time_ticks(), (u64)&seed };

	random_add(seed, sizeof(seed), 0);
}

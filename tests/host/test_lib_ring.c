/*
 * test_lib_ring.c - the byte queue against a counter: byte i of the stream is f(i).
 */
#include "tests/host/t.h"
#include "lib/ring.h"
#include "lib/string.h"

static u8 byte_of(u64 i)
{
	return (u8)(i * 31 + (i >> 8));
}

static void random_operations(void)
{
	u8 *buf = malloc(64), *io = malloc(100);
	struct ring r;
	u64 written = 0, read = 0;
	u32 n, got;

	ring_init(&r, buf, 64);
	/* The indices wrap early on. */
	r.head = r.tail = 0xffffff00;
	for (int i = 0; i < 200000 && !t.failed; i++) {
		n = (u32)t_below(100);
		switch (t_below(4)) {
		case 0:
			for (u32 k = 0; k < n; k++)
				io[k] = byte_of(written + k);
			got = ring_put(&r, io, n);
			CHECK_EQ(got, min_t(u64, n, 64 - (written - read)));
			written += got;
			break;
		case 1:
			got = ring_get(&r, io, n);
			CHECK_EQ(got, min_t(u64, n, written - read));
			for (u32 k = 0; k < got; k++)
				CHECK_EQ(io[k], byte_of(read + k));
			read += got;
			break;
		case 2:
			got = ring_peek(&r, io, n);
			for (u32 k = 0; k < got; k++)
				CHECK_EQ(io[k], byte_of(read + k));
			break;
		default:
			read += ring_skip(&r, n % 3);
			break;
		}
		CHECK_EQ(ring_len(&r), written - read);
		CHECK_EQ(ring_space(&r), 64 - (written - read));
		CHECK_EQ(ring_empty(&r), written == read);
		CHECK_EQ(ring_full(&r), written - read == 64);
	}
	free(buf);
	free(io);
}

int main(void)
{
	RUN(random_operations);
	return t_done();
}

/*
 * libFuzzer target: any bytes as an archive. The first byte chooses whether the
 * headers get right checksums and whether the archive is laid over itself.
 */
#include "test_tar.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t n);

int LLVMFuzzerTestOneInput(const u8 *data, size_t n)
{
	u8 *copy;

	if (!n)
		return 0;
	copy = malloc(n);
	if (!copy)
		return 0;
	memcpy(copy, data + 1, n - 1);
	if (data[0] & 1)
		tar_repair(copy, n - 1);
	tar_exercise(copy, n - 1, data[0] & 2);
	free(copy);
	return 0;
}

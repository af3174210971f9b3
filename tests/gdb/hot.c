/*
 * A program whose hot places are known: burn in itself, and the kernel's work for read.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

__attribute__((noinline)) static unsigned long burn(unsigned long n)
{
	unsigned long x = 1;

	while (n--)
		__asm__ volatile("mul %0, %0, %0" : "+r"(x));
	return x;
}

__attribute__((noinline)) static unsigned long work(void)
{
	return burn(2000000) + 1;
}

__attribute__((noinline)) static long fetch(int fd)
{
	static char buf[65536];

	return read(fd, buf, sizeof(buf)) + 1;
}

int main(void)
{
	int fd = open("/dev/zero", O_RDONLY);
	unsigned long sum = work();

	for (int i = 0; i < 50; i++)
		sum += (unsigned long)fetch(fd);
	return sum == 0;
}

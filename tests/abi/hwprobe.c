/* riscv_hwprobe(2): what each key says, unknown keys, sets of harts, what is refused. */
#include "abi.h"

struct riscv_hwprobe {
	long long key;
	unsigned long long value;
};

#define hwprobe(p, n, size, cpus, flags) syscall(258, p, n, size, cpus, flags)

static long get(long key, unsigned long long *value)
{
	struct riscv_hwprobe p = { key, 0x5555 };
	long r = hwprobe(&p, 1, 0, NULL, 0);

	*value = p.value;
	return r ? r : (long)p.key;
}

int main(void)
{
	struct riscv_hwprobe p[3];
	unsigned long cpus = 1;
	unsigned long long v;

	for (long key = 0; key < 9; key++) {
		long k = get(key, &v);
		if (key <= 2)
			say("key %ld: %ld\n", key, k);
		else if (key != 5)
			say("key %ld: %ld %#llx\n", key, k, v);
	}
	say("key 9: %ld\n", get(9, &v));
	say("key 1000: %ld", get(1000, &v));
	say(" %#llx\n", v);
	say("key -1: %ld\n", get(-1, &v));
	say("key -2: %ld\n", get(-2, &v));
	R(hwprobe(NULL, 0, 0, NULL, 0));
	R(hwprobe(p, 0, 0, NULL, 2));
	R(hwprobe(8, 1, 0, NULL, 0));
	p[0].key = 4;
	R(hwprobe(p, 1, 8, NULL, 0));
	R(hwprobe(p, 1, 8, &cpus, 0));
	R(hwprobe(p, 1, 1, &cpus, 0));
	R(hwprobe(p, 1, 0, &cpus, 0));
	cpus = 0;
	R(hwprobe(p, 1, 8, &cpus, 0));
	cpus = 1UL << 40;
	R(hwprobe(p, 1, 8, &cpus, 0));
	/* which harts */
	R(hwprobe(p, 1, 0, NULL, 1));
	R(hwprobe(p, 1, 8, NULL, 1));
	R(hwprobe(p, 1, 0, &cpus, 1));
	cpus = 1;
	p[0] = (struct riscv_hwprobe){ 3, 1 };
	R(hwprobe(p, 1, 8, &cpus, 1));
	say("cpus %#lx\n", cpus);
	cpus = 0;
	R(hwprobe(p, 1, 8, &cpus, 1));
	say("all of them %d\n", (int)(cpus & 1));
	cpus = 1;
	p[1] = (struct riscv_hwprobe){ 4, 1 | 1ULL << 62 };
	R(hwprobe(p, 2, 8, &cpus, 1));
	say("cpus %#lx\n", cpus);
	cpus = 1;
	p[1] = (struct riscv_hwprobe){ 4, 3 };
	p[2] = (struct riscv_hwprobe){ 77, 0 };
	R(hwprobe(p, 2, 8, &cpus, 1));
	say("cpus %#lx\n", cpus);
	R(hwprobe(p, 3, 8, &cpus, 1));
	say("cpus %#lx, key %lld value %lld\n", cpus, (long long)p[2].key, (long long)p[2].value);
	cpus = 1;
	p[0] = (struct riscv_hwprobe){ 3, 0 };
	R(hwprobe(p, 1, 8, &cpus, 1));
	say("cpus %#lx\n", cpus);
	SECTION("flush");
	R(syscall(259, 0, 0, 0));
	R(syscall(259, 0, 0, 1));
	R(syscall(259, 0, 0, 2));
	return 0;
}

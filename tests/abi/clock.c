/* Clocks, sleeping, times: errors, order, resolution, the vDSO's answers against the kernel's. */
#include "abi.h"
#include <elf.h>
#include <sys/auxv.h>
#include <sys/times.h>

static long long ns(struct timespec ts)
{
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static void vdso_symbols(void)
{
	char *base = (char *)getauxval(AT_SYSINFO_EHDR);
	Elf64_Ehdr *eh = (void *)base;
	Elf64_Phdr *ph = (void *)(base + eh->e_phoff);
	Elf64_Dyn *dyn = NULL;
	long off = 0;
	static const char *want[] = { "__vdso_clock_gettime", "__vdso_gettimeofday", "__vdso_clock_getres",
				      "__vdso_getcpu", "__vdso_rt_sigreturn", "__vdso_flush_icache" };

	for (int i = 0; i < eh->e_phnum; i++) {
		if (ph[i].p_type == PT_LOAD)
			off = (long)base - (long)ph[i].p_vaddr + ph[i].p_offset;
		if (ph[i].p_type == PT_DYNAMIC)
			dyn = (void *)(base + ph[i].p_offset);
	}
	Elf64_Sym *sym = NULL;
	char *str = NULL;
	unsigned *hash = NULL;
	for (; dyn && dyn->d_tag; dyn++) {
		if (dyn->d_tag == DT_SYMTAB)
			sym = (void *)(off + dyn->d_un.d_ptr);
		if (dyn->d_tag == DT_STRTAB)
			str = (void *)(off + dyn->d_un.d_ptr);
		if (dyn->d_tag == DT_HASH)
			hash = (void *)(off + dyn->d_un.d_ptr);
	}
	say("symbols %d names %d hash %d\n", sym != NULL, str != NULL, hash != NULL);
	for (unsigned k = 0; k < ARRAY_SIZE(want); k++) {
		int found = 0;
		for (unsigned i = 0; hash && i < hash[1]; i++)
			found += !strcmp(str + sym[i].st_name, want[k]) && sym[i].st_shndx != 0;
		say("%s %d\n", want[k], found);
	}
}

int main(void)
{
	struct timespec a, b, left = { 9, 9 };
	static const struct { int id; const char *name; } clocks[] = {
		{ CLOCK_REALTIME, "REALTIME" }, { CLOCK_MONOTONIC, "MONOTONIC" },
		{ CLOCK_PROCESS_CPUTIME_ID, "PROCESS_CPUTIME" }, { CLOCK_THREAD_CPUTIME_ID, "THREAD_CPUTIME" },
		{ CLOCK_MONOTONIC_RAW, "MONOTONIC_RAW" }, { CLOCK_REALTIME_COARSE, "REALTIME_COARSE" },
		{ CLOCK_MONOTONIC_COARSE, "MONOTONIC_COARSE" }, { CLOCK_BOOTTIME, "BOOTTIME" },
		{ CLOCK_TAI, "TAI" },
	};

	SECTION("clocks");
	for (unsigned i = 0; i < ARRAY_SIZE(clocks); i++) {
		int r = clock_gettime(clocks[i].id, &a);
		int r2 = syscall(SYS_clock_gettime, clocks[i].id, &b);
		say("%s: %d %d forward %d normal %d\n", clocks[i].name, r, r2, ns(b) >= ns(a),
		    b.tv_nsec >= 0 && b.tv_nsec < 1000000000);
	}
	int back = 0;
	clock_gettime(CLOCK_MONOTONIC, &a);
	for (int i = 0; i < 100000; i++) {
		clock_gettime(CLOCK_MONOTONIC, &b);
		back += ns(b) < ns(a);
		a = b;
	}
	say("steps back %d\n", back);
	clock_gettime(CLOCK_REALTIME, &a);
	say("after 2020: %d\n", a.tv_sec > 1577836800);
	struct timeval tv;
	gettimeofday(&tv, NULL);
	say("gettimeofday agrees: %d\n", tv.tv_sec - a.tv_sec <= 1);
	R(clock_getres(CLOCK_MONOTONIC, &a));
	say("%ld %ld\n", (long)a.tv_sec, a.tv_nsec);
	R(clock_getres(CLOCK_REALTIME, NULL));
	R(syscall(SYS_clock_gettime, 99, &a));
	R(syscall(SYS_clock_gettime, -100, &a));
	R(syscall(SYS_clock_getres, 99, &a));
	R(syscall(SYS_clock_settime, CLOCK_MONOTONIC, &a));
	SECTION("sleeping");
	clock_gettime(CLOCK_MONOTONIC, &a);
	R(nanosleep(&(struct timespec){ 0, 30000000 }, &left));
	clock_gettime(CLOCK_MONOTONIC, &b);
	say("long enough %d, not absurdly long %d, left untouched %ld\n", ns(b) - ns(a) >= 30000000,
	    ns(b) - ns(a) < 3000000000LL, (long)left.tv_sec);
	R(nanosleep(&(struct timespec){ 0, 0 }, NULL));
	R(nanosleep(&(struct timespec){ 0, -1 }, NULL));
	R(nanosleep(&(struct timespec){ 0, 1000000000 }, NULL));
	R(nanosleep(&(struct timespec){ -1, 0 }, NULL));
	R(syscall(SYS_nanosleep, NULL, NULL));
	R(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &b, NULL));
	b.tv_nsec += 20000000;
	if (b.tv_nsec >= 1000000000) {
		b.tv_sec++;
		b.tv_nsec -= 1000000000;
	}
	R(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &b, NULL));
	clock_gettime(CLOCK_MONOTONIC, &a);
	say("until then %d\n", ns(a) >= ns(b));
	R(syscall(SYS_clock_nanosleep, CLOCK_REALTIME, 0, &(struct timespec){ 0, 1000000 }, NULL));
	R(syscall(SYS_clock_nanosleep, CLOCK_BOOTTIME, 0, &(struct timespec){ 0, 1000000 }, NULL));
	R(syscall(SYS_clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0, &(struct timespec){ 0, 1000000 }, NULL));
	R(syscall(SYS_clock_nanosleep, 99, 0, &(struct timespec){ 0, 1000000 }, NULL));
	SECTION("processor time");
	struct tms t0, t1;
	times(&t0);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	volatile long x = 0;
	do {
		for (int i = 0; i < 1000000; i++)
			x += i;
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	} while (ns(b) - ns(a) < 100000000);
	times(&t1);
	say("times counts it: %d\n", t1.tms_utime + t1.tms_stime - t0.tms_utime - t0.tms_stime >= 5);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	sleep_ms(60);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	say("sleep costs none: %d\n", ns(b) - ns(a) < 50000000);
	SECTION("vDSO");
	vdso_symbols();
	return 0;
}

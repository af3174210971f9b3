/*
 * gcc_names.c - what libgcc and libstdc++ of a toolchain made for glibc ask of a C library.
 */
/* Reference counts of strings may go without atomic operations when this is not 0. */
char __libc_single_threaded;

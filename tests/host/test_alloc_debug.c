/*
 * test_alloc_debug.c - test_alloc.c with red zones, poison and their tests.
 */
#define DEBUG 1
#include "test_alloc.c"

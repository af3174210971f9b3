/*
 * hidden.h - before every file of the library: what it defines and names is in
 * one program, so that it is reached directly and not through a table.
 */
#ifndef __ASSEMBLER__
#pragma GCC visibility push(hidden)
#endif

/*
 * ar.h - the archives of ar(1), with libraries in them.
 */
#ifndef _AR_H
#define _AR_H

#define ARMAG  "!<arch>\n"
#define SARMAG 8
#define ARFMAG "`\n"

/* Before each member, and text all of it: what is short is filled with blanks. */
struct ar_hdr {
	char ar_name[16];
	char ar_date[12];
	char ar_uid[6], ar_gid[6];
	char ar_mode[8];
	char ar_size[10];
	char ar_fmag[2];
};

#endif

/*
 * sys/soundcard.h - the Open Sound System's calls, as Linux's own header has them.
 */
#ifndef _SYS_SOUNDCARD_H
#define _SYS_SOUNDCARD_H

#include <linux/soundcard.h>

#endif

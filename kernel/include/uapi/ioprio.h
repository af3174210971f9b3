/*
 * uapi/ioprio.h - ioprio_set(2): classes, levels, whom it is for.
 */
#ifndef UAPI_IOPRIO_H
#define UAPI_IOPRIO_H

#define IOPRIO_CLASS_SHIFT		13
#define IOPRIO_CLASS_MASK		0x07

#define IOPRIO_PRIO_CLASS(ioprio)	(((ioprio) >> IOPRIO_CLASS_SHIFT) & IOPRIO_CLASS_MASK)
#define IOPRIO_PRIO_LEVEL(ioprio)	((ioprio)&7)
#define IOPRIO_PRIO_VALUE(class, level) (((class) << IOPRIO_CLASS_SHIFT) | (level))

#define IOPRIO_CLASS_NONE		0
#define IOPRIO_CLASS_RT			1
#define IOPRIO_CLASS_BE			2
#define IOPRIO_CLASS_IDLE		3

#define IOPRIO_WHO_PROCESS		1
#define IOPRIO_WHO_PGRP			2
#define IOPRIO_WHO_USER			3

#endif

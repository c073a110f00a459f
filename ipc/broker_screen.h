/*
 * broker <-> nono-screen. The broker owns the keyboard, the screen owns the display; this is all
 * they say to each other. Both ends know each other by inheritance: a socket pair made before the
 * screen was started. Nothing the program prints can change what is sent here, except the flags of
 * SCREEN_STATE and SCREEN_ENDED, which decide nothing about rights.
 */
#ifndef IPC_BROKER_SCREEN_H
#define IPC_BROKER_SCREEN_H

#include <stdint.h>

/* Descriptors of nono-screen, by number: its filter allows these and nothing else. */
enum screen_descriptor {
	SCREEN_FD_CONTROL = 3,
	SCREEN_FD_PTY = 4,	/* master: read only */
	SCREEN_FD_TERMINAL = 5, /* write only */
	SCREEN_FD_DUMP = 6,	/* memory file for the text of the last screen: write only */
};

enum screen_message_type {
	/* broker -> screen */
	SCREEN_RESIZE = 2,  /* a: rows, b: columns; no answer */
	SCREEN_SETTLE = 4,  /* make the terminal fit for a prompt; then silent until SCREEN_PAINT */
	SCREEN_GIVE_UP = 6, /* a: enum screen_leave flags: give the terminal back; then silent */
	SCREEN_PAINT = 8,   /* a: enum screen_paint: go on, painting this first */
	SCREEN_END = 10,    /* a: quiet ms, b: ms at most: the program is gone, drain and leave */
	SCREEN_COOKED =
		12, /* a: 1 when the terminal is the shell's, which ends lines itself; 0 at the
		       start; no answer */
	/* screen -> broker */
	SCREEN_READY = 1, /* once, behind the confinement */
	SCREEN_SETTLED = 5,
	SCREEN_GIVEN_UP = 7,
	SCREEN_PAINTED = 9,
	SCREEN_ENDED = 11, /* a: flags, b: bytes of the dump; the last message */
	SCREEN_STATE = 13, /* a: flags, sent when they change */
};

enum screen_state_flag {
	SCREEN_IS_ALTERNATE = 1 << 0,
	SCREEN_WAS_ALTERNATE = 1 << 1,
	SCREEN_HAS_OUTPUT = 1 << 2,
	SCREEN_ALL_STATE_FLAGS = (1 << 3) - 1
};

struct screen_message {
	uint32_t type;
	uint32_t a, b;
	uint32_t zero;
};

#endif

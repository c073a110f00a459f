/* Moments as text. Pure: the zone is the caller's, no file of the system is read. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <time.h>

enum {
	CLOCK_TEXT_MAX = 128, /* with NUL; more than any year needs */
	CLOCK_OFFSET_MAX_S = 24 * 60 * 60 - 60,
};

/*
 * RFC 3339 with nine digits of a second, "2026-04-21T20:00:00.123456789+02:00". `offset_s` is the
 * zone's distance from UTC, cut to whole minutes and to +-23:59.
 */
void clock_rfc3339(char ret[CLOCK_TEXT_MAX], struct timespec when, int offset_s);

#endif

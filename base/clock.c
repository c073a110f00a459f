/*
 * Moments as text. The calendar is computed here: libc's gmtime_r() reads /etc/localtime at its
 * first call although it needs no zone, a file that the broker has no business with and that costs
 * a start seven system calls.
 */
#include "base/clock.h"

#include <stdint.h>
#include <stdio.h>

enum {
	MINUTE_S = 60,
	HOUR_S = 60 * MINUTE_S,
	DAY_S = 24 * HOUR_S,
	DAYS_1970 = 719468, /* from 0000-03-01 to 1970-01-01 */
	DAYS_4 = 4 * 365 + 1,
	DAYS_100 = 25 * DAYS_4 - 1,
	DAYS_400 = 4 * DAYS_100 + 1,
	DAYS_5_MONTHS = 153, /* March to July, August to December */
};

struct date {
	int64_t year;
	int month, day;
};

/* Years that begin with March end with the leap day, so that only their last month varies. */
static struct date
date_of(int64_t days)
{
	int64_t since = days + DAYS_1970, era, year;
	int rest, month;

	era = (since >= 0 ? since : since - (DAYS_400 - 1)) / DAYS_400;
	rest = (int)(since - era * DAYS_400);
	/* Whole years: without the leap days that came before within the 400 years. */
	year = (rest - rest / (DAYS_4 - 1) + rest / DAYS_100 - rest / (DAYS_400 - 1)) / 365;
	rest -= (int)(365 * year + year / 4 - year / 100);
	month = (5 * rest + 2) / DAYS_5_MONTHS;
	return (struct date){
		.year = era * 400 + year + (month >= 10),
		.month = month < 10 ? month + 3 : month - 9,
		.day = rest - (DAYS_5_MONTHS * month + 2) / 5 + 1,
	};
}

void
clock_rfc3339(char ret[CLOCK_TEXT_MAX], struct timespec when, int offset_s)
{
	int minutes, second, offset;
	struct date date;
	int64_t local, days;

	if (offset_s > CLOCK_OFFSET_MAX_S)
		offset_s = CLOCK_OFFSET_MAX_S;
	if (offset_s < -CLOCK_OFFSET_MAX_S)
		offset_s = -CLOCK_OFFSET_MAX_S;
	minutes = offset_s / MINUTE_S;
	offset = minutes < 0 ? -minutes : minutes;
	local = (int64_t)when.tv_sec + minutes * MINUTE_S;
	days = (local >= 0 ? local : local - (DAY_S - 1)) / DAY_S;
	second = (int)(local - days * DAY_S);
	date = date_of(days);
	(void)snprintf(ret, CLOCK_TEXT_MAX, "%04lld-%02d-%02dT%02d:%02d:%02d.%09ld%c%02d:%02d",
		       (long long)date.year, date.month, date.day, second / HOUR_S,
		       second / MINUTE_S % 60, second % MINUTE_S, when.tv_nsec,
		       minutes < 0 ? '-' : '+', offset / 60, offset % 60);
}

/*
 * A session for the tests of record/: a plan over a fresh directory, and what happened in it.
 *
 *   @/work       granted for reading: the working directory; holds `have`
 *   @/rw         granted for both; holds `own`
 *   @/out        not granted; holds `file` and the link `way` to @/rw
 *   @/home       the home; @/home/.ssh is protected by group deny_keys and holds `key`
 *
 * "@" stands for the directory in the texts of tests.
 */
#ifndef TESTS_HARNESS_RECORD_SAMPLE_H
#define TESTS_HARNESS_RECORD_SAMPLE_H

#include "record/internal.h"

struct record_sample {
	struct buf base;
	struct session session;
};

/* False when it cannot be made. Cleared by record_sample_clear() in any case. */
bool record_sample_make(struct record_sample *s, enum plan_net net);
void record_sample_clear(struct record_sample *s);

/* The program exited with this code and left this text ("@" is replaced) on its screen. */
void record_sample_exit(struct record_sample *s, unsigned int code, const char *output);

/* Refusals that the broker saw; they must live as long as the sample. */
void record_sample_denials(struct record_sample *s, const struct record_denial *denials, size_t n);

/* "@" replaced; freed with mem_free(). */
char *record_sample_text(const struct record_sample *s, const char *text);

#endif

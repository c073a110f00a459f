/*
 * What is offered for saving at the end of a session. The list comes from a process that read text
 * of a hostile program, so that nothing in it is believed: each row is asked of the plan again, and
 * what the user could not read on the screen, or may not grant, is no row.
 */
#ifndef CLI_SAVE_OFFER_H
#define CLI_SAVE_OFFER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "ipc/save.h"
#include "plan/plan.h"

enum save_action {
	SAVE_SKIP = 0,
	SAVE_GRANT,
	SAVE_SUPPRESS,
};

struct save_item {
	const char *path;  /* canonical, printable UTF-8 */
	const char *group; /* protected by it: never granted here; NULL: free */
	const char *list;  /* "filesystem.read_file" */
	unsigned int access;
	bool directory, claimed;
	enum save_action action;
};

struct save_offer {
	struct plan plan;
	const char *profile; /* of --profile, or NULL */
	char **environment;
	int idle_ms;		/* for an answer; -1: any time */
	struct save_item *item; /* what was seen first, claims behind it; each by path */
	size_t count;
	size_t dropped;	  /* more than can be shown */
	size_t odd_names; /* left out: their names cannot be shown, or not be written in a profile */
	void *plan_image, *list_image, *context_image;
};

/* From descriptors SAVE_*_FD. 0 or an error; cleared in both cases. */
int save_offer_load(struct save_offer *ret, struct err *e) ATTR_CHECK;

/*
 * The part of it behind the reading: plan and images are set, each image with a NUL behind its end.
 * 0 or -errno; cleared in both cases.
 */
int save_offer_judge(struct save_offer *s, size_t context_bytes, size_t list_bytes) ATTR_CHECK;

void save_offer_clear(struct save_offer *s);

size_t save_offer_count(const struct save_offer *s, enum save_action action);

#endif

/*
 * The question which of the refused paths are granted, silenced or left alone. Everything starts as
 * left alone, and every way out but Enter and its word leaves all of it so.
 */
#ifndef CLI_SAVE_CHOOSE_H
#define CLI_SAVE_CHOOSE_H

#include "base/attr.h"
#include "cli/out.h"
#include "cli/save_offer.h"

/*
 * Let the user change the actions of the items, on `tty`, where `o` writes. `question` is for a
 * terminal that can only show lines. 1: chosen; 0: cancelled, and then all is skipped; -errno.
 */
int save_choose(struct out *o, int tty, struct save_offer *s, const char *question) ATTR_CHECK;

/* A line that was typed after now; -EIO also when nobody typed it in that time. Its length. */
int save_ask_line(struct out *o, int tty, int idle_ms, char *answer, size_t size) ATTR_CHECK;

/* One row: what is done, the path as a shell takes it, what it is. */
void save_put_item(struct out *o, const struct save_item *item);

#endif

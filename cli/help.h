/* Help texts, written from the table. Each appends to `o`; the caller chooses the stream. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/out.h"
#include "cli/table.h"

void help_root(struct out *o);

/*
 * Also for a command of a later build, which has a line and nothing else. `parent`: the command it
 * is one of, or NULL.
 */
void help_command(struct out *o, const struct command *parent, const struct command *c);

#endif

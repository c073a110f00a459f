/*
 * Completion scripts, written from the table. A script holds words of the table only; it calls
 * nothing of nono when a key is pressed.
 */
#ifndef CLI_COMPLETION_H
#define CLI_COMPLETION_H

#include "base/buf.h"
#include "cli/table.h"

/* What stands behind a flag. */
enum completion_kind {
	COMPLETE_NOTHING = 0, /* the flag takes no value */
	COMPLETE_ANY,	      /* a value that nobody can guess */
	COMPLETE_DIRECTORY,
	COMPLETE_FILE,
	COMPLETE_WORDS, /* flag->choices */
};

enum completion_kind completion_kind(const struct flag *f);

/* Is it offered behind a command with these flags? */
bool completion_shows_flag(const struct flag *f, unsigned int commands);
bool completion_shows_command(const struct command *c);

/* Does the command end with somebody else's command line? */
bool completion_takes_program(const struct command *c);

/* Append the script: 0 or -ENOMEM. */
int completion_bash(struct buf *b) ATTR_CHECK;
int completion_zsh(struct buf *b) ATTR_CHECK;
int completion_fish(struct buf *b) ATTR_CHECK;
int completion_powershell(struct buf *b) ATTR_CHECK;

#endif

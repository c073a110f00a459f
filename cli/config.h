/*
 * The user's config.toml (spec 01 section 18): found, checked, read, typed. A missing file is all
 * defaults. Every key of the reference and of ours is known here, also where this build does
 * nothing with it yet.
 */
#ifndef CLI_CONFIG_H
#define CLI_CONFIG_H

#include "base/redact.h"
#include "cli/out.h"
#include "plan/format.h"
#include "profiles/policy.h"
#include "profiles/toml.h"

enum {
	CONFIG_DETACH_MAX = 16, /* keys of the detach sequence */
	CONFIG_LISTS = 6,
};

enum config_note {
	CONFIG_NOTE_INFO, /* shown with -v */
	CONFIG_NOTE_WARNING,
};

struct config {
	const char *theme; /* NULL: not given */
	unsigned char detach[CONFIG_DETACH_MAX];
	size_t detach_bytes;
	enum plan_filter terminal_filter;
	unsigned int scrollback_rows;
	unsigned int prompt_timeout_s; /* for an answer on the terminal; 0: for ever */
	bool update_check;
	const char *update_url; /* NULL: not given */
	struct redact_rules redact;
	struct words blocked_commands; /* [extensions.dangerous_commands] */

	struct closed_paths closed_paths; /* [extensions.sensitive_paths] */
	const char *profile;		  /* [profiles] default, or NULL */

	struct toml toml; /* owns the strings above */
	char *path;
	const char **list[CONFIG_LISTS];
	size_t lists;
	struct closed_path *closed;
	struct {
		enum config_note kind;
		char *text;
	} * note;
	size_t notes, notes_capacity;
};

/*
 * Read it. 0 also when there is none; otherwise an error that names the file and, where it is
 * about the text, line and column; the configuration is all defaults then, with update_check off.
 * -EACCES: the file is there and may not be read, as inside a sandbox. Cleared with config_clear()
 * in every case.
 */
int config_load(struct config *c, char *const *environment, struct err *e) ATTR_CHECK;
void config_clear(struct config *c);

/* How long to wait for an answer, as poll(2) takes it. */
int config_prompt_ms(const struct config *c);

/* Warnings; with `verbose` also what is not known or has no effect yet. */
void config_show_notes(const struct config *c, struct out *o, bool verbose);

/*
 * "ctrl-] d" to the bytes the keys send (spec 01 section 18.1). Pure. 0 with *ret_bytes, or
 * -EINVAL with the reason in *ret_reason.
 */
int config_parse_detach(const char *text, unsigned char ret[CONFIG_DETACH_MAX], size_t *ret_bytes,
			const char **ret_reason) ATTR_CHECK;

/* The same for a whole text; for tests and for config_load(). */
int config_parse(struct config *c, struct slice text, struct err *e) ATTR_CHECK;

#endif

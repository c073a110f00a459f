/* The steps of `nono setup` about profiles. Nothing is parsed here: the texts are compiled in. */
#include "cli/setup_profiles.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cmd.h"
#include "profiles/examples.h"
#include "profiles/place.h"
#include "profiles/store.h"

void
setup_put_presets(struct out *o)
{
	for (size_t i = 0; i < presets_count; i++)
		out_putf(o, "  * %s - %s (network %s)\n", presets_table[i].name,
			 presets_table[i].description,
			 presets_table[i].blocks_network ? "blocked" : "allowed");
}

static void
put_line(struct out *o, const char *before, const char *name, const char *after)
{
	out_puts(o, "  * ");
	out_puts(o, before);
	out_text(o, name);
	out_puts(o, after);
	out_puts(o, "\n");
}

static int
write_example(struct out *o, const char *directory, const struct preset *p, bool force,
	      struct err *e)
{
	autobuf struct buf file = BUF_INIT;
	int r = buf_addf(&file, "%s.json", p->name);

	if (r == 0)
		r = store_write(directory, buf_str(&file), (struct slice){ p->text, p->bytes },
				force);
	if (r == -EEXIST) {
		put_line(o, "", buf_str(&file), " exists, skipped (--force replaces it)");
		return 0;
	}
	if (r < 0)
		return err_set_errno(e, r, "Setup error: cannot write '%s/%s'", directory,
				     buf_str(&file));
	put_line(o, "Generated ", buf_str(&file), "");
	return 0;
}

int
setup_write_examples(struct out *o, bool force, char *const *environment, struct err *e)
{
	autobuf struct buf directory = BUF_INIT;
	struct stat st;
	int r = place_config(&directory, environment, e);

	if (r < 0)
		return r;
	if (buf_adds(&directory, "/profiles") < 0)
		return err_set(e, -ENOMEM, "out of memory");
	if (stat(buf_str(&directory), &st) == -1) {
		r = store_make_directory(buf_str(&directory));
		if (r < 0)
			return err_set_errno(e, r, "Setup error: cannot make the directory '%s'",
					     buf_str(&directory));
		put_line(o, "Created directory: ", buf_str(&directory), "");
	}
	for (size_t i = 0; i < examples_count && r == 0; i++)
		r = write_example(o, buf_str(&directory), &examples_table[i], force, e);
	return r;
}

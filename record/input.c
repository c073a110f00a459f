/* The files that the broker hands over, copied into private memory and checked. */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/str.h"
#include "record/internal.h"

enum {
	FACTS_BYTES_MAX = sizeof(struct record_facts) +
			  RECORD_DENIALS_MAX * sizeof(struct record_denial),
};

static bool
denial_is_valid(const struct record_denial *d)
{
	size_t n = strnlen(d->target, sizeof(d->target));

	if (d->zero != 0 || n == 0 || n == sizeof(d->target))
		return false;
	for (size_t i = n; i < sizeof(d->target); i++)
		if (d->target[i] != '\0')
			return false;
	if (d->operation < RECORD_OPEN || d->operation > RECORD_SEND ||
	    d->reason < RECORD_BACKEND_ERROR || d->reason > RECORD_SOCKET_DENIED)
		return false;
	if (d->operation == RECORD_OPEN)
		return d->access >= 1 && d->access <= (PLAN_READ | PLAN_WRITE);
	return d->access == 0;
}

int
facts_check(const void *image, size_t bytes)
{
	const struct record_facts *f = image;
	const struct record_denial *denials;

	if (bytes < sizeof(*f) || memcmp(f->magic, RECORD_MAGIC, sizeof(f->magic)) != 0)
		return -EBADMSG;
	if (f->version != RECORD_VERSION)
		return -EPROTONOSUPPORT;
	if (f->bytes != bytes || f->denials > RECORD_DENIALS_MAX ||
	    bytes != sizeof(*f) + f->denials * sizeof(struct record_denial))
		return -EBADMSG;
	if ((f->flags & ~(uint32_t)RECORD_ALL_FLAGS) || f->zero != 0 || f->exit_code > 255)
		return -EBADMSG;
	switch ((enum record_end)f->end) {
	case RECORD_EXITED:
		if (f->number > 255 || f->step != RECORD_STEP_NONE)
			return -EBADMSG;
		break;
	case RECORD_KILLED:
		if (f->number < 1 || f->number > 64 || f->step != RECORD_STEP_NONE)
			return -EBADMSG;
		break;
	case RECORD_NOT_STARTED:
		if (f->number > 255 ||
		    (f->step != RECORD_STEP_SETUP && f->step != RECORD_STEP_EXEC))
			return -EBADMSG;
		break;
	default:
		return -EBADMSG;
	}
	denials = (const struct record_denial *)(f + 1);
	for (size_t i = 0; i < f->denials; i++)
		if (!denial_is_valid(&denials[i]))
			return -EBADMSG;
	return 0;
}

/* Harmless from here on: no control bytes but the ends of lines. */
static int
clean_output(struct buf *b, struct slice text)
{
	int r = 0;

	while (text.n > 0 && r == 0) {
		const char *end = memchr(text.p, '\n', text.n);
		size_t n = end ? (size_t)(end - text.p) : text.n;

		r = str_printable(b, (struct slice){ text.p, n });
		if (r == 0)
			r = buf_addc(b, '\n');
		text.p += n + (end != NULL);
		text.n -= n + (end != NULL);
	}
	return r;
}

static int
load_output(struct session *s, int fd)
{
	autofree void *raw = NULL;
	size_t n;
	int r;

	if ((r = fd_read_file(fd, RECORD_OUTPUT_MAX, true, &raw, &n)) < 0)
		return r;
	return clean_output(&s->output_text, (struct slice){ raw, n });
}

int
session_load(struct session *ret, const struct confine_fds *fds, struct err *e)
{
	size_t bytes;
	int r;

	*ret = (struct session){ .output_text = BUF_INIT };
	if ((r = fd_read_file(fds->plan, PLAN_BYTES_MAX, false, &ret->plan_image, &bytes)) < 0)
		return err_set_errno(e, r, "cannot read the plan of the session");
	if ((r = plan_open(&ret->plan, ret->plan_image, bytes, e)) < 0)
		return r;
	if ((r = fd_read_file(fds->facts, FACTS_BYTES_MAX, false, &ret->facts_image, &bytes)) < 0)
		return err_set_errno(e, r, "cannot read how the session ended");
	if ((r = facts_check(ret->facts_image, bytes)) < 0)
		return err_set(e, r,
			       "what the broker says of the session is damaged or of another "
			       "version; reinstall nono");
	memcpy(&ret->facts, ret->facts_image, sizeof(ret->facts));
	ret->denials = (const struct record_denial *)((const char *)ret->facts_image +
						      sizeof(ret->facts));
	if (fds->output >= 0 && (r = load_output(ret, fds->output)) < 0)
		return err_set_errno(e, r, "cannot read what the program printed");
	ret->output = (struct slice){ ret->output_text.p, ret->output_text.n };
	if (fds->context < 0)
		return 0;
	if ((r = fd_read_file(fds->context, SAVE_CONTEXT_MAX, false, &ret->context_image, &bytes)) <
	    0)
		return err_set_errno(e, r, "cannot read what may be saved of the session");
	ret->context = (struct slice){ ret->context_image, bytes };
	return 0;
}

void
session_clear(struct session *s)
{
	mem_free(s->plan_image);
	mem_free(s->facts_image);
	mem_free(s->context_image);
	buf_clear(&s->output_text);
	*s = (struct session){ .output_text = BUF_INIT };
}

/* The TOML reader: what it takes, and where it says that something is wrong. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"
#include "profiles/toml.h"
#include "tests/harness/unit.h"

/* The tree as text: key=value, tables and arrays in brackets. */
static void
show(struct buf *b, const struct toml *t, const struct toml_node *n)
{
	int r = 0;

	switch ((enum toml_type)n->type) {
	case TOML_TABLE:
	case TOML_ARRAY:
		r = buf_addc(b, n->type == TOML_TABLE ? '{' : '[');
		for (const struct toml_node *c = toml_first(t, n); c; c = toml_next(t, c)) {
			if (n->type == TOML_TABLE)
				r = buf_addf(b, "%s=", toml_key(t, c));
			show(b, t, c);
			r = buf_addc(b, ' ');
		}
		r = buf_addc(b, n->type == TOML_TABLE ? '}' : ']');
		break;
	case TOML_STRING:
		r = buf_addf(b, "'%s'", toml_string(t, n));
		break;
	case TOML_INTEGER:
		r = buf_addf(b, "%lld", (long long)n->integer);
		break;
	case TOML_FLOAT:
		r = buf_addf(b, "%gf", n->number);
		break;
	case TOML_BOOLEAN:
		r = buf_adds(b, n->boolean ? "yes" : "no");
		break;
	}
	CU_ASSERT_EQUAL(r, 0);
}

static const struct {
	const char *text, *shown;
} good[] = {
	{ "", "{}" },
	{ "\n# only\r\n  # comments\t\n", "{}" },
	{ "\xef\xbb\xbf"
	  "a = 1",
	  "{a=1 }" },
	{ "a = 1 # one\nb=-2\r\nc = +3", "{a=1 b=-2 c=3 }" },
	{ "[ui]\ntheme = \"latte\"\n[ updates ]\ncheck = false", "{ui={theme='latte' } "
								 "updates={check=no } }" },
	{ "a.b.c = true\na.b.d = 1", "{a={b={c=yes d=1 } } }" },
	{ "\"a b\".'c.d' = 1", "{a b={c.d=1 } }" },
	{ "1 = 1\n-_ = 2", "{1=1 -_=2 }" },
	{ "s = \"a\\tb\\n\\u00e9\\U0001F600\\\"\\\\\"",
	  "{s='a\tb\n\xc3\xa9\xf0\x9f\x98\x80\"\\' }" },
	{ "s = 'a\\tb'", "{s='a\\tb' }" },
	{ "s = \"\"\nt=''", "{s='' t='' }" },
	{ "a = [ 1, 2,\n # c\n 3 ,\n]", "{a=[1 2 3 ] }" },
	{ "a = []\nb=[[1],['x']]", "{a=[] b=[[1 ] ['x' ] ] }" },
	{ "a = { b = 1, c.d = 'x' }\ne={}", "{a={b=1 c={d='x' } } e={} }" },
	{ "x = 0xff\ny = 0o17\nz = 0b101\nu = 1_000", "{x=255 y=15 z=5 u=1000 }" },
	{ "f = 1.5\ng = -2e3\nh = 5E-1\ni = 1_0.2_5", "{f=1.5f g=-2000f h=0.5f i=10.25f }" },
	{ "a = inf\nb = -inf", "{a=inff b=-inff }" },
	{ "a = 9223372036854775807\nb = -9223372036854775808",
	  "{a=9223372036854775807 b=-9223372036854775808 }" },
	{ "[a.b]\nx=1\n[a]\ny=2", "{a={b={x=1 } y=2 } }" },
	{ "[a]\nb.c=1\n[a.b.d]\ne=2", "{a={b={c=1 d={e=2 } } } }" },
	{ "true = 1\ninf = 2", "{true=1 inf=2 }" },
};

static void
test_good(void)
{
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		autobuf struct buf b = BUF_INIT;
		struct toml t = TOML_INIT;
		struct err e = ERR_INIT;

		CU_ASSERT_EQUAL(toml_parse(&t, slice_of(good[i].text), &e), 0);
		if (e.code) {
			printf("# %zu: %s\n", i, e.text);
			continue;
		}
		show(&b, &t, &t.node[0]);
		CU_ASSERT_STRING_EQUAL(buf_str(&b), good[i].shown);
		toml_clear(&t);
	}
}

static const struct {
	const char *text, *error;
} wrong[] = {
	{ "a", "1:2: '=' is expected behind the key" },
	{ "a =", "1:4: a value is expected here" },
	{ "= 1", "1:1: a key is expected here" },
	{ "\n\n  a = b", "3:7: not a value: strings stand in quotes" },
	{ "a = 1 b = 2", "1:7: the line should end here" },
	{ "a = 1\na = 2", "2:1: this key has a value already" },
	{ "a = 1\na.b = 2", "2:1: this key has a value already" },
	{ "a = {}\na.b = 2", "2:1: this key has a value already" },
	{ "a = {}\n[a]", "2:2: this key has a value already" },
	{ "[a]\n[a]", "2:2: this table is defined already" },
	{ "a.b = 1\n[a]", "2:2: this table is defined already" },
	{ "[a.b]\n[a]\nb.c = 1", "3:1: this table is defined elsewhere" },
	{ "[a", "1:3: ']' is expected behind the table's name" },
	{ "[[a]]", "1:1: arrays of tables are not supported" },
	{ "[]", "1:2: a key is expected here" },
	{ "a..b = 1", "1:3: a key is expected here" },
	{ "a = \"x", "1:5: the string does not end on its line" },
	{ "a = \"x\ny\"", "1:5: the string does not end on its line" },
	{ "a = \"\"\"x\"\"\"", "1:5: strings over several lines are not supported" },
	{ "a = '''x'''", "1:5: strings over several lines are not supported" },
	{ "a = \"\\q\"", "1:7: an unknown escape behind the backslash" },
	{ "a = \"\\u12g4\"", "1:10: a hexadecimal digit is missing" },
	{ "a = \"\\u0000\"", "1:12: a NUL in a string" },
	{ "a = \"\\ud800\"", "1:12: not a Unicode character" },
	{ "a = \"\x01\"", "1:6: a control character in a string" },
	{ "# \x01", "1:3: a control character in a comment" },
	{ "# \r x", "1:3: a control character in a comment" },
	{ "a = \"\xff\"", "1:6: not UTF-8" },
	{ "\xc3\xa9 = 1", "1:1: a key is expected here" },
	{ "'\xc3\xa9' = x", "1:7: not a value: strings stand in quotes" },
	{ "a = [1 2]", "1:8: a comma or ']' is expected here" },
	{ "a = [\n1,", "1:5: the array has no end" },
	{ "a = [,]", "1:6: a value is expected here" },
	{ "a = {b = 1", "1:11: a comma or '}' is expected here" },
	{ "a = {b = 1,}", "1:12: a key is expected here" },
	{ "a = {b = 1\n}", "1:11: a comma or '}' is expected here" },
	{ "a = 01", "1:5: not a value: strings stand in quotes" },
	{ "a = 1_", "1:5: not a value: strings stand in quotes" },
	{ "a = 1.", "1:5: not a value: strings stand in quotes" },
	{ "a = 1e", "1:5: not a value: strings stand in quotes" },
	{ "a = 0x", "1:5: not a number, or one of more than 63 bits" },
	{ "a = 0b2", "1:5: not a number, or one of more than 63 bits" },
	{ "a = 9223372036854775808", "1:5: a number of more than 63 bits" },
	{ "a = 2024-01-02", "1:5: dates and times are not supported" },
	{ "a = 07:32:00", "1:5: dates and times are not supported" },
	{ "a = truex", "1:5: not a value: strings stand in quotes" },
};

static void
test_wrong(void)
{
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct toml t = TOML_INIT;
		struct err e = ERR_INIT;

		CU_ASSERT_EQUAL(toml_parse(&t, slice_of(wrong[i].text), &e), -EBADMSG);
		CU_ASSERT_STRING_EQUAL(e.text, wrong[i].error);
		CU_ASSERT_PTR_NULL(t.node);
	}
}

static int
parse(const struct buf *b)
{
	struct toml t = TOML_INIT;
	struct err e = ERR_INIT;
	int r = toml_parse(&t, (struct slice){ b->p, b->n }, &e);

	toml_clear(&t);
	return r;
}

/* At the limit, and one more. */
static void
test_limits(void)
{
	autobuf struct buf b = BUF_INIT;
	int r = 0;

	for (int i = 0; i < TOML_NODES_MAX - 1; i++)
		r |= buf_addf(&b, "k%d=1\n", i);
	CU_ASSERT_EQUAL(parse(&b), 0);
	r |= buf_adds(&b, "x=1\n");
	CU_ASSERT_EQUAL(parse(&b), -EFBIG);

	for (int depth = TOML_DEPTH_MAX - 1; depth <= TOML_DEPTH_MAX; depth++) {
		buf_reset(&b);
		r |= buf_adds(&b, "a=");
		for (int i = 0; i < depth; i++)
			r |= buf_addc(&b, '[');
		for (int i = 0; i < depth; i++)
			r |= buf_addc(&b, ']');
		CU_ASSERT_EQUAL(parse(&b), depth < TOML_DEPTH_MAX ? 0 : -EFBIG);
	}

	for (int length = TOML_KEY_MAX; length <= TOML_KEY_MAX + 1; length++) {
		buf_reset(&b);
		for (int i = 0; i < length; i++)
			r |= buf_addc(&b, 'k');
		r |= buf_adds(&b, "=1");
		CU_ASSERT_EQUAL(parse(&b), length == TOML_KEY_MAX ? 0 : -EFBIG);
	}

	buf_reset(&b);
	while (b.n < TOML_BYTES_MAX)
		r |= buf_addc(&b, '\n');
	CU_ASSERT_EQUAL(parse(&b), 0);
	r |= buf_addc(&b, '\n');
	CU_ASSERT_EQUAL(parse(&b), -EFBIG);
	CU_ASSERT_EQUAL(r, 0);
}

static void
test_find(void)
{
	struct toml t = TOML_INIT;
	struct err e = ERR_INIT;
	const struct toml_node *ui;

	CU_ASSERT_EQUAL_FATAL(toml_parse(&t, slice_of("x=1\n[ui]\n theme='a'"), &e), 0);
	ui = toml_find(&t, &t.node[0], "ui");
	CU_ASSERT_PTR_NOT_NULL_FATAL(ui);
	CU_ASSERT_PTR_NOT_NULL_FATAL(toml_find(&t, ui, "theme"));
	CU_ASSERT_EQUAL(toml_find(&t, ui, "theme")->line, 3);
	CU_ASSERT_EQUAL(toml_find(&t, ui, "theme")->column, 2);
	CU_ASSERT_PTR_NULL(toml_find(&t, ui, "x"));
	toml_clear(&t);
}

/* Memory that runs out is told as that, at every allocation; the hook counts per process. */
static void
test_memory(void)
{
	int code = -1;

	for (int n = 1; n < 100 && code != 0; n++) {
		pid_t pid;
		int status;

		(void)fflush(stdout);
		pid = fork();
		if (pid == 0) {
			struct toml t = TOML_INIT;
			struct err e = ERR_INIT;
			char number[16];
			int r;

			(void)snprintf(number, sizeof(number), "%d", n);
			(void)setenv("NONO_TEST_FAIL_ALLOC", number, 1);
			r = toml_parse(&t, slice_of("a.b = [\"x\", {c = 1.5}]"), &e);
			_exit(r == 0 ? 0 : r == -ENOMEM ? 1 : 2);
		}
		CU_ASSERT_EQUAL_FATAL(waitpid(pid, &status, 0), pid);
		code = WIFEXITED(status) ? WEXITSTATUS(status) : 3;
		CU_ASSERT_TRUE(code <= 1);
	}
	CU_ASSERT_EQUAL(code, 0);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "what is read", test_good }, { "what is refused, and where", test_wrong },
		{ "limits", test_limits },     { "lookup", test_find },
		{ "memory", test_memory },
	};

	return unit_run("toml", tests, UNIT_COUNT(tests));
}

/* The program's environment: name by name what never passes, and what does. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/attr.h"
#include "profiles/internal.h"
#include "tests/harness/policy_run.h"
#include "tests/harness/unit.h"

/* Spec 02 13.2, as written there. */
static const char *const dangerous[] = {
	"BASH_ENV",
	"ENV",
	"CDPATH",
	"GLOBIGNORE",
	"PROMPT_COMMAND",
	"IFS",
	"PYTHONSTARTUP",
	"PYTHONPATH",
	"NODE_OPTIONS",
	"NODE_PATH",
	"PERL5OPT",
	"PERL5LIB",
	"RUBYOPT",
	"RUBYLIB",
	"GEM_PATH",
	"GEM_HOME",
	"JAVA_TOOL_OPTIONS",
	"_JAVA_OPTIONS",
	"DOTNET_STARTUP_HOOKS",
	"GOFLAGS",
	"OP_SERVICE_ACCOUNT_TOKEN",
	"OP_CONNECT_TOKEN",
	"OP_CONNECT_HOST",
	/* one of each prefix */
	"LD_PRELOAD",
	"LD_LIBRARY_PATH",
	"LD_",
	"DYLD_INSERT_LIBRARIES",
	"BASH_FUNC_ls%%",
	"OP_SESSION_my",
};

static const char *const extended[] = {
	"GCONV_PATH",
	"GETCONF_DIR",
	"GLIBC_TUNABLES",
	"HOSTALIASES",
	"LOCALDOMAIN",
	"LOCPATH",
	"MALLOC_TRACE",
	"NIS_PATH",
	"NLSPATH",
	"RESOLV_HOST_CONF",
	"RES_OPTIONS",
	"PS4",
	"SHELLOPTS",
	"BASHOPTS",
	"BASH_XTRACEFD",
	"ZDOTDIR",
	"FPATH",
	"PYTHONHOME",
	"PYTHONINSPECT",
	"PYTHONUSERBASE",
	"PYTHONBREAKPOINT",
	"PERLLIB",
	"PERL5DB",
	"RUBYSHELL",
	"ELECTRON_RUN_AS_NODE",
	"JDK_JAVA_OPTIONS",
	"CLASSPATH",
	"CORECLR_PROFILER",
	"CORECLR_ENABLE_PROFILING",
	"LUA_INIT",
	"LUA_PATH",
	"LUA_CPATH",
	"PHPRC",
	"PHP_INI_SCAN_DIR",
	"R_PROFILE",
	"R_ENVIRON",
	"GIT_EXTERNAL_DIFF",
	"GIT_PROXY_COMMAND",
	"GIT_SSH_COMMAND",
	"GIT_EXEC_PATH",
	"GIT_CONFIG_PARAMETERS",
	"GIT_CONFIG_COUNT",
	"GIT_CONFIG_KEY_0",
	"GIT_CONFIG_VALUE_0",
	"LUA_PATH_5_4",
	"LUA_CPATH_5_4",
	"LUA_INIT_5_4",
};

static const char *const ambient[] = {
	"SSH_AUTH_SOCK",
	"SSH_AGENT_PID",
	"GPG_AGENT_INFO",
	"DBUS_SESSION_BUS_ADDRESS",
	"DBUS_SYSTEM_BUS_ADDRESS",
	"XAUTHORITY",
	"WAYLAND_SOCKET",
	"TMUX",
	"TMUX_PANE",
	"STY",
	"VSCODE_IPC_HOOK_CLI",
	"VSCODE_GIT_IPC_HANDLE",
	"VSCODE_GIT_ASKPASS_NODE",
	"VSCODE_GIT_ASKPASS_MAIN",
	"GIT_ASKPASS",
	"SSH_ASKPASS",
	"SUDO_ASKPASS",
	"KITTY_LISTEN_ON",
	"WEZTERM_UNIX_SOCKET",
	"NVIM",
	"NVIM_LISTEN_ADDRESS",
	"WSL_INTEROP",
	"DOCKER_HOST",
	"CONTAINER_HOST",
	"KRB5CCNAME",
	"INVOCATION_ID",
	"NOTIFY_SOCKET",
	"LISTEN_FDS",
	"LISTEN_PID",
	"LISTEN_FDNAMES",
	"WATCHDOG_PID",
	"WATCHDOG_USEC",
};

static const char *const own[] = {
	"NONO_PROFILE",
	"NONO_SUPERVISOR_PATH",
	"NONO_DETACHED_LAUNCH",
	"NONO_DETACHED_SESSION_ID",
	"NONO_DETACHED_CWD_PROMPT_RESPONSE",
	"NONO_ALLOW",
	"NONO_BLOCK_NET",
	"NONO_PROXY_TOKEN",
	"NONO_TEST_OFF",
};

/* Neighbours by name, and what programs need. */
static const char *const passing[] = {
	"PATH",
	"HOME",
	"USER",
	"LANG",
	"TERM",
	"XDG_RUNTIME_DIR",
	"OPENAI_API_KEY",
	"OP_OTHER",
	"ENVX",
	"XENV",
	"IFS_",
	"LDX",
	"L",
	"LD",
	"BASH_ENVIRONMENT",
	"GIT_AUTHOR_NAME",
	"TMUXX",
	"NONO_THEME",
	"NONO_LOG",
	"NONO_LOG_FILE",
	"NONOX",
	"DISPLAY",
	"EDITOR",
	"path",
	"ld_preload",
};

static void
test_lists(void)
{
	static const struct {
		const char *const *names;
		size_t count;
		enum environment_verdict verdict;
	} lists[] = {
		{ dangerous, ARRAY_LEN(dangerous), ENVIRONMENT_DANGEROUS },
		{ extended, ARRAY_LEN(extended), ENVIRONMENT_EXTENDED },
		{ ambient, ARRAY_LEN(ambient), ENVIRONMENT_AMBIENT },
		{ own, ARRAY_LEN(own), ENVIRONMENT_OWN },
		{ passing, ARRAY_LEN(passing), ENVIRONMENT_PASS },
	};
	struct policy_run t;

	policy_run_init(&t);
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		for (size_t j = 0; j < lists[i].count; j++) {
			const char *name = lists[i].names[j];
			char entry[128];

			CU_ASSERT_EQUAL(environment_judge(name, strlen(name)), lists[i].verdict);
			(void)snprintf(entry, sizeof(entry), "%s=/some/value", name);
			if (strcmp(name, "PATH") != 0 && strcmp(name, "HOME") != 0)
				policy_env(&t, entry);
		}
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		for (size_t j = 0; j < lists[i].count; j++) {
			size_t n = policy_variable_count(&t, lists[i].names[j]);

			CU_ASSERT_EQUAL(n, lists[i].verdict == ENVIRONMENT_PASS);
			if (n != (lists[i].verdict == ENVIRONMENT_PASS))
				(void)fprintf(stderr, "# %s\n", lists[i].names[j]);
		}
	policy_run_clear(&t);
}

static void
test_added(void)
{
	struct policy_run t;
	char first[32];

	policy_run_init(&t);
	policy_env(&t, "NONO_CAP_FILE=/forged");
	policy_env(&t, "NONO_SANDBOXED=no");
	policy_env(&t, "NONO_SESSION_ID=forged");
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT_STRING_EQUAL(policy_variable(&t, "NONO_CAP_FILE"), "/dev/null");
	CU_ASSERT_STRING_EQUAL(policy_variable(&t, "NONO_SANDBOXED"), "1");
	CU_ASSERT_STRING_EQUAL(policy_variable(&t, "NONO_SESSION_ID"),
			       plan_string(&t.plan, t.plan.settings->session_id));
	CU_ASSERT_EQUAL(policy_variable_count(&t, "NONO_SESSION_ID"), 1);
	(void)snprintf(first, sizeof(first), "%s", policy_variable(&t, "NONO_SESSION_ID"));
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT_STRING_NOT_EQUAL(policy_variable(&t, "NONO_SESSION_ID"), first);
	policy_run_clear(&t);
}

/* One entry per name, the one getenv() would find; bytes stay bytes. */
static void
test_entries(void)
{
	struct policy_run t;
	char *entries[] = { (char[]){ "FOO=first" },	  (char[]){ "FOOBAR=x" },
			    (char[]){ "FOO=second" },	  (char[]){ "EMPTY=" },
			    (char[]){ "NOVALUE" },	  (char[]){ "=odd" },
			    (char[]){ "N\xff\xfe=\x80" }, (char[]){ "A=b=c" } };

	policy_run_init(&t);
	for (size_t i = 0; i < ARRAY_LEN(entries); i++)
		t.variables[t.variables_count + i] = entries[i];
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT_EQUAL(policy_variable_count(&t, "FOO"), 1);
	CU_ASSERT_STRING_EQUAL(policy_variable(&t, "FOO"), "first");
	CU_ASSERT_STRING_EQUAL(policy_variable(&t, "FOOBAR"), "x");
	CU_ASSERT_STRING_EQUAL(policy_variable(&t, "EMPTY"), "");
	CU_ASSERT_STRING_EQUAL(policy_variable(&t, "N\xff\xfe"), "\x80");
	CU_ASSERT_STRING_EQUAL(policy_variable(&t, "A"), "b=c");
	CU_ASSERT_EQUAL(plan_count(&t.plan, PLAN_SEC_ENVIRONMENT), t.variables_count + 5 + 3);
	for (size_t i = 0; i < ARRAY_LEN(entries); i++)
		t.variables[t.variables_count + i] = NULL;
	policy_run_clear(&t);
}

static void
make_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%.100s", path);
	CU_ASSERT_EQUAL_FATAL(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	(void)close(fd);
}

/* A way to an agent stays when the socket it names was granted. */
static void
test_granted_sockets(void)
{
	static const struct {
		const char *name, *before, *after;
	} v[] = {
		{ "SSH_AUTH_SOCK", "", "" },
		{ "DBUS_SESSION_BUS_ADDRESS", "unix:path=", ",guid=00" },
		{ "DOCKER_HOST", "unix://", "" },
		{ "TMUX", "", ",1234,0" },
		{ "GPG_AGENT_INFO", "", ":1234:1" },
		{ "KITTY_LISTEN_ON", "unix:", "" },
	};
	struct policy_run t;

	policy_run_init(&t);
	policy_mkdir(policy_path(&t, "run"));
	make_socket(policy_path(&t, "run/s"));
	make_socket(policy_path(&t, "run/other"));
	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		char entry[RUN_PATH_MAX + 64];

		(void)snprintf(entry, sizeof(entry), "%s=%s%s%s", v[i].name, v[i].before,
			       policy_path(&t, "run/s"), v[i].after);
		policy_env(&t, entry);
		policy_words(&t, &t.rq.socket_connect, policy_path(&t, "run/other"), NULL);
		CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
		CU_ASSERT_PTR_NULL(policy_variable(&t, v[i].name));
		policy_words(&t, &t.rq.socket_connect, policy_path(&t, "run/s"), NULL);
		CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
		CU_ASSERT_PTR_NOT_NULL(policy_variable(&t, v[i].name));
		policy_words(&t, &t.rq.socket_connect, NULL);
		policy_words(&t, &t.rq.socket_dir, policy_path(&t, "run"), NULL);
		CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
		CU_ASSERT_PTR_NOT_NULL(policy_variable(&t, v[i].name));
		policy_words(&t, &t.rq.socket_dir, t.root, NULL);
		(void)policy_go(&t); /* refused: the home is in it */
		policy_words(&t, &t.rq.socket_dir, NULL);
		policy_env(&t, v[i].name);
	}
	policy_run_clear(&t);
}

static void
test_hook(void)
{
	struct policy_run t;

	policy_run_init(&t);
	policy_env(&t, "LD_PRELOAD=/x");
	policy_env(&t, "NONO_CAP_FILE=/forged");
	CU_ASSERT_EQUAL(setenv("NONO_TEST_OFF", "environment", 1), 0);
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT_PTR_NOT_NULL(policy_variable(&t, "LD_PRELOAD"));
	CU_ASSERT_STRING_EQUAL(policy_variable(&t, "NONO_CAP_FILE"), "/dev/null");
	(void)unsetenv("NONO_TEST_OFF");
	CU_ASSERT_EQUAL_FATAL(policy_go(&t), 0);
	CU_ASSERT_PTR_NULL(policy_variable(&t, "LD_PRELOAD"));
	policy_run_clear(&t);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "every listed name, and its neighbours", test_lists },
		{ "what is added", test_added },
		{ "one entry per name, bytes as they are", test_entries },
		{ "variables of granted sockets", test_granted_sockets },
		{ "the check can be switched off in a test build", test_hook },
	};

	return unit_run("environment", tests, UNIT_COUNT(tests));
}

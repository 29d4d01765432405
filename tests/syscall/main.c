/* SPDX-License-Identifier: MIT */
/*
 * Driver of the system call tests: forks a process per test, ends it when its time is up, and prints
 * TAP. The same binary runs on Linux, which defines what is right, and inside a utility VM.
 *
 *   syscall-tests [-l] [-v] [-d DIR] [-s SECONDS] [-t SECONDS] [-u UID] [-f] [PATTERN…]
 *
 * -l lists the tests, -d makes working directories below DIR (default /tmp), -u runs as that user, -f
 * takes only tests of the file system, -v says how long each took,
 * -s lets load/ go on for so long. A PATTERN selects names that contain it;
 * "-NAME" takes one out.
 */
#include "check.h"

#include <dirent.h>
#include <grp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "verdict.h"

extern const struct test *const __start_tests[];
extern const struct test *const __stop_tests[];

struct options {
	const char *directory;
	unsigned seconds;
	long uid;
	bool list;
	bool only_files;
	bool times;
	char **patterns;
};

unsigned load_seconds;
static volatile sig_atomic_t time_is_up;

static void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void print(const char *format, ...)
{
	char line[512];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	sys(SYS_write, 1, line, strlen(line));
}

/* "tests/syscall/pipe.c", "capacity" -> "pipe/capacity" */
static const char *full_name(const struct test *test)
{
	static char name[128];
	const char *slash = strrchr(test->file, '/');
	const char *base = slash ? slash + 1 : test->file;

	snprintf(name, sizeof(name), "%.*s/%s", (int)strcspn(base, "."), base, test->name);
	return name;
}

static bool selected(const struct options *options, const struct test *test)
{
	const char *name = full_name(test);
	bool any = false, hit = false;

	if (options->only_files && !(test->flags & FILES))
		return false;
	for (char **pattern = options->patterns; *pattern; pattern++) {
		if ((*pattern)[0] == '-') {
			if (strstr(name, *pattern + 1))
				return false;
			continue;
		}
		any = true;
		hit |= strstr(name, *pattern) != NULL;
	}
	return hit || !any;
}

/* Everything below a directory that a test left behind. */
static void remove_tree(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	char name[4096];

	if (dir) {
		while ((entry = readdir(dir))) {
			if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
				continue;
			snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
			if (unlink(name) && (errno == EISDIR || errno == EPERM))
				remove_tree(name);
		}
		closedir(dir);
	}
	rmdir(path);
}

static void on_alarm(int sig)
{
	(void)sig;
	time_is_up = 1;
}

static void lower(int resource, rlim_t most)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) || limit.rlim_cur <= most)
		return;
	limit.rlim_cur = most;
	setrlimit(resource, &limit);
}

/* What tests inherit is the same whoever starts us: glibc's posix_spawn leaves signals 32 and 33 ignored, a
 * build tool may block some, leave descriptors open, or raise limits. */
static void forget_our_parent(void)
{
	static const struct ksigaction unset; /* SIG_DFL, no flags */
	const unsigned long none = 0;

	for (int sig = 1; sig <= 64; sig++)
		sys(SYS_rt_sigaction, sig, &unset, NULL, 8);
	sys(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, 8);
	for (int fd = 3; fd < 1024; fd++)
		close(fd);
	lower(RLIMIT_NOFILE, 1024);
	lower(RLIMIT_STACK, 8 << 20);
	lower(RLIMIT_CORE, 0);
	umask(022);
}

static void run_here(const struct options *options, const struct test *test, const char *directory)
{
	setpgid(0, 0);
	forget_our_parent();
	if (options->uid && (setgroups(0, NULL) || setgid(options->uid) || setuid(options->uid))) {
		note("cannot become uid %ld", options->uid);
		_exit(VERDICT_FAIL);
	}
	prctl(PR_SET_DUMPABLE, 1); /* lost with the uid; /proc/self would be root's */
	if (chdir(directory)) {
		note("cannot enter %s: errno %d", directory, errno);
		_exit(VERDICT_FAIL);
	}
	if ((test->flags & ROOT) && sys(SYS_geteuid) != 0)
		skip("needs root");
	test->run();
	finish();
}

/* The wait status of the test's process, or -1 after its time. */
static int wait_for(pid_t pid, unsigned seconds)
{
	int status;

	time_is_up = 0;
	alarm(seconds);
	while (waitpid(pid, &status, 0) != pid) {
		if (!time_is_up)
			continue;
		kill(-pid, SIGKILL);
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		return -1;
	}
	alarm(0);
	kill(-pid, SIGKILL); /* whatever the test left running */
	return status;
}

static int run_test(const struct options *options, const struct test *test)
{
	char directory[4096];
	int status;
	pid_t pid;

	snprintf(directory, sizeof(directory), "%s/syscall-test.XXXXXX", options->directory);
	if (!mkdtemp(directory)) {
		note("cannot make a directory below %s: errno %d", options->directory, errno);
		return VERDICT_FAIL;
	}
	if (options->uid && chown(directory, options->uid, options->uid))
		note("chown %s: errno %d", directory, errno);
	pid = fork();
	if (pid == 0)
		run_here(options, test, directory);
	if (pid < 0) {
		note("fork: errno %d", errno);
		return VERDICT_FAIL;
	}
	setpgid(pid, pid);
	status = wait_for(pid, (test->flags & SLOW ? 5 : 1) * options->seconds + load_seconds);
	remove_tree(directory);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		; /* orphans, when we are process 1 */
	if (status == -1)
		note("no end after its time");
	else if (WIFSIGNALED(status))
		note("killed by signal %d", WTERMSIG(status));
	return status != -1 && WIFEXITED(status) ? WEXITSTATUS(status) : VERDICT_FAIL;
}

static int run_all(const struct options *options)
{
	const struct test *const *entry;
	int count = 0, number = 0, failed = 0, verdict;
	long begin;

	for (entry = __start_tests; entry < __stop_tests; entry++)
		count += selected(options, *entry);
	if (!options->list)
		print("1..%d\n", count);
	for (entry = __start_tests; entry < __stop_tests; entry++) {
		if (!selected(options, *entry))
			continue;
		if (options->list) {
			print("%s\n", full_name(*entry));
			continue;
		}
		begin = now_ns();
		verdict = run_test(options, *entry);
		if (options->times)
			note("%s: %ld ms", full_name(*entry), (now_ns() - begin) / 1000000);
		failed += verdict != VERDICT_PASS && verdict != VERDICT_SKIP;
		print("%s %d - %s%s\n", verdict == VERDICT_PASS || verdict == VERDICT_SKIP ? "ok" : "not ok",
		      ++number, full_name(*entry), verdict == VERDICT_SKIP ? " # SKIP" : "");
	}
	return failed || !count;
}

int main(int argc, char **argv, char **envp)
{
	struct options options = {.directory = "/tmp", .seconds = 10};
	struct sigaction act = {.sa_handler = on_alarm};
	ssize_t length;
	int option;

	length = readlink("/proc/self/exe", self_path, sizeof(self_path) - 1);
	if (length <= 0)
		snprintf(self_path, sizeof(self_path), "%s", argv[0]);
	if (argc >= 3 && !strcmp(argv[1], "--helper"))
		return run_helper(argc - 2, argv + 2, envp);
	opterr = 0;
	while ((option = getopt(argc, argv, "+d:fls:t:u:v")) != -1) {
		if (option == 'd')
			options.directory = optarg;
		else if (option == 'f')
			options.only_files = true;
		else if (option == 'l')
			options.list = true;
		else if (option == 's')
			load_seconds = strtoul(optarg, NULL, 10);
		else if (option == 't')
			options.seconds = strtoul(optarg, NULL, 10);
		else if (option == 'v')
			options.times = true;
		else if (option == 'u')
			options.uid = strtol(optarg, NULL, 10);
		else
			return 2;
	}
	options.patterns = argv + optind;
	sigaction(SIGALRM, &act, NULL);
	return run_all(&options);
}

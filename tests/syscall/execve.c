/* SPDX-License-Identifier: MIT */
/* execve(2): arguments, descriptors, signals, scripts, set-user-ID, and what cannot be executed. */
#include "check.h"

#include <elf.h>
#include <stdio.h>
#include <sys/vfs.h>

static char *const no_env[] = {NULL};

/* Run this binary's helper in a child: its wait status. */
static void exec_helper(void *arg)
{
	IS(sys(SYS_execve, self_path, arg, no_env), 0);
}

static int helper(char **argv)
{
	return in_child(exec_helper, argv);
}

TEST(exit_code)
{
	IS(helper(ARGV("x", "--helper", "exit", "42")), EXITED(42));
}

static void exec_args(void *arg)
{
	char *argv[] = {"x", "--helper", "args", "3", "one", "", "three words here", NULL};
	char *envp[] = {"FOO=bar", NULL};

	(void)arg;
	IS(sys(SYS_execve, self_path, argv, envp), 0);
}

TEST(arguments_and_environment)
{
	IS(in_child(exec_args, NULL), 0);
}

static void exec_many(void *arg)
{
	static char *argv[2005], number[8];
	char *envp[] = {"FOO=bar", NULL};

	(void)arg;
	argv[0] = "x";
	argv[1] = "--helper";
	argv[2] = "args";
	snprintf(number, sizeof(number), "%d", 2000);
	argv[3] = number;
	for (int i = 4; i < 2004; i++)
		argv[i] = "an argument of some length, for more than one page of them";
	IS(sys(SYS_execve, self_path, argv, envp), 0);
}

TEST(many_arguments)
{
	IS(in_child(exec_many, NULL), 0);
}

TEST_FLAGS(too_many_arguments, SLOW)
{
	static char *argv[40];
	char *big = (char *)MUST(
		sys(SYS_mmap, 0, 1 << 18, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	memset(big, 'a', (1 << 18) - 1);
	argv[0] = big;
	IS(sys(SYS_execve, self_path, argv, no_env), -E2BIG); /* one of more than 128 KiB */
	big[131071] = 0;
	for (int i = 0; i < 39; i++)
		argv[i] = big;
	IS(sys(SYS_execve, self_path, argv, no_env), -E2BIG); /* together more than a quarter of the stack */
}

static void exec_open(void *arg)
{
	char *argv[] = {"x", "--helper", "open", "20", arg, NULL};

	exec_helper(argv);
}

TEST(close_on_exec)
{
	IS(sys(SYS_dup2, 1, 20), 20);
	IS(in_child(exec_open, "1"), 0);
	IS(sys(SYS_fcntl, 20, F_SETFD, FD_CLOEXEC), 0);
	IS(in_child(exec_open, "0"), 0);
	OK(sys(SYS_fcntl, 20, F_GETFD)); /* ours stays */
}

static void exec_signals(void *arg)
{
	(void)arg;
	MUST(on_signal_ignore(SIGUSR1));
	MUST(on_signal(SIGTERM, catch_signal, SA_SIGINFO));
	MUST(block_signals(SIGBIT(SIGUSR2)));
	MUST(sys(SYS_kill, sys(SYS_getpid), SIGUSR2));
	exec_helper(ARGV("x", "--helper", "signals"));
}

/* Handlers become default, ignored stays ignored, mask and pending signals stay. */
TEST(signals)
{
	IS(in_child(exec_signals, NULL), 0);
}

static void exec_pid(void *arg)
{
	char pid[16], uid[16];

	(void)arg;
	snprintf(pid, sizeof(pid), "%ld", sys(SYS_getpid));
	snprintf(uid, sizeof(uid), "%ld", sys(SYS_geteuid));
	exec_helper(ARGV("x", "--helper", "ids", pid, uid));
}

TEST(keeps_identity)
{
	IS(in_child(exec_pid, NULL), 0);
}

static void copy_self(const char *path)
{
	static char buffer[65536];
	long in = MUST(sys(SYS_open, self_path, O_RDONLY)), n;
	long out = MUST(sys(SYS_open, path, O_WRONLY | O_CREAT | O_TRUNC, 0755));

	while ((n = MUST(sys(SYS_read, in, buffer, sizeof(buffer)))) > 0)
		IS(sys(SYS_write, out, buffer, n), n);
	MUST(sys(SYS_close, out));
	MUST(sys(SYS_close, in));
}

static void exec_set_id(void *arg)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%ld", sys(SYS_getpid));
	IS(sys(SYS_execve, "./copy", ARGV("x", "--helper", "ids", pid, arg), no_env), 0);
}

TEST_FLAGS(set_user_id, FILES | ROOT)
{
	struct statfs st;

	MUST(sys(SYS_statfs, ".", &st));
	if (st.f_flags & 2)
		skip("mounted nosuid");
	MUST(sys(SYS_chmod, ".", 0755));
	copy_self("copy");
	IS(as_user(exec_set_id, "1000"), 0);
	MUST(sys(SYS_chmod, "copy", 04755));
	IS(as_user(exec_set_id, "0"), 0);
}

static void exec_tiny(void *arg)
{
	(void)arg;
	IS(sys(SYS_execve, "tiny", ARGV("tiny"), no_env), 0);
}

/* A program that exits with the last byte of its only page. Behind its data the file goes on with something
 * else, which a program with bss must not see: ld.so makes use of the page's rest. */
static int tiny_exit_code(unsigned bss)
{
	static const unsigned char code[] = {0x0f, 0xb6, 0x3d, 0xf9, 0x0f,
					     0xf0, 0x00,		/* movzbl end(%rip), %edi */
					     0xb8, 60,	 0,    0,    0, /* mov $60, %eax */
					     0x0f, 0x05};		/* syscall */
	static unsigned char file[4096];
	const unsigned entry = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr), size = entry + sizeof(code);
	const int from_next = 4095 - (int)(entry + 7);
	Elf64_Ehdr *h = (Elf64_Ehdr *)file;
	Elf64_Phdr *p = (Elf64_Phdr *)(h + 1);

	memset(file, 77, sizeof(file));
	*h = (Elf64_Ehdr){.e_ident = "\177ELF\2\1\1",
			  .e_type = ET_EXEC,
			  .e_machine = EM_X86_64,
			  .e_version = 1,
			  .e_entry = 0x400000 + entry,
			  .e_phoff = sizeof(*h),
			  .e_ehsize = sizeof(*h),
			  .e_phentsize = sizeof(*p),
			  .e_phnum = 1};
	*p = (Elf64_Phdr){.p_type = PT_LOAD,
			  .p_flags = PF_R | PF_W | PF_X,
			  .p_vaddr = 0x400000,
			  .p_filesz = size,
			  .p_memsz = size + bss,
			  .p_align = 4096};
	memcpy(file + entry, code, sizeof(code));
	memcpy(file + entry + 3, &from_next, 4);
	make_file("tiny", file, sizeof(file), 0755);
	return in_child(exec_tiny, NULL);
}

TEST_FLAGS(zeros_behind_bss, FILES)
{
	IS(tiny_exit_code(0), EXITED(77));
	IS(tiny_exit_code(16), EXITED(0));
}

TEST_FLAGS(refusals, FILES)
{
	char *argv[] = {"x", NULL};

	make_file("text", "this is no program\n", 19, 0755);
	make_file("plain", "\177ELF", 4, 0644);
	make_file("empty", "", 0, 0755);
	make_file("short", "\177ELF\2\1\1", 7, 0755);
	make_file("bad-interpreter", "#!/no/such/program\n", 19, 0755);
	MUST(sys(SYS_mkdir, "d", 0755));
	IS(sys(SYS_execve, "absent", argv, no_env), -ENOENT);
	IS(sys(SYS_execve, "text", argv, no_env), -ENOEXEC);
	IS(sys(SYS_execve, "empty", argv, no_env), -ENOEXEC);
	IS(sys(SYS_execve, "short", argv, no_env), -ENOEXEC);
	IS(sys(SYS_execve, "plain", argv, no_env), -EACCES);
	IS(sys(SYS_execve, "d", argv, no_env), -EACCES);
	IS(sys(SYS_execve, "text/x", argv, no_env), -ENOTDIR);
	IS(sys(SYS_execve, "bad-interpreter", argv, no_env), -ENOENT);
	IS(sys(SYS_execve, "", argv, no_env), -ENOENT);
	IS(sys(SYS_execve, BAD_KERNEL, argv, no_env), -EFAULT);
	IS(sys(SYS_execve, self_path, BAD_KERNEL, no_env), -EFAULT);
	IS(sys(SYS_execve, self_path, argv, BAD_KERNEL), -EFAULT);
	argv[0] = BAD_KERNEL;
	IS(sys(SYS_execve, self_path, argv, no_env), -EFAULT);
}

static void exec_path(void *arg)
{
	IS(sys(SYS_execve, arg, ARGV("name", "first"), no_env), 0);
}

TEST_FLAGS(scripts, FILES)
{
	char text[4096];
	int length;

	/* script: interpreter, its one argument, script's path, arguments; "exit" reads the code from argv[1]
	 */
	length = snprintf(text, sizeof(text), "#!%s --helper\nrest\n", self_path);
	make_file("script", text, length, 0755);
	/* argv = {interpreter, "--helper", "./script", "first"}: no such helper, code 126 */
	IS(in_child(exec_path, "./script"), EXITED(126));
	length = snprintf(text, sizeof(text), "#! \t%s\t-h  \n", self_path);
	make_file("script2", text, length, 0755);
	IS(in_child(exec_path, "./script2"), EXITED(2)); /* unknown option -h: usage */
	MUST(sys(SYS_chmod, "script", 0644));
	IS(sys(SYS_execve, "./script", ARGV("x"), no_env), -EACCES);
}

/* A running program cannot be written, one that is being written cannot run. */
TEST_FLAGS(text_busy, FILES)
{
	long fd;

	copy_self("copy");
	fd = MUST(sys(SYS_open, "copy", O_WRONLY));
	IS(sys(SYS_execve, "./copy", ARGV("x"), no_env), -ETXTBSY);
	IS(sys(SYS_close, fd), 0);
}

static void wait_for_exec(void *arg)
{
	(void)arg;
	exec_helper(ARGV("x", "--helper", "exit", "5"));
}

/* setpgid on a child that has executed: EACCES. */
TEST(setpgid_after_exec)
{
	int p[2];
	long pid;

	make_pipe(p);
	pid = MUST(sys(SYS_fork));
	if (pid == 0) {
		int in[2];

		make_pipe(in); /* its standard input never ends by itself */
		sys(SYS_dup2, in[0], 0);
		sys(SYS_fcntl, p[1], F_SETFD, FD_CLOEXEC);
		exec_helper(ARGV("x", "--helper", "cat"));
		finish();
	}
	MUST(sys(SYS_close, p[1]));
	IS(sys(SYS_read, p[0], &(char){0}, 1), 0); /* closed by the exec */
	IS(sys(SYS_setpgid, pid, pid), -EACCES);
	IS(sys(SYS_kill, pid, SIGKILL), 0);
	reap(pid);
	IS(in_child(wait_for_exec, NULL), EXITED(5));
}

TEST_FLAGS(by_descriptor, FILES | OPTIONAL)
{
	long pid, fd;

	NEEDS(SYS_execveat, -1, "", NULL, NULL, 0);
	fd = MUST(sys(SYS_open, self_path, O_RDONLY | O_CLOEXEC));
	pid = MUST(sys(SYS_fork));
	if (pid == 0) {
		sys(SYS_execveat, fd, "", ARGV("x", "--helper", "exit", "6"), no_env, AT_EMPTY_PATH);
		finish();
	}
	IS(reap(pid), EXITED(6));
	IS(sys(SYS_execveat, 99, "x", NULL, NULL, 0), -EBADF);
	IS(sys(SYS_execveat, fd, "x", NULL, NULL, 0x40000), -EINVAL);
}

#include "sources/jq_sandbox.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define CREEL_AUDIT_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define CREEL_AUDIT_ARCH AUDIT_ARCH_AARCH64
#endif

namespace creel {
namespace {

bool set_limit(__rlimit_resource resource, std::size_t value) {
  const rlimit limit{.rlim_cur = value, .rlim_max = value};
  return ::setrlimit(resource, &limit) == 0;
}

#ifdef CREEL_AUDIT_ARCH

/// What a program needs that computes, and writes its results down.
constexpr auto kAllowedCalls = std::to_array<unsigned>({
    SYS_read,      SYS_write,        SYS_readv,        SYS_writev,         SYS_brk,          SYS_mmap,
    SYS_munmap,    SYS_mremap,       SYS_madvise,      SYS_mprotect,       SYS_futex,        SYS_clock_gettime,
    SYS_getrandom, SYS_gettimeofday, SYS_rt_sigreturn, SYS_rt_sigprocmask, SYS_rt_sigaction, SYS_exit,
    SYS_gettid,    SYS_tgkill,       SYS_getpid,       SYS_exit_group,
});

/// The filter: one architecture, the calls of the list, and "not permitted" for all others.
constexpr auto make_filter() {
  constexpr std::size_t kHead = 4;
  constexpr std::size_t kCount = kAllowedCalls.size();
  static_assert(kCount < 250, "jumps are of one byte");
  std::array<sock_filter, kHead + kCount + 2> filter{};
  filter[0] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch));
  filter[1] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CREEL_AUDIT_ARCH, 1, 0);
  filter[2] = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
  filter[3] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr));
  for (std::size_t i = 0; i < kCount; ++i) {
    const auto to_allow = static_cast<unsigned char>(kCount - i);
    filter[kHead + i] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kAllowedCalls[i], to_allow, 0);
  }
  filter[kHead + kCount] = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
  filter[kHead + kCount + 1] = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  return filter;
}

void filter_system_calls() {
  static auto filter = make_filter();
  const sock_fprog program{.len = filter.size(), .filter = filter.data()};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

#else

void filter_system_calls() {}

#endif

}  // namespace

bool sandbox_limits_memory() {
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
  return false;
#else
  return true;
#endif
}

bool enter_sandbox(const SandboxLimits& limits) {
  const bool is_limited = (!sandbox_limits_memory() || set_limit(RLIMIT_AS, limits.memory_bytes)) &&
                          set_limit(RLIMIT_CPU, limits.cpu_seconds) && set_limit(RLIMIT_NOFILE, 0) &&
                          set_limit(RLIMIT_FSIZE, 0) && set_limit(RLIMIT_CORE, 0) && set_limit(RLIMIT_NPROC, 0);
  if (!is_limited) return false;
  filter_system_calls();
  return true;
}

}  // namespace creel

// Stands in for the compiler's __cxa_throw in programs that link creel::lambda (by the linker's --wrap), so that an
// exception which a handler lets out can be reported with the stack from which it was thrown.

#include <typeinfo>

#include "lambda/stack_trace.h"

extern "C" {

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): the linker's names
[[noreturn]] void __real___cxa_throw(void* exception, std::type_info* type, void (*destroy)(void*));

[[noreturn, gnu::used, gnu::noinline]] void __wrap___cxa_throw(void* exception, std::type_info* type,
                                                               void (*destroy)(void*)) {
  creel::lambda::remember_throw(exception);
  __real___cxa_throw(exception, type, destroy);
}
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

}  // extern "C"

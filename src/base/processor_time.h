// Processor time that was used, as opposed to time that passed.
#pragma once

#include <sys/resource.h>

#include <chrono>
#include <ctime>

namespace packscope {

inline std::chrono::nanoseconds processor_time(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}
inline std::chrono::nanoseconds thread_time() { return processor_time(CLOCK_THREAD_CPUTIME_ID); }
inline std::chrono::nanoseconds process_time() { return processor_time(CLOCK_PROCESS_CPUTIME_ID); }

// Of this process's children that ended and were waited for, and of theirs.
inline std::chrono::nanoseconds children_time() {
  rusage used{};
  ::getrusage(RUSAGE_CHILDREN, &used);
  const auto all = [](const timeval& time) { return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec); };
  return all(used.ru_utime) + all(used.ru_stime);
}

} // namespace packscope

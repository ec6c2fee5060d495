// Commands and what they cost, against `perf stat` and the shell.
#include "perf/child.h"

#include "fake_events.h"
#include "support.h"

#include <catch2/catch_test_macros.hpp>

#include <fcntl.h>

#include <cmath>

using namespace packscope;
using namespace packscope::test;

namespace {

const std::vector<std::string> kBusy = {"sh", "-c", "i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done"};

// What `perf stat` counts for a shell's script (without a single quote in it); null where it can't.
std::optional<double> perf_stat(const std::string& event, const std::string& script = kBusy[2]) {
  const Ran ran = run("perf stat -x , -e " + event + " sh -c '" + script + "' 2>&1 >/dev/null");
  char* end = nullptr;
  const double value = std::strtod(ran.output.c_str(), &end);
  if (ran.status != 0 || end == ran.output.c_str()) return {};
  return value;
}

} // namespace

TEST_CASE("instructions agree with perf stat within 1 %") { // where there is no PMU: emulated_pmu.sh
  const std::string scripts[] = {
      kBusy[2],
      "export PYTHONHASHSEED=0; exec python3 -SB -c \"print(sum(i * i for i in range(300000)))\" > /dev/null",
      "for i in 1 2 3 4; do seq 30000 | sort -r | sort -n | wc -l; done > /dev/null", // many processes, some at once
  };
  for (const std::string& script : scripts) {
    const std::optional<double> theirs = perf_stat("instructions:u", script);
    const perf::Reading ours = perf::measure_child({"sh", "-c", script})->reading;
    if (!ours.instructions) SKIP(ours.fallback.value());
    if (!theirs) SKIP("perf stat counts no instructions:u here");
    CAPTURE(script, *theirs, *ours.instructions);
    CHECK(std::abs(static_cast<double>(*ours.instructions) / *theirs - 1) < 0.01);
  }
}

TEST_CASE("the task clock agrees with perf stat") {
  if (!perf_stat("task-clock")) SKIP("perf stat counts no task-clock here");
  if (!perf::measure_child({"true"})->reading.task_clock_ns) SKIP("no task clock here");
  // A clock doesn't repeat as instructions do, and is only ever lengthened by what else the machine does: the least
  // of several runs of each agree within a tenth.
  double ours = INFINITY, theirs = INFINITY;
  for (int i = 0; i < 20 && !(std::abs(ours - theirs) < 0.1 * theirs); ++i) {
    ours = std::min(ours, static_cast<double>(perf::measure_child(kBusy)->reading.task_clock_ns.value()));
    theirs = std::min(theirs, perf_stat("task-clock").value() * 1e6); // in milliseconds
  }
  INFO("ours " << ours << " ns, theirs " << theirs << " ns");
  CHECK(std::abs(ours - theirs) < 0.1 * theirs);
}

TEST_CASE("what a command starts is counted with it") {
  if (!perf::measure_child({"true"})->reading.task_clock_ns) SKIP("no task clock here");
  const std::uint64_t alone = perf::measure_child(kBusy)->reading.task_clock_ns.value();
  const std::string twice = "sh -c '" + kBusy[2] + "'; sh -c '" + kBusy[2] + "'";
  CHECK(perf::measure_child({"sh", "-c", twice})->reading.task_clock_ns.value() > alone + alone / 2);
}

TEST_CASE("memory and page faults are the command's own") {
  const Result<perf::ChildReading> small = perf::measure_child({"true"});
  const Result<perf::ChildReading> large =
      perf::measure_child({"python3", "-c", "x = bytearray(b'1') * (64 << 20)"});
  REQUIRE(small);
  REQUIRE(large);
  CHECK(large->reading.max_rss_kib.value() > small->reading.max_rss_kib.value() + (60 << 10));
  CHECK(large->reading.page_faults.value() > small->reading.page_faults.value());
}

TEST_CASE("exit codes and signals, as the shell gives them") {
  CHECK(perf::measure_child({"sh", "-c", "exit 7"})->status == 7);
  CHECK(perf::measure_child({"sh", "-c", "kill -9 $$"})->status == 137);
}

TEST_CASE("a command that cannot be started is an error with its name") {
  const Result<perf::ChildReading> reading = perf::measure_child({"no-such-command-here"});
  REQUIRE(!reading);
  CHECK(reading.error().text() == "no-such-command-here: start: No such file or directory");
  CHECK(!perf::measure_child({}));
  CHECK(perf::measure_child({"true"}, {.folder = "/no/such/folder"}).error().text() ==
        "true: start: No such file or directory");
}

TEST_CASE("output and folder go where they should") {
  TemporaryFolder folder;
  const int fd = ::open((folder / "out").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  REQUIRE(fd >= 0);
  CHECK(perf::measure_child({"pwd", "-P"}, {.standard_output = fd, .folder = folder.path()})->status == 0);
  ::close(fd);
  CHECK(read_file(folder / "out") == must_run("cd " + folder.path() + " && pwd -P"));
}

TEST_CASE("counters sleep until exec and go along with what is started") {
  FakeMachine machine;
  machine.hardware[PERF_COUNT_HW_INSTRUCTIONS] = {.step = 500};
  machine.software[PERF_COUNT_SW_TASK_CLOCK] = {.step = 0};
  const Result<perf::ChildReading> reading = perf::measure_child({"true"}, {}, machine.opener());
  REQUIRE(reading);
  for (const perf_event_attr& attributes : machine.opened) {
    CHECK(attributes.disabled == 1);
    CHECK(attributes.enable_on_exec == 1);
    CHECK(attributes.inherit == 1);
  }
  CHECK(reading->reading.instructions == 500);
  CHECK(reading->reading.measured == "instructions:u");
  CHECK(!reading->reading.task_clock_ns); // a zero is no count
}

TEST_CASE("limits of time, memory and files hold, for what a command starts as well") {
  TemporaryFolder folder;
  const Result<perf::ChildReading> late = perf::measure_child({"sh", "-c", "sleep 1000 & echo $! > " + (folder / "pid") + "; sleep 1000"}, {.limits = {.seconds = 0.3}});
  REQUIRE(late);
  CHECK(late->timed_out);
  CHECK(late->status == 137);
  // Killed, it may wait for its own end to be taken notice of: a zombie, or gone.
  const std::string state = run("ps -o stat= -p " + read_file(folder / "pid") + " 2>/dev/null").output;
  CHECK((state.empty() || state.starts_with("Z")));
  CHECK(perf::measure_child({"sh", "-c", "exec python3 -c 'bytearray(1 << 30)' 2>/dev/null"}, {.limits = {.memory_bytes = std::uint64_t{400} << 20}})->status != 0);
  const std::string write = "head -c 100000 /dev/zero > " + (folder / "big");
  CHECK(perf::measure_child({"sh", "-c", write + " 2>/dev/null"}, {.limits = {.file_bytes = 5000}})->status != 0);
  CHECK(std::filesystem::file_size(folder / "big") <= 5000);
  const Result<perf::ChildReading> early = perf::measure_child({"sh", "-c", "exit 4"}, {.limits = {.seconds = 100}});
  CHECK(early->status == 4);
  CHECK(!early->timed_out);
}

TEST_CASE("a child's environment is the parent's, but for what is given") {
  CHECK(perf::measure_child({"sh", "-c", "[ \"$A_NAME\" = a=b ] && [ \"$PATH\" != '' ]"}, {.environment = {"A_NAME=a=b"}})->status == 0);
  CHECK(perf::measure_child({"sh", "-c", "[ \"$HOME\" = /x ]"}, {.environment = {"HOME=/x"}})->status == 0);
}

TEST_CASE("a group is told, and told again when it is gone") {
  std::vector<pid_t> told;
  CHECK(perf::measure_child({"true"}, {.limits = {.seconds = 100}, .group = [&](pid_t group) { told.push_back(group); }}));
  REQUIRE(told.size() == 2);
  CHECK(told[0] > 1);
  CHECK(told[1] == 0);
}

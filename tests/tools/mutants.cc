// Twenty thousand broken packs and indexes, read by everything that reads packs: no crash, no mutant that takes five
// seconds, no allocation above the limits, and `stat --verify` finds fault with every one that git rejects.
//
//   mutants [--count N] [--seed S] [--jobs J] [--git N|all] [--only NUMBER --keep FOLDER]
//
// Mutant NUMBER is the same whatever the other options. --git: for so many, spread evenly, git is asked too
// (verify-pack where there is an index, index-pack where there is none). Each job is a process of its own, so that a
// crash names its mutant.
#include "allocation.h"
#include "pack/mutator.h"
#include "deflate/symbols.h"
#include "pack/repository.h"
#include "pack/resolve.h"
#include "tools/census.h"

#include <fcntl.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <map>
#include <thread>

using namespace packscope;
using namespace packscope::test;

namespace {

constexpr std::uint64_t kMaxObject = 1 << 20; // --max-object-size of the runs
// No object above kMaxObject is made, but buffers that are used again grow by a quarter more; what a file of some 10 kB
// needs beside is small.
constexpr std::size_t kMaxAllocation = kMaxObject / 4 * 5 + (1 << 16);

struct Plan {
  std::uint64_t count = 20000, seed = 1, git = 400;
  std::int64_t only = -1;
  unsigned jobs = std::max(1u, std::thread::hardware_concurrency());
  std::string keep;
};

[[noreturn]] void fatal(const std::string& text) {
  std::fprintf(stderr, "mutants: %s\n", text.c_str());
  std::_Exit(1);
}

// ---- reading ----

// Every way that a store can be asked, for each entry. Throws what contradicts itself. How many objects can be read.
std::uint64_t ask_store(pack::Repository& repository, unsigned threads) {
  Store& store = repository.store();
  const PackFile& pack = store.packs()[0];
  const auto require = [](bool good, const char* what) {
    if (!good) throw std::runtime_error(what);
  };
  std::uint64_t good = 0;
  for (std::uint32_t entry = 0; entry < pack.entries().size(); ++entry) {
    const Location at = {0, entry};
    const Outcome<ObjectPtr> object = store.read(at);
    const Outcome<ObjectType> type = store.type_of(at);
    const Outcome<std::uint64_t> size = store.size_of(at);
    (void)store.base_of(at);
    if (object) {
      ++good;
      require(type && *type == (*object)->type, "type_of() and read() differ");
      require(size && *size == (*object)->data.size(), "size_of() and read() differ");
      require(store.depth_of(at).has_value(), "depth_of() fails where read() does not");
    } else {
      const Error error = store.error(at, object.error());
      require(!error.what.empty() && !error.file.empty() && error.offset, "an error without file, offset or field");
    }
    if (const Outcome<Stream> stream = store.stream(at)) {
      deflate::SymbolReader reader(stream->zlib, 16);
      deflate::Symbol symbol;
      for (auto step = reader.next(symbol); step < deflate::SymbolReader::Step::end; step = reader.next(symbol)) {}
      require(reader.position() <= stream->zlib.size() * 8 || stream->zlib.size() < 2, "symbols outside of the stream");
    }
  }
  std::atomic<std::uint64_t> resolved{0}, failed{0};
  resolve_pack(pack, {.threads = threads, .memory = 1 << 16, .hash = true},
               {.object = [&](const ResolvedEntry&) { ++resolved; },
                .failure = [&](std::uint32_t, const Failure&) { ++failed; }});
  require(resolved == good, "resolve_pack() and read() differ");
  require(resolved + failed == pack.entries().size(), "resolve_pack() left entries out");
  repository.for_each_blob({ScopeKind::all_objects, {}}, [](const BlobPath&) {}, [](const Error&) {});
  return good;
}

// What `packscope stat --verify` does. How many errors it reports.
std::uint64_t verify(const std::string& path, const pack::Store::Options& options) {
  tools::Report report;
  tools::ReadOptions read;
  read.no_progress = true;
  read.threads = 1;
  read.memory = 1 << 18;
  Result<pack::Repository> repository = pack::Repository::open({path, "m.pack", false}, options);
  if (!repository) return 1;
  for (const Error& error : repository->store().errors()) report.error(error);
  const tools::Census census =
      take_census(repository->store(), 0, {.decode = true, .verify = true, .sizes = true}, read, report);
  if (census.errors != report.errors()) throw std::runtime_error("\"errors\" is not what was reported");
  return report.errors();
}

// ---- one process's share ----

struct Share {
  std::map<std::string, std::uint64_t> counts;
  std::uint64_t slowest_us = 0, largest = 0;
};

void limit_cpu(long seconds) { // SIGPROF ends the process: a hang
  const itimerval timer = {{0, 0}, {seconds, 0}};
  ::setitimer(ITIMER_PROF, &timer, nullptr);
}

void write_files(const std::string& stem, const Files& files) {
  write_file(stem + ".pack", files.pack);
  if (!files.index.empty()) write_file(stem + ".idx", files.index);
  else std::filesystem::remove(stem + ".idx");
}

bool git_rejects(const std::string& folder, const Files& files, HashKind hash) {
  const std::string format = std::string(" --object-format=") + (hash == HashKind::sha1 ? "sha1 " : "sha256 ");
  write_files(folder + "/g", files);
  const std::string command = files.index.empty() ? "index-pack" + format + "g.pack" : "verify-pack" + format + "g.idx";
  return run("cd " + folder + " && GIT_DIR=/nonexistent timeout 20 git " + command + " >git.out 2>&1").status != 0;
}

Share run_share(const Plan& plan, const std::vector<Model>& models, unsigned job, const std::string& folder) {
  Share share;
  pack::Store::Options options;
  options.limits.max_object_size = kMaxObject;
  options.cache_bytes = 1 << 16;
  const std::uint64_t git_step = plan.git == 0 ? 0 : std::max<std::uint64_t>(1, plan.count / plan.git);
  for (std::uint64_t number = job; number < plan.count; number += plan.jobs) {
    if (plan.only >= 0 && number != static_cast<std::uint64_t>(plan.only)) continue;
    const Model& model = models[number % models.size()];
    Mutator mutator(model, plan.seed * 1000003 + number);
    const Files files = mutator.make();
    write_files(folder + "/m", files);
    if (!plan.keep.empty()) write_files(plan.keep + "/m", files);
    const std::string path = folder + "/m.pack", name = "mutant " + std::to_string(number) + " (" + mutator.what + ")";
    // What a crash leaves behind names its mutant; the messages about others are not kept.
    if (::ftruncate(STDERR_FILENO, 0) != 0 || ::lseek(STDERR_FILENO, 0, SEEK_SET) != 0) fatal("stderr is no file");
    std::fprintf(stderr, "%s\n", name.c_str());
    largest_allocation = 0;
    limit_cpu(5);
    const auto begin = std::chrono::steady_clock::now();
    std::uint64_t errors = 0;
    try {
      errors = verify(path, options);
      if (Result<pack::Repository> repository = pack::Repository::open({path, "m.pack", false}, options))
        share.counts["with objects that can be read"] += ask_store(*repository, number % 16 == 0 ? 3 : 1) > 0;
    } catch (const std::exception& thrown) {
      fatal(name + ": " + thrown.what());
    }
    const auto took = std::chrono::steady_clock::now() - begin;
    limit_cpu(0);
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
    share.slowest_us = std::max(share.slowest_us, static_cast<std::uint64_t>(micros));
    share.largest = std::max<std::uint64_t>(share.largest, largest_allocation);
    if (largest_allocation > kMaxAllocation)
      fatal(name + ": allocates " + std::to_string(largest_allocation) + " bytes at once");
    ++share.counts["mutants"];
    ++share.counts[errors > 0 ? "found faulty" : "found whole"];
    if (git_step == 0 || (plan.only < 0 && number % git_step != 0)) continue;
    const bool rejected = git_rejects(folder, files, model.hash);
    ++share.counts["shown to git"];
    share.counts["rejected by git"] += rejected;
    share.counts["found faulty, but not by git"] += errors > 0 && !rejected;
    if (!rejected || errors > 0) continue;
    ++share.counts["missed"];
    std::printf("%s: git rejects it, stat --verify does not: %s\n", name.c_str(), read_file(folder + "/git.out").c_str());
  }
  return share;
}

// ---- all of it ----

// OFS_DELTA, REF_DELTA and SHA-256 packs of a few objects, some of them without a byte.
std::vector<Model> make_models(const TemporaryFolder& folder) {
  std::vector<Model> models;
  for (const std::string hash : {"sha1", "sha256"}) {
    const std::string repository = make_repository(folder / hash, 4, "--object-format=" + hash);
    const std::string empty = must_run("cd " + repository + " && git hash-object -w -t blob /dev/null && git hash-object -w -t tree /dev/null");
    write_file(folder / "empty", empty);
    for (const std::string offsets : {"--delta-base-offset ", ""}) {
      const std::string name = must_run("cd " + repository + " && (git rev-list --objects --all; cat ../empty) | git pack-objects -q " +
                                        offsets + (folder / "p"));
      models.push_back(read_model(folder / ("p-" + name.substr(0, name.size() - 1) + ".pack")));
    }
  }
  return models;
}

Share read_share(const std::string& path) {
  Share share;
  std::istringstream in(read_file(path));
  in >> share.slowest_us >> share.largest;
  std::uint64_t count;
  for (std::string name; in >> count && std::getline(in >> std::ws, name);) share.counts[name] = count;
  return share;
}

[[noreturn]] void run_job(const Plan& plan, const std::vector<Model>& models, unsigned job, const std::string& own) {
  const int log = ::open((own + "/stderr").c_str(), O_RDWR | O_CREAT, 0600);
  if (log < 0 || ::dup2(log, STDERR_FILENO) < 0) fatal("no file for stderr");
  const Share share = run_share(plan, models, job, own);
  std::string text = std::to_string(share.slowest_us) + " " + std::to_string(share.largest) + "\n";
  for (const auto& [name, count] : share.counts) text += std::to_string(count) + " " + name + "\n";
  write_file(own + "/share", text);
  std::fflush(nullptr);
  ::_exit(0); // the folder is the parent's to remove
}

int run_all(const Plan& plan) {
  TemporaryFolder folder;
  const std::vector<Model> models = make_models(folder);
  std::map<pid_t, std::string> running;
  for (unsigned job = 0; job < plan.jobs; ++job) {
    const std::string own = folder / ("job" + std::to_string(job));
    std::filesystem::create_directories(own);
    std::fflush(nullptr);
    const pid_t child = ::fork();
    if (child < 0) fatal("fork failed");
    if (child == 0) run_job(plan, models, job, own);
    running[child] = own;
  }
  Share total;
  bool failed = false;
  while (!running.empty()) {
    int status = 0;
    const pid_t child = ::wait(&status);
    if (child < 0) fatal("wait failed");
    const std::string own = running.at(child);
    running.erase(child);
    if (status != 0) {
      failed = true;
      const bool hung = WIFSIGNALED(status) && WTERMSIG(status) == SIGPROF;
      std::printf("%s%s", read_file(own + "/stderr").substr(0, 8000).c_str(), hung ? "took more than five seconds\n" : "");
      continue;
    }
    const Share share = read_share(own + "/share");
    total.slowest_us = std::max(total.slowest_us, share.slowest_us);
    total.largest = std::max(total.largest, share.largest);
    for (const auto& [name, count] : share.counts) total.counts[name] += count;
  }
  for (const auto& [name, count] : total.counts)
    std::printf("%8llu %s\n", static_cast<unsigned long long>(count), name.c_str());
  std::printf("slowest %.1f ms, largest allocation %llu bytes\n", static_cast<double>(total.slowest_us) / 1000,
              static_cast<unsigned long long>(total.largest));
  if (plan.only < 0) {
    failed = failed || total.counts["mutants"] != plan.count;
    // Most still hold something: they were not all stopped at the door.
    failed = failed || total.counts["with objects that can be read"] < plan.count / 2;
  }
  return failed || total.counts["missed"] > 0;
}

} // namespace

int main(int count, char** arguments) {
  Plan plan;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string option = arguments[i], value = arguments[i + 1];
    if (option == "--count") plan.count = std::stoull(value);
    else if (option == "--seed") plan.seed = std::stoull(value);
    else if (option == "--jobs") plan.jobs = static_cast<unsigned>(std::max(1, std::stoi(value)));
    else if (option == "--git") plan.git = value == "all" ? UINT64_MAX : std::stoull(value);
    else if (option == "--only") plan.only = std::stoll(value);
    else if (option == "--keep") plan.keep = value;
    else fatal("no option " + option);
  }
  return run_all(plan);
}

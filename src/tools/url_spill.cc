// Runs out, runs in; see url_spill.h.
#include "tools/url_spill.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <queue>

namespace packscope::tools {

namespace {

constexpr std::size_t kPiece = 64 << 10; // written and read at once
constexpr std::size_t kHead = 10;        // of a hit, before id and text

std::string folder() {
  const char* chosen = std::getenv("TMPDIR");
  return chosen != nullptr && *chosen != '\0' ? chosen : "/tmp";
}

int open_unnamed(const std::string& in) {
  if (const int file = ::open(in.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600); file >= 0) return file;
  std::string name = in + "/packscope-XXXXXX"; // a file system that knows no such files
  const int file = ::mkostemp(name.data(), O_CLOEXEC);
  if (file >= 0) ::unlink(name.c_str());
  return file;
}

std::unexpected<Error> failed() {
  return fail("urls above --memory: " + folder() + ": " + std::strerror(errno) + "; some are left out");
}

// What a worker holds, in the order in which it is printed.
std::vector<FoundHit> sorted(const UrlWorker& worker, bool json) {
  std::vector<UrlHit> hits = worker.hits;
  std::ranges::sort(hits, {}, [](const UrlHit& hit) { return std::pair(hit.entry, hit.order); });
  std::vector<FoundHit> found;
  found.reserve(hits.size());
  for (const UrlHit& hit : hits) {
    const auto id = worker.ids.find(hit.entry);
    found.push_back({hit.entry, static_cast<deps::Via>(hit.via), id == worker.ids.end() ? std::nullopt : std::optional(id->second),
                     worker.known[hit.url]->text(json)});
  }
  return found;
}

} // namespace

UrlSpill::~UrlSpill() {
  if (file_ >= 0) ::close(file_);
}

Result<void> UrlSpill::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(size_));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed();
    size_ += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> UrlSpill::write(UrlWorker& worker) {
  const std::lock_guard guard(lock_);
  if (file_ < 0 && (file_ = open_unnamed(folder())) < 0) {
    worker.forget();
    return failed();
  }
  Run run = {size_, size_};
  std::string out;
  Result<void> done;
  const std::vector<FoundHit> hits = sorted(worker, json_);
  for (std::size_t i = 0; i < hits.size() && done; ++i) {
    const FoundHit& hit = hits[i];
    char head[kHead];
    const std::uint32_t size = static_cast<std::uint32_t>(hit.text.size());
    const Bytes id = hit.id ? hit.id->raw() : Bytes();
    std::memcpy(head, &hit.entry, 4);
    head[4] = static_cast<char>(hit.via);
    head[5] = static_cast<char>(id.size());
    std::memcpy(head + 6, &size, 4);
    out.append(head, kHead).append(as_text(id)).append(hit.text);
    if (out.size() < kPiece && i + 1 < hits.size()) continue;
    done = append(out);
    out.clear();
  }
  run.end = size_;
  if (done) runs_.push_back(run);
  worker.forget();
  return done;
}

// A run from its beginning, a piece at a time.
class UrlSpill::Reader {
public:
  Reader(int file, Run run) : file_(file), run_(run) {}

  // False: the end, or the file cannot be read, which failed() tells.
  bool next() {
    if (!have(kHead)) return false;
    std::uint32_t size;
    std::memcpy(&hit.entry, at(), 4);
    hit.via = static_cast<deps::Via>(at()[4]);
    const std::size_t id_size = static_cast<unsigned char>(at()[5]);
    std::memcpy(&size, at() + 6, 4);
    if (!have(kHead + id_size + size)) return false;
    hit.id.reset();
    if (id_size != 0) hit.id = pack::ObjectId::from(as_bytes(std::string_view(at() + kHead, id_size)));
    hit.text = {at() + kHead + id_size, size};
    used_ += kHead + id_size + size;
    return true;
  }
  bool failed() const { return failed_; }

  FoundHit hit; // its text: until next()

private:
  const char* at() const { return buffer_.data() + used_; }
  bool have(std::size_t wanted) {
    if (buffer_.size() - used_ >= wanted) return true;
    buffer_.erase(0, used_);
    used_ = 0;
    while (buffer_.size() < wanted && run_.begin < run_.end) {
      const std::size_t before = buffer_.size();
      const std::size_t more = std::min<std::uint64_t>(std::max(kPiece, wanted - before), run_.end - run_.begin);
      buffer_.resize(before + more);
      const ssize_t got = ::pread(file_, buffer_.data() + before, more, static_cast<off_t>(run_.begin));
      buffer_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) {
        failed_ = true;
        return false;
      }
      run_.begin += static_cast<std::uint64_t>(got);
    }
    return buffer_.size() >= wanted;
  }

  int file_;
  Run run_;
  std::string buffer_;
  std::size_t used_ = 0;
  bool failed_ = false;
};

Result<void> UrlSpill::merge(std::span<const std::unique_ptr<UrlWorker>> workers,
                             const std::function<void(const FoundHit&)>& visit) {
  std::vector<FoundHit> held;
  for (const std::unique_ptr<UrlWorker>& worker : workers) {
    const std::vector<FoundHit> some = sorted(*worker, json_);
    held.insert(held.end(), some.begin(), some.end());
  }
  std::ranges::stable_sort(held, {}, &FoundHit::entry);
  std::vector<Reader> readers;
  for (const Run& run : runs_) readers.emplace_back(file_, run);

  // The run with the lowest entry comes next; what is held in memory is one more of them.
  using Next = std::pair<std::uint32_t, std::size_t>;
  std::priority_queue<Next, std::vector<Next>, std::greater<>> next;
  std::size_t taken = 0;
  Result<void> done;
  const auto advance = [&](std::size_t source) {
    if (source == readers.size()) {
      if (taken < held.size()) next.emplace(held[taken].entry, source);
    } else if (readers[source].next()) {
      next.emplace(readers[source].hit.entry, source);
    } else if (readers[source].failed()) {
      done = failed();
    }
  };
  for (std::size_t source = 0; source <= readers.size(); ++source) advance(source);
  while (!next.empty()) {
    const std::size_t source = next.top().second;
    next.pop();
    visit(source == readers.size() ? held[taken++] : readers[source].hit);
    advance(source);
  }
  return done;
}

} // namespace packscope::tools

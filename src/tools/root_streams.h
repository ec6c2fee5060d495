// What predictions read: the blobs of a scope, and of each the plain stream that it stands on. A delta takes the answer of
// its base, so only streams that are no deltas are asked, each once.
#pragma once

#include "learn/rung.h"
#include "tools/command.h"

namespace packscope::tools {

struct RootStreams {
  static constexpr std::uint32_t kNone = UINT32_MAX;
  std::vector<pack::BlobPath> blobs;   // in the scope's order; links are left out
  std::vector<std::uint32_t> stream;   // by blob: index into streams; kNone: its chain is broken, which was reported
  std::vector<pack::Location> streams;

  bool inherited(std::size_t blob) const { return streams[stream[blob]] != blobs[blob].at; }
};

// `paths`: read trees for paths, also where the scope does not need them.
RootStreams find_root_streams(pack::Repository& repository, const ReadOptions& options, bool paths, Report& report);

// One thread's answers: the stream of that number; a fault of it becomes an error line.
using AskStream = std::function<deflate::Fault(std::size_t, const learn::Source&)>;
// Asks all streams, on all threads; errors in the streams' order. True where a stream was read without fault.
std::vector<bool> ask_streams(pack::Repository& repository, std::span<const pack::Location> streams, const ReadOptions& options,
                              Report& report, const std::function<AskStream()>& asker);

} // namespace packscope::tools

#include "tools/build_graph.h"
namespace packscope::tools {
Result<void> read_repositories(const GraphOptions&, deps::GraphStore*,
                               const std::function<Result<deps::GraphStore*>()>& writable, Report&) {
  const Result<deps::GraphStore*> g = writable();
  return (*g)->finish();
}
}

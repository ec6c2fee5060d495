// Which backend runs, and the line that says so.
#include "learn/backend.h"

#include "learn/cpu/backend.h"

namespace packscope::learn {

Result<Chosen> choose_backend(BackendKind kind, unsigned threads) {
  static constexpr std::string_view kNoCuda = "no CUDA backend in this build";
  if (kind == BackendKind::cuda) return fail("--backend cuda: " + std::string(kNoCuda));
  Chosen chosen{cpu::make_backend(threads), {}};
  chosen.line = "backend: " + chosen.backend->name();
  if (kind == BackendKind::automatic) chosen.line += ": " + std::string(kNoCuda);
  return chosen;
}

} // namespace packscope::learn

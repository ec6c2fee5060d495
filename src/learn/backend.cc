// Which backend runs, and the line that says so.
#include "learn/backend.h"

#include "learn/cpu/backend.h"
#include "learn/cuda/loader.h"

namespace packscope::learn {

Result<Chosen> choose_backend(BackendKind kind, unsigned threads) {
  std::string why;
  if (kind != BackendKind::cpu) {
    Result<std::unique_ptr<Backend>> cuda = cuda::load_backend();
    if (cuda) {
      Chosen chosen{std::move(*cuda), {}};
      chosen.line = "backend: " + chosen.backend->name();
      if (kind == BackendKind::automatic) chosen.line += ": a GPU is there";
      return chosen;
    }
    if (kind == BackendKind::cuda) return fail("--backend cuda: " + cuda.error().text());
    why = ": CUDA: " + cuda.error().text();
  }
  Chosen chosen{cpu::make_backend(threads), {}};
  chosen.line = "backend: " + chosen.backend->name() + why;
  return chosen;
}

} // namespace packscope::learn

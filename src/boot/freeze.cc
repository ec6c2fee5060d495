// For the build: freezes models for the image. freeze OUT MODEL…
#include "learn/freeze.h"

#include <cstdio>

int main(int argc, char** argv) {
  using namespace packscope;
  if (argc < 3) return std::fputs("usage: freeze OUT MODEL…\n", stderr), 2;
  std::vector<std::uint8_t> all;
  for (int i = 2; i < argc; ++i) {
    const Result<learn::Model> model = learn::load_model(argv[i]);
    if (!model) return std::fprintf(stderr, "freeze: %s\n", model.error().text().c_str()), 1;
    const std::vector<std::uint8_t> frozen = learn::freeze(*model);
    all.insert(all.end(), frozen.begin(), frozen.end());
  }
  FILE* out = std::fopen(argv[1], "wb");
  if (out == nullptr || std::fwrite(all.data(), 1, all.size(), out) != all.size() || std::fclose(out) != 0)
    return std::perror(argv[1]), 1;
  return 0;
}

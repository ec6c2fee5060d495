// The few functions of the C library that a compiler, or a header, calls of its own accord. No header of it is included: in
// C++ theirs are declared otherwise.
#include <cstddef>

// -fno-tree-loop-distribute-patterns (meson.build) keeps these loops from becoming calls of themselves.
extern "C" {

void* memcpy(void* __restrict to, const void* __restrict from, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) static_cast<char*>(to)[i] = static_cast<const char*>(from)[i];
  return to;
}
void* memmove(void* to, const void* from, std::size_t count) {
  char* out = static_cast<char*>(to);
  const char* in = static_cast<const char*>(from);
  if (out <= in)
    for (std::size_t i = 0; i < count; ++i) out[i] = in[i];
  else
    while (count-- > 0) out[count] = in[count];
  return to;
}
void* memset(void* to, int value, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) static_cast<char*>(to)[i] = static_cast<char>(value);
  return to;
}
int memcmp(const void* a, const void* b, std::size_t count) {
  const auto *left = static_cast<const unsigned char*>(a), *right = static_cast<const unsigned char*>(b);
  for (std::size_t i = 0; i < count; ++i)
    if (left[i] != right[i]) return left[i] < right[i] ? -1 : 1;
  return 0;
}

void* memchr(const void* in, int value, std::size_t count) {
  for (const char* at = static_cast<const char*>(in); count-- > 0; ++at)
    if (*at == static_cast<char>(value)) return const_cast<char*>(at);
  return nullptr;
}
std::size_t strnlen(const char* text, std::size_t most) {
  std::size_t length = 0;
  while (length < most && text[length] != 0) ++length;
  return length;
}

} // extern "C"

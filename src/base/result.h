// base: what every room stands on: errors as values, byte spans, bit reading, mapped files, JSON lines,
// progress, files written aside. This file: the one error type that leaves a room.
//
// Inside a room a failure is that room's enum (`deflate::Fault`, `pack::Fault`); at the room's public border it
// becomes an Error that names the file, the offset and the field that was being decoded, so that one broken
// object is one clear line on stderr and the other two hundred thousand go on.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace packscope {

struct Error {
  std::string what;                        // "zlib header: window size 8 above 7"; the field first
  std::string file = {};                   // path as the user gave it; empty: not about a file
  std::optional<std::uint64_t> offset = {}; // byte offset in `file`

  // "FILE: offset N: WHAT", the parts that are known.
  std::string text() const;
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(std::string what) { return std::unexpected(Error{std::move(what)}); }
inline std::unexpected<Error> fail(std::string what, std::string_view file,
                                   std::optional<std::uint64_t> offset = {}) {
  return std::unexpected(Error{std::move(what), std::string(file), offset});
}
// "open: No such file or directory" for the current errno.
std::unexpected<Error> fail_errno(std::string_view action, std::string_view file);

} // namespace packscope

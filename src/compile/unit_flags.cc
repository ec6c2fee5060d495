// The lists behind unit_flags.h. A name stands for itself, its -fno- or -mno- form, and with "=" for any value.
#include "compile/unit_flags.h"

#include "compile/host_folders.h"

#include <algorithm>
#include <string_view>

namespace packscope::compile {
namespace {

using std::string_view;

// Only how code is made and what is said of it; nothing that names a file.
constexpr string_view kCode[] = {
    "PIC", "PIE", "access-control", "aligned-allocation", "associative-math", "asm", "assume-sane-operator-new", "asynchronous-unwind-tables", "bracket-depth=",
    "builtin", "caret-diagnostics", "cf-protection", "cf-protection=", "char8_t", "color-diagnostics", "common", "constexpr-backtrace-limit=",
    "constexpr-depth=", "constexpr-steps=", "debug-compilation-dir=", "debug-prefix-map=", "declspec", "delete-null-pointer-checks", "diagnostics-color",
    "diagnostics-color=", "diagnostics-show-option", "dollars-in-identifiers", "error-limit=", "exceptions", "fast-math", "ffp-contract=", "file-prefix-map=",
    "finite-math-only", "fp-contract=", "fp-model=", "freestanding", "function-sections", "data-sections", "gnu89-inline", "gnu-keywords", "honor-infinities",
    "honor-nans", "hosted", "ident", "inline", "inline-functions", "jump-tables", "keep-static-consts", "lax-vector-conversions", "macro-backtrace-limit=",
    "macro-prefix-map=", "math-errno", "merge-all-constants", "message-length=", "ms-extensions", "new-infallible", "omit-frame-pointer", "operator-names",
    "optimize-sibling-calls", "permissive", "pic", "pie", "plan9-extensions", "plt", "reciprocal-math", "rounding-math", "rtti", "semantic-interposition", "short-enums",
    "short-wchar", "show-column", "signed-char", "signed-zeros", "sized-deallocation", "slp-vectorize", "spell-checking", "split-machine-functions", "stack-check",
    "stack-clash-protection", "stack-protector", "stack-protector-all", "stack-protector-strong", "strict-aliasing", "strict-enums", "strict-flex-arrays=",
    "strict-overflow", "strict-vtable-pointers", "template-backtrace-limit=", "template-depth=", "threadsafe-statics", "trapping-math", "trapv", "trigraphs",
    "tree-vectorize", "trivial-auto-var-init=", "unroll-loops", "unsafe-math-optimizations", "unsigned-char", "unwind-tables", "use-cxa-atexit", "vectorize",
    "verbose-asm", "visibility=", "visibility-inlines-hidden", "wrapv", "zero-call-used-regs=", "zero-initialized-in-bss",
};
constexpr string_view kMachine[] = {
    "64", "abi=", "arch=", "cmodel=", "cpu=", "fpmath=", "prefer-vector-width=", "stack-alignment=", "tune=", "3dnow", "adx", "aes", "avx", "avx2", "avx512bw", "avx512cd",
    "avx512dq", "avx512f", "avx512vbmi", "avx512vl", "bmi", "bmi2", "crc32", "cx16", "f16c", "fma", "fma4", "fsgsbase", "general-regs-only", "gfni", "lzcnt", "mmx",
    "movbe", "omit-leaf-frame-pointer", "pclmul", "popcnt", "rdrnd", "rdseed", "red-zone", "sahf", "sha", "sse", "sse2", "sse3", "sse4", "sse4.1", "sse4.2",
    "ssse3", "stackrealign", "vaes", "vpclmulqdq", "vzeroupper", "xsave",
};
constexpr string_view kAlone[] = {
    "-ansi", "-g", "-g0", "-g1", "-g2", "-g3", "-ggdb", "-ggdb3", "-gdwarf-4", "-gdwarf-5", "-gline-tables-only", "-pedantic", "-pedantic-errors", "-trigraphs",
    "-undef", "-w", "-nostdinc", "-nostdinc++", "-stdlib=libstdc++", "-stdlib=libc++", "-Qunused-arguments",
};
constexpr string_view kLinkAlone[] = {
    "-nodefaultlibs", "-nostartfiles", "-nostdlib", "-no-pie", "-pie", "-rdynamic", "-s", "-static", "-static-libgcc", "-static-libstdc++", "-static-pie",
    "-Wl,--as-needed", "-Wl,--no-as-needed", "-Wl,--build-id", "-Wl,--build-id=none", "-Wl,--build-id=sha1", "-Wl,--end-group", "-Wl,--export-dynamic", "-Wl,-E",
    "-Wl,--gc-sections", "-Wl,--start-group", "-Wl,-z,defs", "-Wl,-z,lazy", "-Wl,-z,noexecstack", "-Wl,-z,now", "-Wl,-z,relro", "-Wl,-Bstatic", "-Wl,-Bdynamic",
};
constexpr string_view kBuildsOwn[] = {"-c", "-MD", "-MMD", "-MP", "-MV", "-MG", "-pipe"};  // of a compile_commands.json
constexpr string_view kBuildsOwnValue[] = {"-o", "-MF", "-MT", "-MQ", "-MJ"};

template <std::size_t N>
bool holds(const string_view (&list)[N], string_view name) {
  return std::ranges::find(list, name) != std::end(list);
}
// `flag` without its "-f" or "-m".
template <std::size_t N>
bool named(const string_view (&list)[N], string_view flag) {
  if (flag.starts_with("no-")) flag.remove_prefix(3);
  const std::size_t equals = flag.find('=');
  return holds(list, equals == string_view::npos ? flag : flag.substr(0, equals + 1)) || (flag.starts_with("builtin-") && &list[0] == &kCode[0]);
}

bool is_warning(string_view flag) { return flag.starts_with("-W") && !flag.starts_with("-Wa,") && !flag.starts_with("-Wp,") && !flag.starts_with("-Wl,"); }
bool is_optimization(string_view flag) { return flag.starts_with("-O") && flag.size() <= 5; } // -O, -O2, -Ofast

bool alone(string_view flag) {
  return holds(kAlone, flag) || is_warning(flag) || is_optimization(flag) || flag.starts_with("-std=") || (flag.starts_with("-f") && named(kCode, flag.substr(2))) ||
         (flag.starts_with("-m") && named(kMachine, flag.substr(2)));
}

class Taker {
public:
  Taker(std::span<const std::string> flags, const FlagSource& source) : flags_(flags), source_(source) {}

  Result<TakenFlags> take() {
    while (at_ < flags_.size())
      if (Result<void> one = take_one(flags_[at_++]); !one) return std::unexpected(one.error());
    return std::move(taken_);
  }

private:
  std::unexpected<Error> refused(string_view flag, const char* why = "refused: not among the flags that are taken") { return fail(std::string(flag) + ": " + why); }

  // The value of a flag that is written in one word or two.
  Result<std::string> value(string_view flag, string_view name) {
    if (flag.size() > name.size()) return std::string(flag.substr(name.size()));
    if (at_ == flags_.size()) return fail(std::string(flag) + ": lacks its value");
    return flags_[at_++];
  }

  // As the pack has it; what lies elsewhere stays as it is: the compiler's file system has only system headers of it.
  std::string mapped(const std::string& path) const {
    if (path.starts_with('/')) return source_.prefix.empty() ? path : path_below(path, source_.prefix).value_or(path);
    if (source_.folder.empty()) return path;
    const std::string full = plain_path(source_.folder + "/" + path);
    return path_below(full, source_.prefix).value_or(full);
  }

  Result<void> take_path(string_view flag, string_view name) {
    const Result<std::string> path = value(flag, name);
    if (!path) return std::unexpected(path.error());
    if (name == "-I") taken_.compile.push_back("-I" + mapped(*path));
    else taken_.compile.insert(taken_.compile.end(), {std::string(name), mapped(*path)});
    return {};
  }
  Result<void> take_joined(string_view flag, string_view name, std::vector<std::string>& into) {
    const Result<std::string> text = value(flag, name);
    if (!text) return std::unexpected(text.error());
    into.push_back(std::string(name) + *text);
    return {};
  }

  Result<void> take_one(string_view flag) {
    if (flag == "-load") return refused(flag); // of clang's -cc1; else the library "oad"
    if (flag.starts_with('@')) return refused(flag, "refused: no files of arguments are read");
    if (!flag.starts_with('-') || flag == "-") {
      if (!source_.unit.empty() && plain_path(flag.starts_with('/') ? std::string(flag) : source_.folder + "/" + std::string(flag)) == source_.unit) return {};
      return refused(flag, "refused: not a flag");
    }
    // "-includefoo" is -include; "-iquote" is not -i.
    for (const string_view name : {string_view("-include"), string_view("-imacros"), string_view("-isystem"), string_view("-iquote"), string_view("-idirafter"), string_view("-I")})
      if (flag.starts_with(name) && !flag.starts_with("-include-pch") && !flag.starts_with("-isystem-after")) return take_path(flag, name);
    if (flag.starts_with("-D")) return take_joined(flag, "-D", taken_.compile);
    if (flag.starts_with("-U")) return take_joined(flag, "-U", taken_.compile);
    if (flag == "-pthread") {
      taken_.compile.emplace_back(flag);
      taken_.link.emplace_back(flag);
      return {};
    }
    if (flag == "-x" || flag == "-xc" || flag == "-xc++") {
      const Result<std::string> language = value(flag, "-x");
      if (!language) return std::unexpected(language.error());
      if (*language != "c" && *language != "c++") return refused("-x " + *language, "refused: only c and c++ are compiled");
      taken_.compile.insert(taken_.compile.end(), {"-x", *language});
      return {};
    }
    if (!source_.person) {
      if (holds(kBuildsOwn, flag)) return {};
      for (const string_view name : kBuildsOwnValue)
        if (flag.starts_with(name)) {
          const Result<std::string> ignored = value(flag, name);
          return ignored ? Result<void>() : std::unexpected(ignored.error());
        }
      if (flag.starts_with("-l") || flag.starts_with("-L") || holds(kLinkAlone, flag)) return {}; // linking is not the file's
    } else {
      if (flag.starts_with("-l")) return take_joined(flag, "-l", taken_.link);
      if (flag.starts_with("-L")) return take_joined(flag, "-L", taken_.link);
      if (holds(kLinkAlone, flag) || flag.starts_with("-Wl,-rpath,")) {
        taken_.link.emplace_back(flag);
        return {};
      }
    }
    if (!alone(flag)) return refused(flag);
    taken_.compile.emplace_back(flag);
    return {};
  }

  std::span<const std::string> flags_;
  const FlagSource& source_;
  std::size_t at_ = 0;
  TakenFlags taken_;
};

} // namespace

std::optional<std::string> path_below(const std::string& path, const std::string& prefix) {
  const std::string plain = plain_path(path);
  if (!plain.starts_with(prefix) || prefix.empty()) return std::nullopt;
  if (plain.size() == prefix.size()) return ".";
  if (plain[prefix.size()] != '/') return std::nullopt;
  return plain.substr(prefix.size() + 1);
}

Result<TakenFlags> take_flags(std::span<const std::string> flags, const FlagSource& source) { return Taker(flags, source).take(); }

} // namespace packscope::compile

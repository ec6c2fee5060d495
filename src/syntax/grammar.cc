// Loads grammars the way editors do: dlopen of NAME.so, one symbol, one check of its ABI number.
//
// The idea: a grammar is data of the installation, so whatever is wrong with it is an error that names the file,
// found before the first text is parsed with it. A truncated object would kill the process inside dlopen
// (the loader maps pages past the end of the file): its segments are checked against the file's size first.
#include "syntax/grammar.h"

#include "base/mapped_file.h"

#include <dlfcn.h>
#include <elf.h>
#include <tree_sitter/api.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace packscope::syntax {
namespace {

struct Source {
  const char* name = nullptr; // of the file and in the symbol; null: the language has no grammar
  bool required = false;
};

// A new grammar goes here, and its rules in declarations.cc.
Source source(Language language) {
  switch (language) {
  case Language::c: return {"c", true};
  case Language::cpp: return {"cpp", true};
  case Language::rust: return {"rust", true};
  case Language::python: return {"python", true};
  case Language::go: return {"go", true};
  case Language::javascript: return {"javascript", true};
  case Language::toml: return {"toml", true};
  case Language::json: return {"json", true};
  case Language::shell: return {"bash", true};
  case Language::nix: return {"nix"};
  case Language::perl: return {"perl"};
  case Language::markdown: return {"markdown"};
  case Language::yaml: return {"yaml"};
  case Language::other: break;
  }
  return {};
}

Result<void> check_whole(const std::string& path) {
  const Result<MappedFile> file = MappedFile::open(path);
  if (!file) return std::unexpected(file.error());
  const Bytes bytes = file->bytes();
  Elf64_Ehdr header;
  if (bytes.size() < sizeof header) return fail("grammar: no shared object", path);
  std::memcpy(&header, bytes.data(), sizeof header);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return fail("grammar: no shared object", path);
  if (header.e_ident[EI_CLASS] != ELFCLASS64) return {}; // the loader's to judge
  for (std::uint64_t i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    // No sum wraps: each operand is compared with the size before it is added to another.
    if (header.e_phoff > bytes.size() || i * sizeof segment + sizeof segment > bytes.size() - header.e_phoff)
      return fail("grammar: shared object is cut off in its program header", path);
    std::memcpy(&segment, bytes.data() + header.e_phoff + i * sizeof segment, sizeof segment);
    if (segment.p_type == PT_LOAD &&
        (segment.p_offset > bytes.size() || segment.p_filesz > bytes.size() - segment.p_offset))
      return fail("grammar: shared object is cut off in segment " + std::to_string(i), path);
  }
  return {};
}

// "PATH: file too short" without the path, which the Error names itself.
std::string loader_message(const std::string& path) {
  const char* message = ::dlerror();
  std::string text = message != nullptr ? message : "unknown error";
  if (text.starts_with(path + ": ")) text.erase(0, path.size() + 2);
  return text;
}

std::uint32_t abi_version(const TSLanguage* language) {
#if TREE_SITTER_LANGUAGE_VERSION >= 15 // 0.25 renamed it
  return ts_language_abi_version(language);
#else
  return ts_language_version(language);
#endif
}

Result<const TSLanguage*> load(const std::string& directory, Source source) {
  if (source.name == nullptr) return nullptr;
  const std::string path = directory + "/" + source.name + ".so";
  if (::access(path.c_str(), F_OK) != 0) {
    if (!source.required) return nullptr;
    return fail("grammar: no such file (PACKSCOPE_GRAMMARS names the directory)", path);
  }
  if (Result<void> whole = check_whole(path); !whole) return std::unexpected(whole.error());

  void* object = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL); // never closed: its strings are handed out
  if (object == nullptr) return fail("grammar: " + loader_message(path), path);
  const std::string symbol = std::string("tree_sitter_") + source.name;
  using Entry = const TSLanguage* (*)();
  const Entry entry = reinterpret_cast<Entry>(::dlsym(object, symbol.c_str()));
  if (entry == nullptr) return fail("grammar: exports no " + symbol, path);
  const TSLanguage* language = entry();
  if (language == nullptr) return fail("grammar: " + symbol + " gives nothing", path);
  const std::uint32_t abi = abi_version(language);
  if (abi < TREE_SITTER_MIN_COMPATIBLE_LANGUAGE_VERSION || abi > TREE_SITTER_LANGUAGE_VERSION)
    return fail("grammar: ABI " + std::to_string(abi) + " outside " +
                    std::to_string(TREE_SITTER_MIN_COMPATIBLE_LANGUAGE_VERSION) + " to " +
                    std::to_string(TREE_SITTER_LANGUAGE_VERSION),
                path);
  return language;
}

} // namespace

std::string grammar_directory() {
  const char* set = std::getenv("PACKSCOPE_GRAMMARS");
  return set != nullptr && *set != '\0' ? set : PACKSCOPE_GRAMMAR_DIRECTORY;
}

Grammars::Grammars(std::string directory) : directory_(std::move(directory)) {}

Result<const TSLanguage*> Grammars::get(Language language) {
  const std::lock_guard lock(mutex_);
  Slot& slot = slots_[static_cast<unsigned>(language)];
  if (!slot.tried) {
    slot.language = load(directory_, source(language));
    slot.tried = true;
  }
  return slot.language;
}

} // namespace packscope::syntax

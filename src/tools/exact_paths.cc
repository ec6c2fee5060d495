// The two processes differ in how a text comes to the parser, and in nothing else: one Digest takes what both find.
#include "tools/exact_paths.h"

#include "pack/repository.h"
#include "syntax/parse.h"
#include "tools/child_instructions.h"
#include "tools/command.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <optional>

namespace packscope::tools {
namespace {

// Declarations of one text after the other, and a hash of all that was found (FNV-1a).
class Digest {
public:
  Result<void> add(syntax::Language language, Bytes text) {
    if (const Result<void> done = parser_.parse(language, text, parsed_, {.tokens = false, .declarations = true}); !done) return done;
    ++texts_;
    declarations_ += parsed_.declarations.size();
    for (const syntax::Declaration& one : parsed_.declarations)
      for (const std::uint64_t value : {std::uint64_t{one.begin}, std::uint64_t{one.end}, static_cast<std::uint64_t>(one.kind)})
        hash_ = (hash_ ^ value) * 0x100000001b3;
    return {};
  }
  int finish(std::size_t asked, const Report& report) const {
    std::printf("%zu texts, %llu declarations, hash %llu\n", texts_, static_cast<unsigned long long>(declarations_),
                static_cast<unsigned long long>(hash_));
    return texts_ == asked ? report.exit_code() : 1;
  }
  Result<void> load(syntax::Language language) {
    const Result<const TSLanguage*> grammar = grammars_.get(language);
    if (!grammar || *grammar == nullptr)
      return fail("no grammar for " + std::string(syntax::name(language)) + " in " + syntax::grammar_directory());
    return {};
  }

private:
  syntax::Grammars grammars_;
  syntax::Parser parser_{grammars_};
  syntax::Parsed parsed_;
  std::size_t texts_ = 0;
  std::uint64_t declarations_ = 0, hash_ = 0xcbf29ce484222325;
};

Result<std::vector<ExactBlob>> read_list() {
  std::vector<ExactBlob> blobs;
  for (std::string line; std::getline(std::cin, line);) {
    const std::size_t space = line.find(' ');
    ExactBlob blob{.object = line.substr(0, space), .language = {}};
    if (space == std::string::npos || !syntax::parse_language(line.substr(space + 1), blob.language))
      return fail("line '" + line + "': want OBJECT LANGUAGE", "standard input");
    blobs.push_back(std::move(blob));
  }
  return blobs;
}

int run_each(const std::function<Result<void>(const ExactBlob&, Digest&)>& one) {
  Report report;
  Digest digest;
  const Result<std::vector<ExactBlob>> blobs = read_list();
  if (!blobs) return report.error(blobs.error()), report.exit_code();
  // Both languages that are asked about, on an empty list too: loading them is no blob's cost.
  for (const syntax::Language language : {syntax::Language::c, syntax::Language::rust})
    if (const Result<void> loaded = digest.load(language); !loaded) return report.error(loaded.error()), report.exit_code();
  for (const ExactBlob& blob : *blobs)
    if (const Result<void> done = one(blob, digest); !done) report.error(done.error());
  return digest.finish(blobs->size(), report);
}

struct Counts {
  std::uint64_t instructions;
  std::string measured, said;
};

} // namespace

ExactCost& ExactCost::operator+=(const ExactCost& other) {
  git += other.git, parse += other.parse, fused += other.fused, declarations += other.declarations;
  measured = other.measured;
  return *this;
}

Result<ExactCost> count_exact_paths(const ScratchFolder& folder, const std::string& repository, std::span<const ExactBlob> blobs) {
  std::error_code code;
  const std::string self = std::filesystem::read_symlink("/proc/self/exe", code).string();
  if (code) return fail("own program: " + code.message(), "/proc/self/exe");
  const std::string ids = folder / "ids", list = folder / "list", none = folder / "none", texts = folder / "texts", nothing = folder / "nothing";
  {
    std::ofstream ids_file(ids), list_file(list), none_file(none);
    for (const ExactBlob& blob : blobs) ids_file << blob.object << "\n", list_file << blob.object << " " << syntax::name(blob.language) << "\n";
  }
  // A command on the blobs, less the same on none; what it wrote last.
  const auto count = [](const std::vector<std::string>& command, const std::string& input, const std::string& output,
                        const std::vector<std::string>& base, const std::string& no_input, const std::string& no_output) -> Result<Counts> {
    const Result<ChildInstructions> without = count_child(base, no_input, no_output), with = count_child(command, input, output);
    if (!without) return std::unexpected(without.error());
    if (!with) return std::unexpected(with.error());
    Counts counts{with->instructions - std::min(with->instructions, without->instructions), with->measured, {}};
    std::ifstream file(output, std::ios::binary);
    std::getline(file, counts.said);
    return counts;
  };
  const std::vector<std::string> git = {"git", "-c", "safe.directory=*", "--git-dir=" + repository, "cat-file", "--batch"};
  const auto own = [&](const char* how, const std::string& what) { return std::vector<std::string>{self, "decompress_rounds", "traditional", how, what}; };
  // In this order: what git writes is what is parsed.
  const Result<Counts> read = count(git, ids, texts, git, none, nothing);
  if (!read) return std::unexpected(read.error());
  const Result<Counts> parse = count(own("--parse", texts), list, folder / "parsed", own("--parse", nothing), none, folder / "parsed none");
  if (!parse) return std::unexpected(parse.error());
  const std::vector<std::string> fused_command = own("--parse-repository", repository);
  const Result<Counts> fused = count(fused_command, list, folder / "fused", fused_command, none, folder / "fused none");
  if (!fused) return std::unexpected(fused.error());
  if (parse->said != fused->said) return fail("from git: " + parse->said + "; from the pack: " + fused->said, repository);
  ExactCost cost{.git = read->instructions, .parse = parse->instructions, .fused = fused->instructions, .declarations = 0, .measured = read->measured};
  unsigned long long declarations = 0;
  if (std::sscanf(parse->said.c_str(), "%*u texts, %llu declarations", &declarations) != 1) return fail("said: " + parse->said, repository);
  cost.declarations = declarations;
  return cost;
}

// "OBJECT blob SIZE\nTEXT\n" one after the other.
int run_parse_texts(const std::string& texts) {
  std::ifstream file(texts, std::ios::binary);
  const std::string written = texts + ".text";
  return run_each([&](const ExactBlob& blob, Digest& digest) -> Result<void> {
    std::string head;
    std::getline(file, head);
    std::uint64_t size = 0;
    const char* const begin = head.data() + std::min(head.size(), head.rfind(' ') + 1);
    if (!head.starts_with(blob.object + " blob ") || std::from_chars(begin, head.data() + head.size(), size).ec != std::errc())
      return fail("'" + head + "' where " + blob.object + " was expected", texts);
    std::string text(size, '\0');
    if (!file.read(text.data(), static_cast<std::streamsize>(size))) return fail(blob.object + " ends early", texts);
    file.get();
    std::ofstream(written, std::ios::binary) << text;
    std::ifstream again(written, std::ios::binary);
    std::vector<std::uint8_t> read(size);
    again.read(reinterpret_cast<char*>(read.data()), static_cast<std::streamsize>(size));
    return digest.add(blob.language, read);
  });
}

int run_parse_repository(const std::string& path) {
  Report report;
  ReadOptions options;
  options.paths = {path};
  options.threads = 1;
  options.quiet = true;
  int code = 1;
  for_each_repository(options, report, [&](pack::Repository& repository) {
    pack::Store& store = repository.store();
    code = run_each([&](const ExactBlob& blob, Digest& digest) -> Result<void> {
      const std::optional<pack::ObjectId> id = pack::ObjectId::parse(blob.object);
      if (!id) return fail("no object id: '" + blob.object + "'", "standard input");
      if (const pack::ObjectPtr object = store.peek(*id)) return digest.add(blob.language, object->data); // by the index alone
      const Result<pack::ObjectPtr> object = store.read(*id);
      if (!object) return std::unexpected(object.error());
      return digest.add(blob.language, (*object)->data);
    });
  });
  return code;
}

} // namespace packscope::tools

// Tokens (the leaves of a tree-sitter tree) and declarations of one text.
#pragma once

#include "base/bytes.h"
#include "syntax/grammar.h"

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace packscope::syntax {

// One list for all languages (CONTRACT).
enum class DeclarationKind : std::uint8_t { function, type, constant, import_, module, implementation, macro, other };
inline constexpr unsigned kDeclarationKinds = 8;
std::string_view name(DeclarationKind kind); // "import"
bool parse_declaration_kind(std::string_view text, DeclarationKind& out);
// Is it known what the language's declarations are? Else it has tokens only, or not even these.
bool has_declarations(Language language);

// What one text may cost. Measured: tree and tokens take 20 to 40 bytes a byte of ordinary source, 200 where every
// byte is a token; 4 to 8 MB/s. A text above 640 KiB, one of which tree-sitter would hold more than 64 MiB, 2 MiB and
// 128 times its bytes, or half a megabyte in one block, and all Markdown are parsed in a process of their own,
// which may take kMaxMemory beyond what this one has (and this one as much again for the answer, at worst).
inline constexpr std::uint64_t kMaxText = std::uint64_t{64} << 20;
inline constexpr std::uint64_t kMaxMemory = std::uint64_t{1} << 30;

struct Token {
  std::uint32_t begin = 0, end = 0;   // bytes of the text; end > begin
  std::string_view kind;              // the grammar's node type ("identifier", "{"); lives as long as the grammar
  bool named = false;                 // as opposed to a literal of the grammar
  std::int32_t declaration = -1;      // innermost declaration that holds it, index into Parsed::declarations
};

struct Declaration {
  std::uint32_t begin = 0, end = 0;
  DeclarationKind kind = DeclarationKind::other;
  std::string_view node;              // the grammar's node type: "function_item"
  std::string_view item;              // Rust: fn struct enum impl use const mod trait type macro (static is const,
                                      // union is struct), else empty
  std::string name;                   // empty where it has none
  std::int32_t parent = -1;           // enclosing declaration
};

struct Parsed {
  std::vector<Token> tokens;             // in text order, disjoint; every byte that is no ASCII white space lies in one
  std::vector<Declaration> declarations; // in order of begin, outer before inner
  bool has_error = false;                // tree-sitter had to repair
};

class Parser { // one per thread; reuses its parser between texts
public:
  // `limit`: processor time for one text.
  explicit Parser(Grammars& grammars, std::chrono::milliseconds limit = std::chrono::seconds(10));
  ~Parser();
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  struct Want {
    bool tokens = true;
    bool declarations = true;
  };
  // Never fails on bad text (tree-sitter repairs); an Error where the grammar is missing or wrong, the text is above
  // kMaxText, or parsing exceeded its time or memory or crashed. A language without a grammar gives an empty Parsed.
  Result<void> parse(Language language, Bytes text, Parsed& out, Want want = {true, true});
  // Declarations of versions of one text, what parse() says of each: what a version has of one before is not parsed again
  // (but in JavaScript and the shell, where that may come out otherwise).
  std::vector<Result<Parsed>> parse_versions(Language language, std::span<const Bytes> texts);

private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace packscope::syntax

// Languages by path: linguist's own table (lib/linguist/languages.yml), cut to our classes.
//
// The idea: linguist asks the whole file name first (exact case), then the extensions, folded, from the longest
// ("a.b.c": .b.c, then .c); only then does it read content. A path alone stops there, so an extension that
// several languages claim stands below only where one of ours is what linguist's content rules nearly always
// find (.h .hh .md .pl .pm .rs .t .yml); the others (.cgi .frag .inc .re .spec .yy, …) are `other`. So is what linguist
// names apart: JSON with Comments (tsconfig.json), fish, csh, Cuda, TypeScript, MDX.
//
// A new language: its enumerator (language.h), its name and its row here, its rules in declarations.cc.
#include "syntax/language.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <unordered_map>

namespace packscope::syntax {
namespace {

constexpr std::string_view kNames[kLanguages] = {"c",          "cpp",      "rust", "nix",  "python", "perl",  "go",
                                                 "javascript", "markdown", "toml", "yaml", "json",   "shell", "other"};

struct Row {
  Language language;
  std::string_view files;      // whole names, as written, between spaces
  std::string_view extensions; // lower case, between spaces
};

constexpr Row kTable[] = {
    {Language::c, "", ".c .cats .h .h.in .idc"},
    {Language::cpp, "", ".c++ .cc .cpp .cppm .cxx .h++ .hh .hpp .hxx .inl .ino .ipp .ixx .tcc .tpp .txx"},
    {Language::rust, "", ".rs .rs.in"},
    {Language::nix, "", ".nix"},
    {Language::python, ".gclient DEPS SConscript SConstruct wscript",
     ".gyp .gypi .lmi .py .py3 .pyde .pyi .pyp .pyt .pyw .tac .wsgi .xpy"},
    {Language::perl, ".latexmkrc Makefile.PL Rexfile ack cpanfile latexmkrc",
     ".perl .ph .pl .plx .pm .psgi .t"},
    {Language::go, "", ".go"},
    {Language::javascript, "Jakefile",
     "._js .bones .cjs .es6 .jake .javascript .js .jsb .jscad .jsfl .jslib .jsm .jspre .jss .jsx .mjs .njs .pac "
     ".sjs .ssjs .xsjs .xsjslib"},
    {Language::markdown, "contents.lr",
     ".livemd .markdown .md .mdown .mdwn .mkd .mkdn .mkdown .ronn .workbook"},
    {Language::toml,
     "Cargo.lock Cargo.toml.orig Gopkg.lock Pipfile mise.local.lock mise.lock pdm.lock poetry.lock uv.lock",
     ".toml .toml.example"},
    {Language::yaml,
     ".clang-format .clang-tidy .clangd .eslintrc .gemrc .releaserc CITATION.cff glide.lock pixi.lock yarn.lock",
     ".mir .reek .rviz .sublime-syntax .syntax .yaml .yaml-tmlanguage .yaml.sed .yml .yml.mysql"},
    {Language::json,
     ".all-contributorsrc .arcconfig .auto-changelog .c8rc .htmlhintrc .imgbotconfig .nycrc .secrets.baseline "
     ".tern-config .tern-project .watchmanconfig MODULE.bazel.lock Package.resolved Pipfile.lock bun.lock "
     "composer.lock deno.lock flake.lock mcmod.info",
     ".4dform .4dproject .avsc .geojson .gltf .har .json .json-tmlanguage .json.example .jsonl .mcmeta .sarif "
     ".slnlaunch .tfstate .tfstate.backup .topojson .webapp .webmanifest .yyp"},
    {Language::shell,
     ".bash_aliases .bash_functions .bash_history .bash_logout .bash_profile .bashrc .cshrc .envrc .flaskenv "
     ".kshrc .login .profile .tmux.conf .xinitrc .xsession .zlogin .zlogout .zprofile .zshenv .zshrc 9fs PKGBUILD "
     "bash_aliases bash_logout bash_profile bashrc cshrc gradlew kshrc login man mvnw profile tmux.conf xinitrc "
     "xsession zlogin zlogout zprofile zshenv zshrc",
     ".bash .bats .command .ksh .pacscript .sbatch .sh .sh.in .slurm .tmux .tool .zsh .zsh-theme"},
    // What linguist names as something else although an extension above would claim it.
    {Language::other,
     ".devcontainer.json .eslintrc.json .oxlintrc.json api-extractor.json devcontainer.json jsconfig.json "
     "language-configuration.json tsconfig.json tslint.json",
     ".coffee.md .ejs.t .tsconfig.json"},
};

using Lookup = std::unordered_map<std::string_view, Language>;

Lookup index(std::string_view Row::* column) {
  Lookup lookup;
  for (const Row& row : kTable) {
    std::string_view rest = row.*column;
    while (!rest.empty()) {
      const std::size_t space = std::min(rest.find(' '), rest.size());
      if (space > 0) lookup.emplace(rest.substr(0, space), row.language);
      rest.remove_prefix(std::min(space + 1, rest.size()));
    }
  }
  return lookup;
}

std::string_view base_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string folded(std::string_view text) {
  std::string lower(text);
  for (char& letter : lower)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  return lower;
}

// A path of a hostile tree may hold a million dots; no extension of the table has more than two.
constexpr std::size_t kLongestExtension = 2;

bool ends_in_extension(std::string_view path, std::string_view extension) {
  const std::string name = folded(base_name(path));
  return name.size() >= extension.size() && std::string_view(name).ends_with(extension);
}

} // namespace

std::string_view name(Language language) { return kNames[static_cast<unsigned>(language)]; }

bool parse_language(std::string_view text, Language& out) {
  const std::string_view* found = std::ranges::find(kNames, text);
  if (found == std::end(kNames)) return false;
  out = static_cast<Language>(found - kNames);
  return true;
}

Language language_of(std::string_view path) {
  static const Lookup files = index(&Row::files), extensions = index(&Row::extensions);
  const std::string_view file = base_name(path);
  if (const auto found = files.find(file); found != files.end()) return found->second;

  std::size_t start = file.size();
  for (std::size_t dots = 0; dots < kLongestExtension && start > 0; ++dots) {
    const std::size_t dot = file.rfind('.', start - 1);
    if (dot == std::string_view::npos) break;
    start = dot;
  }
  for (; start < file.size(); start = std::min(file.find('.', start + 1), file.size())) {
    if (file[start] != '.') continue;
    if (const auto found = extensions.find(folded(file.substr(start))); found != extensions.end())
      return found->second;
  }
  return Language::other;
}

void HeaderVote::count(std::string_view path) {
  if (ends_in_extension(path, ".c")) ++c_;
  for (const std::string_view extension : {".cc", ".cpp", ".cxx", ".hpp"})
    if (ends_in_extension(path, extension)) ++cpp_;
}

Language HeaderVote::language_of(std::string_view path) const {
  const Language language = syntax::language_of(path);
  return language == Language::c && cpp_ > c_ && ends_in_extension(path, ".h") ? Language::cpp : language;
}

} // namespace packscope::syntax

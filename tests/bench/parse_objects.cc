// parse_objects REPOSITORY < lines "OBJECT LANGUAGE": parses each object by itself, as packscope's own parser does; prints how many
// declarations, and the processor seconds that parsing alone took, of this process and those that it parses long texts in.
#include "pack/repository.h"
#include "syntax/parse.h"

#include <sys/resource.h>

#include <cstdio>
#include <iostream>
#include <string>

using namespace packscope;

namespace {

double processor_seconds() {
  double seconds = 0;
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    struct rusage usage;
    ::getrusage(who, &usage);
    for (const timeval& time : {usage.ru_utime, usage.ru_stime}) seconds += static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  }
  return seconds;
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: parse_objects REPOSITORY < lines \"OBJECT LANGUAGE\"\n"), 2;
  const pack::Sources sources = pack::find_sources({argv[1]});
  if (sources.found.empty()) return std::fprintf(stderr, "%s: no repository\n", argv[1]), 1;
  Result<pack::Repository> repository = pack::Repository::open(sources.found[0]);
  if (!repository) return std::fprintf(stderr, "%s\n", repository.error().text().c_str()), 1;
  std::uint64_t objects = 0, bytes = 0, declarations = 0;
  double seconds = 0;
  {
    syntax::Grammars grammars;
    syntax::Parser parser(grammars);
    syntax::Parsed parsed;
    const double before = processor_seconds();
    double between = 0; // what reading took
    for (std::string line; std::getline(std::cin, line);) {
      const double begin = processor_seconds();
      const std::optional<pack::ObjectId> id = pack::ObjectId::parse(line.substr(0, line.find(' ')));
      syntax::Language language;
      const pack::ObjectPtr object = id ? repository->store().peek(*id) : nullptr;
      between += processor_seconds() - begin;
      if (object == nullptr || !syntax::parse_language(line.substr(line.find(' ') + 1), language)) {
        std::fprintf(stderr, "%s: cannot be read\n", line.c_str());
        continue;
      }
      if (const Result<void> done = parser.parse(language, object->data, parsed, {.tokens = false, .declarations = true}); !done) {
        std::fprintf(stderr, "%s: %s\n", line.c_str(), done.error().text().c_str());
        continue;
      }
      ++objects;
      bytes += object->data.size();
      declarations += parsed.declarations.size();
    }
    seconds = before + between;
  } // the parser's children are waited for
  std::printf("%llu objects, %llu bytes, %llu declarations, %.3f seconds\n", static_cast<unsigned long long>(objects), static_cast<unsigned long long>(bytes),
              static_cast<unsigned long long>(declarations), processor_seconds() - seconds);
}
